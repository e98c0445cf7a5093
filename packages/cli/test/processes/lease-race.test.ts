/** Real processes that want one lease at once: one gets it, whoever is first, and tokens only grow. */
import { once } from "node:events";
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { bundleProgram, type Program } from "../rig/program.ts";

const EIGHT = [1, 2, 3, 4, 5, 6, 7, 8];
const TIMEOUT_MS = 60_000;

let program: Program;
let todoId: string;

beforeAll(async () => {
  program = await bundleProgram();
  mkdirSync(join(program.folder, "project"));
  expect(program.run(["connect", "--project", "project", "-g", "parser"])).toMatchObject({ code: 0, stderr: "" });
  const added = program.run(["-C", "project", "todo", "add", "-g", "parser", "--role", "agent", "--text", "Read lists", "--json"]);
  todoId = (JSON.parse(added.stdout) as { todo_id: string }).todo_id;
}, TIMEOUT_MS);

afterAll(() => program.remove());

interface Ended {
  readonly code: number | null;
  readonly answer: { token?: number; holder?: string; error?: { code: string } };
}

async function lease(...argv: readonly string[]): Promise<Ended> {
  const child = program.start(["-C", "project", "--json", "lease", argv[0] ?? "", "-g", "parser", "--todo-id", todoId, ...argv.slice(1)]);
  let stdout = "";
  child.stdout?.on("data", (chunk: Buffer) => (stdout += chunk.toString()));
  const [code] = (await once(child, "close")) as [number | null];
  return { code, answer: JSON.parse(stdout) as Ended["answer"] };
}

describe("eight processes that want one todo's lease at once", () => {
  test(
    "one ends with 0 and seven with 3, round after round, and the token grows by one each time (REL-49, FIL-81)",
    async () => {
      for (const round of [1, 2]) {
        const ended = await Promise.all(EIGHT.map((n) => lease("acquire", "--holder", `codex-${n}`)));
        expect(ended.map(({ code }) => code).toSorted((a, b) => (a ?? -1) - (b ?? -1))).toEqual([0, 3, 3, 3, 3, 3, 3, 3]);
        expect(ended.filter(({ code }) => code === 3).map(({ answer }) => answer.error?.code)).toEqual(
          EIGHT.slice(1).map(() => "lease_conflict"),
        );
        const winner = ended.find(({ code }) => code === 0)?.answer;
        expect(winner?.token).toBe(round);
        const record = readFileSync(join(program.folder, ".codex", "loopx", "goals", "parser", "leases", `${todoId}.json`), "utf8");
        expect(JSON.parse(record)).toMatchObject({ token: round, holder: winner?.holder, state: "held" });
        const grant = ["--holder", winner?.holder ?? "", "--token", String(round)];
        expect(await lease("verify", ...grant)).toMatchObject({ code: 0 });
        expect(await lease("verify", "--holder", winner?.holder ?? "", "--token", String(round + 1))).toMatchObject({ code: 3 });
        expect(await lease("release", ...grant)).toMatchObject({ code: 0 });
      }
    },
    TIMEOUT_MS,
  );
});
