/** The table's rows about Lark: cards, notices, and the server that hears answers. */
import type { CommandRow, Flags } from "@loopx/cli/program";
import { CARD_KINDS } from "../lark/cards.ts";

const GOAL = { kind: "text", alias: "g", value: "GOAL", describe: "the goal", env: "LOOPX_GOAL_ID" } as const;
const DIALECT = {
  kind: "choice",
  values: ["1.0", "2.0"],
  default: "1.0",
  describe: "form of the card: 1.0 for every client, 2.0 for those since 7.20",
} as const;
const EXPIRES = { kind: "integer", value: "HOURS", default: 24, min: 1, max: 336, describe: "hours until the question is void" } as const;

export const LARK_CARD_FLAGS = {
  "goal-id": GOAL,
  text: { kind: "text", value: "MARKDOWN", describe: "text of a reply; without it standard input is read" },
  title: { kind: "text", value: "TEXT", describe: "title of a reply" },
  template: { kind: "text", value: "COLOUR", describe: "header colour of a reply" },
  footer: { kind: "text", value: "TEXT", describe: "footer of a reply" },
  gate: { kind: "text", value: "NAME", describe: "name of the gate" },
  question: { kind: "text", value: "TEXT", describe: "what is asked" },
  sha: { kind: "text", value: "SHA", describe: "the commit that the answer is about" },
  "expires-hours": EXPIRES,
  dialect: DIALECT,
} as const;

export const LARK_SEND_FLAGS = {
  text: { kind: "text", value: "TEXT", required: true, describe: "the message" },
  "chat-id": { kind: "text", value: "CHAT", describe: "the chat, where it is not PRIMARY_LARK_CHAT_ID" },
} as const;

export const LARK_GATE_FLAGS = {
  "goal-id": { ...GOAL, required: true },
  gate: { kind: "text", value: "NAME", required: true, describe: "name of the gate" },
  question: { kind: "text", value: "TEXT", required: true, describe: "what is asked" },
  summary: { kind: "text", value: "TEXT", describe: "what a person should know before answering" },
  sha: { kind: "text", value: "SHA", describe: "the commit that the answer is about" },
  "expires-hours": EXPIRES,
  dialect: DIALECT,
} as const;

export const LARK_STATUS_FLAGS = {} as const satisfies Flags;

export const LARK_SERVE_FLAGS = {
  check: { kind: "switch", describe: "say what would be served, then end" },
} as const;

export const LARK: readonly CommandRow[] = [
  {
    path: ["lark", "card"],
    summary: "print a card as JSON, for any sender; nothing is sent",
    kind: "query",
    flags: LARK_CARD_FLAGS,
    positionals: [{ name: "KIND", describe: "what the card shows", values: CARD_KINDS }],
    examples: [
      "loopx-loop lark card reply --title Done < result.md",
      "loopx-loop lark card status -g parser --dialect 2.0",
      'loopx-loop lark card gate -g parser --gate promote --question "May it go to main?"',
    ],
    reads: "standard input, or the goal's files",
    writes: "nothing",
    load: () => import("../commands/lark-card.ts"),
  },
  {
    path: ["lark", "send"],
    summary: "send one message by the driver that the variables name",
    kind: "write",
    flags: LARK_SEND_FLAGS,
    examples: ['loopx-loop lark send --text "Tests passed."'],
    reads: "LARK_*, ZULIP_*, PRIMARY_LARK_CHAT_ID, LOOPX_NOTIFY_DRIVER",
    writes: "a message; with the driver log a line of the log",
    exits: { 1: "the message was refused" },
    load: () => import("../commands/lark-send.ts"),
  },
  {
    path: ["lark", "status"],
    summary: "where messages go, which questions are open, and what did not arrive",
    kind: "query",
    flags: LARK_STATUS_FLAGS,
    examples: ["loopx-loop lark status", "loopx-loop lark status --json"],
    reads: "LARK_*, ZULIP_*, PRIMARY_LARK_CHAT_ID, LOOPX_NOTIFY_DRIVER, the records of lark serve, lark gate and lark send",
    writes: "nothing",
    load: () => import("../commands/lark-status.ts"),
  },
  {
    path: ["lark", "gate"],
    summary: "ask a gate's question in Lark; the same question is not asked twice",
    kind: "write",
    flags: LARK_GATE_FLAGS,
    examples: ['loopx-loop lark gate -g parser --gate promote --question "May it go to main?"'],
    reads: "LARK_*, PRIMARY_LARK_CHAT_ID",
    writes: "the pending gate, and a message",
    exits: { 1: "the message was refused" },
    load: () => import("../commands/lark-gate.ts"),
  },
  {
    path: ["lark", "serve"],
    summary: "take messages for Lark over HTTP on this machine, and presses of buttons from Lark",
    kind: "write",
    flags: LARK_SERVE_FLAGS,
    examples: ["loopx-loop lark serve", "loopx-loop lark serve --check"],
    reads: "LARK_*, PRIMARY_LARK_CHAT_ID",
    writes: "messages, records of gates, its token and log",
    load: () => import("../commands/lark-serve.ts"),
  },
];
