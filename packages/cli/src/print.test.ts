import { ERRORS, LoopxError } from "@loopx/core";
import { describe, expect, test } from "vitest";
import type { LoopxHost } from "./call.ts";
import { LOOPX } from "./options/commands.ts";
import { answerExit, answerJson, errorFields, errorJson, errorLines, exitOf, framed, markdownText, originBytes, shown } from "./print.ts";

const [row] = LOOPX.commands;
const places = { registry: "/p/ünï/registry.json", registry_source: "project" } as LoopxHost["places"];
const lines = (): string[] => [];

describe("answers", () => {
  test("start with ok and schema_version, then name the registry (CMD-5, CMD-7)", () => {
    if (row === undefined) throw new Error("the table is empty");
    const text = answerJson(row, { payload: { goal_id: "g1" }, lines }, places);
    expect(Object.keys(JSON.parse(text) as object)).toEqual(["ok", "schema_version", "registry", "registry_source", "goal_id"]);
    expect(text.endsWith("}\n")).toBe(true);
    expect(text).toContain('\n  "ok": true');
  });

  test("with an error are not ok and keep their payload (CMD-9)", () => {
    if (row === undefined) throw new Error("the table is empty");
    const error = errorFields(new LoopxError("spend_refused", "nothing to cite"));
    const document = JSON.parse(answerJson(row, { payload: { appended: false, error }, lines }, null)) as object;
    expect(document).toMatchObject({ ok: false, appended: false, error: { code: "spend_refused", details: {} } });
    expect(JSON.parse(answerJson(row, { payload: { appended: true, error: null }, lines }, null))).toEqual({
      ok: true,
      schema_version: "loopx_connect_v1",
      appended: true,
    });
  });

  test("grow by exactly the bytes that were reserved for the registry (DEC-51)", () => {
    if (row === undefined) throw new Error("the table is empty");
    const answer = { payload: { goal_id: "g1" }, lines };
    const grown = Buffer.byteLength(answerJson(row, answer, places)) - Buffer.byteLength(answerJson(row, answer, null));
    expect(grown).toBe(originBytes(places));
  });

  test.each([
    [{ payload: {} }, 0],
    [{ payload: { error: null } }, 0],
    [{ payload: { error: { code: "conflict" } } }, 3],
    [{ payload: { error: { code: "goal_unhealthy" } }, exit_code: 13 }, 13],
    [{ payload: {}, exit_code: 10 }, 10],
  ])("%j ends with %i", (answer, exit) => {
    expect(answerExit({ ...answer, lines })).toBe(exit);
  });
});

describe("errors", () => {
  test.each(Object.entries(ERRORS).map(([code, { exit }]) => [code, exit] as const))("%s ends with %i", (code, exit) => {
    expect(exitOf(code)).toBe(exit);
  });

  test("what is no LoopxError is a bug, told without its stack (CMD-9)", () => {
    const fields = errorFields(new TypeError("x is not a function"));
    expect(fields.code).toBe("internal");
    expect(errorLines(fields)).not.toContain("    at ");
    expect(exitOf(fields.code)).toBe(70);
  });

  test("alone are one document with ok false", () => {
    expect(JSON.parse(errorJson(errorFields(new LoopxError("usage", "no"))))).toEqual({
      ok: false,
      error: { code: "usage", message: "no", hint: ERRORS.usage.next, details: {} },
    });
  });
});

describe("Markdown", () => {
  test("names the registry below its title, and is bare when quiet (CMD-5)", () => {
    const answer = ["# LoopX History", "- runs: 3"];
    expect(framed(answer, places, false)).toEqual(["# LoopX History", "- registry: /p/ünï/registry.json (project)", "- runs: 3"]);
    expect(framed(answer, places, true)).toEqual(["- runs: 3"]);
    expect(framed(["run g1 [advance_todo] x"], places, false)).toEqual(["run g1 [advance_todo] x"]);
  });

  test("shows control characters of files spelled out (CMD-8)", () => {
    expect(markdownText(["a\u001b[31mred", "b\u202eright"])).toBe("a\\u001b[31mred\nb\\u202eright\n");
    expect(shown("tab\tand\nline")).toBe("tab\tand\nline");
  });
});
