/** The table's rows for the verdict and the quota (spec section 4). */
import type { CommandRow, Flags } from "./flag.ts";
import { AGENT, GOAL, GOAL_REQUIRED, LEASE_OF_RUN, LEASE_TOKEN, limitFlag, PREVIEW } from "./global.ts";
import { OLDER_QUOTA_FLAGS, QUOTA_SHOULD_RUN, SHOULD_RUN } from "./wake-up.ts";

export const WHY_FLAGS = { ...GOAL, ...AGENT } as const satisfies Flags;
export const QUOTA_STATUS_FLAGS = { ...limitFlag(5) } as const satisfies Flags;

export const SPEND_SLOT_FLAGS = {
  ...GOAL_REQUIRED,
  slots: { kind: "integer", value: "N", min: 1, default: 1, describe: "slots to pay" },
  source: { kind: "choice", values: ["heartbeat", "controller", "adapter"], default: "heartbeat", describe: "who pays" },
  "run-id": { kind: "text", value: "RUN", describe: "the record that is paid for", default_note: "the newest unspent one that qualifies" },
  "run-generated-at": { kind: "text", value: "TS", describe: "the same, by its instant" },
  ...AGENT,
  "override-reason": { kind: "text", value: "TEXT", describe: "why the limits do not bind; only with --source controller" },
  ...LEASE_OF_RUN,
  ...PREVIEW,
} as const satisfies Flags;

export const VOID_SLOT_FLAGS = {
  ...GOAL_REQUIRED,
  "run-id": { kind: "text", value: "RUN", describe: "the spend to undo" },
  "void-generated-at": { kind: "text", value: "TS", describe: "the same, by its instant" },
  "reason-summary": { kind: "text", value: "TEXT", required: true, describe: "why it is undone" },
  ...AGENT,
  ...PREVIEW,
} as const satisfies Flags;

export const MONITOR_POLL_FLAGS = {
  ...GOAL_REQUIRED,
  "todo-id": { kind: "text", value: "TODO", describe: "the monitor" },
  "target-key": { kind: "text", value: "KEY", describe: "the same, by what it watches" },
  "result-hash": { kind: "text", value: "TEXT", describe: "what was found, short enough to compare" },
  "material-change": { kind: "switch", describe: "the look found something new" },
  cadence: { kind: "text", value: "SPAN", describe: "look so often from now on: 30m, 2h or 1d" },
  "next-due-at": { kind: "text", value: "TS", describe: "when to look next", default_note: "now and the cadence" },
  "next-agent-todo": { kind: "text", value: "TEXT", describe: "the agent todo that follows; with --material-change" },
  "next-user-todo": { kind: "text", value: "TEXT", describe: "the user todo that follows; with --material-change" },
  "next-claimed-by": { kind: "text", value: "AGENT", describe: "who takes the following todo" },
  "reason-summary": { kind: "text", value: "TEXT", describe: "what was seen", default_note: "a sentence of the catalogue" },
  ...AGENT,
  ...LEASE_TOKEN,
  ...PREVIEW,
} as const satisfies Flags;

export const QUOTA: readonly CommandRow[] = [
  SHOULD_RUN,
  QUOTA_SHOULD_RUN,
  {
    path: ["quota", "status"],
    aliases: [["quota"]],
    summary: "all goals by what their quota and gates allow",
    kind: "query",
    flags: QUOTA_STATUS_FLAGS,
    legacy: OLDER_QUOTA_FLAGS,
    examples: ["loopx quota", "loopx quota status --json"],
    reads: "the registry, and of each goal its state and the newest history",
    writes: "nothing",
    load: () => import("../commands/quota-status.ts"),
  },
  {
    path: ["quota", "plan"],
    summary: "the same, in the order in which the goals should take their turns",
    kind: "query",
    flags: QUOTA_STATUS_FLAGS,
    legacy: OLDER_QUOTA_FLAGS,
    examples: ["loopx quota plan --limit 3"],
    reads: "the registry, and of each goal its state and the newest history",
    writes: "nothing",
    load: () => import("../commands/quota-plan.ts"),
  },
  {
    path: ["quota", "spend-slot"],
    summary: "pay once for one finished, recorded piece of work",
    kind: "preview",
    flags: SPEND_SLOT_FLAGS,
    exclusive: [["run-id", "run-generated-at"]],
    examples: ["loopx quota spend-slot -g parser --execute", "loopx quota spend-slot -g parser --run-id run_01jd --execute"],
    reads: "the registry, the goal's state and history",
    writes: "one line in the run index, one artifact",
    exits: { 1: "refused: nothing to pay for, already paid, throttled or paused" },
    load: () => import("../commands/quota-spend-slot.ts"),
  },
  {
    path: ["quota", "void-slot"],
    summary: "undo one spend",
    kind: "preview",
    flags: VOID_SLOT_FLAGS,
    exclusive: [["run-id", "void-generated-at"]],
    examples: ['loopx quota void-slot -g parser --run-id run_01jd --reason-summary "paid by mistake" --execute'],
    reads: "the registry and the goal's history",
    writes: "one line in the run index, one artifact",
    exits: { 1: "that spend is already undone" },
    load: () => import("../commands/quota-void-slot.ts"),
  },
  {
    path: ["quota", "monitor-poll"],
    summary: "record a look at a monitor; it is never paid",
    kind: "preview",
    flags: MONITOR_POLL_FLAGS,
    exclusive: [["todo-id", "target-key"]],
    examples: [
      "loopx quota monitor-poll -g parser --todo-id todo_mon001 --execute",
      'loopx quota monitor-poll -g parser --todo-id todo_mon001 --material-change --next-agent-todo "[P1] Read the new report" --execute',
    ],
    reads: "the registry, the goal's state and history",
    writes: "one line in the run index, two artifacts, the monitor's own line in the goal state",
    exits: { 1: "the verdict asks for no poll now" },
    load: () => import("../commands/quota-monitor-poll.ts"),
  },
  {
    path: ["why"],
    summary: "the rule that decided, and the one command that would change the verdict",
    kind: "query",
    flags: WHY_FLAGS,
    examples: ["loopx why -g parser"],
    reads: "the registry, and of this goal its state and the newest history",
    writes: "nothing",
    load: () => import("../commands/why.ts"),
  },
];
