/** Every example is run for real, by the Node and the built packages that a reader has. */
import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { runInNewContext } from "node:vm";
import { rolldown } from "rolldown";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { cleanRoom, type CleanRoom, type Outcome } from "./clean-room.ts";
import { ROOT, sources } from "./sources.ts";

const example = (name: string): string => join(ROOT, "examples", name);

let room: CleanRoom;

beforeEach(() => {
  room = cleanRoom();
});

afterEach(() => room.remove());

/** One command of the set-up; it has to succeed. */
function loopx(...words: string[]): string {
  const { code, stdout, stderr } = room.run("loopx", words);
  expect(stderr).toBe("");
  expect(code).toBe(0);
  return stdout;
}

describe("examples", () => {
  it("open with a few lines that say what they show", () => {
    // JSON knows no comments.
    for (const { path, text } of sources("examples", "").filter((source) => !source.path.endsWith(".json"))) {
      const comment = text.split("\n").filter((line) => !line.startsWith("#!"));
      const length = comment.findIndex((line) => !/^(?:\/\/|#)/.test(line));
      expect([path, length >= 2 && length <= 4]).toEqual([path, true]);
    }
  });
});

describe("library.mjs", () => {
  it("connects, decides, records, pays once and leaves nothing behind", () => {
    const { code, stdout, stderr } = room.run(process.execPath, [example("library.mjs")]);
    expect([code, stderr]).toEqual([0, ""]);
    expect(stdout.trimEnd().split("\n")).toEqual([
      "goal state: created",
      "run [advance_todo] [P1] Inspect the goal and the project, then write the first bounded plan. (exit 0)",
      "now: [P0] Read nested lists",
      "recorded parser_result, paid 1 slot, a second payment: spend_refused",
      "history: quota_slot_spent, parser_result",
    ]);
    expect([readdirSync(room.env["TMPDIR"] ?? ""), readdirSync(room.home).sort()]).toEqual([[], [".local", "parser"]]);
  });
});

describe("memory.mjs", () => {
  it("proves its own sentences and writes no file", () => {
    const { code, stdout, stderr } = room.run(process.execPath, [example("memory.mjs")]);
    expect([code, stderr]).toEqual([0, ""]);
    expect(stdout).toBe("one gate, one stale claim, 3 files in memory\n");
    expect(readdirSync(room.home).sort()).toEqual([".local", "parser"]);
  });
});

describe("browser.mjs", () => {
  /** The example as a page gets it: bundled, and run where there is no Node. */
  async function inPage(expression: string): Promise<unknown> {
    const built = await rolldown({ input: example("browser.mjs"), platform: "browser", logLevel: "silent" });
    const { output } = await built.generate({ format: "iife", name: "page" });
    await built.close();
    return JSON.parse(String(runInNewContext(`${output[0].code};\nJSON.stringify(${expression});`, { TextDecoder })));
  }

  it("marks the question a person has to answer", async () => {
    expect(await inPage("page.show(page.SAMPLE)")).toEqual([
      { todo_id: "todo_grammar", text: "Confirm the grammar", asks: true },
      { todo_id: "todo_lists", text: "[P1] Read nested lists", asks: false },
    ]);
  });

  it("closes a todo, changes no other line, and says why it may not", async () => {
    const closed = (await inPage('page.close(page.SAMPLE, "todo_grammar", "yes", new Date(1_800_000_000_000))')) as {
      text: string;
      refused: null;
    };
    const sample = (await inPage("page.SAMPLE.split('\\n')")) as string[];
    const lines = closed.text.split("\n");
    expect(lines.filter((line, at) => line !== sample[at])).toEqual([
      "- [x] Confirm the grammar",
      expect.stringContaining("todo_id=todo_grammar status=done evidence=yes"),
    ]);
    expect(await inPage('page.close(page.SAMPLE, "todo_none", "yes", new Date(0)).refused')).toContain("todo_none");
  });

  it("tells todos without a written id apart", async () => {
    const shown = (await inPage('page.show("## Agent Todo\\n\\n- [ ] One\\n- [ ] Two\\n")')) as { todo_id: string }[];
    expect(new Set(shown.map(({ todo_id }) => todo_id)).size).toBe(2);
  });
});

describe("adapter.mjs", () => {
  const adapter = (...words: string[]): Outcome => room.run(process.execPath, [example("adapter.mjs"), ...words]);

  it("prints one recommended action and appends it to the history", () => {
    loopx("connect", "-g", "parser", "--gitignore");
    const { code, stdout, stderr } = adapter("parser");
    expect([code, stderr]).toEqual([0, ""]);
    const report = JSON.parse(stdout) as Record<string, unknown>;
    expect(Object.keys(report)).toEqual(["classification", "recommended_action", "warnings", "guards"]);
    expect(report["classification"]).toBe("needs_validation");
    const { runs } = JSON.parse(loopx("history", "-g", "parser", "--json")) as { runs: Record<string, unknown>[] };
    expect(runs).toMatchObject([{ classification: "needs_validation", recommended_action: report["recommended_action"] }]);
  });

  it("counts as no delivery, however often it looks", () => {
    loopx("connect", "-g", "parser", "--gitignore");
    for (const _look of [1, 2, 3, 4]) expect(adapter("parser").code).toBe(0);
    expect(loopx("should-run", "-g", "parser")).toContain("run parser [advance_todo]");
  });

  it("appends nothing on a dry run and nothing for an unknown goal", () => {
    loopx("connect", "-g", "parser", "--gitignore");
    expect(adapter("parser", "--dry-run").code).toBe(0);
    expect(adapter("nobody")).toMatchObject({ code: 2, stderr: expect.stringContaining("nobody") });
    expect(JSON.parse(loopx("history", "--json"))).toMatchObject({ run_count: 0 });
  });
});

describe("shell-loop.sh", () => {
  const loop = (agent: string, goal = "parser"): Outcome => room.run("sh", [example("shell-loop.sh"), goal], { AGENT: agent });

  it("hands the prompt to the agent by standard input when the goal may run", () => {
    loopx("connect", "-g", "parser");
    const { code, stdout } = loop("sed 's/^/agent: /'");
    expect(code).toBe(0);
    expect(stdout).toContain("run parser [advance_todo]");
    expect(stdout).toContain("agent: Advance goal `parser`");
  });

  it("starts no agent while a person has to answer, and says who and how", () => {
    loopx("connect", "-g", "parser");
    loopx("todo", "add", "-g", "parser", "--role", "user", "--text", "Confirm the grammar");
    const { code, stdout } = loop("echo started");
    expect(code).toBe(11);
    expect(stdout).not.toContain("started");
    expect(stdout).toContain("loopx todo complete --goal-id parser");
  });

  it("is quiet and content when there is nothing to do", () => {
    loopx("connect", "-g", "parser");
    const state = join(room.project, ".codex", "goals", "parser", "ACTIVE_GOAL_STATE.md");
    writeFileSync(
      state,
      "## Agent Todo\n\n- [ ] Look at the nightly build\n  <!-- loopx:todo todo_id=todo_nightly task_class=continuous_monitor -->\n",
    );
    const { code, stdout } = loop("echo started");
    expect([code, stdout.split("\n").length]).toEqual([0, 2]);
    expect(stdout).toContain("[monitor_quiet]");
  });

  it("fails with the agent, and with LoopX when the goal is unknown", () => {
    loopx("connect", "-g", "parser");
    expect(loop("cat > /dev/null; exit 7").code).toBe(1);
    expect(loop("echo started", "nobody").code).toBe(2);
  });

  it("wants an agent and a goal", () => {
    expect(room.run("sh", [example("shell-loop.sh"), "parser"]).stderr).toContain("AGENT");
    expect(room.run("sh", [example("shell-loop.sh")], { AGENT: "cat" }).stderr).toContain("GOAL");
  });
});
