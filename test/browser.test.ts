/** The pure parts as a browser gets them: one bundle of `@loopx/core/domain` and one of `@loopx/lark-card`, run where there is no Node. */
import { join } from "node:path";
import { runInNewContext } from "node:vm";
import { rolldown } from "rolldown";
import { beforeAll, describe, expect, it } from "vitest";
import { agentTodo, goalFacts } from "../packages/core/src/testing/facts.ts";
import { ROOT } from "./sources.ts";

/** What a page has and this code may use beyond the language itself. */
const BROWSER_GLOBALS = { TextDecoder };

const STATE =
  "# Goal\n\n## Agent Todo\n\n- [ ] [P1] Read nested lists\n  <!-- loopx:todo todo_id=todo_read task_class=advancement_task -->\n";

let bundle = "";

/** The value of an expression over the bundle's exports, as JSON: nothing else leaves the page. */
function inPage(expression: string, given: Record<string, unknown> = {}): unknown {
  const page = { ...BROWSER_GLOBALS, given: JSON.stringify(given) };
  return JSON.parse(String(runInNewContext(`${bundle};\nconst g = JSON.parse(given); JSON.stringify(${expression});`, page)));
}

beforeAll(async () => {
  const built = await rolldown({
    input: "@loopx/core/domain",
    cwd: join(ROOT, "packages", "cli"),
    platform: "browser",
    resolve: { conditionNames: ["@loopx/source", "import", "browser", "default"] },
    logLevel: "silent",
  });
  const { output } = await built.generate({ format: "iife", name: "loopx" });
  await built.close();
  expect(output).toHaveLength(1);
  bundle = output[0].code;
});

describe("@loopx/core/domain in a page", () => {
  it("carries no import of Node and needs nothing from outside", () => {
    expect(bundle).not.toMatch(/["'`]node:|\brequire\(/);
  });

  it("runs without process, Buffer and require", () => {
    expect(inPage("[typeof process, typeof Buffer, typeof require, typeof loopx.decide]")).toEqual([
      "undefined",
      "undefined",
      "undefined",
      "function",
    ]);
  });

  it("decides on facts and says the verdict", () => {
    const now = "{ ms: 1_800_000_000_000, offset_minutes: 0 }";
    const facts = goalFacts({ agent: [agentTodo({ text: "[P1] Read nested lists" })] });
    const verdict = inPage(`loopx.verdictOf(loopx.decide(g.facts, ${now}), g.facts, ${now}, { locale: "zh" })`, { facts });
    expect(verdict).toMatchObject({ rule: "advance_todo", should_run: true, selected_todo: { text: "[P1] Read nested lists" } });
    expect(inPage(`loopx.schemaFaults(loopx.VerdictSchema, g.verdict)`, { verdict })).toEqual([]);
  });

  it("reads a goal state and closes one of its todos", () => {
    const context =
      '{ now: { ms: 1_800_000_000_000, offset_minutes: 0 }, newTodoId: () => "todo_new", agents: { registered: [], primary: null, handoff: null }, claim_ttl_minutes: 30, leases: [] }';
    const state = 'loopx.parseGoalState(g.text, { digest: () => "0".repeat(64), file: "state.md" })';
    expect(inPage(`${state}.todos`, { text: STATE })).toMatchObject([{ todo_id: "todo_read", priority: "P1", status: "open" }]);
    const done = inPage(`loopx.completeTodo(${state}, { todo_id: "todo_read", evidence: "it reads" }, ${context}).text`, { text: STATE });
    expect(done).toContain("- [x] [P1] Read nested lists");
  });

  it("checks a document against its schema, without compiling code", () => {
    expect(
      inPage("loopx.schemaFaults(loopx.SCHEMAS.error, g.answer)", {
        answer: { ok: false, error: { code: "usage", message: "", hint: "", details: {} } },
      }),
    ).toEqual([]);
    expect(inPage("loopx.schemaFaults(loopx.SCHEMAS.error, g.answer)", { answer: { ok: false } })).toEqual(["error: invalid_type"]);
  });
});

describe("@loopx/lark-card in a page", () => {
  let cards: string;

  beforeAll(async () => {
    const built = await rolldown({
      input: "@loopx/lark-card",
      cwd: ROOT,
      platform: "browser",
      resolve: { conditionNames: ["@loopx/source", "import", "browser", "default"] },
      logLevel: "silent",
    });
    const { output } = await built.generate({ format: "iife", name: "larkCard", minify: true });
    await built.close();
    expect(output).toHaveLength(1);
    cards = output[0].code;
  });

  it("is one file of less than 40 kB, without an import of Node and without the schema library", () => {
    expect(Buffer.byteLength(cards)).toBeLessThan(40_000);
    expect(cards).not.toMatch(/["'`]node:|\brequire\(|\bimport\b/);
  });

  it("builds a card, fits it and reads an id back where there is no Node", () => {
    const page = { TextEncoder, Intl };
    const program = `${cards};
      const card = larkCard.buildLarkMarkdownReplyCard("x".repeat(50_000), { max_markdown_chars: 50_000 });
      const { bytes, truncated } = larkCard.fitCard(card, { transport: "app" });
      JSON.stringify([bytes[0] < 28_672, truncated, larkCard.extractReplyMessageId("message_id=om_a"), typeof process]);`;
    expect(JSON.parse(String(runInNewContext(program, page)))).toEqual([true, true, "om_a", "undefined"]);
  });
});

describe("@loopx/core", () => {
  it("loads from its front door, with an action and a host", async () => {
    const core = await import("@loopx/core");
    expect([typeof core.shouldRun, typeof core.openHost, typeof core.LoopxError]).toEqual(["function", "function", "function"]);
  });
});
