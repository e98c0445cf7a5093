/** Rules about pause, the spent window and the caller's workspace. */
import { goalRule } from "./rule.ts";
import type { RuleOf } from "./rule.ts";

/** Rule 3: pause is absolute; nothing below may override it (design D8). */
export const paused: RuleOf<"paused"> = {
  name: "paused",
  looksAt: ({ facts }) => ({ quota_state: facts.quota.state, compute: facts.quota.compute, goal_status: facts.goal?.status ?? null }),
  answer: ({ facts }) => (facts.quota.state === "paused" ? { rule: "paused" } : null),
};

/** Rule 14: the window's slots are spent. */
export const throttled = goalRule(
  "throttled",
  ({ facts }) => ({ quota_state: facts.quota.state, spent_slots: facts.quota.spent_slots, allowed_slots: facts.quota.allowed_slots }),
  ({ facts }) => (facts.quota.state === "throttled" ? { rule: "throttled" } : null),
);

const OUTSIDE = new Set(["primary_checkout", "not_git_worktree", "foreign_git_worktree"]);

/** Rule 15: a side agent works in a worktree of its own (DEC-84). A workspace nobody looked at passes. */
export const workspaceGuard = goalRule(
  "workspace_guard",
  ({ caller, facts }) => ({ role: caller.role, workspace: facts.workspace }),
  ({ caller, facts }) => {
    if (caller.role !== "side-agent" || caller.agent_id === null || facts.workspace === null || !OUTSIDE.has(facts.workspace)) return null;
    return { rule: "workspace_guard", agent_id: caller.agent_id, workspace: facts.workspace };
  },
);
