// A process of the bench that writes when it is told to: node writer.mjs <folder> <name>. `append <n>` appends that many
// records, all asked for at once; `update <n>` adds one to a counter so often, each a locked read-modify-write.
// It answers how many were not stored.
import { join } from "node:path";
import { createInterface } from "node:readline";
import { openHost } from "@loopx/core";
import { parseGoalId } from "@loopx/core/domain";

const [folder = "", name = ""] = process.argv.slice(2);
const project = join(folder, "project");
const { logs, documents } = openHost({ cwd: project, env: {}, home: join(folder, "home"), command: `bench ${name}`, project });
const goal_id = parseGoalId("shared");
if (goal_id === null) throw new Error("the bench's goal id is none");
let count = 0;

/** @type {Record<string, (n: number) => Promise<number>>} */
const ORDERS = {
  append: async (n) => {
    const outcomes = await Promise.all(Array.from({ length: n }, () => logs.append({ kind: "runs", goal_id }, nextRecord())));
    return outcomes.filter(({ kind }) => kind !== "appended").length;
  },
  update: async (n) => {
    let refused = 0;
    for (let done = 0; done < n; done++) {
      const { kind } = await documents.update({ kind: "executor_state", executor: "bench", name: "counter.json" }, (current) => ({
        write: JSON.stringify({ count: (current === null ? 0 : JSON.parse(current.text).count) + 1 }),
        value: null,
      }));
      if (kind !== "written") refused += 1;
    }
    return refused;
  },
};

process.stdout.write("ready\n");
for await (const line of createInterface({ input: process.stdin })) {
  const [order = "", n = "0"] = line.split(" ");
  process.stdout.write(`${await ORDERS[order]?.(Number(n))}\n`);
}

function nextRecord() {
  return {
    generated_at: "2026-01-01T00:00:00.000+00:00",
    goal_id: "shared",
    classification: "bench_implementation",
    recommended_action: "Do the next bounded step.",
    health_check: "ok",
    json_path: "run.json",
    markdown_path: "run.md",
    schema_version: "loopx_run_v1",
    run_id: `run_${name}_${count++}`,
  };
}
