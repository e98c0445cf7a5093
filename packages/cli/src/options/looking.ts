/** The table's rows for looking at goals (spec section 3). All of them leave every byte as it was. */
import type { CommandRow, Flags } from "./flag.ts";
import { AGENT, GOAL, GOAL_FILTER, limitFlag, SCAN } from "./global.ts";

export const HISTORY_FLAGS = { ...GOAL_FILTER, ...limitFlag(10) } as const satisfies Flags;
export const STATUS_FLAGS = {
  ...GOAL_FILTER,
  ...limitFlag(5),
  ...AGENT,
  ...SCAN,
  watch: { kind: "switch", alias: "w", describe: "stay, and show each change; Ctrl-C ends it" },
  interval: { kind: "integer", value: "SECONDS", min: 1, max: 3600, default: 2, describe: "with --watch: how often to look" },
} as const satisfies Flags;
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

export const LOOKING: readonly CommandRow[] = [
  {
    path: ["status"],
    summary: "where every goal stands and who has to act",
    kind: "query",
    flags: STATUS_FLAGS,
    examples: ["loopx status", "loopx status --watch", "loopx status -g parser --json"],
    reads: "the registry, and of each goal its state and the newest history",
    writes: "nothing",
    load: () => import("../commands/status.ts"),
  },
  {
    path: ["history"],
    summary: "the newest runs",
    kind: "query",
    flags: HISTORY_FLAGS,
    examples: ["loopx history -g parser --limit 3", "loopx history --json"],
    reads: "the registry and the run indexes",
    writes: "nothing",
    load: () => import("../commands/history.ts"),
  },
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
