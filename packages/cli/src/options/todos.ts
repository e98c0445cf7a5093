/** The table's rows for todos (spec section 5). */
import type { CommandRow, Flags } from "./flag.ts";
import { DRY_RUN, GOAL_REQUIRED, LEASE_TOKEN, PREVIEW } from "./global.ts";
import { PLACE, STATUSES, TODO_LIST } from "./wake-up.ts";

const CLASSES = ["advancement_task", "continuous_monitor", "user_gate", "blocker", "user_action"] as const;

const TODO = { "todo-id": { kind: "text", value: "TODO", required: true, describe: "the todo" } } as const satisfies Flags;
const CLAIMED_BY = { "claimed-by": { kind: "text", value: "AGENT", describe: "the agent that holds the todo" } } as const satisfies Flags;
const REASON = { reason: { kind: "text", value: "TEXT", describe: "why" } } as const satisfies Flags;

/** The metadata that add and update know (CMD-90). */
const METADATA = {
  "task-class": {
    kind: "choice",
    values: CLASSES,
    describe: "what kind of todo it is",
    default_note: "advancement_task; on a user todo none, which gates",
  },
  "action-kind": { kind: "text", value: "LABEL", describe: "a label for tools" },
  "required-write-scope": { kind: "text", value: "GLOB", repeatable: true, describe: "paths the work has to write" },
  "required-capability": { kind: "text", value: "LABEL", repeatable: true, describe: "what the agent must be able to do" },
  "target-capability": { kind: "text", value: "LABEL", repeatable: true, describe: "what the work is about" },
  "decision-scope": { kind: "text", value: "K:G:KEY", describe: "what a user gate decides" },
  "required-decision-scope": { kind: "text", value: "K:G:KEY", repeatable: true, describe: "the decision the work waits for" },
  ...CLAIMED_BY,
  "blocks-agent": { kind: "text", value: "AGENT", describe: "the one agent a gate stops" },
  "global-gate": { kind: "switch", describe: "the gate stops the whole goal" },
  "unblocks-todo-id": { kind: "text", value: "TODO", describe: "the one todo a gate stops" },
  "resume-when": { kind: "text", value: "TEXT", describe: "when to take it up again" },
  "monitor-target-key": { kind: "text", value: "KEY", describe: "what a monitor watches" },
  cadence: { kind: "text", value: "SPAN", describe: "how often a monitor looks" },
  "next-due-at": { kind: "text", value: "TS", describe: "when a monitor looks next" },
  "expires-at": { kind: "text", value: "TS", describe: "when a monitor ends" },
  note: { kind: "text", value: "TEXT", describe: "a note" },
  evidence: { kind: "text", value: "TEXT", describe: "what shows that it is done" },
  ...REASON,
} as const satisfies Flags;

export const TODO_ADD_FLAGS = {
  ...GOAL_REQUIRED,
  role: { kind: "choice", values: ["user", "agent"], required: true, describe: "who has to do it" },
  text: { kind: "text", value: "TEXT", required: true, describe: "the todo; a leading [P0] to [P4] is its priority" },
  ...METADATA,
  ...PLACE,
  ...DRY_RUN,
} as const satisfies Flags;

export const TODO_CLAIM_FLAGS = {
  ...GOAL_REQUIRED,
  ...TODO,
  "claimed-by": { ...CLAIMED_BY["claimed-by"], required: true },
  "take-over": { kind: "switch", describe: "take a stale claim; needs --reason" },
  ...REASON,
  ...PLACE,
  ...DRY_RUN,
} as const satisfies Flags;

export const TODO_UPDATE_FLAGS = {
  ...GOAL_REQUIRED,
  ...TODO,
  status: { kind: "choice", values: STATUSES, describe: "the new status" },
  text: { kind: "text", value: "TEXT", describe: "the new text" },
  ...METADATA,
  "clear-claim": { kind: "switch", describe: "give the todo up" },
  "no-follow-up": { kind: "switch", describe: "nothing follows from it" },
  ...LEASE_TOKEN,
  ...PLACE,
  ...DRY_RUN,
} as const satisfies Flags;

/** The todo that follows a closed one (CMD-95). */
const SUCCESSOR = {
  "next-agent-todo": { kind: "text", value: "TEXT", describe: "the agent todo that follows" },
  "next-user-todo": { kind: "text", value: "TEXT", describe: "the user todo that follows" },
  "next-claimed-by": { kind: "text", value: "AGENT", describe: "who takes the following todo" },
  "next-task-class": { kind: "choice", values: CLASSES, describe: "the following todo's class" },
  "next-action-kind": { kind: "text", value: "LABEL", describe: "the following todo's label" },
  "no-follow-up": { kind: "switch", describe: "nothing follows from it" },
} as const satisfies Flags;

const SUCCESSOR_EXCLUSIVE = [
  ["next-agent-todo", "no-follow-up"],
  ["next-user-todo", "no-follow-up"],
] as const;

export const TODO_COMPLETE_FLAGS = {
  ...GOAL_REQUIRED,
  ...TODO,
  ...CLAIMED_BY,
  evidence: METADATA.evidence,
  note: METADATA.note,
  ...SUCCESSOR,
  "side-agent-self-merged": { kind: "switch", describe: "a side agent merged the work itself; needs --evidence" },
  ...LEASE_TOKEN,
  ...PLACE,
  ...DRY_RUN,
} as const satisfies Flags;

