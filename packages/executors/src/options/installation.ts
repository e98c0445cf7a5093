/** The table's rows about the program itself. */
import type { CommandRow } from "@loopx/cli/program";
import { SITE_FLAGS } from "./worktree.ts";

export const LOOP_DEMO_FLAGS = { keep: { kind: "switch", describe: "leave the demo's folder" } } as const;

export const INSTALLATION: readonly CommandRow[] = [
  {
    path: ["demo"],
    summary: "watch the worktree loop heal a small project, in a folder that goes away again",
    kind: "write",
    flags: LOOP_DEMO_FLAGS,
    schema: "loop demo",
    examples: ["loopx-loop demo", "loopx-loop demo --keep"],
    reads: "nothing of yours",
    writes: "a private folder, removed at the end",
    load: () => import("../commands/demo.ts"),
  },
  {
    path: ["doctor"],
    summary: "what would stop a loop here: git, configuration, gates, agents and what confines them",
    kind: "query",
    flags: SITE_FLAGS,
    examples: ["loopx-loop doctor", "loopx-loop doctor --json"],
    reads: "the configuration and this machine; starts each agent's --version and codex's sandbox, no model",
    writes: "nothing",
    exits: { 1: "a fault" },
    load: () => import("../commands/doctor.ts"),
  },
  {
    path: ["version"],
    summary: "version and platform",
    kind: "query",
    flags: {},
    schema: "loop version",
    examples: ["loopx-loop version", "loopx-loop version --json"],
    reads: "nothing",
    writes: "nothing",
    load: () => import("../commands/version.ts"),
  },
];
