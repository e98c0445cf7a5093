/**
 * Writing goals into a registry: one pure edit inside `Documents.update`, decided on the registry as it stands in that lock.
 * Entries that the edit does not name keep their bytes (FIL-2), an invalid registry is never rewritten (FIL-16),
 * and the runtime root stays unless the caller names another one (FIL-18).
 */
import { LoopxError } from "../domain/errors.ts";
import { type Finding, finding } from "../domain/finding.ts";
import { sameJson } from "../domain/goal/json-values.ts";
import { readRegistry } from "../domain/goal/read-registry.ts";
import type { Registry, RegistryItem } from "../domain/goal/registry.ts";
import type { GoalEdit } from "../domain/goal/sync-plan.ts";
import { parseGoalId } from "../domain/ids.ts";
import { isJsonObject, type JsonObject, type JsonValue } from "../domain/json.ts";
import { formatDate, formatInstant, type Moment } from "../domain/time.ts";
import type { Documents, Revision, UpdateOptions, UpdateOutcome } from "../ports/documents.ts";
import { editJson, type ListEdit } from "./json-edit.ts";
import { newJsonText } from "./json-text.ts";
import { badJsonFinding, type InvalidRegistry, parseJson, type RegistryKey, unreadableRegistry } from "./registry.ts";

export interface RegistryChange<T> {
  readonly key: RegistryKey;
  /** The registry's path, for messages. */
  readonly file: string;
  readonly now: Moment;
  /** Absolute. Written into a new registry; into an old one only with `replace_runtime_root`. */
  readonly common_runtime_root: string;
  readonly replace_runtime_root?: boolean;
  /** The edits for the registry as it stands now, null when there is none. Pure; it may be called again after a conflict. */
  readonly decide: (current: Registry | null) => { readonly edits: readonly GoalEdit[]; readonly value: T };
  readonly options?: UpdateOptions;
}

export type RegistryUpdate<T> =
  | { readonly kind: "written"; readonly value: T; readonly created: boolean; readonly revision: Revision; readonly attempts: number }
  /** Nothing had to change; the bytes are as they were. */
  | { readonly kind: "unchanged"; readonly value: T; readonly revision: Revision | null }
  | InvalidRegistry
  | Extract<UpdateOutcome<never>, { kind: "conflict" | "fenced" | "busy" }>;

/**
 * Puts and removes entries by goal id: a known id is edited in place, a new one is appended, and an absent registry is created.
 * An id that stands twice, or differs from another only in case, is refused with its finding.
 */
export async function updateRegistryGoals<T>(documents: Documents, change: RegistryChange<T>): Promise<RegistryUpdate<T>> {
  const outcome = await documents.update<EditValue<T>>(
    change.key,
    (current) => editRegistry(current?.text ?? null, change),
    change.options,
  );
  if (outcome.kind === "unreadable") return unreadableRegistry(outcome, change.file);
  if (outcome.kind !== "written" && outcome.kind !== "unchanged") return outcome;
  const { value } = outcome;
  if (value.kind === "invalid") return { kind: "invalid", finding: value.finding, unreadable: null };
  if (value.kind === "bad_json") return { kind: "invalid", finding: await badJsonFinding(value.text, change.file), unreadable: null };
  if (outcome.kind === "unchanged") return { kind: "unchanged", value: value.value, revision: outcome.revision };
  return { kind: "written", value: value.value, created: value.created, revision: outcome.revision, attempts: outcome.attempts };
}

/** The registry's text after these removals, null when nothing would change; or what is wrong with it. Writes nothing. */
export function registryWithout(
  text: string,
  change: Pick<RegistryChange<unknown>, "key" | "file" | "now">,
  goalIds: ReadonlySet<string>,
): { readonly kind: "text"; readonly text: string | null } | { readonly kind: "invalid"; readonly finding: Finding } {
  const edits = [...goalIds].map((goal_id) => ({ kind: "remove", goal_id }) as const);
  const edited = editRegistry(text, { ...change, common_runtime_root: "", decide: () => ({ edits, value: null }) });
  if (edited.value.kind === "invalid") return edited.value;
  return { kind: "text", text: "write" in edited ? edited.write : null };
}

type EditValue<T> =
  | { readonly kind: "decided"; readonly value: T; readonly created: boolean }
  | { readonly kind: "invalid"; readonly finding: Finding }
  | { readonly kind: "bad_json"; readonly text: string };
type Edited<T> = { write: string; value: EditValue<T> } | { keep: true; value: EditValue<T> };

function editRegistry<T>(text: string | null, change: RegistryChange<T>): Edited<T> {
  if (text === null) return createRegistry(change);
  const refuse = (fault: Finding): Edited<T> => ({ keep: true, value: { kind: "invalid", finding: fault } });
  const value = parseJson(text);
  if (value === undefined) return { keep: true, value: { kind: "bad_json", text } };
  const read = readRegistry(value, change.file);
  if (read.kind === "invalid") return refuse(read.finding);
  const { edits, value: answer } = change.decide(read.registry);
  const placed = placeEdits(read.registry, edits, change.file);
  if (placed.kind === "refused") return refuse(placed.finding);
  const root = rootChange(read.registry, change);
  const decided = { kind: "decided", value: answer, created: false } as const;
  if (placed.untouched && root === null) return { keep: true, value: decided };
  const set = { updated_at: updatedAt(change), ...root };
  const write = checkedEdit(text, read.registry, placed.edit, set);
  return { write, value: decided };
}

