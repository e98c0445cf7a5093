/** What each card says, and which inputs are refused. Whole cards stand in `test/golden/`. */
import { describe, expect, it } from "vitest";
import type { Card } from "../card/blocks.ts";
import { TEMPLATES } from "../card/words.ts";
import { LarkCardError } from "../input.ts";
import { cardText, textsOf } from "../message/card-texts.ts";
import { buildGateResolvedCard } from "./gate-resolved.ts";
import { buildGateCard, type GateInput } from "./gate.ts";
import { buildHeartbeatCard } from "./heartbeat.ts";
import { buildProgressCard } from "./progress.ts";
import { buildLarkMarkdownReplyCard, type ReplyOptions } from "./reply.ts";
import { buildStatusCard, type StatusInput } from "./status.ts";

const GATE: GateInput = {
  goal_id: "g1",
  gate: "promote",
  question: "Go?",
  nonce: "a".repeat(32),
  expires_at: 1_800_000_000,
  callbacks: true,
};

function issuesOf(build: () => Card): readonly string[] {
  try {
    build();
    return [];
  } catch (error) {
    if (!(error instanceof LarkCardError)) throw error;
    return error.issues.map(({ path, message }) => `${path}: ${message}`);
  }
}

const unchecked = (value: unknown) => value as never;

describe("a reply (LRK-20 to LRK-23)", () => {
  it("without anything to see says so", () => {
    for (const text of ["", " \n\t", "\u200b", null, undefined]) expect(textsOf(buildLarkMarkdownReplyCard(text))).toEqual(["(no text)"]);
    expect(textsOf(buildLarkMarkdownReplyCard("", { locale: "zh" }))).toEqual(["(无内容)"]);
  });

  it("has a title and a footer of one line each, within their limits", () => {
    const card = buildLarkMarkdownReplyCard("x", { title: "t\n".repeat(10_000), footer: "f ".repeat(500) });
    expect(card.header.title.content).toHaveLength(72);
    expect(JSON.stringify(card)).toMatch(/"content":"(?:f ){46}f\.\.\."/);
    expect(buildLarkMarkdownReplyCard("x", { title: " " }).header.title.content).toBe("LoopX result");
    expect(JSON.stringify(buildLarkMarkdownReplyCard("x", { footer: " \u200b" }))).not.toContain("note");
  });

  it("mentions whom its options name, and all only when that is allowed as well (LRK-43)", () => {
    const last = (options: ReplyOptions) => textsOf(buildLarkMarkdownReplyCard("x", options)).at(-1);
    expect(last({ mentions: { open_ids: ["ou_a", "ou_b"] } })).toBe("<at id=ou_a></at> <at id=ou_b></at>");
    expect(last({ mentions: { all: true } })).toBe("x");
    expect(last({ mentions: { all: true }, allow_mention_all: true })).toBe("<at id=all></at>");
  });

  it("with six tables in 2.0 has five and a block of code (LRK-14)", () => {
    const texts = textsOf(buildLarkMarkdownReplyCard("|a|b|\n|-|-|\n|1|2|\n\n".repeat(6), { dialect: "2.0" }));
    expect(texts).toHaveLength(2);
    expect(texts.join("\n").split("```")).toHaveLength(3);
  });

  it("names every wrong option (LRK-2)", () => {
    const wrong = { template: "pink", footr: "x", max_markdown_chars: 0, mentions: { open_ids: ["all"] } };
    expect(issuesOf(() => buildLarkMarkdownReplyCard("x", unchecked(wrong)))).toEqual([
      `template: is one of ${TEMPLATES.join(", ")}`,
      "max_markdown_chars: is a whole number from 1 to 100000",
      "mentions.open_ids.0: is an open id",
      "footr: is not known",
    ]);
    expect(issuesOf(() => buildLarkMarkdownReplyCard(unchecked(7)))).toEqual(["markdown: is a text"]);
  });
});

describe("a status card (LRK-25 to LRK-27)", () => {
  it.each<[Partial<StatusInput>, string]>([
    [{ severity: "high", state: "paused" }, "red"],
    [{ state: "blocked_health" }, "red"],
    [{ state: "paused", waiting_on: "controller" }, "grey"],
    [{ state: "operator_gate" }, "orange"],
    [{ state: "eligible", waiting_on: "user_or_controller" }, "orange"],
    [{ state: "waiting", waiting_on: "controller" }, "orange"],
    [{ state: "throttled" }, "yellow"],
    [{ state: "waiting" }, "wathet"],
    [{ state: "focus_wait" }, "wathet"],
    [{ state: "eligible", waiting_on: "codex" }, "green"],
    [{ state: "unknown" }, "blue"],
    [{}, "blue"],
  ])("for %j is %j (LRK-26)", (input, template) => {
    expect(buildStatusCard({ goal_id: "g1", ...input }).header.template).toBe(template);
  });

  it("lists five todos and counts the rest", () => {
    const next = ["a", "b", "c", "d", "e", "f"].map((text) => ({ text }));
    expect(cardText(buildStatusCard({ goal_id: "g1", user_todos: { open_count: 9, next } }))).toContain(
      "- a\n- b\n- c\n- d\n- e\n- +4 more",
    );
  });

  it("does not show a part of a command, nor a link that is no page", () => {
    expect(cardText(buildStatusCard({ goal_id: "g1", agent_command: "x".repeat(2_001) }))).not.toContain("xxx");
    expect(issuesOf(() => buildStatusCard({ goal_id: "g1", link: "javascript:1" }))).toEqual(["link: is an http or https address"]);
  });

  it("takes an attention item: the person's todos are those of its asset, the status stands for the reason", () => {
    const item = {
      goal_id: "g1",
      status: "waits for an answer",
      state: null,
      quota: null,
      project_asset: { gate: "user_todo", user_todos: { open_count: 1, next: [{ todo_id: "todo_1", text: "Which?" }] } },
      agents: [],
    };
    expect(cardText(buildStatusCard(item))).toBe("g1: waits for an answer\n\nwaits for an answer\n\n- Which?\n\ng1");
  });
});

