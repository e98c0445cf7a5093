/** Every golden card by name: the calls of spec section 8 and one card for each way a card can look. */
import {
  buildGateCard,
  buildGateResolvedCard,
  buildHeartbeatCard,
  buildLarkMarkdownReplyCard,
  buildProgressCard,
  buildStatusCard,
  DIALECTS,
  type Card,
  type Dialect,
  type GateResolvedInput,
  type HeartbeatInput,
  type ProgressInput,
  type StatusInput,
} from "../src/index.ts";
import type { Locale } from "@loopx/core/domain";

/** A kind of card; the previews have one page each. */
export const FAMILIES = ["reply", "status", "progress", "gate", "gate-resolved", "heartbeat"] as const;
export type Family = (typeof FAMILIES)[number];

export interface Golden {
  readonly name: string;
  readonly family: Family;
  readonly card: Card;
}

const BASE = "1a2b3c4d5e6f708192a3b4c5d6e7f80912345678";
const CANDIDATE = "9f8e7d6c5b4a39281706f5e4d3c2b1a098765432";
const AT = "2026-11-21T09:30:00+08:00";

/** The text in both languages. */
interface Both {
  readonly en: string;
  readonly zh: string;
}

const both = (en: string, zh: string): Both => ({ en, zh });

const REPORT = `# Nested lists

The parser reads lists to any depth.

> Measured on 1,200 documents.

| case | before | after |
|---|---|---|
| flat | ok | ok |
| nested | lost | ok |

- \`parse.ts\`: 40 lines
- tests: [report](https://example.com/report)

\`\`\`ts
const tree = parse("- a\\n  - b");
\`\`\``;

const REPORT_ZH = `# 嵌套列表

解析器可以读取任意深度的列表。

> 在 1,200 份文档上测量。

- 修改 **40** 行
- 测试见 [报告](https://example.com/report)`;

const STATUS: Readonly<Record<string, StatusInput & { readonly text: Both; readonly action: Both }>> = {
  eligible: {
    goal_id: "parser",
    state: "eligible",
    severity: "action",
    waiting_on: "codex",
    text: both("The next open todo is free.", "下一个待办可以开始。"),
    action: both("Read nested lists by indentation.", "按缩进读取嵌套列表。"),
    quota: { spent_slots: 3, allowed_slots: 24 },
  },
  "operator-gate": {
    goal_id: "parser",
    state: "operator_gate",
    severity: "action",
    waiting_on: "user_or_controller",
    text: both("An open question stops the goal.", "一个未回答的问题使目标停下。"),
    action: both("Answer: may lists nest by indentation?", "请回答:列表可以按缩进嵌套吗?"),
    user_todos: {
      open_count: 7,
      next: ["May lists nest by <indentation>?", "Which *mark* ends a list?", "Keep tabs?"].map((text) => ({ text })),
    },
    link: "https://example.com/goals/parser",
  },
  unhealthy: {
    goal_id: "parser",
    state: "blocked_health",
    severity: "high",
    waiting_on: "controller",
    text: both("The goal state cannot be read: line 14.", "目标状态无法读取:第 14 行。"),
    action: both("Repair the named line.", "修复所指的行。"),
    agent_command: "loopx why -g parser",
  },
  throttled: {
    goal_id: "parser",
    state: "throttled",
    severity: "watch",
    waiting_on: "none",
    text: both("All slots of the window are spent.", "本窗口的配额已用完。"),
    action: both("Wait for the next slot.", "等待下一个配额。"),
    quota: { spent_slots: 24, allowed_slots: 24 },
  },
  waiting: {
    goal_id: "parser",
    state: "waiting",
    severity: "watch",
    waiting_on: "external_evidence",
    text: both("A build elsewhere has not ended.", "外部构建尚未结束。"),
    action: both("Look again when it has.", "结束后再查看。"),
  },
  paused: {
    goal_id: "parser",
    state: "paused",
    severity: "watch",
    waiting_on: "none",
    text: both("The goal is paused.", "目标已暂停。"),
    action: both("Resume it to go on.", "恢复后继续。"),
  },
  other: {
    goal_id: "loopx-global",
    state: null,
    status: "registered elsewhere",
    waiting_on: "codex",
    text: both("The global registry names another project.", "全局注册表指向另一个项目。"),
    action: both("Sync the registry.", "同步注册表。"),
  },
};

const CYCLE: Omit<ProgressInput, "phases"> = {
  cycle_id: "cycle_20261121_0930",
  goal_id: "parser",
  profile: "worktree",
  base_sha: BASE,
  attempt: 1,
  max_attempts: 5,
  elapsed_seconds: 42,
};

const PROGRESS: Readonly<Record<string, ProgressInput>> = {
  running: {
    ...CYCLE,
    phases: [
      { id: "build", state: "passed", detail: "12 s" },
      { id: "fast_gate", label: "fast gate", state: "running" },
      { id: "slow_gate", label: "slow gate", state: "pending" },
    ],
  },
  fixing: {
    ...CYCLE,
    attempt: 2,
    candidate_sha: CANDIDATE,
    elapsed_seconds: 372,
    phases: [
      { id: "build", state: "passed" },
      { id: "fast_gate", label: "fast gate", state: "failed", detail: "unit, exit 1" },
      { id: "fix", state: "running", detail: "codex" },
    ],
  },
  promoted: {
    ...CYCLE,
    attempt: 2,
    candidate_sha: CANDIDATE,
    elapsed_seconds: 3_905,
    result: "promoted",
    phases: [
      { id: "build", state: "passed" },
      { id: "fast_gate", label: "fast gate", state: "passed" },
      { id: "slow_gate", label: "slow gate", state: "skipped" },
      { id: "promote", state: "passed" },
    ],
  },
};

