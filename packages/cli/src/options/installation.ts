/** The table's rows about the program itself. */
import type { CommandRow, Flags } from "./flag.ts";
import { DRY_RUN } from "./global.ts";

export const DEMO_FLAGS = {
  project: { kind: "text", value: "DIR", describe: "an empty folder to use", default_note: "a fresh private one" },
  keep: { kind: "switch", describe: "leave the folder for a look" },
} as const satisfies Flags;

export const SETTING_KEYS = ["registry", "runtime_root", "format", "locale", "color", "goal_id", "agent_id"] as const;

export const SHELLS = ["bash", "zsh", "fish", "powershell"] as const;

export const CONFIG_FLAGS = { "show-origin": { kind: "switch", describe: "say where each value came from" } } as const satisfies Flags;

const TARGET = {
  target: {
    kind: "choice",
    values: ["codex", "claude", "all"],
    describe: "whose folder",
    default_note: "codex, and claude where ~/.claude exists",
  },
} as const satisfies Flags;
export const SKILLS_FLAGS = { ...TARGET } as const satisfies Flags;
export const SKILLS_CHANGE_FLAGS = { ...TARGET, ...DRY_RUN } as const satisfies Flags;

/** A script per shell asks with --before and --current; people ask for the script. */
export const COMPLETION_FLAGS = {
  current: { kind: "text", value: "WORD", describe: "print what may stand at the cursor, which is in this word, instead of the script" },
  before: { kind: "text", value: "WORD", repeatable: true, describe: "with --current: a word ahead of it, without the program's name" },
} as const satisfies Flags;

export const MCP_FLAGS = {
  "allow-writes": { kind: "switch", describe: "also offer tools that write: refresh_state, reward, and todo beyond its list" },
  list: { kind: "switch", describe: "show the tools and serve nothing" },
} as const satisfies Flags;

export const INSTALLATION: readonly CommandRow[] = [
  {
    path: ["demo"],
    summary: "one goal's life in a few seconds, in a folder that goes away again",
    kind: "write",
    flags: DEMO_FLAGS,
    examples: ["loopx demo", "loopx demo --keep"],
    reads: "nothing of yours",
    writes: "a private folder, removed at the end unless --keep or --project",
    load: () => import("../commands/demo.ts"),
  },
  {
    path: ["doctor"],
    summary: "is this installation sound?",
    kind: "query",
    flags: {},
    examples: ["loopx doctor", "loopx doctor --json"],
    reads: "PATH, the installation, the runtime root",
    writes: "nothing",
    exits: { 1: "a required check fails" },
    load: () => import("../commands/doctor.ts"),
  },
  {
    path: ["config", "list"],
    aliases: [["config"]],
    summary: "the settings in effect",
    kind: "query",
    flags: CONFIG_FLAGS,
    examples: ["loopx config", "loopx config list --show-origin"],
    reads: "flags, environment, the registry, the user's configuration file",
    writes: "nothing",
    load: () => import("../commands/config-list.ts"),
  },
  {
    path: ["config", "get"],
    summary: "one setting in effect",
    kind: "query",
    flags: CONFIG_FLAGS,
    positionals: [{ name: "KEY", describe: "the setting", values: SETTING_KEYS }],
    examples: ["loopx config get registry", "loopx config get runtime_root --show-origin"],
    reads: "flags, environment, the registry, the user's configuration file",
    writes: "nothing",
    load: () => import("../commands/config-get.ts"),
  },
  {
    path: ["skills", "list"],
    aliases: [["skills"]],
    summary: "the skills that teach an agent to work with LoopX, and who has them",
    kind: "query",
    flags: SKILLS_FLAGS,
    examples: ["loopx skills", "loopx skills list --json"],
    reads: "the agents' skill folders",
    writes: "nothing",
    load: () => import("../commands/skills-list.ts"),
  },
  {
    path: ["skills", "install"],
    summary: "put the skills where agents look for them; what a person edited is kept beside",
    kind: "write",
    flags: SKILLS_CHANGE_FLAGS,
    examples: ["loopx skills install", "loopx skills install --target claude --dry-run"],
    reads: "the agents' skill folders",
    writes: "one folder per skill in ${CODEX_HOME:-~/.codex}/skills, and in ~/.claude/skills where ~/.claude exists",
    load: () => import("../commands/skills-install.ts"),
  },
  {
    path: ["skills", "remove"],
    summary: "take the skills out again; what a person edited stays",
    kind: "write",
    flags: SKILLS_CHANGE_FLAGS,
    examples: ["loopx skills remove --dry-run"],
    reads: "the agents' skill folders",
    writes: "those folders",
    load: () => import("../commands/skills-remove.ts"),
  },
  {
    path: ["completion"],
    summary: "the script by which a shell completes commands, flags, values and ids",
    kind: "query",
    flags: COMPLETION_FLAGS,
    positionals: [{ name: "SHELL", describe: "the shell", values: SHELLS }],
    examples: [
      "loopx completion bash --quiet > ~/.local/share/bash-completion/completions/loopx",
      "loopx completion bash --before todo --before add --current --ro",
    ],
    reads: "nothing; with --current the registry and the goal state whose ids may stand there",
    writes: "nothing, and installs nothing",
    load: () => import("../commands/completion.ts"),
  },
  {
    path: ["mcp"],
    summary: "the same answers as tools for an agent, over the Model Context Protocol on standard input and output",
    kind: "query",
    flags: MCP_FLAGS,
    examples: ["loopx mcp --allow-writes", "loopx mcp --list"],
    reads: "what the called command reads",
    writes: "nothing; with --allow-writes what the called command writes",
    load: () => import("../commands/mcp.ts"),
  },
  {
    path: ["man"],
    summary: "the manual page, as man reads it",
    kind: "query",
    flags: {},
    examples: ["loopx man | man -l -"],
    reads: "nothing",
    writes: "nothing",
    load: () => import("../commands/man.ts"),
  },
  {
    path: ["exit-codes"],
    summary: "every exit code and error code",
    kind: "query",
    flags: {},
    examples: ["loopx exit-codes", "loopx exit-codes --json"],
    reads: "nothing",
    writes: "nothing",
    load: () => import("../commands/exit-codes.ts"),
  },
  {
    path: ["version"],
    summary: "version, platform and where it was installed from",
    kind: "query",
    flags: {},
    examples: ["loopx version", "loopx version --json"],
    reads: "nothing",
    writes: "nothing",
    load: () => import("../commands/version.ts"),
  },
];
