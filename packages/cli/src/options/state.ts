/** The table's rows for recording runs and what people say of them (spec section 5). */
import type { CommandRow, Flags } from "./flag.ts";
import { AGENT, DRY_RUN, GOAL_REQUIRED, LEASE_OF_RUN, PREVIEW } from "./global.ts";

const SCALES = ["test_only", "single_surface", "multi_surface", "implementation"] as const;
const OUTCOMES = ["surface_only", "outcome_gap", "outcome_progress", "primary_goal_outcome"] as const;

const REWARDS = ["positive", "negative", "mixed", "neutral"] as const;
const LESSON_KINDS = ["route", "priority", "benchmark_protocol", "safety_boundary", "operating_rule"] as const;

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
