import { LoopxError } from "@loopx/core";
import { describe, expect, test } from "vitest";
import { LOOPX } from "../options/commands.ts";
import { readLine } from "./line.ts";
import { unknownCommand } from "./refusals.ts";

const io = (env: Record<string, string> = {}) => ({ cwd: "/work/here", env });

function command(argv: string[], env: Record<string, string> = {}) {
  const line = readLine(argv, io(env), LOOPX);
  if (line.kind !== "command") throw new Error(`a command was expected, not ${line.kind}`);
  return line;
}

function refusal(argv: string[], env: Record<string, string> = {}): LoopxError {
  try {
    readLine(argv, io(env), LOOPX);
  } catch (error) {
    if (error instanceof LoopxError) return error;
    throw error;
  }
  throw new Error(`${argv.join(" ")} was accepted`);
}

describe("global flags", () => {
  test.each([[["--json", "status"]], [["status", "--json"]], [["status", "--format", "json"]], [["--format=json", "status"]]])(
    "%j is the same line wherever the flag stands (CMD-1)",
    (argv) => {
      expect(command(argv)).toMatchObject({ row: { path: ["status"] }, globals: { format: "json" } });
    },
  );

  test("they may stand between the words of a command", () => {
    expect(command(["quota", "--registry", "r.json", "should-run", "-q"]).globals).toMatchObject({ registry: "r.json", quiet: true });
  });

  test("--cwd is resolved against the place the call stands in", () => {
    expect(command(["status", "-C", "../there"]).globals.cwd).toBe("/work/there");
  });

  test("LOOPX_FORMAT gives the form, an empty variable counts as unset (CMD-4)", () => {
    expect(command(["status"], { LOOPX_FORMAT: "json" }).globals.format).toBe("json");
    expect(command(["status"], { LOOPX_FORMAT: "" }).globals.format).toBeUndefined();
    expect(command(["status", "--format", "markdown"], { LOOPX_FORMAT: "json" }).globals.format).toBe("markdown");
    expect(refusal(["status"], { LOOPX_FORMAT: "xml" })).toMatchObject({ code: "invalid_value" });
  });

  test("an empty path is refused, not taken for the current folder", () => {
    expect(refusal(["status", "--registry", ""]).code).toBe("usage");
  });
});

describe("flags of a command", () => {
  test("inputs carry what was said, in snake case, and the defaults; nothing else", () => {
    const { input } = command(["connect", "--goal-doc", "GOAL.md", "--write-scope", "src/**", "--write-scope", "a,b", "--force"]);
    expect(input).toEqual({ project: ".", goal_doc: "GOAL.md", write_scope: ["src/**", "a,b"], force: true });
  });

  test("only agent ids and domains are split at commas (CMD-2)", () => {
    expect(command(["connect", "--allowed-domain", "web, cli,", "--allowed-domain=docs"]).input).toMatchObject({
      allowed_domain: ["web", "cli", "docs"],
    });
  });

  test("LOOPX_GOAL_ID and LOOPX_AGENT_ID stand in for their flags", () => {
    expect(command(["why"], { LOOPX_GOAL_ID: "g1", LOOPX_AGENT_ID: "codex-1" }).input).toMatchObject({
      goal_id: "g1",
      agent_id: "codex-1",
    });
    expect(command(["why", "-g", "g2"], { LOOPX_GOAL_ID: "g1" }).input).toMatchObject({ goal_id: "g2" });
  });

  test("a preview is a dry run unless --execute is given (CMD-3)", () => {
    expect(command(["quota", "spend-slot", "-g", "g1"]).input).toMatchObject({ dry_run: true, slots: 1, source: "heartbeat" });
    expect(command(["quota", "spend-slot", "-g", "g1", "--execute"]).input).toMatchObject({ dry_run: false });
    expect("execute" in command(["quota", "spend-slot", "-g", "g1", "--execute"]).input).toBe(false);
  });

  test("a value may begin with a dash, hold an equals sign or lines", () => {
    const text = "- [ ] a=b\n--json";
    expect(command(["todo", "add", "-g", "g1", "--role", "agent", "--text", text]).input).toMatchObject({ text });
    expect(command(["todo", "add", "-g=g1", "--role=agent", `--text=${text}`]).input).toMatchObject({ text });
  });

  test("ids that look like numbers stay texts", () => {
    expect(command(["why", "-g", "007"]).input).toMatchObject({ goal_id: "007" });
  });

  test("letters can be grouped", () => {
    expect(command(["todo", "add", "-ng", "g1", "--role", "user", "--text", "x"]).input).toMatchObject({ goal_id: "g1", dry_run: true });
  });

  test("older flags are accepted with one warning each and no effect (CMD-14)", () => {
    const line = command(["connect", "--no-onboarding-scan", "--onboarding-max-files", "9", "--codex-app-heartbeat"]);
    expect(line.warnings).toHaveLength(3);
    expect(line.input).toEqual(command(["connect"]).input);
  });
});

