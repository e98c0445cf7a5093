/** Flags that are valid at any place on every line (CMD-1), and those that many commands share (CMD-2). */
import type { Flags } from "./flag.ts";

export const GLOBAL_FLAGS = {
  registry: {
    kind: "text",
    value: "PATH",
    describe: "project or global registry",
    default_note: "the nearest .loopx/registry.json",
    env: "LOOPX_REGISTRY",
  },
  "runtime-root": { kind: "text", value: "DIR", describe: "runtime root", default_note: "~/.codex/loopx", env: "LOOPX_RUNTIME_ROOT" },
  format: { kind: "choice", values: ["markdown", "json"], describe: "output form", default_note: "markdown", env: "LOOPX_FORMAT" },
  json: { kind: "switch", describe: "the same as --format json" },
  cwd: { kind: "text", alias: "C", value: "DIR", describe: "act as if started there" },
  locale: { kind: "choice", values: ["en", "zh"], describe: "language of generated sentences", env: "LOOPX_LOCALE" },
  quiet: { kind: "switch", alias: "q", describe: "print only the result" },
  verbose: { kind: "switch", alias: "v", describe: "also timings and files, on stderr" },
  color: { kind: "switch", describe: "colour even without a terminal" },
  "no-color": { kind: "switch", describe: "no colour" },
  help: { kind: "switch", alias: "h", describe: "show help" },
  version: { kind: "switch", alias: "V", describe: "show the version" },
} as const satisfies Flags;

export const GLOBAL_EXCLUSIVE = [
  ["color", "no-color"],
  ["quiet", "verbose"],
] as const;

const goal = { kind: "text", alias: "g", value: "GOAL", env: "LOOPX_GOAL_ID" } as const;

/** A query takes the only goal of the registry when none is named. */
export const GOAL = {
  "goal-id": { ...goal, describe: "the goal", default_note: "the only goal of the registry" },
} as const satisfies Flags;
/** A listing query shows all goals when none is named. */
export const GOAL_FILTER = { "goal-id": { ...goal, describe: "only this goal", default_note: "all goals" } } as const satisfies Flags;
/** A write never guesses its goal. */
export const GOAL_REQUIRED = { "goal-id": { ...goal, describe: "the goal", required: true } } as const satisfies Flags;
export const AGENT = {
  "agent-id": { kind: "text", value: "AGENT", env: "LOOPX_AGENT_ID", describe: "the agent that asks or acts" },
} as const satisfies Flags;
/** For a command that writes unless it is told not to. */
export const DRY_RUN = {
  "dry-run": { kind: "switch", alias: "n", describe: "show what would happen, write nothing" },
} as const satisfies Flags;
/** A write by the holder of a lease: refused when the grant counts no more (FIL-82). */
export const LEASE_TOKEN = {
  "lease-token": { kind: "integer", value: "N", min: 1, describe: "write only while the lease with this token is live" },
} as const satisfies Flags;
/** The same for a write that is about no todo; `--agent-id` holds the lease. */
export const LEASE_OF_RUN = {
  "lease-todo-id": { kind: "text", value: "ID", describe: "the todo whose lease the work was done under" },
  ...LEASE_TOKEN,
} as const satisfies Flags;
/** Commands that only preview unless told to write (CMD-3). */
export const PREVIEW = {
  ...DRY_RUN,
  execute: { kind: "switch", describe: "write; without it this is a preview" },
} as const satisfies Flags;

/** A scan looks only where it is told to (design D16). */
export const SCAN = {
  "scan-root": { kind: "text", value: "DIR", describe: "look through this folder for texts that must not be public" },
  "scan-path": { kind: "text", value: "PATH", repeatable: true, describe: "look through this file or folder too" },
} as const satisfies Flags;

/** `--limit` with its own default, 1 to 1000. */
export function limitFlag<const N extends number>(byDefault: N) {
  return {
    limit: { kind: "integer", value: "N", min: 1, max: 1000, default: byDefault, describe: "at most so many entries" },
  } as const satisfies Flags;
}
