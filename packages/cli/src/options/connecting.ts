/** The table's rows for connecting a project and handing it on (spec section 2). */
import type { CommandRow, Flags } from "./flag.ts";
import { AGENT, DRY_RUN, GOAL, GOAL_FILTER } from "./global.ts";

/** No default stands here but the project: a rerun tells given flags from absent ones (CMD-33). */
export const CONNECT_FLAGS = {
  project: { kind: "text", value: "DIR", default: ".", describe: "the project folder; it is never created" },
  "goal-id": { kind: "text", alias: "g", value: "ID", env: "LOOPX_GOAL_ID", describe: "the goal's id", default_note: "from the folder's name" },
  objective: { kind: "text", value: "TEXT", describe: "what the goal is for", default_note: "a sentence of the catalogue" },
  domain: { kind: "text", value: "NAME", describe: "the goal's domain", default_note: "project-goal-control-plane" },
  role: { kind: "choice", values: ["controller", "subagent"], describe: "the goal's role", default_note: "controller" },
  "parent-goal-id": { kind: "text", value: "ID", describe: "the goal above this one" },
  "state-file": { kind: "text", value: "PATH", describe: "the goal state, inside the project", default_note: ".codex/goals/<goal-id>/ACTIVE_GOAL_STATE.md" },
  "goal-doc": { kind: "text", value: "PATH", describe: "the document that says what is wanted" },
  "adapter-kind": { kind: "text", value: "KIND", describe: "how the project is read", default_note: "generic_project_goal_v0" },
  "adapter-status": { kind: "text", value: "STATUS", describe: "how far the adapter is connected", default_note: "connected" },
  "next-probe": { kind: "text", value: "COMMAND", describe: "the next command to look with", default_note: "a loopx check of the project" },
  "spawn-allowed": { kind: "switch", describe: "sub-agents may be used" },
  "max-children": { kind: "integer", value: "N", min: 0, max: 1000, describe: "at most so many sub-agents", default_note: "3" },
  "allowed-domain": { kind: "text", value: "NAME", repeatable: true, split: true, describe: "a domain sub-agents may work in" },
  "write-scope": { kind: "text", value: "GLOB", repeatable: true, describe: "paths the goal may write" },
  "claim-ttl-minutes": { kind: "integer", value: "N", min: 1, max: 1440, describe: "after so long a claim is stale", default_note: "30" },
  "execution-minimum-scale": { kind: "text", value: "LABEL", describe: "smallest batch that counts as delivery" },
  "execution-must-include": { kind: "text", value: "LABEL", repeatable: true, describe: "what a delivery must include" },
  "execution-small-streak-threshold": { kind: "integer", value: "N", min: 1, describe: "small batches in a row before the contract binds" },
  "execution-outcome-marker": { kind: "text", value: "LABEL", repeatable: true, describe: "a classification part that means progress" },
  "execution-surface-only-hint": { kind: "text", value: "LABEL", repeatable: true, describe: "a classification part that means surface work" },
  "execution-surface-streak-threshold": { kind: "integer", value: "N", min: 1, describe: "runs without progress before the floor trips" },
  "execution-outcome-must-advance": { kind: "text", value: "LABEL", repeatable: true, describe: "what a recovery has to advance" },
  gitignore: { kind: "switch", describe: "add the private folders to .gitignore" },
  force: { kind: "switch", describe: "replace entry and state, after a backup" },
  "replace-state": { kind: "switch", describe: "let the global registry point to this project instead" },
  "no-global-sync": { kind: "switch", describe: "leave the global registry alone" },
  ...DRY_RUN,
} as const satisfies Flags;

export const NEW_PROJECT_PROMPT_FLAGS = {
  project: CONNECT_FLAGS.project,
  "goal-doc": CONNECT_FLAGS["goal-doc"],
  "goal-id": CONNECT_FLAGS["goal-id"],
  objective: CONNECT_FLAGS.objective,
  domain: CONNECT_FLAGS.domain,
  "adapter-kind": CONNECT_FLAGS["adapter-kind"],
  "adapter-status": CONNECT_FLAGS["adapter-status"],
  "next-probe": CONNECT_FLAGS["next-probe"],
  "spawn-allowed": CONNECT_FLAGS["spawn-allowed"],
  "allowed-domain": CONNECT_FLAGS["allowed-domain"],
  "write-scope": CONNECT_FLAGS["write-scope"],
} as const satisfies Flags;

