/** The table's rows about the Gitea dispatcher (DSP-1). */
import type { CommandRow, Flags } from "@loopx/cli/program";

const PLACE = {
  config: { kind: "text", value: "FILE", describe: "the configuration", env: "LOOPX_GITEA_CONFIG", default_note: ".loopx/gitea.yaml" },
  "state-dir": {
    kind: "text",
    value: "DIR",
    describe: "where the dispatcher keeps itself",
    default_note: "executors/gitea in the runtime root",
  },
} as const satisfies Flags;
const DRY = {
  "dry-run": { kind: "switch", alias: "n", describe: "only ask the server, and say what would be done" },
} as const satisfies Flags;

export const GITEA_FLAGS = PLACE;
export const GITEA_RUN_FLAGS = {
  ...PLACE,
  ...DRY,
  "leave-running": { kind: "switch", describe: "live runs outlive the service; the next one adopts them" },
} as const satisfies Flags;
export const GITEA_ONCE_FLAGS = {
  ...PLACE,
  ...DRY,
  wait: { kind: "switch", describe: "wait for the runs that it starts" },
} as const satisfies Flags;
export const GITEA_STATUS_FLAGS = {
  ...PLACE,
  item: { kind: "text", value: "O/R#N", describe: "only this item, with its history" },
  card: { kind: "switch", describe: "the same as a Lark card" },
} as const satisfies Flags;
export const GITEA_PAUSE_FLAGS = {
  ...PLACE,
  reason: { kind: "text", value: "TEXT", describe: "why, for the status", max_length: 500 },
} as const satisfies Flags;
export const GITEA_DRAIN_FLAGS = {
  ...PLACE,
  timeout: { kind: "integer", value: "S", min: 0, max: 86_400, default: 3_600, describe: "the longest to wait" },
} as const satisfies Flags;
export const GITEA_DOCTOR_FLAGS = {
  ...PLACE,
  "create-labels": { kind: "switch", describe: "make the labels that are missing" },
} as const satisfies Flags;

const READS = "its configuration, the server, its records";

export const GITEA: readonly CommandRow[] = [
  {
    path: ["gitea", "run"],
    summary: "the service: find work on the server and drive each pull to its person",
    kind: "write",
    flags: GITEA_RUN_FLAGS,
    examples: ["loopx-loop gitea run", "loopx-loop gitea run --dry-run --json"],
    reads: READS,
    writes: "its state directory; labels, comments, branches and pulls on the server; the goals' histories",
    load: () => import("../commands/gitea-run.ts"),
  },
  {
    path: ["gitea", "once"],
    summary: "one whole tick: reconcile, poll, scan, dispatch, apply",
    kind: "write",
    flags: GITEA_ONCE_FLAGS,
    examples: ["loopx-loop gitea once --dry-run", "loopx-loop gitea once --wait --json"],
    reads: READS,
    writes: "what the service writes",
    exits: { 1: "something needs a person" },
    load: () => import("../commands/gitea-once.ts"),
  },
  {
    path: ["gitea", "status"],
    summary: "queue, runs, leases, the age of the last good poll, why events were ignored",
    kind: "query",
    flags: GITEA_STATUS_FLAGS,
    examples: ["loopx-loop gitea status", "loopx-loop gitea status --item acme/tool#7 --json"],
    reads: "its configuration and records; not the server",
    writes: "nothing",
    exits: { 1: "unhealthy" },
    load: () => import("../commands/gitea-status.ts"),
  },
  {
    path: ["gitea", "doctor"],
    summary: "what would stop a dispatcher here: server, token, labels, gate, agents",
    kind: "write",
    flags: GITEA_DOCTOR_FLAGS,
    examples: ["loopx-loop gitea doctor", "loopx-loop gitea doctor --create-labels"],
    reads: "its configuration, this machine, the server",
    writes: "nothing; with --create-labels the missing labels of each repository",
    exits: { 1: "a fault" },
    load: () => import("../commands/gitea-doctor.ts"),
  },
  {
    path: ["gitea", "pause"],
    summary: "no new claims; live runs go on",
    kind: "write",
    flags: GITEA_PAUSE_FLAGS,
    examples: ["loopx-loop gitea pause --reason 'the server moves'"],
    reads: "its configuration",
    writes: "one document in the state directory",
    load: () => import("../commands/gitea-pause.ts"),
  },
  {
    path: ["gitea", "resume"],
    summary: "claim again",
    kind: "write",
    flags: GITEA_FLAGS,
    examples: ["loopx-loop gitea resume"],
    reads: "its configuration",
    writes: "one document in the state directory",
    load: () => import("../commands/gitea-resume.ts"),
  },
  {
    path: ["gitea", "drain"],
    summary: "pause, then wait for live runs and everything that follows from them",
    kind: "write",
    flags: GITEA_DRAIN_FLAGS,
    examples: ["loopx-loop gitea drain --timeout 900"],
    reads: "its configuration and records",
    writes: "one document in the state directory",
    exits: { 1: "the time was over" },
    load: () => import("../commands/gitea-drain.ts"),
  },
];
