// One of many writers: node writer.mjs <directory> <name> <from> <to>. Prints an id once it was told that it is stored.
import { performance } from "node:perf_hooks";
import type { GoalId } from "../../../src/domain/ids.ts";
import { yardIn } from "../yard.ts";

const [directory = "", name = "", from = "0", to = "0"] = process.argv.slice(2);
const store = yardIn(directory).store({ wait_ms: 30_000, command: name });
const goal_id = "alpha" as GoalId;

for (let n = Number(from); n < Number(to); n += 1) {
  const id = `${name}-${n}`;
  for (const key of [{ kind: "registry" }, { kind: "goal_state", goal_id }] as const) {
    const outcome = await store.documents.update(key, (current) => ({ write: edited(key.kind, current?.text, id), value: null }));
    if (outcome.kind !== "written") throw new Error(JSON.stringify(outcome));
    process.stdout.write(`${key.kind} ${id}\n`);
  }
  const outcome = await store.logs.append({ kind: "runs", goal_id }, { id, goal_id });
  if (outcome.kind !== "appended") throw new Error(JSON.stringify(outcome));
  process.stdout.write(`runs ${id}\n`);
}

/** The edit takes its time, so that kills and pauses find it inside the critical section. */
function edited(kind: string, text: string | undefined, id: string): string {
  const until = performance.now() + 4;
  while (performance.now() < until);
  if (kind === "goal_state") return `${text ?? ""}${id}\n`;
  const { goals } = text === undefined ? { goals: [] } : (JSON.parse(text) as { goals: string[] });
  return `${JSON.stringify({ goals: [...goals, id] })}\n`;
}
