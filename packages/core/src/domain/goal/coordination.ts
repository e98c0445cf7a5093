/**
 * Who may work on a goal, and where: the `coordination` block with its agents (FIL-11, FIL-12).
 * Agents may be written as texts or as objects; inside there are only normalised ids.
 */
import { parseAgentId } from "../ids.ts";
import { isJsonObject, type JsonObject, type JsonValue } from "../json.ts";
import type { Coordination, SpawnPolicy } from "./entry.ts";
import { isAbsent, numberOf, objectOf, textOf, textsOf } from "./fields.ts";
import {
  CLAIM_TTL_MINUTES,
  clampToRange,
  DEFAULT_CLAIM_TTL_MINUTES,
  DEFAULT_MAX_CHILDREN,
  DEFAULT_PARENT_APPROVAL,
  MAX_CHILDREN,
} from "./limits.ts";

/** The block with defaults for what is absent; never a finding, since nothing in it stops a goal. */
export function readCoordination(value: JsonValue | undefined): Coordination {
  const block = objectOf(value);
  const ttl = numberOf(block.claim_ttl_minutes);
  const approval = block.requires_parent_approval;
  return {
    write_scope: textsOf(block.write_scope),
    claim_ttl_minutes: ttl === null ? DEFAULT_CLAIM_TTL_MINUTES : clampToRange(ttl, CLAIM_TTL_MINUTES),
    requires_parent_approval: isAbsent(approval) ? [...DEFAULT_PARENT_APPROVAL] : textsOf(approval),
    registered_agents: readAgents(block.registered_agents),
    primary_agent: agentIdOf(block.primary_agent),
    side_agent_handoff_agent: agentIdOf(block.side_agent_handoff_agent),
    agent_profiles: readProfiles(block.agent_profiles),
  };
}

/** The spawn policy with defaults; without a mode it follows from the other two fields (FIL-11). */
export function readSpawnPolicy(value: JsonValue | undefined): SpawnPolicy {
  const block = objectOf(value);
  const children = numberOf(block.max_children);
  const allowed = block.allowed === true;
  const max_children = children === null ? DEFAULT_MAX_CHILDREN : clampToRange(children, MAX_CHILDREN);
  return {
    mode: textOf(block.mode) ?? spawnMode(allowed, max_children),
    allowed,
    max_children,
    allowed_domains: textsOf(block.allowed_domains),
  };
}

export function spawnMode(allowed: boolean, max_children: number): "multi_subagent" | "default" {
  return allowed && max_children > 0 ? "multi_subagent" : "default";
}

/**
 * The normalised id of one agent as a registry writes it: a text, or an object with `id`, `agent_id` or `name`.
 * A name that is no legal id is kept in lower case: dropping it could leave a goal without agents, and so unguarded.
 */
export function agentIdOf(value: JsonValue | undefined): string | null {
  const name = isJsonObject(value) ? (textOf(value.id) ?? textOf(value.agent_id) ?? textOf(value.name)) : textOf(value);
  return name === null ? null : (parseAgentId(name) ?? name.trim().toLowerCase().replace(/\s+/g, "-"));
}

function readAgents(value: JsonValue | undefined): string[] {
  const listed = Array.isArray(value) ? value : isAbsent(value) ? [] : [value as JsonValue];
  const ids = new Set<string>();
  for (const item of listed) {
    const id = agentIdOf(item);
    if (id !== null) ids.add(id);
  }
  return [...ids];
}

/** A list of objects, or an object from agent id to a text or to an object with `scope`. */
function readProfiles(value: JsonValue | undefined): Coordination["agent_profiles"] {
  if (Array.isArray(value)) {
    return value.flatMap((item: JsonValue) => {
      const agent_id = agentIdOf(item);
      return agent_id === null ? [] : [{ agent_id, scope: scopeOf(item) }];
    });
  }
  return Object.entries(objectOf(value)).flatMap(([name, item]) => {
    const agent_id = parseAgentId(name);
    return agent_id === null ? [] : [{ agent_id, scope: textOf(item) ?? scopeOf(item) }];
  });
}

function scopeOf(profile: JsonValue | undefined): string | null {
  const block: JsonObject = objectOf(profile);
  return textOf(block.scope);
}
