/** The table's rows for writing a goal's state: todos and runs (spec section 5). */
import type { CommandRow, Flags } from "./flag.ts";
import { AGENT, DRY_RUN, GOAL, GOAL_REQUIRED, LEASE_OF_RUN, LEASE_TOKEN, PREVIEW } from "./global.ts";

const STATUSES = ["open", "done", "blocked", "deferred"] as const;
const CLASSES = ["advancement_task", "continuous_monitor", "user_gate", "blocker", "user_action"] as const;
const SCALES = ["test_only", "single_surface", "multi_surface", "implementation"] as const;
const OUTCOMES = ["surface_only", "outcome_gap", "outcome_progress", "primary_goal_outcome"] as const;

const REWARDS = ["positive", "negative", "mixed", "neutral"] as const;
const LESSON_KINDS = ["route", "priority", "benchmark_protocol", "safety_boundary", "operating_rule"] as const;

const PLACE = {
  project: { kind: "text", value: "DIR", describe: "the goal's project; only the registered one" },
  "state-file": { kind: "text", value: "PATH", describe: "the goal's state; only the registered one" },
} as const satisfies Flags;

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

export const TODO_LIST_FLAGS = {
  ...GOAL,
  role: { kind: "choice", values: ["user", "agent"], describe: "only this role" },
  status: { kind: "choice", values: STATUSES, describe: "only this status" },
  limit: { kind: "integer", value: "N", min: 1, max: 1000, describe: "at most so many entries", default_note: "all" },
  ...PLACE,
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

export const TODO_ARCHIVE_FLAGS = {
  ...GOAL_REQUIRED,
  role: { kind: "choice", values: ["user", "agent"], default: "agent", describe: "whose closed todos" },
  "max-active-done": { kind: "integer", value: "N", min: 0, max: 20_000, default: 12, describe: "so many of the newest closed todos stay" },
  ...PLACE,
  ...PREVIEW,
} as const satisfies Flags;

export const REFRESH_STATE_FLAGS = {
  ...GOAL_REQUIRED,
  classification: { kind: "text", value: "TEXT", default: "state_refreshed", max_length: 120, describe: "what was done, for people" },
  "recommended-action": { kind: "text", value: "TEXT", describe: "what comes next", default_note: "from the goal state" },
  "next-action": { kind: "text", value: "TEXT", describe: "rewrite the section Next Action to this one item" },
  "delivery-batch-scale": { kind: "choice", values: SCALES, describe: "how big the batch was" },
  "delivery-outcome": { kind: "choice", values: OUTCOMES, describe: "what it moved" },
  artifact: { kind: "text", value: "PATH", repeatable: true, describe: "what was made" },
  validation: { kind: "text", value: "TEXT", describe: "what was checked, with the result" },
  ...AGENT,
  "agent-lane": { kind: "text", value: "NAME", describe: "the agent's lane" },
  "progress-scope": { kind: "choice", values: ["goal", "agent_lane"], describe: "whose progress it is" },
  ...LEASE_OF_RUN,
  "no-global-sync": { kind: "switch", describe: "leave the global registry alone" },
  ...DRY_RUN,
} as const satisfies Flags;

export const READ_ONLY_MAP_FLAGS = {
  ...GOAL_REQUIRED,
  classification: { kind: "text", value: "TEXT", default: "read_only_project_map", max_length: 120, describe: "what was done, for people" },
  "recommended-action": { kind: "text", value: "TEXT", describe: "what comes next", default_note: "a sentence of the catalogue" },
  "no-global-sync": { kind: "switch", describe: "leave the global registry alone" },
  ...DRY_RUN,
} as const satisfies Flags;

export const ARCHIVE_RUNTIME_FLAGS = {
  ...GOAL_REQUIRED,
  "archive-root": { kind: "text", value: "DIR", describe: "where it goes", default_note: "archived-goals in the runtime root" },
  "allow-registered": { kind: "switch", describe: "also a goal that a registry still names" },
  ...PREVIEW,
} as const satisfies Flags;

const OLDER_REFRESH_FLAGS = {
  "autonomous-replan-recorded": { kind: "switch", describe: "" },
  "repair-delta-kind": { kind: "text", describe: "" },
} as const satisfies Flags;

export const OPERATOR_GATE_FLAGS = {
  ...GOAL_REQUIRED,
  decision: { kind: "choice", values: ["approve", "reject", "defer"], required: true, describe: "the person's answer" },
  "reason-summary": { kind: "text", value: "TEXT", required: true, describe: "why" },
  gate: { kind: "text", value: "NAME", describe: "the gate", default_note: "read_only_map_opt_in" },
  "operator-question": { kind: "text", value: "TEXT", describe: "what was asked", default_note: "a sentence of the catalogue" },
  "follow-up": { kind: "text", value: "TEXT", describe: "what comes after" },
  "agent-command": {
    kind: "text",
    value: "COMMAND",
    describe: "what the agent may run",
    default_note: "the map's dry run for the map gate",
  },
  "recommended-action": { kind: "text", value: "TEXT", describe: "what comes next", default_note: "the command, else a sentence" },
  "recorded-at": { kind: "text", value: "TS", describe: "when the person answered", default_note: "now" },
  "no-global-sync": { kind: "switch", describe: "leave the global registry alone" },
  ...DRY_RUN,
} as const satisfies Flags;

export const REWARD_FLAGS = {
  ...GOAL_REQUIRED,
  decision: { kind: "text", value: "LABEL", required: true, describe: "what the judgement decides, such as continue_route" },
  reward: { kind: "choice", values: REWARDS, required: true, describe: "the judgement" },
  "reason-summary": { kind: "text", value: "TEXT", required: true, describe: "why" },
  "follow-up": { kind: "text", value: "TEXT", describe: "what comes after" },
  "run-id": { kind: "text", value: "RUN", describe: "the judged run", default_note: "the newest that is no quota event" },
  "run-generated-at": { kind: "text", value: "TS", describe: "the same, by its instant" },
  "recorded-at": { kind: "text", value: "TS", describe: "when the person judged", default_note: "now" },
  "lesson-kind": { kind: "choice", values: LESSON_KINDS, describe: "what the lesson is about" },
  "lesson-summary": { kind: "text", value: "TEXT", describe: "the lesson" },
  "lesson-avoid": { kind: "text", value: "TEXT", repeatable: true, describe: "what to avoid; up to 5 times" },
  "lesson-prefer": { kind: "text", value: "TEXT", repeatable: true, describe: "what to do instead; up to 5 times" },
  "write-active-state-summary": { kind: "switch", describe: "also one bullet in the goal state's Progress Ledger" },
  ...DRY_RUN,
} as const satisfies Flags;

export const STATE: readonly CommandRow[] = [
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
  {
    path: ["todo", "list"],
    summary: "the todos of a goal",
    kind: "query",
    flags: TODO_LIST_FLAGS,
    examples: ["loopx todo list -g parser", "loopx todo list -g parser --role agent --status open --json"],
    reads: "the registry entry and the goal state",
    writes: "nothing",
    load: () => import("../commands/todo-list.ts"),
  },
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
    path: ["todo", "archive-completed"],
    summary: "move all but the newest closed todos to the archive at the end of the goal state",
    kind: "preview",
    flags: TODO_ARCHIVE_FLAGS,
    examples: ["loopx todo archive-completed -g parser", "loopx todo archive-completed -g parser --max-active-done 0 --execute"],
    reads: "the registry entry and the goal state",
    writes: "the goal state",
    load: () => import("../commands/todo-archive-completed.ts"),
  },
  {
    path: ["refresh-state"],
    summary: "record a run: what was done, checked and comes next",
    kind: "write",
    flags: REFRESH_STATE_FLAGS,
    legacy: OLDER_REFRESH_FLAGS,
    examples: [
      'loopx refresh-state -g parser --classification parser_result --delivery-outcome outcome_progress --delivery-batch-scale implementation --artifact src/parser.ts --validation "12 tests pass"',
    ],
    reads: "the registry entry and the goal state",
    writes: "one line in the run index, two artifacts, the global registry; with --next-action the goal state",
    load: () => import("../commands/refresh-state.ts"),
  },
  {
    path: ["operator-gate"],
    summary: "record a person's answer to a gate: approve, reject or defer",
    kind: "write",
    flags: OPERATOR_GATE_FLAGS,
    examples: [
      'loopx operator-gate -g parser --decision approve --reason-summary "agreed" --dry-run',
      'loopx operator-gate -g parser --gate history_line_bad --decision approve --reason-summary "the line was a test"',
    ],
    reads: "the registry entry and the goal state",
    writes: "one line in the run index, two artifacts, the global registry",
    load: () => import("../commands/operator-gate.ts"),
  },
  {
    path: ["reward"],
    summary: "record how a person judges a run; it warns later on and changes no verdict",
    kind: "write",
    flags: REWARD_FLAGS,
    exclusive: [["run-id", "run-generated-at"]],
    examples: [
      'loopx reward -g parser --decision continue_route --reward positive --reason-summary "the counters are right"',
      'loopx reward -g parser --decision route_correction --reward mixed --reason-summary "counters first" --lesson-kind route --lesson-summary "Validate counters first" --lesson-avoid "expand cases" --dry-run',
    ],
    reads: "the registry entry and the goal's history",
    writes: "one line in the run index; with --write-active-state-summary the goal state",
    load: () => import("../commands/reward.ts"),
  },
  {
    path: ["read-only-map"],
    summary: "look at a read-only project once and record what is there and what is missing",
    kind: "write",
    flags: READ_ONLY_MAP_FLAGS,
    examples: ["loopx read-only-map -g parser --dry-run", "loopx read-only-map -g parser"],
    reads: "the registry entry, the goal state, and which usual files the project has",
    writes: "one line in the run index, two artifacts, the global registry; nothing in the project",
    exits: { 1: "the adapter is planned and its status was not changed yet" },
    load: () => import("../commands/read-only-map.ts"),
  },
  {
    path: ["archive-runtime"],
    summary: "move a goal's history and leases out of the way, whole and in one step",
    kind: "preview",
    flags: ARCHIVE_RUNTIME_FLAGS,
    examples: ["loopx archive-runtime -g parser", "loopx archive-runtime -g parser --execute"],
    reads: "both registries, the goal's runtime directory and its leases",
    writes: "nothing but the place of that directory",
    exits: { 1: "a registry still names the goal" },
    load: () => import("../commands/archive-runtime.ts"),
  },
];
