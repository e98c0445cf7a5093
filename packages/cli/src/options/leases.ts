/** The table's rows for leases: hard, timed ownership of one todo (CMD-100). */
import type { CommandRow, Flags } from "./flag.ts";
import { DRY_RUN, GOAL, GOAL_REQUIRED } from "./global.ts";

const HELD = {
  "todo-id": { kind: "text", value: "TODO", required: true, describe: "the todo" },
  holder: { kind: "text", value: "AGENT", required: true, describe: "the agent that holds it" },
} as const satisfies Flags;

/** `--version` is the program's own, so the lease's has a longer name. */
const GRANT = {
  ...HELD,
  token: { kind: "integer", value: "N", min: 1, required: true, describe: "the token of the grant" },
  "lease-version": { kind: "integer", value: "N", min: 1, describe: "refuse when the lease has another version" },
} as const satisfies Flags;

export const LEASE_ACQUIRE_FLAGS = {
  ...GOAL_REQUIRED,
  ...HELD,
  "ttl-minutes": {
    kind: "integer",
    value: "N",
    min: 1,
    max: 1440,
    describe: "how long it lasts",
    default_note: "the goal's claim_ttl_minutes",
  },
  "write-scope": {
    kind: "text",
    value: "GLOB",
    repeatable: true,
    describe: "paths nobody else may lease",
    default_note: "the todo's required write scopes",
  },
  "take-over": { kind: "switch", describe: "end another's live lease; for the primary agent or an operator" },
  reason: { kind: "text", value: "TEXT", describe: "why it is taken over" },
  "idempotency-key": { kind: "text", value: "KEY", describe: "the same key and arguments again give the same lease" },
  ...DRY_RUN,
} as const satisfies Flags;
export const LEASE_GRANT_FLAGS = { ...GOAL_REQUIRED, ...GRANT, ...DRY_RUN } as const satisfies Flags;
export const LEASE_VERIFY_FLAGS = { ...GOAL_REQUIRED, ...GRANT } as const satisfies Flags;
export const LEASE_LIST_FLAGS = { ...GOAL, all: { kind: "switch", describe: "released and expired leases too" } } as const satisfies Flags;

export const LEASES: readonly CommandRow[] = [
  {
    path: ["lease", "acquire"],
    summary: "own a todo for a time, with a token that fences off earlier owners",
    kind: "write",
    flags: LEASE_ACQUIRE_FLAGS,
    examples: [
      "loopx lease acquire -g parser --todo-id todo_ag0001 --holder codex-1",
      'loopx lease acquire -g parser --todo-id todo_ag0001 --holder codex-1 --ttl-minutes 60 --write-scope "src/**"',
    ],
    reads: "the registry entry, the goal state and its leases",
    writes: "one lease file in the runtime root",
    load: () => import("../commands/lease-acquire.ts"),
  },
  {
    path: ["lease", "renew"],
    summary: "hold it for as long again",
    kind: "write",
    flags: LEASE_GRANT_FLAGS,
    examples: ["loopx lease renew -g parser --todo-id todo_ag0001 --holder codex-1 --token 1"],
    reads: "the registry entry and the lease",
    writes: "the lease file",
    load: () => import("../commands/lease-renew.ts"),
  },
  {
    path: ["lease", "release"],
    summary: "give it back before its time is over",
    kind: "write",
    flags: LEASE_GRANT_FLAGS,
    examples: ["loopx lease release -g parser --todo-id todo_ag0001 --holder codex-1 --token 1"],
    reads: "the registry entry and the lease",
    writes: "the lease file",
    load: () => import("../commands/lease-release.ts"),
  },
  {
    path: ["lease", "verify"],
    summary: "may this holder still act? answered by the exit code: 0 or 3",
    kind: "query",
    flags: LEASE_VERIFY_FLAGS,
    examples: ["loopx lease verify -g parser --todo-id todo_ag0001 --holder codex-1 --token 1 && git push"],
    reads: "the registry entry and the lease",
    writes: "nothing",
    load: () => import("../commands/lease-verify.ts"),
  },
  {
    path: ["lease", "list"],
    summary: "who holds what, until when",
    kind: "query",
    flags: LEASE_LIST_FLAGS,
    examples: ["loopx lease list -g parser", "loopx lease list -g parser --all --json"],
    reads: "the registry entry and the goal's leases",
    writes: "nothing",
    load: () => import("../commands/lease-list.ts"),
  },
];
