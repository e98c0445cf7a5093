// A thin project adapter: it looks at the working tree, says one thing to do next, and appends that to the goal's
// history. It changes nothing in the project: git is only asked, and the run record is written by `loopx refresh-state`.
// Run it in the project, with `loopx` on PATH: node examples/adapter.mjs GOAL [--dry-run]
import { execFileSync, spawnSync } from "node:child_process";

const [goal, ...flags] = process.argv.slice(2);
if (goal === undefined) throw new Error("usage: node examples/adapter.mjs GOAL [--dry-run]");

const report = look();
process.stdout.write(`${JSON.stringify(report, null, 2)}\n`);
const words = ["--goal-id", goal, "--classification", report.classification, "--recommended-action", report.recommended_action];
process.exitCode = spawnSync("loopx", ["refresh-state", ...words, ...flags], { stdio: ["ignore", "ignore", "inherit"] }).status ?? 1;

/**
 * Both classifications are of those that leave the next step to the agent (docs/verdict.md, rule `steering_audit`).
 * A word of your own would be graded as a delivery, and looking is none.
 */
function look() {
  const changed = git("status", "--porcelain")
    .split("\n")
    .filter((line) => line !== "");
  const conflicts = changed.filter((line) => /^(?:DD|AA|.U|U.) /.test(line));
  return {
    classification: changed.length > 0 ? "needs_validation" : "inspect_result",
    recommended_action:
      changed.length > 0
        ? `Validate and commit the ${changed.length} changed files before new work.`
        : "The working tree is clean: take the next todo.",
    warnings: conflicts.map((line) => `unmerged: ${line.slice(3)}`),
    guards: ["read-only: no file of the project is written, no process is started or stopped"],
  };
}

/** @param {string[]} words */
function git(...words) {
  return execFileSync("git", words, { encoding: "utf8" });
}
