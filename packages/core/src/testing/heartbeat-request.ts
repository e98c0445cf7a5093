/** A heartbeat request that is answered with a prompt, for tests. Say only what differs: `heartbeatRequest({ thin: true })`. */
import type { Form, HeartbeatRequest } from "../domain/heartbeat/inputs.ts";

export const TWO_AGENTS: HeartbeatRequest["coordination"] = {
  registered_agents: ["codex-main", "codex-side"],
  primary_agent: "codex-main",
  side_agent_handoff_agent: null,
  agent_profiles: [],
};

/** A connected goal without agents, the full form, in English. */
export function heartbeatRequest(over: Partial<HeartbeatRequest> = {}): HeartbeatRequest {
  return {
    goal_id: "project-goal",
    thin: false,
    brief: false,
    compact: false,
    active_state: "/srv/project/.codex/goals/project-goal/ACTIVE_GOAL_STATE.md",
    active_state_source: "registry",
    agent_id: null,
    agent_scopes: [],
    material_rule: null,
    permission_rule: null,
    locale: "en",
    invocation: { cli_bin: "loopx", registry: "/srv/project/.loopx/registry.json", runtime_root: null },
    coordination: { registered_agents: [], primary_agent: null, side_agent_handoff_agent: null, agent_profiles: [] },
    ...over,
  };
}

/** The flags that choose a form. */
export function formFlags(form: Form): Pick<HeartbeatRequest, "thin" | "brief" | "compact"> {
  return { thin: form === "thin", brief: form === "brief", compact: form === "compact" };
}
