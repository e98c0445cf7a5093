/** The table's rows of the loop of two bots (000; WTL-1, WTL-2, WTL-14). */
import { DRY_RUN, type CommandRow, type Flags } from "@loopx/cli/program";
import { LOG_FLAGS, SITE_FLAGS } from "./worktree.ts";

const PRIMARY_VERBS = ["start", "up", "stop", "down", "restart", "status", "build", "logs"] as const;
const SECONDARY_VERBS = ["start", "up", "stop", "down", "restart", "status", "test", "logs"] as const;
export type PrimaryVerb = (typeof PRIMARY_VERBS)[number];
export type SecondaryVerb = (typeof SECONDARY_VERBS)[number];

export const LARK_BOT_FLAGS = {
  ...LOG_FLAGS,
  wait: { kind: "switch", describe: "start, restart of the secondary: follow the cycle and end as it ends" },
} as const satisfies Flags;
export const LARK_INSTRUCTIONS_FLAGS = {
  ...SITE_FLAGS,
  file: {
    kind: "text",
    value: "FILE",
    repeatable: true,
    describe: "a page for agents, below the project",
    default_note: "CLAUDE.md, AGENTS.md",
  },
  ...DRY_RUN,
} as const satisfies Flags;

const VERB = (values: readonly string[]) =>
  ({ name: "VERB", describe: "what to do; start if nothing is said", values, optional: true }) as const;

export const DUAL_AGENT: readonly CommandRow[] = [
  {
    path: ["lark", "primary"],
    summary: "the bot that people talk to: built, started and, within bounds, repaired",
    kind: "write",
    flags: LARK_BOT_FLAGS,
    positionals: [VERB(PRIMARY_VERBS)],
    examples: ["loopx-loop lark primary restart", "loopx-loop lark primary logs --no-follow"],
    reads: "the section lark of the configuration, the repository, the loop's records",
    writes: "the bot's record; its log in logs/main.log; with repair on what a cycle writes",
    exits: { 1: "it does not become healthy, or its repair ended so" },
    load: () => import("../commands/lark-primary.ts"),
  },
  {
    path: ["lark", "secondary"],
    summary: "the bot that tests: ask for a cycle in the background, which restarts the primary when it passes",
    kind: "write",
    flags: LARK_BOT_FLAGS,
    positionals: [VERB(SECONDARY_VERBS)],
    examples: ["loopx-loop lark secondary restart", "loopx-loop lark secondary restart --wait", "loopx-loop lark secondary test"],
    reads: "the section lark of the configuration, the repository, the loop's records",
    writes: "a request in the queue; the watcher's record; what its cycles write",
    exits: { 1: "the gate failed, or with --wait the cycle did; status: a wanted bot is not healthy" },
    load: () => import("../commands/lark-secondary.ts"),
  },
  {
    path: ["lark", "watch"],
    summary: "run the cycles that are asked for, until told to end; lark secondary starts it",
    kind: "write",
    flags: SITE_FLAGS,
    examples: ["loopx-loop lark watch"],
    reads: "the queue of requests and the main branch",
    writes: "what the cycles write",
    load: () => import("../commands/worktree-watch.ts"),
  },
  {
    path: ["lark", "instructions"],
    summary: "tell coding agents to hand finished work to the secondary: a block in CLAUDE.md and AGENTS.md",
    kind: "write",
    flags: LARK_INSTRUCTIONS_FLAGS,
    positionals: [
      { name: "VERB", describe: "what to do; status if nothing is said", values: ["install", "remove", "status"], optional: true },
    ],
    examples: ["loopx-loop lark instructions install", "loopx-loop lark instructions remove --file AGENTS.md"],
    reads: "the section lark of the configuration, the files",
    writes: "the block; taken out again, every other byte is what it was",
    load: () => import("../commands/lark-instructions.ts"),
  },
];
