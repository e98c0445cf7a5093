// LoopX as a library: connect a goal, ask for the verdict, add a todo, record a run, pay for it, read the history.
// It plays in a temporary folder with a home of its own and removes it again; nothing of yours is read or written.
// After `npm start` or `npm run build`: node examples/library.mjs
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { addTodo, connect, history, LoopxError, openHost, refreshState, shouldRun, spendSlot } from "@loopx/core";

const folder = mkdtempSync(join(tmpdir(), "loopx-library-"));
const cwd = join(folder, "parser");
mkdirSync(cwd);

// A host is every file, lock and clock behind one value. `project` says: this folder's own registry, new or not.
const host = openHost({ cwd, home: folder, env: { PATH: process.env["PATH"] }, project: "." });
const goal_id = "parser";

try {
  const connected = await connect(host, { project: ".", goal_id, objective: "Make the parser whole", cwd });
  say(`goal state: ${connected.state_action}`);

  const { verdict, exit_code } = await shouldRun(host, { goal_id, cwd, exit_code: true });
  say(`${verdict.decision} [${verdict.rule}] ${verdict.recommended_action} (exit ${exit_code})`);

  await addTodo(host, { goal_id, cwd, role: "agent", text: "[P0] Read nested lists" });
  const next = await shouldRun(host, { goal_id, cwd });
  say(`now: ${next.verdict.selected_todo?.text}`);

  const run = await refreshState(host, {
    goal_id,
    classification: "parser_result",
    delivery_batch_scale: "implementation",
    delivery_outcome: "outcome_progress",
    artifact: ["src/parser.ts"],
    validation: "12 tests pass",
  });
  const spend = await spendSlot(host, { goal_id, cwd });
  const again = await spendSlot(host, { goal_id, cwd });
  say(`recorded ${run.classification}, paid ${spend.slots} slot, a second payment: ${again.error?.code}`);

  const { runs } = await history(host, { goal_id });
  say(`history: ${runs.map(({ classification }) => classification).join(", ")}`);
} catch (error) {
  // Expected outcomes are values, as the refused payment above. What is thrown has a code of docs/errors.md, or is a bug.
  if (!(error instanceof LoopxError)) throw error;
  say(`${error.code}: ${error.message}`);
  process.exitCode = 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}

/** @param {string} line */
function say(line) {
  process.stdout.write(`${line}\n`);
}
