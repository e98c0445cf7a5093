import { stripVTControlCharacters } from "node:util";
import { describe, expect, test } from "vitest";
import type { GlobalValues } from "./call.ts";
import type { Io } from "./io.ts";
import { paint, wantsColor } from "./paint.ts";

const globals: GlobalValues = { quiet: false, verbose: false, cwd: "/", format_source: "default" };

function io(env: Record<string, string>, terminal = true): Io {
  return {
    version: "0.0.0",
    node: "20.19.0",
    platform: "test-machine",
    takeSignals: () => () => {},
    cwd: "/",
    env,
    home: "/",
    entry: null,
    write: async () => {},
    isTerminal: () => terminal,
    elapsedMs: () => 0,
    atExit: () => {},
  };
}

describe("colour (CMD-8)", () => {
  test.each([
    ["a terminal", {}, true, undefined, true],
    ["no terminal", {}, false, undefined, false],
    ["NO_COLOR on a terminal", { NO_COLOR: "1" }, true, undefined, false],
    ["an empty NO_COLOR", { NO_COLOR: "" }, true, undefined, true],
    ["TERM=dumb", { TERM: "dumb" }, true, undefined, false],
    ["FORCE_COLOR without a terminal", { FORCE_COLOR: "1" }, false, undefined, true],
    ["NO_COLOR beside FORCE_COLOR", { NO_COLOR: "1", FORCE_COLOR: "1" }, true, undefined, false],
    ["the user's file", {}, false, "always", true],
  ] as const)("%s", (_name, env, terminal, preference, wanted) => {
    expect(wantsColor(globals, io(env, terminal), preference)).toBe(wanted);
  });

  test("a flag beats everything", () => {
    expect(wantsColor({ ...globals, color: true }, io({ NO_COLOR: "1" }, false), "never")).toBe(true);
    expect(wantsColor({ ...globals, color: false }, io({ FORCE_COLOR: "1" }), "always")).toBe(false);
  });

  test("takes no person's sentence for a key", async () => {
    const escape = "\u001b";
    expect(await paint("  - Decide: keep it, or not?")).not.toContain(escape);
    expect(await paint("  - codex-main: advance_todo\n- Decide: a key")).toContain(`${escape}[36mDecide:`);
  });

  test("never changes a word", async () => {
    const text = "# LoopX Status\n\n- goal_id: g1\n  - nested: x\nplain\n";
    const painted = await paint(text);
    expect(painted).not.toBe(text);
    expect(stripVTControlCharacters(painted)).toBe(text);
  });
});
