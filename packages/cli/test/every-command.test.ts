import { SCHEMAS, schemaFaults } from "@loopx/core/domain";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { LOOPX } from "../src/options/commands.ts";
import { commandName, schemaVersion } from "../src/options/program.ts";
import type { CommandRow } from "../src/options/flag.ts";
import { QUIET_LINES } from "./rig/quiet-lines.ts";
import { openSandbox, type Sandbox } from "./rig/sandbox.ts";
import { readTree } from "./rig/tree.ts";

let sandbox: Sandbox;

beforeAll(async () => {
  sandbox = openSandbox();
  for (const argv of [
    ["connect", "-g", "parser", "--runtime-root", sandbox.runtime],
    ["todo", "add", "-g", "parser", "--role", "agent", "--text", "[P1] Read nested lists"],
    ["refresh-state", "-g", "parser"],
    ["lease", "acquire", "-g", "parser", "--todo-id", "todo_000000000002", "--holder", "codex-1", "--write-scope", "src/**"],
    ["connect", "-g", "atlas", "--adapter-kind", "read_only_project_map_v0", "--adapter-status", "connected-read-only"],
  ]) {
    const { code, stderr } = await sandbox.run(argv);
    expect(`${code} ${stderr}`).toBe("0 ");
  }
});

afterAll(() => sandbox.remove());

/** Caches under the runtime root may be written by a query and change no answer (design D6). */
const isCache = (path: string): boolean => path === "runtime/cache" || path.endsWith("/cache");

/** What of an answer does not fit its command's schema. */
function faultsOf(row: CommandRow, answer: unknown): readonly string[] {
  const schema = SCHEMAS[(row.schema ?? commandName(row)).replaceAll(" ", "-")];
  return schema === undefined ? ["there is no schema"] : schemaFaults(schema, answer);
}

const rows = LOOPX.commands.filter((row) => commandName(row) !== "demo");

describe("every command", () => {
  test("has a line in this test", () => {
    expect(Object.keys(QUIET_LINES).sort()).toEqual(rows.map(commandName).sort());
  });

  test.each(rows.map((row) => [commandName(row), row] as const))(
    "%s as a query or dry run changes no byte, and prints one JSON document",
    async (name, row) => {
      const before = readTree(sandbox.root, isCache);
      const argv = [...row.path, ...(QUIET_LINES[name] ?? [])];
      const json = await sandbox.run([...argv, "--json"]);
      const markdown = await sandbox.run(argv);
      const quiet = await sandbox.run([...argv, "--quiet"]);
      expect(readTree(sandbox.root, isCache)).toEqual(before);

      const answer = JSON.parse(json.stdout) as { ok: boolean; schema_version: string; error?: { code: string } };
      expect(json.stderr).toBe("");
      expect(json.stdout).toBe(`${JSON.stringify(answer, null, 2)}\n`);
      expect(Object.keys(answer).slice(0, 2)).toEqual(
        answer.error === undefined || "schema_version" in answer ? ["ok", "schema_version"] : ["ok", "error"],
      );
      expect(answer.ok).toBe(answer.error === undefined);
      if (answer.ok) expect(answer.schema_version).toBe(schemaVersion(row));
      expect(faultsOf(row, answer)).toEqual([]);
      expect([markdown.code, quiet.code]).toEqual([json.code, json.code]);
      expect(markdown.stdout).not.toContain("undefined");
      expect(markdown.stdout).not.toContain("[object Object]");
    },
  );

  test.each(rows.map((row) => [commandName(row), row] as const))("%s fails as one JSON document too", async (name, row) => {
    const { code, stdout, stderr } = await sandbox.run(["--json", ...row.path, ...(QUIET_LINES[name] ?? []), "--no-such-flag"]);
    expect(JSON.parse(stdout)).toMatchObject({ ok: false, error: { code: "usage" } });
    expect(faultsOf(row, JSON.parse(stdout))).toEqual([]);
    expect([code, stderr]).toEqual([2, ""]);
  });

  test("the form may be asked for before or behind the command, the bytes are the same", async () => {
    const [before, behind, named] = [
      await sandbox.run(["--json", "status"]),
      await sandbox.run(["status", "--json"]),
      await sandbox.run(["status", "--format", "json"]),
    ];
    expect(behind).toEqual(before);
    expect(named).toEqual(before);
  });

  test("--verbose tells files and timings on standard error only", async () => {
    const plain = await sandbox.run(["status"]);
    const verbose = await sandbox.run(["status", "--verbose"]);
    expect(verbose.stdout).toBe(plain.stdout);
    expect(verbose.stderr).toMatch(/registry: .*\nruntime root: .*\ntimings: /);
  });
});

describe("goal ids that are none (FIL-4)", () => {
  test.each(["../evil", "/abs", "a/b", ".", "..", " ", "a\nb", "g;rm", "CON", "x".repeat(81)])(
    "%j is refused and creates nothing",
    async (id) => {
      const before = readTree(sandbox.root, isCache);
      for (const argv of [
        ["connect", "-g", id],
        ["todo", "add", "-g", id, "--role", "agent", "--text", "x"],
        ["should-run", "-g", id],
        ["refresh-state", "-g", id],
      ]) {
        const { code, stdout } = await sandbox.run([...argv, "--json"]);
        expect(JSON.parse(stdout), argv.join(" ")).toMatchObject({ ok: false, error: { code: "goal_id_invalid" } });
        expect(code).toBe(2);
      }
      expect(readTree(sandbox.root, isCache)).toEqual(before);
    },
  );
});
