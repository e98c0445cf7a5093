/**
 * What was made of goals' files (FIL-70): one file for a registry's worth of them, so that a status of a thousand quiet
 * goals costs a look at each and no reading. A goal whose files cannot be told by looking is never remembered: one behind
 * a link, one with leases, one that changed a moment ago.
 */
import type { Stats } from "node:fs";
import { dirname, join } from "node:path";
import type { AbsolutePath } from "../domain/ids.ts";
import { isJsonObject } from "../domain/json.ts";
import type { Clock } from "../ports/clock.ts";
import type { Recall, Recalled, RecallGoal } from "../ports/recall.ts";
import { readDerived, writeDerived } from "./derived-file.ts";
import { errnoOf } from "./faults.ts";
import type { FsCalls } from "./fs-calls.ts";

const FORMAT = "loopx_recall_v1";
/** No goal is called so. */
const NAME = "_status.json";
/** Fewer goals are read in no time. */
const WORTH_GOALS = 32;
/** The file is written again when so many goals had to be made again; until then those few are made each time. */
const WORTH_WRITING = 16;
/** A server has one or two wishes. */
const MAX_WISHES = 4;
/** A file this young may change again within one tick of its clock. */
const RACY_MS = 50;
/** A path that is what it says: below its root, and the same for everyone. */
const PLAIN = /^(?!\/)(?!.*(?:^|\/)\.{0,2}(?:\/|$))/;

/** Inode and time of change of state file, goal directory, `runs/` and index; 0 for what is not there. */
type Mark = readonly number[];
/** `until_ms` is null for a value that no time ends. */
interface Row {
  readonly goal_id: string;
  readonly mark: Mark;
  readonly entry: number;
  readonly made_ms: number;
  readonly until_ms: number | null;
  readonly value: unknown;
}

interface Place {
  readonly calls: FsCalls;
  /** The clock by which files get their times. */
  readonly clock: Clock;
  readonly runtimeRoot: AbsolutePath;
  readonly registry: AbsolutePath;
  /** Names the code that runs: another one may make something else of the same files. */
  readonly build: string;
}

/** Nothing is ever remembered. */
export const noRecall: Recall = {
  any_wish: false,
  open: () => ({ get: () => undefined, keep: () => undefined, close: () => undefined }),
};

export function fileRecall(place: Place): Recall {
  const shelf: Shelf = { read: (made_by) => readRows(place, made_by), write: (made_by, kept) => writeRows(place, made_by, kept) };
  return {
    any_wish: false,
    open: (asked, goals) => (goals.length < WORTH_GOALS ? noRecall.open("", []) : openRecall(place, shelf, asked, goals, WORTH_WRITING)),
  };
}

/** Remembered by this process alone, for as long as it lives (PRF-7). */
export function memoryRecall(place: Place): Recall {
  const shelves = new Map<string, Before>();
  const shelf: Shelf = {
    read: (made_by) => shelves.get(made_by) ?? NOTHING,
    write: (made_by, kept) => {
      // The newest wish stands last.
      shelves.delete(made_by);
      shelves.set(made_by, kept);
      for (const oldest of shelves.keys()) if (shelves.size > MAX_WISHES) shelves.delete(oldest);
    },
  };
  return { any_wish: true, open: (asked, goals) => openRecall(place, shelf, asked, goals, 1) };
}

/** Where rows stand between two looks. */
interface Shelf {
  read(made_by: string): Before;
  write(made_by: string, kept: Before): void;
}

