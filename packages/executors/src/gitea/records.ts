/**
 * The records of the dispatcher: one document per item, the log of decisions. A record that cannot be read is set aside and
 * never trusted, and its item starts nothing until the server says what holds (DSP-31, DSP-32).
 */
import { LoopxError, formatInstant, type JsonObject } from "@loopx/core/domain";
import type { Revision } from "@loopx/core";
import type { GiteaGround } from "./ground.ts";
import type { Place } from "./forge.ts";
import { formatItem, itemKey, itemName, parseItem, type Item } from "./item.ts";

type Store = Pick<GiteaGround, "documents" | "logs" | "executor" | "digest" | "now" | "itemNames">;

/** An item with the revision it was read at. */
export interface Held {
  readonly item: Item;
  readonly revision: Revision;
}

export interface Loaded {
  readonly held: readonly Held[];
  /** Names under which damaged records are kept. */
  readonly damaged: readonly string[];
}

function keyOf(store: Pick<Store, "executor">, name: string) {
  return { kind: "executor_state", executor: store.executor, name: `items/${name}` } as const;
}

/** Every item, and what could not be read: its text stands under another name from now on. */
export async function loadItems(store: Store): Promise<Loaded> {
  const held: Held[] = [];
  const damaged: string[] = [];
  for (const name of await store.itemNames()) {
    const found = await store.documents.read(keyOf(store, name));
    if (found.kind === "absent") continue;
    const item = found.kind === "found" ? parseItem(found.text) : null;
    if (found.kind === "found" && item !== null && itemName(item, store.digest) === name) held.push({ item, revision: found.revision });
    else damaged.push(await setAside(store, name, found.kind === "found" ? { text: found.text, revision: found.revision } : null));
  }
  return { held, damaged };
}

async function setAside(store: Store, name: string, found: { readonly text: string; readonly revision: Revision } | null): Promise<string> {
  const stamp = formatInstant({ ms: store.now().ms, offset_minutes: 0 }, "seconds")
    .replaceAll(/[^0-9]/g, "")
    .slice(0, 14);
  // Bytes that are no text are renamed by the store itself, with the next write.
  if (found === null) return `${name} (unreadable)`;
  const kept = `${name}.corrupt-${stamp}`;
  await store.documents.update(keyOf(store, kept), () => ({ write: found.text === "" ? "\n" : found.text, value: null }));
  await store.documents.remove(keyOf(store, name), { expected: found.revision });
  return kept;
}

/** Writes the item as it is now; somebody else's write in between is a fault, because only one process has this directory. */
export async function saveItem(store: Store, item: Item, expected: Revision | null): Promise<Revision> {
  const name = itemName(item, store.digest);
  const text = formatItem(item);
  const outcome = await store.documents.update(keyOf(store, name), () => ({ write: text, value: null }), { expected, set_aside: true });
  if (outcome.kind === "written") return outcome.revision;
  throw new LoopxError(
    outcome.kind === "conflict" ? "conflict" : "write_failed",
    `the record of ${itemKey(item)} cannot be written (${outcome.kind})`,
  );
}

/** A new record, unless there is a living one: what stands there is never replaced by this. */
export async function createRecord(store: Store, item: Item): Promise<void> {
  const outcome = await store.documents.update(keyOf(store, itemName(item, store.digest)), (current) => {
    const before = current === null ? null : parseItem(current.text);
    return before === null || before.state === "done" || before.state === "dead"
      ? { write: formatItem(item), value: null }
      : { keep: true, value: null };
  });
  if (outcome.kind !== "written" && outcome.kind !== "unchanged")
    throw new LoopxError("write_failed", `the record of ${itemKey(item)} cannot be written (${outcome.kind})`);
}

/** One item as it stands now; null when there is none that can be read. */
export async function readRecord(store: Store, place: Place): Promise<Held | null> {
  const found = await store.documents.read(keyOf(store, itemName(place, store.digest)));
  const item = found.kind === "found" ? parseItem(found.text) : null;
  return item === null || found.kind !== "found" ? null : { item, revision: found.revision };
}

export async function forgetItem(store: Store, { item, revision }: Held): Promise<void> {
  await store.documents.remove(keyOf(store, itemName(item, store.digest)), { expected: revision });
}

/** One line of `decisions.jsonl` (DSP-80). No text of others is in it. */
export async function decide(
  store: Store,
  line: { readonly id: string; readonly item: string; readonly decision: string; readonly reason: string; readonly detail?: JsonObject },
): Promise<void> {
  const at = formatInstant({ ms: store.now().ms, offset_minutes: 0 }, "milliseconds");
  const outcome = await store.logs.append({ kind: "executor_log", executor: store.executor, name: "decisions" }, { at, ...line });
  if (outcome.kind !== "appended") throw new LoopxError("write_failed", `the log of decisions cannot be written (${outcome.kind})`);
}