const GATE = {
  goal_id: "g1",
  gate: "promote",
  nonce: "0".repeat(32),
  expires_at: 1_800_000_000,
};
const QUESTION = both("May 9f8e7d6c5b4a go to main?\nIt changes 3 files.", "允许 9f8e7d6c5b4a 合入 main 吗?\n它修改了 3 个文件。");
const SUMMARY = both(
  "Fast gate passed.\n- 2 fixes by codex\n- no file outside src/",
  "快速门禁已通过。\n- codex 修复了 2 处\n- 没有改动 src/ 之外的文件",
);
const REASON = both("Decided in Lark by an allowed operator", "由允许的操作者在飞书中决定");
const DECIDED: readonly GateResolvedInput["decision"][] = ["approve", "reject", "defer", "expired", "superseded"];

const RUNS: Readonly<Record<string, HeartbeatInput>> = {
  delivered: {
    goal_id: "parser",
    classification: "nested_lists_read",
    delivery_outcome: "primary_goal_outcome",
    delivery_batch_scale: "multi_surface",
    delivery_evidence: {
      artifacts: ["src/parse.ts", "src/parse.test.ts", "docs/lists.md", "src/list.ts", "src/tree.ts", "CHANGELOG.md"],
      validation: "npm test: 212 passed",
    },
    recommended_action: "Read definition lists.",
    agent_id: "codex-main",
    run_id: "run_7f3a",
    generated_at: AT,
    quota: { spent_slots: 4, allowed_slots: 24 },
  },
  surface: {
    goal_id: "parser",
    classification: "documentation_pass",
    summary: "Reworded three pages; no behaviour changed.",
    delivery_outcome: "surface_only",
    delivery_batch_scale: "single_surface",
    recommended_action: "Deliver the next outcome of the goal.",
    run_id: "run_7f3b",
    generated_at: AT,
  },
  observed: {
    goal_id: "parser",
    classification: "state_refreshed",
    recommended_action: "Wait for the build.",
    run_id: "run_7f3c",
    generated_at: AT,
  },
};

/** All goldens, in the order in which a person looks at them. */
export function goldens(): readonly Golden[] {
  return [...replies(), ...status(), ...progress(), ...gates(), ...resolved(), ...heartbeats()];
}

function variants(family: Family, name: string, build: (dialect: Dialect, locale: Locale) => Card): readonly Golden[] {
  return DIALECTS.flatMap((dialect) =>
    (["en", "zh"] as const).map((locale) => ({ family, name: `${family}-${name}.${dialect}.${locale}`, card: build(dialect, locale) })),
  );
}

function replies(): readonly Golden[] {
  const family = "reply" as const;
  const reply = buildLarkMarkdownReplyCard;
  const bounded = reply("**Done**\n- Validated the bounded change", { title: "LoopX result", template: "green" });
  return [
    { family, name: "reply-bounded", card: bounded },
    { family, name: "reply-footer", card: reply("body", { footer: "LoopX automated reply" }) },
    { family, name: "reply-heading.2.0", card: reply("# Done\n\nok", { dialect: "2.0", footer: "f" }) },
    { family, name: "reply-blank", card: reply(null) },
    { family, name: "reply-cut", card: reply("A sentence that is said again and again. ".repeat(20), { max_markdown_chars: 200 }) },
    { family, name: "reply-mention", card: reply("Ready for review.", { mentions: { open_ids: ["ou_7f3a"], all: true } }) },
    ...variants(family, "report", (dialect, locale) =>
      reply(locale === "en" ? REPORT : REPORT_ZH, { dialect, locale, footer: "parser · run_7f3a" }),
    ),
  ];
}

function status(): readonly Golden[] {
  return Object.entries(STATUS).flatMap(([name, { text, action, ...input }]) =>
    variants("status", name, (dialect, locale) =>
      buildStatusCard({ ...input, reason: text[locale], recommended_action: action[locale], updated_at: AT, dialect, locale }),
    ),
  );
}

function progress(): readonly Golden[] {
  return Object.entries(PROGRESS).flatMap(([name, input]) =>
    variants("progress", name, (dialect, locale) => buildProgressCard({ ...input, dialect, locale })),
  );
}

function gates(): readonly Golden[] {
  return [
    ...variants("gate", "buttons", (dialect, locale) =>
      buildGateCard({ ...GATE, question: QUESTION[locale], callbacks: true, dialect, locale }),
    ),
    ...variants("gate", "text", (dialect, locale) =>
      buildGateCard({
        ...GATE,
        question: QUESTION[locale],
        summary: SUMMARY[locale],
        agent_command: "loopx read-only-map --goal-id g1 --dry-run",
        sha: CANDIDATE,
        callbacks: false,
        dialect,
        locale,
      }),
    ),
  ];
}

function resolved(): readonly Golden[] {
  return DECIDED.flatMap((decision) =>
    variants("gate-resolved", decision, (dialect, locale) =>
      buildGateResolvedCard({
        goal_id: "g1",
        gate: "promote",
        question: QUESTION[locale],
        decision,
        ...(decision === "expired" || decision === "superseded" ? {} : { decided_by: "3f9a1c22", reason_summary: REASON[locale] }),
        decided_at: AT,
        run_id: "run_7f3d",
        sha: CANDIDATE,
        dialect,
        locale,
      }),
    ),
  );
}

function heartbeats(): readonly Golden[] {
  return Object.entries(RUNS).flatMap(([name, run]) =>
    variants("heartbeat", name, (dialect, locale) => buildHeartbeatCard({ ...run, dialect, locale })),
  );
}