export const HEARTBEAT_PROMPT_FLAGS = {
  ...GOAL,
  thin: { kind: "switch", describe: "the shortest form" },
  brief: { kind: "switch", describe: "guard, invariants and spend only" },
  compact: { kind: "switch", describe: "the whole cycle, shortened" },
  "active-state": { kind: "text", value: "PATH", describe: "another state file than the registered one" },
  "material-rule": { kind: "text", value: "TEXT", describe: "one line about new material" },
  "permission-rule": { kind: "text", value: "TEXT", describe: "one line about permissions" },
  "cli-bin": { kind: "text", value: "NAME", default: "loopx", describe: "the binary in every printed command" },
  ...AGENT,
  "agent-scope": { kind: "text", value: "TEXT", repeatable: true, describe: "what the agent works on, at most 180 characters" },
} as const satisfies Flags;

export const SYNC_GLOBAL_FLAGS = {
  ...GOAL_FILTER,
  "replace-state": { kind: "switch", describe: "accept another route for a goal, after a backup" },
  prune: { kind: "switch", describe: "drop global entries whose source is gone" },
  ...DRY_RUN,
} as const satisfies Flags;

const OLDER_CONNECT_FLAGS = {
  "no-onboarding-scan": { kind: "switch", describe: "" },
  "accept-onboarding-agent-todos": { kind: "switch", describe: "" },
  "begin-autonomous-advance": { kind: "switch", describe: "" },
  "codex-app-heartbeat": { kind: "switch", describe: "" },
  "onboarding-max-*": { kind: "text", describe: "" },
} as const satisfies Flags;

export const CONNECTING: readonly CommandRow[] = [
  {
    path: ["connect"],
    aliases: [["bootstrap"]],
    summary: "connect a project: registry entry, goal state, first todo; safe to run again",
    kind: "write",
    flags: CONNECT_FLAGS,
    legacy: OLDER_CONNECT_FLAGS,
    examples: ["loopx connect --goal-doc GOAL.md", 'loopx connect -g parser --objective "Make the parser whole" --write-scope "src/**"', "loopx connect -g parser --dry-run"],
    reads: "the project, its registry and state, the global registry",
    writes: "the goal state, .loopx/registry.json, the global registry; in this order, each whole or not at all",
    exits: { 1: "another goal has that state file or route" },
    load: () => import("../commands/connect.ts"),
  },
  {
    path: ["new-project-prompt"],
    summary: "the text by which another agent reads a goal document and connects its project",
    kind: "query",
    flags: NEW_PROJECT_PROMPT_FLAGS,
    examples: ["loopx new-project-prompt --project . --goal-doc GOAL.md", "loopx new-project-prompt --project . --goal-doc GOAL.md --quiet > handoff.md"],
    reads: "whether the project and its goal document exist",
    writes: "nothing",
    load: () => import("../commands/new-project-prompt.ts"),
  },
  {
    path: ["heartbeat-prompt"],
    summary: "the text a recurring automation hands to an agent",
    kind: "query",
    flags: HEARTBEAT_PROMPT_FLAGS,
    exclusive: [["thin", "brief", "compact"]],
    examples: ["loopx heartbeat-prompt -g parser --thin", "loopx heartbeat-prompt -g parser --quiet > prompt.md"],
    reads: "the registry entry and the goal state",
    writes: "nothing",
    load: () => import("../commands/heartbeat-prompt.ts"),
  },
  {
    path: ["sync-global"],
    summary: "copy this registry's goals into the global registry",
    kind: "write",
    flags: SYNC_GLOBAL_FLAGS,
    examples: ["loopx sync-global", "loopx sync-global --prune --dry-run"],
    reads: "the project registry and the global registry",
    writes: "the global registry",
    exits: { 1: "a goal id is routed to another project" },
    load: () => import("../commands/sync-global.ts"),
  },
];
