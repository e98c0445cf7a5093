/**
 * A registry from its parsed JSON: the file's own shape, the ids of all entries, and each entry when somebody asks for it.
 * One broken entry never hides another (FIL-17); only a root that is no registry stops all (FIL-16).
 */
import { type Finding, finding } from "../finding.ts";
import { isJsonObject, type JsonObject, type JsonValue } from "../json.ts";
import type { GoalEntry } from "./entry.ts";
import { numberOf, quoted, textOf } from "./fields.ts";
import { REGISTRY_MAX_DEPTH, REGISTRY_MAX_GOALS } from "./limits.ts";
import { type EntryPlace, entryFault, readGoalEntry } from "./read-entry.ts";
import type { Registry, RegistryItem } from "./registry.ts";

/** The 1-based line of each entry, by position. */
export type EntryLines = () => readonly number[];

/** The registry, or the one finding that makes it unusable. */
export type ReadRegistry =
  | { readonly kind: "registry"; readonly registry: Registry }
  | { readonly kind: "invalid"; readonly finding: Finding };

/**
 * The registry, or the one finding that stops every goal in it. Entries are read lazily, when `entry` or `findings`
 * of their item is first touched, so one goal among thousands costs one entry. `lines` answers the 1-based lines of
 * the entries; it is asked only when there is something to report.
 */
export function readRegistry(value: unknown, file: string, lines?: EntryLines): ReadRegistry {
  if (!isJsonObject(value)) return invalid(file, "its root is not an object");
  if (!Array.isArray(value.goals)) return invalid(file, value.goals === undefined ? "it has no `goals`" : "its `goals` is not an array");
  if (value.goals.length > REGISTRY_MAX_GOALS) return invalid(file, `it has more than ${REGISTRY_MAX_GOALS} goals`);
  if (isDeeperThan(value, REGISTRY_MAX_DEPTH)) return invalid(file, `it is nested deeper than ${REGISTRY_MAX_DEPTH} levels`);
  const goals: readonly JsonValue[] = value.goals;
  const from = { file, lines: lines ?? (() => []) };
  const shared = sharedIdFindings(goals, from);
  const items = goals.map((raw, position) => new LazyItem(raw, position, from, shared.get(position) ?? []));
  return { kind: "registry", registry: { ...readTop(value), items, findings: [], raw: value } };
}

/** The finding for a registry file that cannot be read at all; the message always names the file (FIL-16). */
export function registryInvalid(file: string, problem: string, line?: number): Finding {
  const place = line === undefined ? { file } : { file, line };
  return finding("registry_invalid", `${file}${line === undefined ? "" : `:${line}`}: ${problem}`, place);
}

/** The items with exactly this id: none, one, or several when the id is a duplicate. */
export function itemsOfGoal(registry: Registry, goal_id: string): readonly RegistryItem[] {
  return registry.items.filter((item) => item.id === goal_id);
}

/** Every finding of the registry, each once, also when it names several goals (FIL-17). Reads all entries. */
export function registryFindings(registry: Registry): readonly Finding[] {
  const all = new Set<Finding>(registry.findings);
  for (const item of registry.items) for (const found of item.findings) all.add(found);
  return [...all];
}

/** One finding for each real state file that several goals use, in the form other tools read (FIL-17, DEC-75). */
export function sharedStateFindings(bindings: readonly { goal_id: string; position: number; state_path: string }[]): Finding[] {
  const goals = new Map<string, Set<string>>();
  for (const { goal_id, state_path } of [...bindings].sort((a, b) => a.position - b.position)) {
    const ids = goals.get(state_path);
    if (ids === undefined) goals.set(state_path, new Set([goal_id]));
    else ids.add(goal_id);
  }
  return [...goals].flatMap(([state_path, ids]) => {
    const goal_ids = [...ids];
    if (goal_ids.length < 2) return [];
    return [
      finding("state_file_shared", `state_file shared by multiple goals: ${goal_ids.join(", ")} -> ${state_path}`, {
        goal_ids,
        file: state_path,
      }),
    ];
  });
}

function invalid(file: string, problem: string): ReadRegistry {
  return { kind: "invalid", finding: registryInvalid(file, problem) };
}

/** The file all entries stand in. */
interface Source {
  readonly file: string;
  readonly lines: EntryLines;
}

function placeOf({ file, lines }: Source, position: number): EntryPlace {
  return {
    file,
    get line() {
      return lines()[position];
    },
  };
}

