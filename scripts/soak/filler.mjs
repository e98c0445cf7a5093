// Works on a small file system until it is full, and goes on: node filler.mjs <mount>. Prints what became of everything
// that was acknowledged, and how the refusals were worded.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { addTodo, LoopxError, refreshState } from "@loopx/core";
import { connectIn, goalFolder, hostIn, statePath } from "./world.mjs";

const [folder = ""] = process.argv.slice(2);
const GOAL = "small";
const REFUSALS = 30;
/** The system's refusal has these codes and no other. */
const TYPED = new Set(["write_failed", "write_denied"]);

mkdirSync(join(folder, "home"));
await connectIn(folder, "project", GOAL);

/** @type {string[]} */ const todos = [];
/** @type {string[]} */ const runs = [];
let [refused, untyped, count] = [0, 0, 0];
// Filled by its own writes, then by a stranger's file that leaves it no byte, then with space again.
await workUntil(() => refused >= REFUSALS);
rmSync(join(goalFolder(folder, GOAL), "runs"), { recursive: true });
runs.length = 0;
await workUntil(() => runs.length >= 3);
const stranger = join(folder, "stranger");
fill(stranger);
const before = refused;
await workUntil(() => refused >= before + REFUSALS);
rmSync(stranger);
const told = todos.length + runs.length;
await workUntil(() => todos.length + runs.length >= told + 6);

const state = readFileSync(statePath(folder, "project", GOAL), "utf8");
const lines = readFileSync(join(goalFolder(folder, GOAL), "runs", "index.jsonl"), "utf8").split("\n");
const rows = lines.slice(0, -1).map(parsed);
const lost =
  todos.filter((text) => state.split(text).length !== 2).length +
  runs.filter((id) => rows.filter((row) => row?.["run_id"] === id).length !== 1).length;
const torn = (state.endsWith("\n") ? 0 : 1) + rows.filter((row) => row === null).length + (lines.at(-1) === "" ? 0 : 1);
process.stdout.write(JSON.stringify({ kind: "filled", acknowledged: todos.length + runs.length, refused, lost, torn, untyped }));

/** @param {() => boolean} done */
async function workUntil(done) {
  while (!done()) {
    count += 1;
    try {
      const cwd = join(folder, "project");
      const text = `[P2] ${"fill the disk ".repeat(40)}${count}.`;
      if (count % 2 === 0) todos.push((await addTodo(hostIn(folder, "project"), { goal_id: GOAL, role: "agent", text, cwd })).todo);
      else runs.push((await refreshState(hostIn(folder, "project"), { goal_id: GOAL })).run_id ?? "");
    } catch (error) {
      refused += 1;
      if (!(error instanceof LoopxError && TYPED.has(error.code))) {
        untyped += 1;
        process.stderr.write(`${String(error)}\n`);
      }
    }
  }
}

/** Every byte that is left. @param {string} file */
function fill(file) {
  for (let size = 65_536; size >= 1; size = Math.floor(size / 2)) {
    try {
      for (;;) writeFileSync(file, Buffer.alloc(size), { flag: "a" });
    } catch {
      // Full for this size: a smaller piece may still fit.
    }
  }
}

/** @param {string} text @returns {Record<string, unknown> | null} */
function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
