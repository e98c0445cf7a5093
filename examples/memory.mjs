// How a program that uses LoopX is tested: a whole host in memory, with files as texts and a clock that stands still.
// Nothing touches the disk; the actions are the ones that run over real files.
// After `npm start` or `npm run build`: node examples/memory.mjs
import assert from "node:assert/strict";
import { addTodo, claimTodo, connect, listTodos, shouldRun } from "@loopx/core";
import { memoryHost, PROJECT } from "@loopx/core/testing";

const host = memoryHost({ now: "2026-11-21T09:00:00Z", locale: "en" });
const [goal_id, cwd] = ["parser", PROJECT];
await connect(host, { project: ".", goal_id, cwd });

// A question for a person stops the goal; one that names a todo would stop only that todo.
await addTodo(host, { goal_id, cwd, role: "user", text: "Confirm the grammar" });
const { verdict } = await shouldRun(host, { goal_id, cwd });
assert.equal(verdict.rule, "user_gate");
assert.equal(verdict.should_run, false);

// Time passes only when the test says so: after 30 minutes an agent's claim is stale.
const [todo] = (await listTodos(host, { goal_id, cwd, role: "agent" })).todos;
assert.ok(todo);
await claimTodo(host, { goal_id, cwd, todo_id: todo.todo_id, claimed_by: "codex-1" });
host.clock.tick(31 * 60_000);
const [later] = (await listTodos(host, { goal_id, cwd, role: "agent" })).todos;
assert.equal(later?.claim_stale, true);

const files = Object.entries(host.files());
assert.ok(files.some(([path, text]) => path.endsWith("ACTIVE_GOAL_STATE.md") && text.includes("- [ ] Confirm the grammar")));
process.stdout.write(`one gate, one stale claim, ${files.length} files in memory\n`);
