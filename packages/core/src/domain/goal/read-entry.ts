/**
 * One entry of `goals`, from any JSON value to a `GoalEntry` that everything inside may trust (FIL-11 to FIL-15, FIL-110).
 * It never throws and never repairs: what is wrong becomes a finding, and the file's bytes stay.
 */
import { type Finding, type FindingCode, finding } from "../finding.ts";
import { parseGoalId } from "../ids.ts";
import { isJsonObject, type JsonObject, type JsonValue } from "../json.ts";
import { instantMs } from "../time.ts";
import { readCoordination, readSpawnPolicy } from "./coordination.ts";
import { ADAPTER_STATUSES, type GoalEntry, WAITING_ON } from "./entry.ts";
import { readExecutionProfile } from "./execution-profile.ts";
import { isAbsent, type Note, numberOf, objectOf, quoted, textOf, textsOf } from "./fields.ts";
import { readQuotaPolicy } from "./quota-policy.ts";

/** Where an entry stands, for its findings. */
export interface EntryPlace {
  readonly file: string;
  readonly line?: number | undefined;
}

/**
 * The entry and its findings. `entry` is null when it is no object, or its id or a required field is unusable (FIL-17).
 * An unknown `waiting_on` leaves the entry readable and is read as `controller`, so that even a caller that
 * overlooks the finding waits (FIL-15).
 */
export function readGoalEntry(
  raw: JsonValue | undefined,
  position: number,
  where: EntryPlace,
): { entry: GoalEntry | null; findings: Finding[] } {
  const findings: Finding[] = [];
  const fault = entryFault(raw, position, where);
  if (fault !== null) return { entry: null, findings: [fault] };
  const source = objectOf(raw);
  const id = textOf(source.id) ?? "";
  const note: Note = (code, key, problem) =>
    findings.push(entryFinding(code, position, where, { id, key, problem: `"${key}" ${problem}` }));
  const required = readRequired(source, note);
  const entry = { id, ...required.fields, ...readOptional(source, note) };
  return { entry: required.complete ? entry : null, findings };
}

/** The finding that makes an entry unreadable as a whole, or null: no object, no id, no legal id. Cheap. */
export function entryFault(raw: JsonValue | undefined, position: number, where: EntryPlace): Finding | null {
  if (!isJsonObject(raw)) return entryFinding("goal_entry_invalid", position, where, { problem: `is ${quoted(raw)}, not an object` });
  if (typeof raw.id !== "string")
    return entryFinding("goal_entry_invalid", position, where, { problem: isAbsent(raw.id) ? "has no id" : "has an id that is no text" });
  if (parseGoalId(raw.id) !== null) return null;
  return entryFinding("goal_id_invalid", position, where, { id: raw.id, key: "id", problem: "its id is not one safe path segment" });
}

function entryFinding(
  code: FindingCode,
  position: number,
  where: EntryPlace,
  about: { id?: string; key?: string; problem: string },
): Finding {
  const name = about.id === undefined ? `goals[${position}]` : `goals[${position}] ${quoted(about.id)}:`;
  const { line } = where;
  return finding(code, `${name} ${about.problem}`, {
    ...(about.id === undefined ? {} : { goal_id: about.id }),
    file: where.file,
    ...(line === undefined ? {} : { line }),
    ...(about.key === undefined ? {} : { key: about.key }),
  });
}

type Required = Pick<GoalEntry, "domain" | "repo" | "state_file" | "adapter">;

function readRequired(source: JsonObject, note: Note): { fields: Required; complete: boolean } {
  const adapter = objectOf(source.adapter);
  const found = {
    repo: textOf(source.repo),
    domain: textOf(source.domain),
    state_file: textOf(source.state_file),
    "adapter.kind": textOf(adapter.kind),
  };
  let complete = true;
  for (const [key, value] of Object.entries(found)) {
    if (value !== null) continue;
    complete = false;
    note("goal_field_missing", key, "is missing or no text");
  }
  const fields = {
    domain: found.domain ?? "",
    repo: found.repo ?? "",
    state_file: found.state_file ?? "",
    adapter: { kind: found["adapter.kind"] ?? "", status: readAdapterStatus(adapter.status, note) },
  };
  return { fields, complete };
}

