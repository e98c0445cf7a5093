// The command lines that run between the workers, and what each of them, ended with 0, has promised.
import { pick } from "./random.mjs";
import { WORKED } from "./world.mjs";

/** @typedef {{ project: string, goal_id: string, argv: string[], text: string }} Line */

/** @param {number} n @param {() => number} random @returns {Line} */
export function commandLine(n, random) {
  const { project, goal_id } = pick(WORKED, random) ?? { project: "p0", goal_id: "p0-a" };
  const text = `[P3] told on the command line ${n}`;
  const goal = ["--goal-id", goal_id];
  const lines = [
    ["todo", "add", ...goal, "--role", "agent", "--text", text],
    ["refresh-state", ...goal, "--classification", `command_${n}`],
    ["reward", ...goal, "--decision", "go_on", "--reward", "positive", "--reason-summary", `command ${n}`, "--write-active-state-summary"],
    [
      "operator-gate",
      ...goal,
      "--gate",
      "publish",
      "--decision",
      "approve",
      "--reason-summary",
      `go on, ${n}`,
      "--agent-command",
      "npm test",
    ],
    ["sync-global"],
    ["should-run", ...goal],
  ];
  return { project, goal_id, argv: lines[n % lines.length] ?? [], text };
}

/** @param {Line} line @param {Record<string, any>} answer @returns {import("./operations.mjs").Fact[]} */
export function factsOf({ argv, project, goal_id, text }, answer) {
  switch (argv[0]) {
    case "todo":
      return [{ kind: "todo", goal_id, todo_id: answer["todo_id"], text }];
    case "refresh-state":
    case "operator-gate":
      return [{ kind: "run", goal_id, run_id: answer["run_id"], json_path: answer["json_path"], markdown_path: answer["markdown_path"] }];
    case "reward": {
      const { overlay_id } = answer["human_reward"];
      const bullet = answer["active_state_update"]["written"];
      return [{ kind: "reward", goal_id, overlay_id, reason_summary: answer["human_reward"]["reason_summary"], bullet }];
    }
    case "sync-global":
      return [{ kind: "goal", goal_id, project }];
    default:
      return [];
  }
}
