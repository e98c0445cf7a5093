/** The table's rows for looking at goals (spec section 3). All of them leave every byte as it was. */
import type { CommandRow, Flags } from "./flag.ts";
import { AGENT, GOAL, GOAL_FILTER, limitFlag, SCAN } from "./global.ts";
import { HISTORY, STATUS } from "./wake-up.ts";

export const CHECK_FLAGS = { ...GOAL_FILTER, ...limitFlag(5), ...SCAN } as const satisfies Flags;

export const REVIEW_PACKET_FLAGS = {
  ...GOAL,
  "action-kind": {
    kind: "choice",
    values: ["reward", "controller", "codex", "evidence", "health"],
    describe: "speak of this, whatever the verdict is about",
  },
  "review-url": { kind: "text", value: "URL", describe: "where the person finds more" },
  ...AGENT,
  "handoff-only": { kind: "switch", describe: "only the block for the agent: at most 16 lines and 1,800 characters" },
  ...limitFlag(5),
} as const satisfies Flags;

export const SERVE_STATUS_FLAGS = {
  host: { kind: "text", value: "HOST", default: "127.0.0.1", describe: "a name of this machine alone: 127.0.0.1, ::1 or localhost" },
  port: { kind: "integer", value: "N", min: 0, max: 65_535, default: 8765, describe: "0 picks a free one" },
  path: { kind: "text", value: "PATH", default: "/status.json", describe: "where the status stands" },
  "global-registry": { kind: "switch", describe: "the goals of all projects" },
  ...limitFlag(5),
  ...SCAN,
  "enable-reward-write-api": { kind: "switch", describe: "let the page append judgements of runs" },
  "enable-gate-write-api": { kind: "switch", describe: "let the page answer gates" },
  "enable-control-plane-write-api": { kind: "switch", describe: "let the page change the settings of goals" },
  "require-token": { kind: "switch", describe: "want the token for reading too" },
  check: { kind: "switch", describe: "say what would be served, and serve nothing" },
} as const satisfies Flags;

export const LOOKING: readonly CommandRow[] = [
  STATUS,
  HISTORY,
  {
    path: ["check"],
    summary: "are the files of all goals sound, and fit to be public?",
    kind: "query",
    flags: CHECK_FLAGS,
    examples: ["loopx check --scan-root .", "loopx check -g parser --json"],
    reads:
      "the registries, and of each goal its state, history and how git sees them; the scanned files, by default those of this installation",
    writes: "nothing",
    exits: { 1: "something is wrong" },
    load: () => import("../commands/check.ts"),
  },
  {
    path: ["review-packet"],
    summary: "what a person has to decide about a goal, and the block to hand to the agent",
    kind: "query",
    flags: REVIEW_PACKET_FLAGS,
    examples: ["loopx review-packet -g parser", "loopx review-packet -g parser --handoff-only"],
    reads: "the registry, and of this goal its state and the newest history",
    writes: "nothing; it answers no gate and grants nothing",
    load: () => import("../commands/review-packet.ts"),
  },
  {
    path: ["serve-status"],
    summary: "the operator's window: a page in the browser, and the status over HTTP on this machine",
    kind: "query",
    flags: SERVE_STATUS_FLAGS,
    examples: [
      "loopx serve-status",
      "loopx serve-status --global-registry --port 8766 --limit 80",
      "loopx serve-status --enable-reward-write-api --enable-gate-write-api --enable-control-plane-write-api",
    ],
    reads: "what status, why, history and todo list read, and the records of loops",
    writes: "its token below the runtime root; with the enabling flags, the judgements, answers and settings that a person gives",
    load: () => import("../commands/serve-status.ts"),
  },
  {
    path: ["registry"],
    summary: "the goals of the registry and what is wrong with them",
    kind: "query",
    flags: {},
    examples: ["loopx registry", "loopx registry --registry ~/.codex/loopx/registry.global.json"],
    reads: "the registry",
    writes: "nothing",
    exits: { 1: "the registry has a fault" },
    load: () => import("../commands/registry.ts"),
  },
];