function readAdapterStatus(value: JsonValue | undefined, note: Note): string {
  const status = textOf(value)?.trim() ?? null;
  if (status !== null && (ADAPTER_STATUSES as readonly string[]).includes(status)) return status;
  note(
    "adapter_status_unknown",
    "adapter.status",
    `is ${quoted(value)}, none of ${ADAPTER_STATUSES.join(", ")}; it counts as not connected`,
  );
  return status ?? "unknown";
}

function readOptional(source: JsonObject, note: Note): Omit<GoalEntry, "id" | keyof Required> {
  const sources = readAuthoritySources(source.authority_sources);
  const count = numberOf(source.authority_source_count);
  return {
    status: readStatus(source.status),
    role: textOf(source.role) ?? "controller",
    parent_goal_id: textOf(source.parent_goal_id),
    authority_sources: sources,
    spawn_policy: readSpawnPolicy(source.spawn_policy),
    coordination: readCoordination(source.coordination),
    execution_profile: readExecutionProfile(source.execution_profile, note),
    quota: readQuotaPolicy(source, note),
    attention: readAttention(source, note),
    boundary_authority: readBoundaryAuthority(source.boundary_authority),
    guards: textsOf(source.guards),
    next_probe: textOf(source.next_probe),
    source_registry: textOf(source.source_registry),
    synced_at: textOf(source.synced_at),
    authority_source_count: count !== null && count >= 0 ? Math.floor(count) : sources.length,
  };
}

/** Absent means active; a status that is no text is neither active nor a pause. */
function readStatus(value: JsonValue | undefined): string {
  return textOf(value)?.trim() ?? (isAbsent(value) ? "active" : "unknown");
}

function readAuthoritySources(value: JsonValue | undefined): GoalEntry["authority_sources"] {
  if (!Array.isArray(value)) return [];
  return value.filter(isJsonObject).map((source: JsonObject) => {
    const { kind, path, role, ...rest } = source;
    return { ...texts({ kind, path, role }), ...rest };
  });
}

function texts(fields: Record<string, JsonValue | undefined>): Record<string, string> {
  const found: Record<string, string> = {};
  for (const [key, value] of Object.entries(fields)) if (typeof value === "string") found[key] = value;
  return found;
}

const NO_ATTENTION: GoalEntry["attention"] = Object.freeze({
  waiting_on: null,
  attention_status: null,
  operator_question: null,
  recommended_action: null,
  next_handoff_condition: null,
});

function readAttention(source: JsonObject, note: Note): GoalEntry["attention"] {
  if (source.clear_attention_override === true) return NO_ATTENTION;
  return {
    waiting_on: readWaitingOn(source.waiting_on, note),
    attention_status: textOf(source.attention_status),
    operator_question: textOf(source.operator_question),
    recommended_action: textOf(source.recommended_action),
    next_handoff_condition: textOf(source.next_handoff_condition),
  };
}

function readWaitingOn(value: JsonValue | undefined, note: Note): GoalEntry["attention"]["waiting_on"] {
  if (isAbsent(value) || (typeof value === "string" && value.trim() === "")) return null;
  const known = WAITING_ON.find((name) => typeof value === "string" && name === value.trim());
  if (known !== undefined) return known;
  note("waiting_on_unknown", "waiting_on", `is ${quoted(value)}, none of ${WAITING_ON.join(", ")}; the goal waits until somebody says who`);
  return "controller";
}

/** A grant whose end cannot be read grants nothing: its scopes are dropped. */
function readBoundaryAuthority(value: JsonValue | undefined): GoalEntry["boundary_authority"] {
  if (!isJsonObject(value)) return null;
  const readable = isAbsent(value.expires_at) || instantMs(textOf(value.expires_at)) !== null;
  return {
    scopes: readable ? textsOf(value.scopes) : [],
    source: textOf(value.source),
    decision_id: textOf(value.decision_id),
    recorded_at: textOf(value.recorded_at),
    expires_at: textOf(value.expires_at),
  };
}
