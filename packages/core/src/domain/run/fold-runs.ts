/**
 * The runs a fold keeps, oldest first: the newest ones, the newest judged ones and the status run.
 * One list holds them all; what each is kept for follows from its place.
 */
import type { JsonObject } from "../json.ts";
import { JUDGED_KEPT, type FoldState, type KeptRun } from "./fold-state.ts";
import { insertOrdered, isNewer } from "./order.ts";

/** A kept run with its record, which is parsed when it is first needed. */
export interface Held {
  run: KeptRun;
  record: JsonObject | null;
}
export type HeldRecord = Held & { record: JsonObject };

/** The kept runs of that key (generated_at, json_path, markdown_path), newest line first. */
export function findKept(held: readonly Held[], record: JsonObject, at_ms: number | null): HeldRecord[] {
  const wanted = at_ms ?? -Infinity;
  const found: HeldRecord[] = [];
  for (let index = held.length - 1; index >= 0; index -= 1) {
    const item = held[index];
    if (item === undefined) break;
    const at = item.run.at_ms ?? -Infinity;
    if (at < wanted) break;
    if (at === wanted && isOfKey(recordOf(item).record, record)) found.push(recordOf(item));
  }
  return found;
}

/** True when a kept run stands at exactly that instant, so that a line of it has to be compared. */
export function holdsInstant(held: readonly Held[], at_ms: number | null): boolean {
  const wanted = at_ms ?? -Infinity;
  for (let index = held.length - 1; index >= 0; index -= 1) {
    const at = held[index]?.run.at_ms ?? -Infinity;
    if (at <= wanted) return at === wanted;
  }
  return false;
}

/** The item with its record at hand. */
export function recordOf(item: Held): HeldRecord {
  const known: Held & { record: JsonObject | null } = item;
  known.record ??= JSON.parse(item.run.text) as JsonObject;
  return known as HeldRecord;
}

/** Adds a run and lets go of what nobody will ask for. */
export function keepRun(state: FoldState, held: Held[], item: Held): void {
  insertHeld(held, item);
  const older = held.length - state.keep;
  if (older <= 0) return;
  // Nearly every line of a log is newer than all before it, and nearly every oldest run is asked for by nobody.
  const [oldest, newest] = [held[0], held.at(-1)];
  if (older === 1 && oldest !== undefined && oldest.run.rewards.length === 0 && (oldest.run.neutral || newest?.run.neutral === false)) {
    held.shift();
    state.evicted = true;
    return;
  }
  const statusRun = held.findLastIndex((known) => !known.run.neutral);
  let judged = 0;
  for (let index = held.length - 1; index >= 0; index -= 1) {
    const known = held[index];
    if (known === undefined) break;
    const isJudged = known.run.rewards.length > 0;
    if (isJudged) judged += 1;
    if (index >= older || index === statusRun || (isJudged && judged <= JUDGED_KEPT)) continue;
    held.splice(index, 1);
    state.evicted = true;
  }
}

/**
 * The same for an unjudged run that may become the status run, when no run was judged since the last one was added: then only the
 * run that leaves the newest ones can go, and whoever is older stays as judged. Anything else is looked at as a whole.
 */
export function keepNext(state: FoldState, held: Held[], item: Held): void {
  const leaving = held.length - state.keep;
  const last = held.at(-1);
  const isNext = last !== undefined && !isNewer(last.run, item.run) && !item.run.neutral && item.run.rewards.length === 0;
  if (!isNext || leaving < 0 || held[leaving]?.run.rewards.length !== 0 || !areJudged(held, leaving)) {
    keepRun(state, held, item);
    return;
  }
  held.push(item);
  held.splice(leaving, 1);
  state.evicted = true;
}

function areJudged(held: readonly Held[], before: number): boolean {
  for (let index = 0; index < before; index += 1) if (held[index]?.run.rewards.length === 0) return false;
  return true;
}

/** Puts the run's own line in the place of what stood in for it; its rewards stay. */
export function rekeep(held: Held[], item: Held, entry: { record: JsonObject; text: string; ordinal: number }): void {
  held.splice(held.indexOf(item), 1);
  insertHeld(held, { run: { ...item.run, as: "run", ordinal: entry.ordinal, text: entry.text }, record: entry.record });
}

function insertHeld(held: Held[], item: Held): void {
  const last = held.at(-1);
  if (last === undefined || !isNewer(last.run, item.run)) held.push(item);
  else {
    const places = held.map((known) => known.run);
    insertOrdered(places, item.run);
    held.splice(places.indexOf(item.run), 0, item);
  }
}

function isOfKey(a: JsonObject, b: JsonObject): boolean {
  return a["generated_at"] === b["generated_at"] && a["json_path"] === b["json_path"] && a["markdown_path"] === b["markdown_path"];
}
