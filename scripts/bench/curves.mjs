// What the plot shows: a command's time beside a bare start of Node, as a history grows and as goals become many.
import { BARE, shouldRun, status } from "./commands.mjs";
import { medians } from "./measure.mjs";

/** @typedef {{ name: string, points: { x: number, y: number }[] }} Curve */
/** @typedef {{ title: string, x: string, curves: Curve[] }} Panel */

const RUNS = [10, 100, 1000, 10_000, 100_000];
const GOALS = [1, 10, 100, 1000];

/** @param {import("../bench.mjs").Bench} bench @returns {Panel[]} */
export function curves({ workspace, rounds }) {
  const byRuns = RUNS.map((runs) => ({ x: runs, command: shouldRun(`should-run, ${runs} runs`, workspace({ runs })) }));
  const byGoals = GOALS.map((goals) => ({ x: goals, command: shouldRun(`should-run, ${goals} goals`, workspace({ goals })) }));
  const ofAll = GOALS.map((goals) => ({ x: goals, command: status(`status, ${goals} goals`, workspace({ goals })) }));
  const times = medians([BARE, ...[...byRuns, ...byGoals, ...ofAll].map(({ command }) => command)], rounds);
  const floor = times.of(BARE);
  /** @param {string} name @param {readonly { x: number, command: import("./measure.mjs").Timed }[]} list @returns {Curve} */
  const curve = (name, list) => ({ name, points: list.map(({ x, command }) => ({ x, y: times.of(command) / floor })) });
  return [
    { title: "One goal, its history growing", x: "runs in the history", curves: [curve("should-run", byRuns)] },
    { title: "Goals becoming many, 10 runs each", x: "goals", curves: [curve("should-run", byGoals), curve("status", ofAll)] },
  ];
}