function createRegistry<T>(change: RegistryChange<T>): Edited<T> {
  const { edits, value } = change.decide(null);
  const placed = placeEdits(EMPTY, edits, change.file);
  if (placed.kind === "refused") return { keep: true, value: { kind: "invalid", finding: placed.finding } };
  const decided = { kind: "decided", value, created: placed.edit.append.length > 0 } as const;
  if (!decided.created) return { keep: true, value: decided };
  const role = change.key.kind === "global_registry" ? { registry_role: "global-local" } : {};
  const top = { schema_version: "0.1", updated_at: updatedAt(change), common_runtime_root: change.common_runtime_root, ...role };
  return { write: newJsonText({ ...top, goals: placed.edit.append }), value: decided };
}

const EMPTY: Registry = {
  schema_version: null,
  updated_at: null,
  common_runtime_root: null,
  registry_role: null,
  locale: null,
  items: [],
  findings: [],
  raw: { goals: [] },
};

/** A date in a project registry, an instant in the global one (FIL-3). */
function updatedAt({ key, now }: RegistryChange<unknown>): string {
  return key.kind === "registry" ? formatDate(now) : formatInstant(now, "seconds");
}

function rootChange(registry: Registry, change: RegistryChange<unknown>): JsonObject | null {
  if (change.replace_runtime_root !== true || registry.common_runtime_root === change.common_runtime_root) return null;
  return { common_runtime_root: change.common_runtime_root };
}

type Placed = { kind: "placed"; edit: ListEdit; untouched: boolean } | { kind: "refused"; finding: Finding };

function placeEdits(registry: Registry, edits: readonly GoalEdit[], file: string): Placed {
  const removed = new Set(edits.flatMap((edit) => (edit.kind === "remove" ? [edit.goal_id] : [])));
  const standing = standingById(registry, removed);
  const replace = new Map<number, JsonValue>();
  const append = new Map<string, JsonValue>();
  const remove = new Set(registry.items.filter((item) => item.id !== null && removed.has(item.id)).map((item) => item.position));
  for (const edit of edits) {
    if (edit.kind === "remove") continue;
    if (parseGoalId(edit.goal_id) === null || edit.entry.id !== edit.goal_id)
      throw new LoopxError("internal", `an entry for ${edit.goal_id} has another or an illegal id`);
    const others = standing.get(edit.goal_id.toLowerCase()) ?? [];
    const clash = clashOf(edit.goal_id, others, file);
    if (clash !== null) return { kind: "refused", finding: clash };
    const item = others.find((other) => other.id === edit.goal_id);
    if (item === undefined) append.set(edit.goal_id, edit.entry);
    else if (!sameJson(item.raw, edit.entry)) replace.set(item.position, edit.entry);
  }
  return {
    kind: "placed",
    edit: { replace, remove, append: [...append.values()] },
    untouched: replace.size + remove.size + append.size === 0,
  };
}

function standingById(registry: Registry, removed: ReadonlySet<string>): ReadonlyMap<string, readonly RegistryItem[]> {
  const standing = new Map<string, RegistryItem[]>();
  for (const item of registry.items) {
    if (item.id === null || removed.has(item.id)) continue;
    const same = standing.get(item.id.toLowerCase());
    if (same === undefined) standing.set(item.id.toLowerCase(), [item]);
    else same.push(item);
  }
  return standing;
}

/**
 * Why an entry cannot be placed: which of two equal ids would be meant is a person's to say, and no new id may differ from
 * another only in case. One that does so already is found by its own spelling, so that it can still be paused.
 */
function clashOf(goal_id: string, others: readonly RegistryItem[], file: string): Finding | null {
  const same = others.filter((item) => item.id === goal_id);
  if (same.length > 1)
    return finding("goal_id_duplicate", `${file}: ${same.length} entries have the id ${goal_id}`, { goal_id, file, key: "id" });
  const [other] = others;
  if (same.length === 1 || other === undefined) return null;
  const goal_ids = [other.id ?? "", goal_id];
  return finding("goal_id_case_collision", `${file}: goal ids differ only in case: ${goal_ids.join(", ")}`, { goal_ids, file, key: "id" });
}

/** The edited text, after it was parsed again and found to say exactly what was asked. */
function checkedEdit(text: string, registry: Registry, edit: ListEdit, set: JsonObject): string {
  const write = editJson(text, registry.raw, { set, list: { key: "goals", edit } });
  const kept = registry.items.flatMap((item) => (edit.remove.has(item.position) ? [] : [edit.replace.get(item.position) ?? item.raw]));
  const expected: JsonObject = { ...registry.raw, ...set, goals: [...kept, ...edit.append] };
  const again = parseJson(write);
  if (!isJsonObject(again) || !sameJson(again, expected))
    throw new LoopxError("internal", "an edit of the registry did not give what was asked; nothing was written");
  return write;
}
