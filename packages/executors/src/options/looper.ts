/** The table's rows about Looper, the run service (LPR-1 to LPR-4). */
import type { CommandRow } from "@loopx/cli/program";

const DIR = {
  kind: "text",
  value: "DIR",
  describe: "the service's folder",
  env: "LOOPER_DIR",
  default_note: "executors/looper in the runtime root",
} as const;

export const SERVE_FLAGS = {
  host: { kind: "text", value: "H", describe: "where it listens", env: "LOOPER_HOST", default_note: "127.0.0.1" },
  port: { kind: "integer", value: "P", min: 0, max: 65_535, describe: "0 is any free port", env: "LOOPER_PORT", default_note: "3456" },
  dir: DIR,
  workspace: { kind: "text", value: "W", describe: "where runs work when a request names no place", env: "LOOPER_WORKSPACE" },
  "goal-id": { kind: "text", alias: "g", value: "G", describe: "the goal of runs that name none", env: "LOOPER_GOAL_ID" },
  "leave-running": { kind: "switch", describe: "a live run outlives the service; the next one adopts it" },
  check: { kind: "switch", describe: "print the configuration in force and end" },
} as const;

const ADDRESS = {
  url: { kind: "text", value: "U", describe: "the service", env: "LOOPER_URL", default_note: "http://127.0.0.1:3456" },
  "token-file": { kind: "text", value: "F", describe: "where its token stands", default_note: "token in the service's folder" },
  dir: DIR,
} as const;

export const RUN_FLAGS = {
  ...ADDRESS,
  workspace: { kind: "text", value: "W", describe: "where the agent works" },
  "goal-id": { kind: "text", alias: "g", value: "G", describe: "the goal it works for" },
  prompt: { kind: "text", value: "TEXT", describe: "what the agent is asked" },
  "prompt-file": { kind: "text", value: "F", describe: "the same, from a file" },
  "notify-only": { kind: "switch", describe: "send the message and start nothing" },
  binary: { kind: "text", value: "B", describe: "the agent's program, if the service allows it" },
  delay: { kind: "number", value: "S", min: 0, max: 3_600, describe: "seconds between stopping and starting" },
  "startup-check": { kind: "number", value: "S", min: 0, max: 60, describe: "seconds in which an early end is noticed" },
  "idempotency-key": { kind: "text", value: "K", max_length: 200, describe: "the same key starts nothing twice" },
  wait: { kind: "switch", describe: "wait for the run's end" },
} as const;

export const STATUS_FLAGS = ADDRESS;
export const STOP_FLAGS = ADDRESS;
export const TOKEN_FLAGS = {
  dir: DIR,
  rotate: { kind: "switch", describe: "write a new token; the old one is worth nothing from then on" },
} as const;
export const ZULIP_FLAGS = { "dry-run": { kind: "switch", alias: "n", describe: "ask Zulip who the bot is; nothing is sent" } } as const;

export const LOOPER: readonly CommandRow[] = [
  {
    path: ["looper", "serve"],
    summary: "serve HTTP: announce, stop what runs, start one fresh run",
    kind: "write",
    flags: SERVE_FLAGS,
    examples: ["loopx-loop looper serve --workspace . --check", "loopx-loop looper serve --workspace . --goal-id parser"],
    reads: "its variables, registries, the goals of its workspaces",
    writes: "its folder; commits in a workspace that was clean; the goal's history",
    load: () => import("../commands/looper-serve.ts"),
  },
  {
    path: ["looper", "run"],
    summary: "ask the service for one run",
    kind: "write",
    flags: RUN_FLAGS,
    positionals: [{ name: "MESSAGE", describe: "what is announced", optional: true }],
    exclusive: [["prompt", "prompt-file", "notify-only"]],
    examples: ['loopx-loop looper run "Nightly pass" --prompt-file prompt.md', "loopx-loop looper run --wait --json"],
    reads: "the token file, the prompt file",
    writes: "nothing itself",
    exits: { 1: "refused by the goal, by a check or by a failed start; with --wait: the run did not end well" },
    load: () => import("../commands/looper-run.ts"),
  },
  {
    path: ["looper", "status"],
    summary: "the live run, the last ten, and why an idle service starts or waits",
    kind: "query",
    flags: STATUS_FLAGS,
    examples: ["loopx-loop looper status", "loopx-loop looper status --json"],
    reads: "the service",
    writes: "nothing",
    load: () => import("../commands/looper-status.ts"),
  },
  {
    path: ["looper", "stop"],
    summary: "end a run",
    kind: "write",
    flags: STOP_FLAGS,
    positionals: [{ name: "RUN_ID", describe: "the run; the live one if there is only one", optional: true }],
    examples: ["loopx-loop looper stop"],
    reads: "the service",
    writes: "the run's record",
    load: () => import("../commands/looper-stop.ts"),
  },
  {
    path: ["looper", "token"],
    summary: "where the service's token stands; --rotate writes a new one",
    kind: "write",
    flags: TOKEN_FLAGS,
    examples: ["loopx-loop looper token", "loopx-loop looper token --rotate"],
    reads: "the service's folder",
    writes: "the token file, with --rotate",
    load: () => import("../commands/looper-token.ts"),
  },
  {
    path: ["looper", "zulip"],
    summary: "whether the Zulip credentials are right",
    kind: "query",
    flags: ZULIP_FLAGS,
    examples: ["loopx-loop looper zulip --dry-run"],
    reads: "the Zulip variables or file, and who Zulip says the bot is",
    writes: "nothing",
    exits: { 1: "Zulip does not know the bot" },
    load: () => import("../commands/looper-zulip.ts"),
  },
];
