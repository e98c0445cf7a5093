/** The tables of the specification, word for word: names, labels, templates, roots and blocks (LRK-1, LRK-3, LRK-4, LRK-10 to LRK-12, LRK-31 to LRK-33, LRK-45). */
import { describe, expect, it } from "vitest";
import * as crypto from "../src/crypto/index.ts";
import * as main from "../src/index.ts";
import { LABELS, partyLabel, stateLabel } from "../src/labels.ts";
import * as schema from "../src/schema/index.ts";

const GATE = { goal_id: "g1", gate: "promote", question: "Go?", nonce: "a".repeat(32), expires_at: 1_800_000_000, callbacks: true };
const CYCLE = {
  cycle_id: "c1",
  profile: "lark",
  base_sha: "a".repeat(40),
  attempt: 1,
  max_attempts: 5,
  phases: [],
  elapsed_seconds: 0,
};

/** One card of every builder, with whether it may be forwarded and whether it is updated. */
const BUILT = (dialect: main.Dialect): readonly (readonly [string, main.Card, boolean, boolean])[] => [
  ["reply", main.buildLarkMarkdownReplyCard("x", { dialect }), true, false],
  ["status", main.buildStatusCard({ goal_id: "g1", dialect }), true, false],
  ["progress", main.buildProgressCard({ ...CYCLE, dialect }), false, true],
  ["gate", main.buildGateCard({ ...GATE, dialect }), false, true],
  ["resolved", main.buildGateResolvedCard({ goal_id: "g1", gate: "promote", question: "Go?", decision: "approve", dialect }), false, true],
];

describe("the package", () => {
  it("offers what the specification names (LRK-1)", () => {
    expect(Object.keys(main)).toEqual(
      expect.arrayContaining([
        "buildLarkMarkdownReplyCard",
        "buildStatusCard",
        "buildProgressCard",
        "buildGateCard",
        "buildGateResolvedCard",
        "compactMarkdown",
        "compactPlainText",
        "escapeText",
        "sanitizeMarkdown",
        "measure",
        "fitCard",
        "toAppMessage",
        "toReplyMessage",
        "toUpdateMessage",
        "toWebhookMessage",
        "toTextMessage",
        "extractReplyMessageId",
        "readReplyMessageId",
        "parseCardAction",
        "decideGate",
      ]),
    );
    expect(Object.keys(crypto).sort()).toEqual(["callbackSignature", "signWebhook", "verifyCallback"]);
    expect(Object.keys(schema)).toEqual(expect.arrayContaining(["cardV1Schema", "cardV2Schema", "validateCard"]));
  });

  it("knows the platform's thirteen header colours (LRK-11)", () => {
    const words = "blue wathet turquoise green yellow orange red carmine violet purple indigo grey default";
    expect(main.TEMPLATES).toEqual(words.split(" "));
  });
});

describe("a root (LRK-3, LRK-10)", () => {
  it.each(BUILT("1.0"))("of a %s in 1.0 has its keys in their order", (_, card, forward, updated) => {
    expect(Object.keys(card)).toEqual(["config", "header", "elements"]);
    expect(card.config).toEqual({ wide_screen_mode: true, enable_forward: forward, ...(updated ? { update_multi: true } : {}) });
    expect(Object.keys(card.header)).toEqual(["template", "title"]);
  });

  it.each(BUILT("2.0"))("of a %s in 2.0 has its keys in their order, and its title in the chat list", (_, card, forward) => {
    expect(Object.keys(card)).toEqual(["schema", "config", "header", "body"]);
    expect(JSON.stringify(card.config)).toBe(
      JSON.stringify({
        update_multi: true,
        enable_forward: forward,
        enable_forward_interaction: false,
        width_mode: "default",
        summary: { content: card.header.title.content },
      }),
    );
  });
});