export const TODO_SUPERSEDE_FLAGS = {
  ...GOAL_REQUIRED,
  ...TODO,
  reason: { ...REASON.reason, required: true, describe: "what takes its place, or why it is moot" },
  ...CLAIMED_BY,
  evidence: METADATA.evidence,
  ...SUCCESSOR,
  ...LEASE_TOKEN,
  ...PLACE,
  ...DRY_RUN,
} as const satisfies Flags;

export const TODO_CAPTURE_FLAGS = {
  ...GOAL_REQUIRED,
  "follow-up": { kind: "text", value: "TEXT", repeatable: true, required: true, describe: "what came up; one agent todo each, at most 20" },
  "task-class": {
    kind: "choice",
    values: ["advancement_task", "blocker"],
    default: "advancement_task",
    describe: "what kind of todo they are",
  },
  "action-kind": METADATA["action-kind"],
  "required-write-scope": METADATA["required-write-scope"],
  "required-capability": METADATA["required-capability"],
  "target-capability": METADATA["target-capability"],
  "required-decision-scope": METADATA["required-decision-scope"],
  note: METADATA.note,
  evidence: { ...METADATA.evidence, describe: "where they come from" },
  ...PLACE,
  ...DRY_RUN,
} as const satisfies Flags;

export const TODO_ARCHIVE_FLAGS = {
  ...GOAL_REQUIRED,
  role: { kind: "choice", values: ["user", "agent"], default: "agent", describe: "whose closed todos" },
  "max-active-done": { kind: "integer", value: "N", min: 0, max: 20_000, default: 12, describe: "so many of the newest closed todos stay" },
  ...PLACE,
  ...PREVIEW,
} as const satisfies Flags;

export const TODOS: readonly CommandRow[] = [
  {
    path: ["todo", "add"],
    summary: "add a todo for an agent or a question for a person",
    kind: "write",
    flags: TODO_ADD_FLAGS,
    examples: [
      'loopx todo add -g parser --role agent --text "[P1] Read nested lists"',
      'loopx todo add -g parser --role user --text "Confirm the grammar"',
    ],
    reads: "the registry entry and the goal state",
    writes: "the goal state",
    load: () => import("../commands/todo-add.ts"),
  },
  TODO_LIST,
  {
    path: ["todo", "claim"],
    summary: "take a todo before working on it",
    kind: "write",
    flags: TODO_CLAIM_FLAGS,
    examples: ["loopx todo claim -g parser --todo-id todo_ag0001 --claimed-by codex-1"],
    reads: "the registry entry, the goal state and its leases",
    writes: "the goal state",
    load: () => import("../commands/todo-claim.ts"),
  },
  {
    path: ["todo", "update"],
    summary: "change a todo's status, text or metadata",
    kind: "write",
    flags: TODO_UPDATE_FLAGS,
    examples: [
      'loopx todo update -g parser --todo-id todo_ag0001 --status blocked --reason "no manifest"',
      "loopx todo update -g parser --todo-id todo_ag0001 --clear-claim",
    ],
    reads: "the registry entry, the goal state and its leases",
    writes: "the goal state",
    load: () => import("../commands/todo-update.ts"),
  },
  {
    path: ["todo", "complete"],
    summary: "close a todo, and open the one that follows, in one write",
    kind: "write",
    flags: TODO_COMPLETE_FLAGS,
    exclusive: SUCCESSOR_EXCLUSIVE,
    examples: ['loopx todo complete -g parser --todo-id todo_ag0001 --evidence "12 tests pass"'],
    reads: "the registry entry, the goal state and its leases",
    writes: "the goal state",
    exits: { 1: "a side agent's work needs a review todo or a self-merge with evidence" },
    load: () => import("../commands/todo-complete.ts"),
  },
  {
    path: ["todo", "supersede"],
    summary: "close a todo because something else takes its place",
    kind: "write",
    flags: TODO_SUPERSEDE_FLAGS,
    exclusive: SUCCESSOR_EXCLUSIVE,
    examples: [
      'loopx todo supersede -g parser --todo-id todo_ag0001 --reason "one grammar is enough" --next-agent-todo "[P1] Read the one grammar"',
    ],
    reads: "the registry entry, the goal state and its leases",
    writes: "the goal state",
    load: () => import("../commands/todo-supersede.ts"),
  },
  {
    path: ["todo", "capture-followups"],
    summary: "write down what came up along the way, as agent todos nobody holds yet, in one write",
    kind: "write",
    flags: TODO_CAPTURE_FLAGS,
    examples: [
      'loopx todo capture-followups -g parser --follow-up "[P2] Name the token types" --follow-up "Cover empty lists" --evidence "review of todo_ag0001"',
    ],
    reads: "the registry entry and the goal state",
    writes: "the goal state",
    load: () => import("../commands/todo-capture-followups.ts"),
  },
  {
    path: ["todo", "archive-completed"],
    summary: "move all but the newest closed todos to the archive at the end of the goal state",
    kind: "preview",
    flags: TODO_ARCHIVE_FLAGS,
    examples: ["loopx todo archive-completed -g parser", "loopx todo archive-completed -g parser --max-active-done 0 --execute"],
    reads: "the registry entry and the goal state",
    writes: "the goal state",
    load: () => import("../commands/todo-archive-completed.ts"),
  },
];
