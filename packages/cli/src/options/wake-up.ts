/**
 * The rows of the commands that a wake-up runs. They stand by themselves, so that such a line is read without the rest of
 * the table; the sections of the table list them at their places.
 */
import type { CommandRow, Flags } from "./flag.ts";
import { AGENT, GOAL, GOAL_FILTER, limitFlag, SCAN } from "./global.ts";
import { programOf } from "./program.ts";

export const SHOULD_RUN_FLAGS = {
  ...GOAL,
  ...AGENT,
  detail: { kind: "switch", describe: "add rule trace, findings and ledger" },
  ...SCAN,
} as const satisfies Flags;
export const QUOTA_SHOULD_RUN_FLAGS = {
  ...SHOULD_RUN_FLAGS,
  "exit-code": { kind: "switch", describe: "say the answer by the exit code too" },
} as const satisfies Flags;

export const STATUS_FLAGS = {
  ...GOAL_FILTER,
  ...limitFlag(5),
  ...AGENT,
  ...SCAN,
  watch: { kind: "switch", alias: "w", describe: "stay, and show each change; Ctrl-C ends it" },
  interval: { kind: "integer", value: "SECONDS", min: 1, max: 3600, default: 2, describe: "with --watch: how often to look" },
} as const satisfies Flags;
export const HISTORY_FLAGS = { ...GOAL_FILTER, ...limitFlag(10) } as const satisfies Flags;

export const STATUSES = ["open", "done", "blocked", "deferred"] as const;
export const PLACE = {
  project: { kind: "text", value: "DIR", describe: "the goal's project; only the registered one" },
  "state-file": { kind: "text", value: "PATH", describe: "the goal's state; only the registered one" },
} as const satisfies Flags;

export const TODO_LIST_FLAGS = {
  ...GOAL,
  role: { kind: "choice", values: ["user", "agent"], describe: "only this role" },
  status: { kind: "choice", values: STATUSES, describe: "only this status" },
  limit: { kind: "integer", value: "N", min: 1, max: 1000, describe: "at most so many entries", default_note: "all" },
  ...PLACE,
} as const satisfies Flags;

export const HEARTBEAT_PROMPT_FLAGS = {
  ...GOAL,
  thin: { kind: "switch", describe: "the shortest form" },
  brief: { kind: "switch", describe: "guard, invariants and spend only" },
  compact: { kind: "switch", describe: "the whole cycle, shortened" },
  "active-state": { kind: "text", value: "PATH", describe: "another state file than the registered one" },
  "material-rule": { kind: "text", value: "TEXT", describe: "one line about new material" },
  "permission-rule": { kind: "text", value: "TEXT", describe: "one line about permissions" },
  "cli-bin": { kind: "text", value: "NAME", default: "loopx", describe: "the binary in every printed command" },
  ...AGENT,
  "agent-scope": { kind: "text", value: "TEXT", repeatable: true, describe: "what the agent works on, at most 180 characters" },
} as const satisfies Flags;

export const OLDER_QUOTA_FLAGS = {
  "available-capability": { kind: "text", describe: "" },
  "include-scheduler-detail": { kind: "switch", describe: "" },
} as const satisfies Flags;

const VERDICT_EXITS = { 10: "quiet skip: nothing to do", 11: "a person has to act", 12: "paused or throttled", 13: "unhealthy" } as const;

export const SHOULD_RUN: CommandRow = {
  path: ["should-run"],
  summary: "may this goal work now? one line, answered by the exit code",
  kind: "query",
  flags: SHOULD_RUN_FLAGS,
  legacy: OLDER_QUOTA_FLAGS,
  examples: [
    "loopx should-run -g parser && loopx heartbeat-prompt -g parser --thin --quiet | codex exec -",
    "loopx should-run -g parser --json",
  ],
  reads: "the registry, and of this goal its state and the newest history",
  writes: "nothing",
  exits: VERDICT_EXITS,
  schema: "quota should-run",
  load: () => import("../commands/should-run.ts"),
};

export const QUOTA_SHOULD_RUN: CommandRow = {
  path: ["quota", "should-run"],
  summary: "the verdict: may this goal work now, on what, within which bounds",
  kind: "query",
  flags: QUOTA_SHOULD_RUN_FLAGS,
  legacy: OLDER_QUOTA_FLAGS,
  examples: ["loopx quota should-run -g parser --json", "loopx quota should-run -g parser --detail"],
  reads: "the registry, and of this goal its state and the newest history",
  writes: "nothing",
  exits: {
    1: "the goal is unhealthy (13 with --exit-code)",
    10: "with --exit-code: quiet skip",
    11: "with --exit-code: a person has to act",
    12: "with --exit-code: paused or throttled",
    13: "with --exit-code: unhealthy",
  },
  load: () => import("../commands/quota-should-run.ts"),
};

export const STATUS: CommandRow = {
  path: ["status"],
  summary: "where every goal stands and who has to act",
  kind: "query",
  flags: STATUS_FLAGS,
  examples: ["loopx status", "loopx status --watch", "loopx status -g parser --json"],
  reads: "the registry, and of each goal its state and the newest history",
  writes: "nothing",
  load: () => import("../commands/status.ts"),
};

export const HISTORY: CommandRow = {
  path: ["history"],
  summary: "the newest runs",
  kind: "query",
  flags: HISTORY_FLAGS,
  examples: ["loopx history -g parser --limit 3", "loopx history --json"],
  reads: "the registry and the run indexes",
  writes: "nothing",
  load: () => import("../commands/history.ts"),
};

export const TODO_LIST: CommandRow = {
  path: ["todo", "list"],
  summary: "the todos of a goal, and who holds them",
  kind: "query",
  flags: TODO_LIST_FLAGS,
  examples: ["loopx todo list -g parser", "loopx todo list -g parser --role agent --status open --json"],
  reads: "the registry entry, the goal state and its leases",
  writes: "nothing",
  load: () => import("../commands/todo-list.ts"),
};

export const HEARTBEAT_PROMPT: CommandRow = {
  path: ["heartbeat-prompt"],
  summary: "the text a recurring automation hands to an agent",
  kind: "query",
  flags: HEARTBEAT_PROMPT_FLAGS,
  exclusive: [["thin", "brief", "compact"]],
  examples: ["loopx heartbeat-prompt -g parser --thin", "loopx heartbeat-prompt -g parser --quiet > prompt.md"],
  reads: "the registry entry and the goal state",
  writes: "nothing",
  load: () => import("../commands/heartbeat-prompt.ts"),
};

/** `loopx` with these rows alone. A line that they cannot read is for the whole table. */
export const WAKE_UP = programOf({
  name: "loopx",
  about: "",
  tour: [],
  sections: [{ title: "", rows: [SHOULD_RUN, QUOTA_SHOULD_RUN, STATUS, HISTORY, TODO_LIST, HEARTBEAT_PROMPT] }],
  open: false,
});