function openRecall(place: Place, shelf: Shelf, asked: string, goals: readonly RecallGoal[], worth: number): Recalled {
  const { calls, runtimeRoot } = place;
  const looked_ms = place.clock.now().getTime();
  const registry = markOf([lookAt(calls, place.registry)]);
  const made_by = [place.build, String(process.getuid?.()), place.registry, asked].join("\n");
  const before = shelf.read(made_by);
  const sameRegistry = before.registry.length > 0 && isSame(registry, before.registry);
  const look = looker(place);
  const looks = new Map(goals.map((goal) => [goal.goal_id, { goal, mark: look(goal) }]));
  const kept = new Map<string, Row>();
  let made = 0;
  const isQuiet = (mark: Mark): boolean => mark.every((value, at) => at % 2 === 0 || value < looked_ms - RACY_MS);
  return {
    get: (goal_id, now_ms) => {
      const row = before.rows.get(goal_id);
      const at = looks.get(goal_id);
      if (row === undefined || at === undefined || at.mark === null || !isSame(at.mark, row.mark)) return undefined;
      // A clock may be set back.
      if (now_ms < row.made_ms || now_ms >= (row.until_ms ?? Infinity)) return undefined;
      if (!sameRegistry && row.entry !== at.goal.entry()) return undefined;
      kept.set(goal_id, row);
      return row.value;
    },
    keep: (goal_id, value, { from_ms, until_ms, artifacts }) => {
      const at = looks.get(goal_id);
      if (at === undefined || at.mark === null || !isQuiet(at.mark)) return;
      const home = join(runtimeRoot, "goals", goal_id);
      // A lease changes by itself, and where a link leads is not told by the directory it stands in.
      if (lookAt(calls, join(home, "leases")) !== null) return;
      if (artifacts.some((name) => lookAt(calls, join(home, "runs", name))?.isSymbolicLink() === true)) return;
      const end = Number.isFinite(until_ms) ? until_ms : null;
      kept.set(goal_id, { goal_id, mark: at.mark, entry: at.goal.entry(), made_ms: from_ms, until_ms: end, value });
      made += 1;
    },
    close: () => {
      if (made >= worth) shelf.write(made_by, { registry: isQuiet(registry) ? registry : [], rows: kept });
    },
  };
}

interface Before {
  /** Of the registry's file when all rows were known to agree with it; empty when they are to be compared one by one. */
  readonly registry: Mark;
  readonly rows: ReadonlyMap<string, Row>;
}

const NOTHING: Before = { registry: [], rows: new Map() };

function writeRows({ calls, runtimeRoot }: Place, made_by: string, { registry, rows }: Before): void {
  writeDerived(calls, runtimeRoot, NAME, JSON.stringify({ format: FORMAT, made_by, registry, rows: [...rows.values()] }));
}

function readRows({ calls, runtimeRoot }: Place, made_by: string): Before {
  const file = readDerived(calls, runtimeRoot, NAME);
  if (file === null) return NOTHING;
  try {
    const head: unknown = JSON.parse(file.text);
    if (!isJsonObject(head) || head["format"] !== FORMAT || head["made_by"] !== made_by) return NOTHING;
    const rows = head["rows"] as unknown as readonly Row[];
    return { registry: head["registry"] as Mark, rows: new Map(rows.map((row) => [row.goal_id, row])) };
  } catch {
    return NOTHING;
  }
}

/** Looks at a goal's files; null for a goal that a look does not tell enough about. Directories above are looked at once for all. */
function looker({ calls, runtimeRoot }: Place): (goal: RecallGoal) => Mark | null {
  const known = new Map<string, boolean>();
  const isRealDirectory = (path: AbsolutePath): boolean => {
    const before = known.get(path);
    if (before !== undefined) return before;
    const above = dirname(path);
    const real = lookAt(calls, path)?.isDirectory() === true && (above === path || isRealDirectory(above));
    known.set(path, real);
    return real;
  };
  const goals = join(runtimeRoot, "goals");
  return ({ goal_id, repo, state_file }) => {
    if (!repo.startsWith("/") || !PLAIN.test(state_file) || !isRealDirectory(goals)) return null;
    const path = `${repo}/${state_file}`;
    const state = lookAt(calls, path);
    if (state === null || !state.isFile() || !isRealDirectory(dirname(path))) return null;
    const directory = `${goals}/${goal_id}`;
    const home = lookAt(calls, directory);
    if (home === null) return markOf([state, null, null, null]);
    const runs = lookAt(calls, `${directory}/runs`);
    const index = runs === null ? null : lookAt(calls, `${directory}/runs/index.jsonl`);
    const isUsual = home.isDirectory() && (runs === null || runs.isDirectory()) && (index === null || index.isFile());
    return isUsual ? markOf([state, home, runs, index]) : null;
  };
}

/** What stands there, links not followed; null for nothing, and for what may not be looked at. */
function lookAt(calls: FsCalls, path: AbsolutePath): Stats | null {
  try {
    return calls.lstat(path);
  } catch (error) {
    if (errnoOf(error) === null) throw error;
    return null;
  }
}

function markOf(files: readonly (Stats | null)[]): Mark {
  return files.flatMap((file) => (file === null ? [0, 0] : [file.ino, file.ctimeMs]));
}

function isSame(a: Mark, b: Mark): boolean {
  return a.length === b.length && a.every((value, at) => value === b[at]);
}
