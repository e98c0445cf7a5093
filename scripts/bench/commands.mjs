// The commands the bench times, each with the check of its answer against what the workspace's manifest says.
import { dirname, join } from "node:path";
import { ROOT } from "../steps.mjs";

/** @typedef {import("./measure.mjs").Timed} Timed */
/** @typedef {import("./workspace.mjs").Manifest} Manifest */

export const LOOPX = join(ROOT, "packages", "cli", "bin", "loopx.cjs");
export const GOAL = "goal-0000";

/** The floor of every ratio. @type {Timed} */
export const BARE = { name: "bare node", argv: [process.execPath, "-e", "0"] };

/**
 * `loopx` in a workspace, with an empty home beside it.
 * @param {string} name
 * @param {Manifest} workspace
 * @param {readonly string[]} words
 * @param {(answer: Record<string, unknown>) => string | null} [check]
 * @returns {Timed}
 */
export function loopx(name, workspace, words, check) {
  return {
    name,
    argv: [process.execPath, LOOPX, ...words],
    cwd: workspace.project,
    env: { HOME: join(dirname(workspace.project), "home") },
    ...(check === undefined ? {} : { check: (/** @type {string} */ stdout) => check(JSON.parse(stdout)) }),
  };
}

/** @param {string} name @param {Manifest} workspace */
export function shouldRun(name, workspace) {
  const goal = workspace.goals[0];
  return loopx(name, workspace, ["--json", "quota", "should-run", "-g", GOAL], (answer) => {
    const quota = /** @type {{ spent_slots?: number }} */ (answer.quota);
    const todos = /** @type {{ open_count?: number }} */ (answer.agent_todos);
    return differs("spent_slots", quota.spent_slots, goal?.spent) ?? differs("open_count", todos.open_count, goal?.open_todos);
  });
}

/** @param {string} name @param {Manifest} workspace */
export function status(name, workspace) {
  const runs = workspace.goals.reduce((sum, goal) => sum + goal.runs, 0);
  return loopx(
    name,
    workspace,
    ["--json", "status"],
    (answer) => differs("goal_count", answer.goal_count, workspace.goals.length) ?? differs("run_count", answer.run_count, runs),
  );
}

/** @param {string} name @param {Manifest} workspace */
export function todoList(name, workspace) {
  const open = workspace.goals[0]?.open_todos;
  return loopx(name, workspace, ["--json", "todo", "list", "-g", GOAL], (answer) => differs("todo_count", answer.todo_count, open));
}

/** @param {string} name @param {Manifest} workspace */
export function history(name, workspace) {
  const runs = workspace.goals[0]?.runs;
  return loopx(name, workspace, ["--json", "history", "-g", GOAL], (answer) => differs("run_count", answer.run_count, runs));
}

/**
 * A real judgement of the newest run, each time with words of its own: the same ones would be stored once.
 * @param {string} name
 * @param {Manifest} workspace
 */
export function reward(name, workspace) {
  const words = ["--json", "reward", "-g", GOAL, "--decision", "continue_route", "--reward", "positive"];
  return loopx(name, workspace, [...words, "--reason-summary", "bench"], (answer) => differs("ok", answer.ok, true));
}

/** @param {string} what @param {unknown} found @param {unknown} wanted */
function differs(what, found, wanted) {
  return found === wanted ? null : `${what} ${String(found)}, not ${String(wanted)}`;
}
