// What the Gitea dispatcher costs against the tests' server, and how soon it begins by a clock that is moved (DSP-86).
import { join } from "node:path";
import { rolldown } from "rolldown";
import { ROOT } from "../steps.mjs";
import { runBoth } from "./measure.mjs";
import { atMost, exactly } from "./rows.mjs";

const ENTRY = join(ROOT, "packages", "executors", "test", "gitea", "rig", "measure.ts");

/** @typedef {{ repos: number, items: number, requests: number, cpu_seconds: number }} Idle */
/** @typedef {{ idle: readonly Idle[], started: number, p95: number, poll_delay: number }} Figures */

/** @param {import("../bench.mjs").Bench} bench */
export async function gitea({ folder }) {
  const file = join(folder, "gitea.mjs");
  const bundle = await rolldown({
    input: ENTRY,
    platform: "node",
    resolve: { conditionNames: ["@loopx/source", "import", "node", "default"], mainFields: ["module", "main"] },
    checks: { eval: false },
    logLevel: "silent",
  });
  await bundle.write({ file, format: "esm", codeSplitting: false });
  await bundle.close();
  /** @type {Figures} */
  const { idle, started, p95, poll_delay } = JSON.parse(runBoth({ name: "gitea", argv: [process.execPath, file] }).stdout);
  return [
    ...idle.flatMap(({ repos, items, requests, cpu_seconds }) => {
      const where = `gitea: idle tick, ${items} items in ${repos} ${repos === 1 ? "repository" : "repositories"}`;
      return [
        atMost("DSP-86", `${where}, on average`, requests, 1 + repos / 8, "requests"),
        atMost("DSP-86", `${where}, processor time with the server's`, cpu_seconds * 1_000, 2_000, "ms"),
      ];
    }),
    exactly("DSP-86", "gitea: agents started, of 40 events", started, 40),
    atMost("DSP-86", "gitea: event to the start of its agent, p95, moved clock", p95, poll_delay + 5, "s"),
  ];
}
