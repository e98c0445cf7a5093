/** The table's rows of the worktree loop (WTL-1). */
import type { CommandRow, Flags } from "@loopx/cli/program";

const SITE = {
  config: { kind: "text", value: "FILE", describe: "the loop's configuration", default_note: "loopx-loop.yaml", env: "LOOPX_LOOP_CONFIG" },
  root: { kind: "text", value: "DIR", describe: "the main worktree", default_note: "the one that has the main branch" },
} as const satisfies Flags;

const BASE = {
  "base-sha": { kind: "text", value: "SHA", describe: "the commit to test", default_note: "the main branch as it is" },
} as const satisfies Flags;
const RETRY = { retry: { kind: "switch", describe: "also a commit that is done with" } } as const satisfies Flags;

export const SITE_FLAGS = SITE;
export const RUN_CYCLE_FLAGS = { ...SITE, ...BASE, ...RETRY } as const satisfies Flags;
export const REQUEST_FLAGS = {
  ...SITE,
  ...BASE,
  ...RETRY,
  reason: { kind: "text", value: "TEXT", describe: "why, for the log", max_length: 500 },
  wait: { kind: "switch", describe: "follow the cycle and end as it ends" },
} as const satisfies Flags;
export const LOG_FLAGS = {
  ...SITE,
  lines: { kind: "integer", value: "COUNT", default: 40, min: 0, max: 10_000, describe: "lines from before" },
  "no-follow": { kind: "switch", describe: "print them and end" },
} as const satisfies Flags;
export const GATE_FLAGS = { ...SITE, ...BASE } as const satisfies Flags;

const CYCLE_EXITS = {
  1: "gate_failed, fix_exhausted, deploy_failed, rejected, awaiting_gate, skipped_quota, main_dirty or wrong_branch",
} as const;

export const WORKTREE: readonly CommandRow[] = [
  {
    path: ["worktree", "ensure"],
    summary: "make the test worktree, or repair it",
    kind: "write",
    flags: SITE_FLAGS,
    examples: ["loopx-loop worktree ensure"],
    reads: "the configuration and the repository",
    writes: "the test worktree; what is in its way is moved aside",
    load: () => import("../commands/worktree-ensure.ts"),
  },
  {
    path: ["worktree", "run"],
    summary: "one cycle: test a commit, repair within bounds, promote by fast-forward, deploy",
    kind: "write",
    flags: RUN_CYCLE_FLAGS,
    examples: ["loopx-loop worktree run", "loopx-loop worktree run --base-sha 0123456789abcdef0123456789abcdef01234567 --json"],
    reads: "the configuration, the repository, the goal's verdict",
    writes: "the test worktree, the loop's state and logs; the main branch only after both gates passed",
    exits: CYCLE_EXITS,
    load: () => import("../commands/worktree-run.ts"),
  },
  {
    path: ["worktree", "watch"],
    summary: "run a cycle for each new commit of the main branch, until told to end",
    kind: "write",
    flags: SITE_FLAGS,
    examples: ["loopx-loop worktree watch"],
    reads: "the main branch and the queue of requests",
    writes: "what the cycles write",
    load: () => import("../commands/worktree-watch.ts"),
  },
  {
    path: ["worktree", "request"],
    summary: "ask the watcher for a cycle and return at once",
    kind: "write",
    flags: REQUEST_FLAGS,
    examples: ["loopx-loop worktree request --retry --reason 'a flaky network'", "loopx-loop worktree request --wait"],
    reads: "the configuration and the repository",
    writes: "one file in the queue",
    exits: CYCLE_EXITS,
    load: () => import("../commands/worktree-request.ts"),
  },
  {
    path: ["worktree", "gate"],
    summary: "run one gate in the test worktree; nothing is promoted, deployed or recorded",
    kind: "write",
    flags: GATE_FLAGS,
    positionals: [{ name: "TIER", describe: "fast or slow" }],
    examples: ["loopx-loop worktree gate fast"],
    reads: "the configuration and the repository",
    writes: "the test worktree and the logs of the steps",
    exits: { 1: "the gate failed" },
    load: () => import("../commands/worktree-gate.ts"),
  },
  {
    path: ["worktree", "status"],
    summary: "how the loop stands",
    kind: "query",
    flags: SITE_FLAGS,
    examples: ["loopx-loop worktree status", "loopx-loop worktree status --json"],
    reads: "the loop's records and the repository",
    writes: "nothing",
    exits: { 1: "a wanted component is not healthy" },
    load: () => import("../commands/worktree-status.ts"),
  },
];

/** `main start` and its like. */
function serveRow(component: "main" | "test", verb: string, summary: string): CommandRow {
  return {
    path: [component, verb],
    summary,
    kind: "write",
    flags: SITE_FLAGS,
    examples: [`loopx-loop ${component} ${verb}`],
    reads: "the configuration, the repository, the loop's records",
    writes: `the ${component === "main" ? "server's record; its log in logs/main.log" : "records of watcher and server; their logs in logs/"}`,
    exits: { 1: "it does not become healthy" },
    schema: `${component} serve`,
    load: () => (component === "main" ? import("../commands/main-serve.ts") : import("../commands/test-serve.ts")),
  };
}

function statusRow(component: "main" | "test", summary: string): CommandRow {
  return {
    path: [component, "status"],
    summary,
    kind: "query",
    flags: SITE_FLAGS,
    examples: [`loopx-loop ${component} status`],
    reads: "the loop's records and the repository",
    writes: "nothing",
    exits: { 1: "it is wanted and not healthy" },
    schema: "component status",
    load: () => import("../commands/component-status.ts"),
  };
}

function logsRow(component: "main" | "test", summary: string): CommandRow {
  return {
    path: [component, "logs"],
    summary,
    kind: "query",
    flags: LOG_FLAGS,
    examples: [`loopx-loop ${component} logs`, `loopx-loop ${component} logs --lines 200 --no-follow`],
    reads: "the log",
    writes: "nothing",
    schema: "component logs",
    load: () => import("../commands/component-logs.ts"),
  };
}

export const MAIN: readonly CommandRow[] = [
  serveRow("main", "start", "start the main server and wait until it is the one that answers"),
  serveRow("main", "stop", "stop the main server, if the loop started it"),
  serveRow("main", "restart", "stop it and start it again"),
  statusRow("main", "how the main server is"),
  logsRow("main", "follow the main server's log"),
  {
    path: ["main", "build"],
    summary: "build what the main branch holds, as a cycle would; nothing is started",
    kind: "write",
    flags: SITE_FLAGS,
    examples: ["loopx-loop main build"],
    reads: "the configuration and the repository",
    writes: "the test worktree and the artifact",
    exits: { 1: "the build failed" },
    load: () => import("../commands/main-build.ts"),
  },
];

export const TEST: readonly CommandRow[] = [
  serveRow("test", "start", "start the watcher in the background, and the test server"),
  serveRow("test", "stop", "stop the watcher, its cycle and the test server"),
  serveRow("test", "restart", "stop them and start them again"),
  statusRow("test", "how the watcher and the test server are"),
  logsRow("test", "follow the loop's log"),
];
