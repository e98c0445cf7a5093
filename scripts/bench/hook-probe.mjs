// A process of the bench: node hook-probe.mjs <project> <home> <calls>. It asks the library for a verdict, in turn as it is
// published, which looks for an observer that is not there, and with that look once more; it prints both medians in ms. The
// second look costs what the first one does, so their ratio is the price of a hook that is off (issue 9).
import { openHost, shouldRun } from "@loopx/core";
import { median } from "./measure.mjs";

const [cwd = "", home = "", calls = "0"] = process.argv.slice(2);
const WARM = 300;
const { observed } = /** @type {typeof import("../../packages/core/src/actions/observed.ts")} */ (
  await import(new URL("../../packages/core/dist/actions/observed.js", import.meta.url).href)
);
const host = openHost({ cwd, env: {}, home });
const input = { goal_id: "goal-0000", cwd };
const hooked = observed("should_run", shouldRun);

/** @param {typeof shouldRun} action */
async function timed(action) {
  const began = process.hrtime.bigint();
  const { verdict } = await action(host, input);
  const took = Number(process.hrtime.bigint() - began) / 1e6;
  if (verdict.rule !== "advance_todo") throw new Error(`the library answered ${verdict.rule}`);
  return took;
}

/** @type {{ once: number[], twice: number[] }} */
const times = { once: [], twice: [] };
for (let call = 0; call < WARM + Number(calls); call++) {
  // Neither is always the one that runs behind the other.
  const first = call % 2 === 0;
  const took = [await timed(first ? shouldRun : hooked), await timed(first ? hooked : shouldRun)];
  if (call < WARM) continue;
  times.once.push(took[first ? 0 : 1] ?? Number.NaN);
  times.twice.push(took[first ? 1 : 0] ?? Number.NaN);
}
process.stdout.write(JSON.stringify({ once: median(times.once), twice: median(times.twice) }));
