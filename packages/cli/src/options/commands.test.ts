import { existsSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { readLine } from "../parse/line.ts";
import { LOOPX } from "./commands.ts";
import { commandName, findCommand, schemaVersion } from "./program.ts";
import type { Flag } from "./flag.ts";
import { GLOBAL_FLAGS } from "./global.ts";

const everyFlag: [string, Flag][] = [GLOBAL_FLAGS, ...LOOPX.commands.map((row) => ({ ...row.flags, ...row.legacy }))].flatMap(
  (flags) => Object.entries(flags) as [string, Flag][],
);

describe("the command table", () => {
  test("a flag takes a value in every command or in none; one that repeats somewhere may stand once elsewhere (PRF-2)", () => {
    const shapes = new Map<string, Set<string>>();
    for (const [name, flag] of everyFlag) {
      const shape = flag.kind === "switch" ? "switch" : "value";
      shapes.set(name, (shapes.get(name) ?? new Set()).add(shape));
    }
    expect([...shapes].filter(([, kinds]) => kinds.size > 1)).toEqual([]);
  });

  test("a letter means the same flag in every command", () => {
    const names = new Map<string, Set<string>>();
    for (const [name, { alias }] of everyFlag) if (alias !== undefined) names.set(alias, (names.get(alias) ?? new Set()).add(name));
    expect([...names].filter(([, flags]) => flags.size > 1)).toEqual([]);
  });

  test("no command has a flag that a global flag hides", () => {
    const hidden = LOOPX.commands.flatMap((row) => Object.keys(row.flags).filter((name) => name in GLOBAL_FLAGS));
    expect(hidden).toEqual([]);
  });

  test("no two commands answer to one name", () => {
    const names = LOOPX.commands.flatMap((row) => [commandName(row), ...(row.aliases ?? []).map((alias) => alias.join(" "))]);
    expect(new Set(names).size).toBe(names.length);
  });

  test("a writing command has --dry-run, a preview --execute, a query neither (CMD-3)", () => {
    for (const row of LOOPX.commands.filter((each) => commandName(each) !== "demo")) {
      expect([commandName(row), "dry-run" in row.flags, "execute" in row.flags]).toEqual([
        commandName(row),
        row.kind !== "query",
        row.kind === "preview",
      ]);
    }
  });

  test.each(LOOPX.commands.map((row) => [commandName(row), row] as const))("%s has a module that runs", async (_name, row) => {
    expect(typeof (await row.load()).run).toBe("function");
  });

  test.each(LOOPX.commands.flatMap((row) => row.examples.map((example) => [example, row] as const)))(
    "the example parses: %s",
    (example, row) => {
      const line = readLine(firstCommand(example), { cwd: "/", env: {} }, LOOPX);
      expect(line.kind === "command" && line.row).toBe(row);
    },
  );

  test("the schema version names the command (CMD-7)", () => {
    const versions = LOOPX.commands.map((row) => schemaVersion(row));
    expect(versions).toContain("loopx_quota_spend_slot_v1");
    expect(versions.filter((version) => version === "loopx_quota_should_run_v1")).toHaveLength(2);
  });

  test("bare quota is quota status, bootstrap is connect (CMD-82)", () => {
    expect(findCommand(["quota"], LOOPX)).toMatchObject({ kind: "row", row: { path: ["quota", "status"] } });
    expect(findCommand(["bootstrap"], LOOPX)).toMatchObject({ kind: "row", row: { path: ["connect"] } });
    expect(findCommand(["quota", "stauts"], LOOPX)).toEqual({ kind: "group", group: "quota", verb: "stauts" });
  });
});

/** The words of the example's own `loopx` call, up to the first shell operator. */
function firstCommand(example: string): string[] {
  const words = [...example.matchAll(/"((?:[^"\\]|\\.)*)"|'([^']*)'|(\S+)/g)].map((match) => match[1] ?? match[2] ?? match[3] ?? "");
  const end = words.findIndex((word) => word === "&&" || word === ">" || word === "|");
  return words.slice(1, end === -1 ? undefined : end);
}

test("the version constant equals package.json", async () => {
  const { readFileSync } = await import("node:fs");
  const { VERSION } = await import("../version.ts");
  const path = new URL("../../package.json", import.meta.url);
  expect(existsSync(path)).toBe(true);
  expect(VERSION).toBe((JSON.parse(readFileSync(path, "utf8")) as { version: string }).version);
});
