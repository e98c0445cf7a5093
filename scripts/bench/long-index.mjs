// PRF-22: an index of 600 MB, which no program may read whole.
import { BARE, GOAL, history, reward, shouldRun } from "./commands.mjs";
import { medians, peakMemory } from "./measure.mjs";
import { atMost, ratio } from "./rows.mjs";
import { lengthen } from "./workspace.mjs";

const BYTES = 600_000_000;

/**
 * Each command beside itself over the 100,000 runs of PRF-12.
 * @param {import("../bench.mjs").Bench} bench
 */
export function longIndex({ workspace, rounds }) {
  const long = workspace({ runs: 100_000 });
  const endless = workspace({ runs: 11 });
  const [goal] = endless.goals;
  if (goal === undefined) throw new Error("the workspace has no goal");
  goal.runs += lengthen(endless, GOAL, BYTES, Date.now());
  const first = peakMemory(shouldRun("should-run, first, 600 MB", endless));
  const pairs = [shouldRun, history, reward].map((command) => ({
    there: command(`${command.name}, 100,000 runs`, long),
    here: command(`${command.name}, 600 MB`, endless),
  }));
  const times = medians([BARE, ...pairs.flatMap(({ there, here }) => [there, here])], Math.ceil(rounds / 2));
  const names = ["should-run", "history", "reward"];
  return [
    ...pairs.map(({ there, here }, n) =>
      ratio("PRF-22", `${names[n]}, index of 600 MB / 100,000 runs`, times.of(here) / times.of(there), 1.2),
    ),
    atMost("PRF-5", "should-run, index of 600 MB, first run without cache, peak memory", first, 150, "MB"),
  ];
}