describe("a progress card (LRK-28, LRK-29)", () => {
  const cycle = { cycle_id: "c1", profile: "lark", base_sha: "a".repeat(40), attempt: 1, max_attempts: 5, phases: [], elapsed_seconds: 0 };

  it.each([
    [null, "blue"],
    ["validated", "green"],
    ["promoted", "green"],
    ["awaiting_gate", "orange"],
    ["skipped_quota", "grey"],
    ["busy", "grey"],
    ["base_moved", "grey"],
    ["fix_exhausted", "red"],
  ])("with result %j is %j", (result, template) => {
    expect(buildProgressCard({ ...cycle, result }).header.template).toBe(template);
  });

  it("keeps its element ids from update to update, and counts minutes past the hour", () => {
    const ids = (card: Card) => JSON.stringify(card).match(/"element_id":"\w+"/g);
    const first = buildProgressCard({ ...cycle, phases: [{ id: "build", state: "running" }], dialect: "2.0" });
    const later = buildProgressCard({
      ...cycle,
      phases: [{ id: "build", state: "passed", detail: "2 s" }],
      elapsed_seconds: 4_503,
      dialect: "2.0",
    });
    expect(ids(first)).toEqual(['"element_id":"phases"', '"element_id":"shas"']);
    expect(ids(later)).toEqual(ids(first));
    expect(cardText(later)).toContain("75:03");
  });

  it("refuses a twenty-first phase", () => {
    const phases = Array.from({ length: 21 }, (_, at) => ({ id: `p${at}`, state: "pending" as const }));
    expect(issuesOf(() => buildProgressCard({ ...cycle, phases }))).toEqual(["phases: is a list of 0 to 20 items"]);
  });
});

describe("a gate card (LRK-30 to LRK-34)", () => {
  it("has no button where nobody hears it (LRK-113)", () => {
    for (const dialect of ["1.0", "2.0"] as const) {
      expect(JSON.stringify(buildGateCard({ ...GATE, callbacks: false, dialect }))).not.toContain("button");
      expect(JSON.stringify(buildGateCard({ ...GATE, dialect })).split('"tag":"button"')).toHaveLength(4);
    }
  });

  it("offers the allowed answers only, as buttons and as commands, in their order", () => {
    const card = buildGateCard({ ...GATE, allow: ["defer", "approve"] });
    expect(JSON.stringify(card).match(/"decision":"\w+"/g)).toEqual(['"decision":"approve"', '"decision":"defer"']);
    expect(cardText(card).match(/--decision \w+/g)).toEqual(["--decision approve", "--decision defer"]);
  });

  it("quotes the commands for a shell, in a fence of their own", () => {
    const card = buildGateCard({ ...GATE, gate: "it's ```" });
    expect(textsOf(card).at(-1)).toContain("````\nloopx operator-gate --goal-id g1 --gate 'it'\\''s ```' --decision approve");
    expect(textsOf(buildGateCard({ ...GATE, fallback_commands: ["loopx x"] })).at(-1)).toContain("```\nloopx x\n```");
  });

  it("refuses what would be shown in part or would not be bound", () => {
    const wrong = { ...GATE, gate: "a\nb", question: " ", nonce: "A", sha: "12", expires_at: 1.5, allow: [] };
    expect(issuesOf(() => buildGateCard(wrong)).map((issue) => issue.split(":")[0])).toEqual([
      "gate",
      "question",
      "sha",
      "nonce",
      "expires_at",
      "allow",
    ]);
    expect(issuesOf(() => buildGateCard({ ...GATE, question: "x".repeat(1_001) }))).toEqual([
      "question: is a text of 1 to 1000 characters",
    ]);
    expect(issuesOf(() => buildGateCard({ ...GATE, goal_id: "../x" }))).toEqual(["goal_id: is a goal id"]);
  });

  it("that is settled has the answer and no button, whatever it was (LRK-35)", () => {
    const templates = (["approve", "reject", "defer", "expired", "superseded"] as const).map((decision) => {
      const card = buildGateResolvedCard({ goal_id: "g1", gate: "promote", question: "Go?", decision });
      expect([JSON.stringify(card).includes("button"), "update_multi" in card.config]).toEqual([false, true]);
      return card.header.template;
    });
    expect(templates).toEqual(["green", "red", "grey", "grey", "grey"]);
  });
});

describe("a heartbeat card", () => {
  it("takes a run of the history as it is", () => {
    const run = {
      goal_id: "g1",
      classification: "done",
      health_check: "x",
      json_exists: true,
      generated_at: "2026-11-21T09:30:00Z",
      run_id: "run_1",
    };
    expect(cardText(buildHeartbeatCard(run))).toBe("g1: done\n\ng1 · run_1 · 2026-11-21T09:30:00Z");
  });

  it.each([
    ["primary_goal_outcome", "green"],
    ["outcome_progress", "turquoise"],
    ["outcome_gap", "orange"],
    ["surface_only", "yellow"],
    ["constructor", "blue"],
    [null, "blue"],
  ])("with outcome %j is %j", (delivery_outcome, template) => {
    expect(buildHeartbeatCard({ goal_id: "g1", classification: "x", delivery_outcome }).header.template).toBe(template);
  });
});