describe("blocks (LRK-12)", () => {
  const link = { goal_id: "g1", link: "https://example.com/x", state: "eligible" };
  const linked = (dialect: main.Dialect): string => JSON.stringify(main.buildStatusCard({ ...link, dialect }));
  const asked = (dialect: main.Dialect): string => JSON.stringify(main.buildGateCard({ ...GATE, dialect }));

  it("have the one shape of 1.0", () => {
    expect(linked("1.0")).toContain(
      '{"tag":"action","actions":[{"tag":"button","text":{"tag":"plain_text","content":"Open"},"type":"default","url":"https://example.com/x"}]}',
    );
    expect(asked("1.0")).toContain('{"tag":"hr"}');
    expect(asked("1.0")).toMatch(/\{"tag":"note","elements":\[\{"tag":"plain_text","content":"g1 · promote · expires [^"]*"\}\]\}/);
  });

  it("have the one shape of 2.0", () => {
    expect(linked("2.0")).toContain('"behaviors":[{"type":"open_url","default_url":"https://example.com/x"}]');
    expect(asked("2.0")).toMatch(/\{"tag":"column_set","flex_mode":"flow","columns":\[\{"tag":"column","width":"auto","elements":\[/);
    expect(asked("2.0")).toContain('"behaviors":[{"type":"callback","value":{"v":1,"kind":"loopx_gate"');
    expect(asked("2.0")).toMatch(/"content":"g1 · promote · expires [^"]*","text_size":"notation"\}/);
  });
});

describe("a gate (LRK-31, LRK-32, LRK-33)", () => {
  it("is orange, names its goal, and has its answers in one order with ids of their own", () => {
    const card = main.buildGateCard({ ...GATE, sha: "1".repeat(40), dialect: "2.0" });
    expect([card.header.template, card.header.title.content]).toEqual(["orange", "Approval needed: g1"]);
    expect(JSON.stringify(card).match(/"element_id":"gate_\w+"/g)).toEqual(
      ["approve", "reject", "defer"].map((word) => `"element_id":"gate_${word}"`),
    );
    expect(JSON.stringify(card).match(/"type":"(?:primary|danger|default)"/g)).toEqual(
      ["primary", "danger", "default"].map((type) => `"type":"${type}"`),
    );
    const keys = [...JSON.stringify(card).matchAll(/"value":(\{[^}]*\})/g)].map(([, value]) =>
      Object.keys(JSON.parse(value ?? "{}")).join(),
    );
    expect(new Set(keys)).toEqual(new Set(["v,kind,goal_id,gate,decision,nonce,exp,sha"]));
  });
});

describe("labels (LRK-4, LRK-45)", () => {
  const TABLE: Readonly<Record<string, readonly [string, string]>> = {
    waits_for: ["waits for", "等待"],
    next: ["next", "下一步"],
    gate_title: ["Approval needed", "需要确认"],
    approve: ["Approve", "同意"],
    reject: ["Reject", "拒绝"],
    defer: ["Later", "暂缓"],
    confirm_title: ["Record this decision?", "确认记录这个决定?"],
    no_buttons: ["Or run one of these commands:", "或运行以下命令之一:"],
    expires: ["expires", "截止"],
    you: ["you", "你"],
    agent: ["agent", "智能体"],
    evidence: ["external evidence", "外部证据"],
    none: ["nobody", "无"],
    eligible: ["can run", "可以运行"],
    operator_gate: ["waits for you", "等你决定"],
    blocked_health: ["unhealthy", "异常"],
    throttled: ["quota used up", "配额用完"],
    waiting: ["waiting", "等待中"],
    focus_wait: ["focus wait", "聚焦等待"],
    paused: ["paused", "已暂停"],
    approved: ["Approved", "已同意"],
    rejected: ["Rejected", "已拒绝"],
    deferred: ["Deferred", "已暂缓"],
    expired: ["Expired", "已过期"],
    superseded: ["Superseded", "已被替代"],
    no_text: ["(no text)", "(无内容)"],
  };

  it.each(Object.entries(TABLE))("%s is %j", (key, [en, zh]) => {
    expect([LABELS.en, LABELS.zh].map((labels) => (labels as Record<string, string>)[key])).toEqual([en, zh]);
  });

  it("are the same in both languages, none of them empty; given texts are not translated", () => {
    expect(Object.keys(LABELS.zh).sort()).toEqual(Object.keys(LABELS.en).sort());
    expect([...Object.values(LABELS.en), ...Object.values(LABELS.zh)].filter((label) => label === "")).toEqual([]);
    expect(JSON.stringify(main.buildStatusCard({ goal_id: "g1", reason: "Approve", locale: "zh" }))).toContain("Approve");
    expect([partyLabel("controller", "zh"), stateLabel("eligible", "zh"), stateLabel("odd", "zh")]).toEqual(["你", "可以运行", "odd"]);
  });
});