describe("refusals", () => {
  test.each([
    [["staus"], "unknown_command", "loopx status"],
    [["quota", "should-rn"], "unknown_command", "loopx quota should-run"],
    [["claim", "-g", "g1", "x"], "unknown_command", "loopx todo claim"],
    [["status", "--goalid", "g1"], "usage", "--goal-id"],
    [["status", "-x"], "usage", "loopx status --help"],
  ])("%j ends with %s and names %s (CMD-11)", (argv, code, near) => {
    const outcome = caught(argv);
    expect(outcome.code).toBe(code);
    expect(outcome.hint).toContain(near);
  });

  test.each([
    [["status", "-g"], "usage"],
    [["status", "--goal-id", "--json"], "usage"],
    [["todo"], "usage"],
    [["--json"], "usage"],
    [["status", "extra"], "usage"],
    [["config", "get"], "usage"],
    [["todo", "add", "--role", "agent", "--text", "x"], "usage"],
    [["todo", "add", "-g", "g1", "--role", "agent"], "usage"],
    [["status", "-g", "a", "--goal-id", "b"], "conflicting_flags"],
    [["status", "--json", "--json"], "conflicting_flags"],
    [["status", "--json", "--format", "markdown"], "conflicting_flags"],
    [["status", "--color", "--no-color"], "conflicting_flags"],
    [["quota", "spend-slot", "-g", "g1", "--dry-run", "--execute"], "conflicting_flags"],
    [["heartbeat-prompt", "--thin", "--brief"], "conflicting_flags"],
    [["quota", "spend-slot", "-g", "g1", "--run-id", "a", "--run-generated-at", "b"], "conflicting_flags"],
    [["quota", "spend-slot", "-g", "g1", "--slots", "0"], "invalid_value"],
    [["quota", "spend-slot", "-g", "g1", "--slots", "-1"], "invalid_value"],
    [["quota", "spend-slot", "-g", "g1", "--slots", "1.5"], "invalid_value"],
    [["quota", "spend-slot", "-g", "g1", "--slots", "0x1"], "invalid_value"],
    [["quota", "spend-slot", "-g", "g1", "--source", "me"], "invalid_value"],
    [["history", "--limit", "1001"], "invalid_value"],
    [["status", "--locale", "de"], "invalid_value"],
    [["refresh-state", "-g", "g1", "--classification", "x".repeat(121)], "invalid_value"],
    [["status", "--__proto__=x"], "usage"],
    [["status", "--constructor"], "usage"],
    [["status", "--execute"], "usage"],
  ])("%j is refused as %s", (argv, code) => {
    expect(refusal(argv).code).toBe(code);
  });

  test("a refused number is never clamped and the message says the range", () => {
    expect(refusal(["history", "--limit", "0"]).message).toBe('--limit is a whole number from 1 to 1000, not "0"');
  });
});

describe("commands of somebody else (CMD-12)", () => {
  test("what follows the name is not ours, global flags before it become variables", () => {
    expect(readLine(["--registry", "r.json", "-g", "g1", "--json", "loop", "--help", "-x", "--registry=y"], io(), LOOPX)).toMatchObject({
      kind: "outside",
      name: "loop",
      args: ["--help", "-x", "--registry=y"],
      variables: { LOOPX_REGISTRY: "/work/here/r.json", LOOPX_GOAL_ID: "g1", LOOPX_FORMAT: "json" },
    });
  });

  test("no flag before the name is lost: those without a variable become an argument or are refused", () => {
    const outside = (...argv: string[]) => readLine(argv, io(), LOOPX);
    expect(outside("--help", "loop", "x")).toMatchObject({ kind: "outside", args: ["--help", "x"] });
    expect(outside("--no-color", "loop")).toMatchObject({ variables: { NO_COLOR: "1" } });
    expect(outside("--color", "loop")).toMatchObject({ variables: { FORCE_COLOR: "1", NO_COLOR: "" } });
    expect(outside("--version", "loop").kind).toBe("version");
    expect(refusal(["--verbose", "loop"])).toMatchObject({ code: "usage", hint: "loopx loop --verbose" });
    expect(refusal(["-g", "a", "-g", "b", "loop"]).code).toBe("conflicting_flags");
    expect(refusal(["--registry", "a", "--registry", "b", "loop"]).code).toBe("conflicting_flags");
  });

  test("a built-in name wins, an impossible name is no command", () => {
    expect(readLine(["status"], io(), LOOPX).kind).toBe("command");
    expect(refusal(["../evil"]).code).toBe("unknown_command");
    expect(refusal(["Loop"]).code).toBe("unknown_command");
  });
});

describe("help and version", () => {
  test("--help anywhere asks for the help of what stands there", () => {
    expect(readLine([], io(), LOOPX)).toMatchObject({ kind: "help", row: null });
    expect(readLine(["quota", "-h"], io(), LOOPX)).toMatchObject({ kind: "help", row: { path: ["quota", "status"] } });
    expect(readLine(["todo", "--help"], io(), LOOPX)).toMatchObject({ kind: "help", row: null, group: "todo" });
    expect(readLine(["todo", "add", "--help"], io(), LOOPX)).toMatchObject({ kind: "help", row: { path: ["todo", "add"] } });
  });

  test("--version anywhere asks for the version (CMD-1)", () => {
    for (const argv of [
      ["--version", "--json"],
      ["status", "--version"],
      ["-V", "todo", "add"],
      ["no-such", "-V"],
    ])
      expect([argv, readLine(argv, io(), LOOPX).kind]).toEqual([argv, argv[0] === "no-such" ? "outside" : "version"]);
  });

  test("a flag that one command repeats stands once where another takes one, and twice is refused there", () => {
    const words = ["should-run", "-g", "parser", "--agent-id", "codex-main"];
    expect(command(words).input).toMatchObject({ agent_id: "codex-main" });
    expect(command(["register-agent", "-g", "parser", "--agent-id", "a", "--agent-id", "b"]).input).toMatchObject({ agent_id: ["a", "b"] });
    expect(refusal([...words, "--agent-id", "other"]).code).toBe("conflicting_flags");
  });
});

/** An outside name is looked for before it is refused; without a program it is refused as here. */
function caught(argv: string[]): LoopxError {
  try {
    const line = readLine(argv, io(), LOOPX);
    if (line.kind === "outside") return unknownCommand(LOOPX, line.name);
  } catch (error) {
    if (error instanceof LoopxError) return error;
    throw error;
  }
  throw new Error(`${argv.join(" ")} was accepted`);
}