function readTop(root: JsonObject): Pick<Registry, "schema_version" | "updated_at" | "common_runtime_root" | "registry_role" | "locale"> {
  const version = root.schema_version;
  return {
    schema_version: textOf(version) ?? (typeof version === "number" ? String(numberOf(version) ?? "") || null : null),
    updated_at: textOf(root.updated_at),
    common_runtime_root: textOf(root.common_runtime_root),
    registry_role: textOf(root.registry_role),
    locale: root.locale === "en" || root.locale === "zh" ? root.locale : null,
  };
}

/** Reads its entry when somebody first asks. A class, since a thousand object literals with getters cost 4 ms. */
class LazyItem implements RegistryItem {
  readonly position: number;
  readonly id: string | null;
  readonly raw: JsonValue;
  readonly #source: Source;
  readonly #shared: readonly Finding[];
  #read: { readonly entry: GoalEntry | null; readonly findings: readonly Finding[] } | null = null;

  constructor(raw: JsonValue, position: number, source: Source, shared: readonly Finding[]) {
    this.position = position;
    this.id = isJsonObject(raw) && typeof raw.id === "string" ? raw.id : null;
    this.raw = raw;
    this.#source = source;
    this.#shared = shared;
  }

  get entry(): GoalEntry | null {
    return this.#once().entry;
  }

  get findings(): readonly Finding[] {
    return this.#once().findings;
  }

  #once() {
    if (this.#read === null) {
      const { entry, findings } = readGoalEntry(this.raw, this.position, placeOf(this.#source, this.position));
      this.#read = { entry, findings: this.#shared.length === 0 ? findings : [...this.#shared, ...findings] };
    }
    return this.#read;
  }
}

/** Duplicates and case collisions among legal ids; the same finding object stands at every position it names. */
function sharedIdFindings(goals: readonly JsonValue[], source: Source): ReadonlyMap<number, readonly Finding[]> {
  const byFolded = new Map<string, number[]>();
  let crowded = false;
  goals.forEach((raw, position) => {
    if (!isJsonObject(raw) || typeof raw.id !== "string" || entryFault(raw, position, source) !== null) return;
    const folded = raw.id.toLowerCase();
    const positions = byFolded.get(folded);
    if (positions === undefined) {
      byFolded.set(folded, [position]);
    } else {
      positions.push(position);
      crowded = true;
    }
  });
  const shared = new Map<number, Finding[]>();
  if (!crowded) return shared;
  for (const positions of byFolded.values()) {
    if (positions.length > 1) addSharedFindings(shared, positions, goals, source);
  }
  return shared;
}

function addSharedFindings(
  shared: Map<number, Finding[]>,
  positions: readonly number[],
  goals: readonly JsonValue[],
  { file, lines }: Source,
): void {
  const byId = new Map<string, number[]>();
  for (const position of positions) {
    const raw = goals[position];
    const id = isJsonObject(raw) && typeof raw.id === "string" ? raw.id : "";
    const same = byId.get(id);
    if (same === undefined) byId.set(id, [position]);
    else same.push(position);
  }
  const add = (at: readonly number[], found: Finding) => {
    for (const position of at) shared.set(position, [...(shared.get(position) ?? []), found]);
  };
  for (const [goal_id, at] of byId) {
    if (at.length < 2) continue;
    const places = listed(at.map((position) => `goals[${position}]`));
    const place = { file, ...lineOf(lines, at.at(-1)), key: "id" };
    add(at, finding("goal_id_duplicate", `${places} have the same id ${quoted(goal_id)}`, { goal_id, ...place }));
  }
  if (byId.size < 2) return;
  const goal_ids = [...byId.keys()];
  const place = { file, ...lineOf(lines, positions.at(-1)), key: "id" };
  add(positions, finding("goal_id_case_collision", `goal ids differ only in case: ${listed(goal_ids)}`, { goal_ids, ...place }));
}

/** Of several entries the last is named: it came to the others. */
function lineOf(lines: EntryLines, position = 0): { line?: number } {
  const line = lines()[position];
  return line === undefined ? {} : { line };
}

/** At most ten names, so that a message stays readable. */
function listed(names: readonly string[]): string {
  return names.length <= 10 ? names.join(", ") : `${names.slice(0, 10).join(", ")} and ${names.length - 10} more`;
}

/** Stops at the limit, so a hostile depth costs no stack. Plain loops: this sees every value of a large registry on every verdict. */
function isDeeperThan(value: JsonObject | readonly JsonValue[], levels: number): boolean {
  if (levels === 0) return true;
  if (Array.isArray(value)) {
    for (const child of value as readonly JsonValue[])
      if (typeof child === "object" && child !== null && isDeeperThan(child, levels - 1)) return true;
    return false;
  }
  const object = value as JsonObject;
  for (const key in object) {
    const child = object[key];
    if (typeof child === "object" && child !== null && isDeeperThan(child, levels - 1)) return true;
  }
  return false;
}
