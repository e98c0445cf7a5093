/** Rules about who is asked and who asks: registry, goal, agent. */
import { goalRule } from "./rule.ts";
import type { RuleOf } from "./rule.ts";

/** Rule 1: nothing can be said about any goal of a registry that cannot be read (FIL-16). */
export const registryUnreadable: RuleOf<"registry_unreadable"> = {
  name: "registry_unreadable",
  looksAt: ({ facts }) => ({ registry_fault: facts.registry_fault?.code ?? null }),
  answer: ({ facts }) => (facts.registry_fault === null ? null : { rule: "registry_unreadable", fault: facts.registry_fault }),
};

/** Rule 2: no entry has this id. */
export const goalNotFound: RuleOf<"goal_not_found"> = {
  name: "goal_not_found",
  looksAt: ({ facts }) => ({ registered: facts.registered }),
  answer: ({ facts }) => (facts.registered || facts.goal !== null ? null : { rule: "goal_not_found" }),
};

/** Rule 4: an agent was named, agents are registered, and it is none of them. */
export const agentNotRegistered: RuleOf<"agent_not_registered"> = {
  name: "agent_not_registered",
  looksAt: ({ caller }) => ({ agent_id: caller.agent_id, registered_agents: caller.registered }),
  answer: ({ caller }) => {
    if (caller.agent_id === null || caller.registered.length === 0 || caller.registered.includes(caller.agent_id)) return null;
    return { rule: "agent_not_registered", agent_id: caller.agent_id, registered: caller.registered };
  },
};

/** Rule 8: with registered agents the caller has to say who it is. */
export const identityRequired = goalRule(
  "identity_required",
  ({ caller }) => ({ agent_id: caller.agent_id, registered_agents: caller.registered }),
  ({ caller }, goal) => {
    const [first] = caller.registered;
    if (first === undefined || caller.agent_id !== null) return null;
    const primary = goal.coordination.primary_agent;
    const suggested = primary !== null && caller.registered.includes(primary) ? primary : first;
    return { rule: "identity_required", suggested, registered: caller.registered };
  },
);
