/** The table's rows for connecting a project and handing it on (spec section 2). */
import type { CommandRow, Flags } from "./flag.ts";
import { DRY_RUN, GOAL_FILTER, GOAL_REQUIRED, PREVIEW } from "./global.ts";
import { HEARTBEAT_PROMPT } from "./wake-up.ts";

/** No default stands here but the project: a rerun tells given flags from absent ones (CMD-33). */
export const CONNECT_FLAGS = {
  project: { kind: "text", value: "DIR", default: ".", describe: "the project folder; it is never created" },
  "goal-id": {
    kind: "text",
    alias: "g",
    value: "GOAL",
    env: "LOOPX_GOAL_ID",
    describe: "the goal's id",
    default_note: "from the folder's name",
  },
  objective: { kind: "text", value: "TEXT", describe: "what the goal is for", default_note: "a sentence of the catalogue" },
  domain: { kind: "text", value: "NAME", describe: "the goal's domain", default_note: "project-goal-control-plane" },
  role: { kind: "choice", values: ["controller", "subagent"], describe: "the goal's role", default_note: "controller" },
  "parent-goal-id": { kind: "text", value: "GOAL", describe: "the goal above this one" },
  "state-file": {
    kind: "text",
    value: "PATH",
    describe: "the goal state, inside the project",
    default_note: ".codex/goals/<goal-id>/ACTIVE_GOAL_STATE.md",
  },
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
  "execution-surface-only-hint": {
    kind: "text",
    value: "LABEL",
    repeatable: true,
    describe: "a classification part that means surface work",
  },
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

export const DISCONNECT_FLAGS = {
  "goal-id": {
    kind: "text",
    alias: "g",
    value: "GOAL",
    env: "LOOPX_GOAL_ID",
    repeatable: true,
    describe: "only this goal",
    default_note: "every goal of the project",
  },
  "archive-state": { kind: "switch", describe: "move the goal states to .loopx/archived-project-state" },
  "remove-empty-registry": { kind: "switch", describe: "remove the registry when no goal is left in it" },
  restore: { kind: "text", value: "STAMP", describe: "put back what was disconnected then" },
  list: { kind: "switch", describe: "show what can be put back" },
  ...PREVIEW,
} as const satisfies Flags;

export const SYNC_GLOBAL_FLAGS = {
  ...GOAL_FILTER,
  "replace-state": { kind: "switch", describe: "accept another route for a goal, after a backup" },
  prune: { kind: "switch", describe: "drop global entries whose source is gone" },
  ...DRY_RUN,
} as const satisfies Flags;

export const CONFIGURE_GOAL_FLAGS = {
  ...GOAL_REQUIRED,
  status: { kind: "choice", values: ["active", "paused"], describe: "paused stops the goal, whatever else is true" },
  "quota-compute": { kind: "number", value: "N", min: 0, max: 1, describe: "share of the window; 0 pauses" },
  "quota-window-hours": { kind: "integer", value: "N", min: 1, describe: "length of the quota window" },
  "quota-slot-minutes": { kind: "integer", value: "N", min: 1, describe: "length of a slot" },
  "quota-allowed-slots": { kind: "integer", value: "N", min: 0, describe: "slots per window; 0 means none" },
  "self-repair-enabled": { kind: "switch", negatable: true, describe: "kept for other tools" },
  "self-repair-health": { kind: "switch", negatable: true, describe: "kept for other tools" },
  "self-repair-waiting-projection": { kind: "switch", negatable: true, describe: "kept for other tools" },
  "orchestration-mode": { kind: "choice", values: ["default", "multi_subagent"], describe: "whether sub-agents are used" },
  "spawn-allowed": { kind: "switch", negatable: true, describe: "sub-agents may be used" },
  "max-children": { kind: "integer", value: "N", min: 0, describe: "at most so many sub-agents" },
  "allowed-domain": { kind: "text", value: "NAME", repeatable: true, split: true, describe: "a domain sub-agents may work in" },
  "clear-allowed-domains": { kind: "switch", describe: "none" },
  "write-scope": { kind: "text", value: "GLOB", repeatable: true, describe: "paths the goal may write; replaces the old list" },
  "clear-write-scopes": { kind: "switch", describe: "none" },
  "claim-ttl-minutes": { kind: "integer", value: "N", min: 1, max: 1440, describe: "after so long a claim is stale" },
  "adapter-kind": { kind: "text", value: "KIND", describe: "how the project is read" },
  "adapter-status": { kind: "text", value: "STATUS", describe: "how far the adapter is connected" },
  "registered-agent": { kind: "text", value: "AGENT", repeatable: true, split: true, describe: "the goal's agents; replaces the old list" },
  "clear-registered-agents": { kind: "switch", describe: "none" },
  "primary-agent": { kind: "text", value: "AGENT", describe: "who reviews, merges and publishes" },
  "clear-primary-agent": { kind: "switch", describe: "nobody" },
  "waiting-on": { kind: "choice", values: ["codex", "user_or_controller", "controller", "external_evidence"], describe: "who has to act" },
  "clear-waiting-on": { kind: "switch", describe: "nobody is waited for" },
  "boundary-authority-scope": { kind: "text", value: "GLOB", repeatable: true, describe: "paths somebody allowed for a while" },
  "boundary-authority-source": { kind: "text", value: "TEXT", describe: "who allowed them" },
  "boundary-authority-decision-id": { kind: "text", value: "ID", describe: "the decision" },
  "boundary-authority-recorded-at": { kind: "text", value: "TS", describe: "when it was recorded" },
  "boundary-authority-expires-at": { kind: "text", value: "TS", describe: "when it ends" },
  "clear-boundary-authority": { kind: "switch", describe: "none" },
  ...PREVIEW,
} as const satisfies Flags;

export const REGISTER_AGENT_FLAGS = {
  ...GOAL_REQUIRED,
  "agent-id": { kind: "text", value: "AGENT", repeatable: true, split: true, required: true, describe: "an agent to register" },
  "primary-agent": { kind: "text", value: "AGENT", describe: "who reviews, merges and publishes" },
  ...PREVIEW,
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
    examples: [
      "loopx connect --goal-doc GOAL.md",
      'loopx connect -g parser --objective "Make the parser whole" --write-scope "src/**"',
      "loopx connect -g parser --dry-run",
    ],
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
    examples: [
      "loopx new-project-prompt --project . --goal-doc GOAL.md",
      "loopx new-project-prompt --project . --goal-doc GOAL.md --quiet > handoff.md",
    ],
    reads: "whether the project and its goal document exist",
    writes: "nothing",
    load: () => import("../commands/new-project-prompt.ts"),
  },
  {
    path: ["configure-goal"],
    summary: "change a goal's quota, agents, write scopes or waits",
    kind: "preview",
    flags: CONFIGURE_GOAL_FLAGS,
    examples: [
      "loopx configure-goal -g parser --quota-compute 0.5",
      'loopx configure-goal -g parser --write-scope "src/**" --execute',
      "loopx configure-goal -g parser --status paused --execute",
    ],
    reads: "the registry",
    writes: "the goal's entry and the global registry",
    load: () => import("../commands/configure-goal.ts"),
  },
  {
    path: ["register-agent"],
    summary: "register agents for a goal",
    kind: "preview",
    flags: REGISTER_AGENT_FLAGS,
    examples: ["loopx register-agent -g parser --agent-id codex-main --primary-agent codex-main --execute"],
    reads: "the registry",
    writes: "the goal's entry and the global registry",
    load: () => import("../commands/register-agent.ts"),
  },
  HEARTBEAT_PROMPT,
  {
    path: ["disconnect"],
    aliases: [["uninstall-project"]],
    summary: "take a project's goals out of the registries; it can be put back byte for byte",
    kind: "preview",
    flags: DISCONNECT_FLAGS,
    exclusive: ["restore", "list"]
      .flatMap((only) => ["goal-id", "archive-state", "remove-empty-registry"].map((other) => [only, other]))
      .concat([
        ["restore", "list"],
        ["list", "execute"],
      ]),
    examples: [
      "loopx disconnect",
      "loopx disconnect -g parser --archive-state --execute",
      "loopx disconnect --restore 20261121T090000Z --execute",
    ],
    reads: "the project registry, the global registry, the goal states",
    writes: "both registries; with --archive-state the goal states; first copies of all of them below disconnected/ in the runtime root",
    exits: { 1: "a file changed after the disconnect, so nothing was restored" },
    load: () => import("../commands/disconnect.ts"),
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
