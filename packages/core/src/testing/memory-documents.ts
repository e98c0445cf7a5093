/**
 * Documents in memory, with the outcomes of the file store: call order per key, compare-and-swap on what was read,
 * bounded retries, fences. Each call does its work in one turn; nothing comes between but `disk.beforeCommit`.
 */
import type { Digest } from "../domain/digest.ts";
import { byStamp, formatStamp, isStamp } from "../domain/time.ts";
import { callOrder } from "../node/call-order.ts";
import { assertWritable } from "../node/document-text.ts";
import { CAS_RETRIES } from "../node/limits.ts";
import type { DocumentKey, Documents, Edit, Found, RemoveOutcome, Revision, UpdateOptions, UpdateOutcome } from "../ports/documents.ts";
import type { ListOptions } from "../ports/leases.ts";
import type { Unreadable } from "../ports/unreadable.ts";
import { documentPlace, type MemoryGround } from "./memory-ground.ts";
import { fencedBy, leaseListing } from "./memory-leases.ts";

const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

type Current = Found | { kind: "absent" };
type Place = { readonly path: string; readonly limit: number };

export function memoryDocuments(ground: MemoryGround): Documents {
  const inOrder = callOrder();
  return {
    read: async (key) => {
      const place = documentPlace(ground, key);
      return place.kind === "unreadable" ? place : readDocument(ground, place);
    },
    exists: async (key) => {
      const place = documentPlace(ground, key);
      return place.kind === "at" && ground.disk.stands(place.path);
    },
    obstacle: async (key) => {
      const place = documentPlace(ground, key);
      if (place.kind === "unreadable") return place;
      const denied = ground.disk.obstacle(place.path);
      if (denied?.kind === "unreadable") return denied;
      const current = readDocument(ground, place);
      return current.kind === "unreadable" ? current : null;
    },
    update: async (key, edit, options = {}) => {
      const place = documentPlace(ground, key);
      if (place.kind === "unreadable") return place;
      return inOrder(place.path, async () => updateDocument(ground, key, place, edit, options));
    },
    remove: async (key, { expected }) => {
      const place = documentPlace(ground, key);
      if (place.kind === "unreadable") return place;
      return inOrder(place.path, async () => removeDocument(ground, place, expected));
    },
    disconnectStamps: async () => {
      const root = `${ground.places.runtime_root}/disconnected/`;
      const names = ground.disk.filesBelow(root).map((path) => path.slice(root.length).split("/")[0] ?? "");
      return [...new Set(names)].filter(isStamp).sort(byStamp);
    },
  };
}

function readDocument(ground: MemoryGround, place: Place): Current | Unreadable {
  const opened = ground.disk.open(place.path, place.limit);
  if (opened.kind !== "bytes") return opened;
  try {
    const text = strict.decode(opened.bytes);
    return { kind: "found", text, revision: revisionOf(ground.digest, text) };
  } catch {
    return { kind: "unreadable", reason: "not_utf8", where: place.path };
  }
}

function updateDocument<T>(ground: MemoryGround, key: DocumentKey, place: Place, edit: Edit<T>, options: UpdateOptions): UpdateOutcome<T> {
  const obstacle = ground.disk.obstacle(place.path);
  if (obstacle !== null) return obstacle;
  const fenced = fencedBy(ground, options.fence);
  if (fenced !== null) return fenced;
  const { leases_of } = options;
  const leases = leases_of === undefined ? null : (look?: ListOptions) => leaseListing(ground, { goal_id: leases_of }, look);
  for (let attempts = 1; ; attempts += 1) {
    const current = readForUpdate(ground, key, place, options);
    if (current.kind === "unreadable") return current;
    const revision = current.kind === "found" ? current.revision : null;
    if (options.expected !== undefined && options.expected !== revision) return { kind: "conflict", actual: revision, attempts };
    const edited = edit(current.kind === "found" ? { text: current.text, revision: current.revision } : null, leases);
    if ("keep" in edited) return { kind: "unchanged", revision, value: edited.value };
    assertWritable(key, edited.write);
    const size = new TextEncoder().encode(edited.write).length;
    if (size > place.limit) return { kind: "unreadable", reason: "too_large", where: place.path, size, limit: place.limit };
    ground.disk.beforeCommit?.(place.path);
    const actual = revisionNow(ground, place);
    if (actual === revision) {
      ground.disk.plant(place.path, edited.write);
      return { kind: "written", revision: revisionOf(ground.digest, edited.write), value: edited.value, attempts };
    }
    if (options.expected !== undefined || attempts > CAS_RETRIES) return { kind: "conflict", actual, attempts };
  }
}

function removeDocument(ground: MemoryGround, place: Place, expected: Revision): RemoveOutcome {
  const obstacle = ground.disk.obstacle(place.path);
  if (obstacle !== null) return obstacle;
  const current = readDocument(ground, place);
  if (current.kind !== "found") return current;
  if (current.revision !== expected) return { kind: "conflict", actual: current.revision, attempts: 1 };
  ground.disk.remove(place.path);
  return { kind: "removed" };
}

/** An unreadable executor state is renamed aside when the caller says so, never overwritten (REL-42). */
function readForUpdate(ground: MemoryGround, key: DocumentKey, place: Place, options: UpdateOptions): Current | Unreadable {
  const current = readDocument(ground, place);
  if (current.kind !== "unreadable" || key.kind !== "executor_state" || options.set_aside !== true) return current;
  ground.disk.move(place.path, `${place.path}.corrupt-${formatStamp(ground.clock.moment())}`);
  return { kind: "absent" };
}

/** What stands there at the second look; anything unreadable is no revision that was read. */
function revisionNow(ground: MemoryGround, place: Place): Revision | null {
  const now = readDocument(ground, place);
  if (now.kind === "unreadable") return `unreadable:${now.reason}` as Revision;
  return now.kind === "found" ? now.revision : null;
}

function revisionOf(digest: Digest, text: string): Revision {
  return `sha256:${digest("sha256", text)}` as Revision;
}
