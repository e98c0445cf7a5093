/**
 * Changes of the list of registered agents (CMD-46, CMD-47). Ids are normalised; entries written as objects keep their form.
 * A primary agent is always a registered one.
 */
import { parseAgentId } from "../ids.ts";
import type { JsonObject, JsonValue } from "../json.ts";
import type { ConfigureChange } from "./configure-change.ts";
import { agentIdOf, readCoordination } from "./coordination.ts";
import { applyWrites, type ConfiguredEntry, type FieldWrite } from "./entry-writes.ts";
import { isAbsent, objectOf, quoted } from "./fields.ts";
import { type InvalidValue, invalidValue } from "./limits.ts";

/** What `register-agent` answers beside the changed entry. */
export interface RegisteredAgents extends ConfiguredEntry {
  readonly registered_agents: readonly string[];
  /** Ids that were not registered before. */
  readonly added: readonly string[];
  readonly primary_agent: string | null;
}

/** The entry with these agents registered beside the old ones; a bad id is refused by name (CMD-47). */
export function registerAgents(
  raw: JsonObject,
  request: { agent_ids: readonly string[]; primary_agent: string | null },
): RegisteredAgents | InvalidValue {
  const parsed = parseAgents("agent_id", request.agent_ids);
  if (!Array.isArray(parsed)) return parsed;
  const old = readCoordination(raw.coordination);
  const added = parsed.filter((id) => !old.registered_agents.includes(id));
  const registered_agents = [...old.registered_agents, ...added];
  const writes: FieldWrite[] = added.length === 0 ? [] : [["coordination.registered_agents", [...writtenAgents(raw), ...added]]];
  const primary = primaryWrites(registered_agents, request.primary_agent ?? undefined);
  if (!Array.isArray(primary)) return primary;
  const configured = applyWrites(raw, [...writes, ...primary]);
  return { ...configured, registered_agents, added, primary_agent: readCoordination(configured.entry.coordination).primary_agent };
}

/** The writes that `configure-goal` needs for its agent flags. Clearing the agents also clears the primary one. */
export function agentListChange(raw: JsonObject, change: ConfigureChange): { kind: "writes"; writes: FieldWrite[] } | InvalidValue {
  if (change.clear_registered_agents === true) {
    return {
      kind: "writes",
      writes: [
        ["coordination.registered_agents", undefined],
        ["coordination.primary_agent", undefined],
      ],
    };
  }
  const old = readCoordination(raw.coordination);
  const writes: FieldWrite[] = [];
  let registered = old.registered_agents;
  if (change.registered_agent !== undefined) {
    const parsed = parseAgents("registered_agent", change.registered_agent);
    if (!Array.isArray(parsed)) return parsed;
    registered = parsed;
    writes.push(["coordination.registered_agents", keepForms(writtenAgents(raw), parsed)]);
  }
  if (change.clear_primary_agent === true) return { kind: "writes", writes: [...writes, ["coordination.primary_agent", undefined]] };
  const orphan =
    change.registered_agent !== undefined &&
    change.primary_agent === undefined &&
    old.primary_agent !== null &&
    !registered.includes(old.primary_agent);
  if (orphan)
    return invalidValue(
      "registered_agent",
      `would leave out the primary agent ${quoted(old.primary_agent)}; name it, another --primary-agent, or --clear-primary-agent`,
    );
  const primary = primaryWrites(registered, change.primary_agent);
  return Array.isArray(primary) ? { kind: "writes", writes: [...writes, ...primary] } : primary;
}

function primaryWrites(registered: readonly string[], asked: string | undefined): FieldWrite[] | InvalidValue {
  if (asked === undefined) return [];
  const id = parseAgentId(asked);
  if (id === null) return badAgent("primary_agent", asked);
  if (!registered.includes(id)) {
    const known = registered.length === 0 ? "none is registered yet" : `${quoted(id)} is none of ${registered.join(", ")}`;
    return invalidValue("primary_agent", `has to be a registered agent; ${known}`);
  }
  return [["coordination.primary_agent", id]];
}

function parseAgents(key: string, names: readonly string[]): string[] | InvalidValue {
  const ids = new Set<string>();
  for (const name of names) {
    const id = parseAgentId(name);
    if (id === null) return badAgent(key, name);
    ids.add(id);
  }
  return ids.size === 0 ? invalidValue(key, "has to name at least one agent") : [...ids];
}

function badAgent(key: string, name: string): InvalidValue {
  return invalidValue(key, `has to start with a letter and hold only letters, digits and _.:@-, at most 80; ${quoted(name)} does not`);
}

function writtenAgents(raw: JsonObject): readonly JsonValue[] {
  const written = objectOf(raw.coordination).registered_agents;
  return Array.isArray(written) ? written : isAbsent(written) ? [] : [written];
}

function keepForms(written: readonly JsonValue[], ids: readonly string[]): JsonValue[] {
  return ids.map((id) => written.find((item) => agentIdOf(item) === id) ?? id);
}
