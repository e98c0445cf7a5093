// Telemetry that is off: what the hook for it costs each action of the library (issue 9).
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { runBoth } from "./measure.mjs";
import { ratio } from "./rows.mjs";

const PROBE = fileURLToPath(new URL("hook-probe.mjs", import.meta.url));
const CALLS = 3000;

/** @param {import("../bench.mjs").Bench} bench */
export function hook({ workspace, quick }) {
  const { project } = workspace({});
  const argv = [process.execPath, PROBE, project, join(dirname(project), "home"), String(quick ? CALLS / 10 : CALLS)];
  const { once, twice } = JSON.parse(runBoth({ name: "the library's hook", argv }).stdout);
  return [ratio("OTel", "should-run in the library, a telemetry hook that is off / without it", twice / once, 1.02)];
}
