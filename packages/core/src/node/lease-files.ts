/** Lease files: where each lies and what it says (FIL-80, FIL-83). Reading only; who may write one is decided elsewhere. */
import { basename, join } from "node:path";
import type { AbsolutePath } from "../domain/ids.ts";
import { isLeaseOf, parseAnyLease, parseLease } from "../domain/lease/lease.ts";
import type { LeaseGround } from "../domain/lease/rules.ts";
import type { Lease, LeaseKey, LeaseListing, LeaseScope, ListOptions } from "../ports/leases.ts";
import type { Unreadable } from "../ports/unreadable.ts";
import { canonicalPath, confine } from "./confine.ts";
import { namesOfLeases } from "./directories.ts";
import type { FileGround, LeasePlace } from "./file-ground.ts";
import { sha256 } from "./hashing.ts";
import { LEASE_LIMIT } from "./limits.ts";
import { decodeUtf8, readRegular } from "./open-file.ts";
import type { Before } from "./replace-file.ts";

export type LeaseRead = { kind: "lease"; lease: Lease; before: Before } | { kind: "absent" } | Unreadable;

export interface LeaseFile {
  readonly path: AbsolutePath;
  readonly place: LeasePlace;
  /** Real path of the directory: what the lock is on. */
  readonly directory: AbsolutePath;
}

/** The file of one lease, whether or not it exists. */
export function leaseFile(ground: FileGround, key: LeaseKey): LeaseFile | Unreadable {
  const found = leaseDirectory(ground, key);
  if ("kind" in found) return found;
  const at = confine(found.directory, join(found.directory, fileName(key)), ground.calls);
  return at.kind === "unreadable" ? at : { path: at.path, place: found.place, directory: found.directory };
}

export function leaseDirectory(ground: FileGround, scope: LeaseScope): { place: LeasePlace; directory: AbsolutePath } | Unreadable {
  const place = ground.places.leases(scope);
  if ("kind" in place) return place;
  const at = confine(place.root, place.directory, ground.calls);
  return at.kind === "unreadable" ? at : { place, directory: at.path };
}

/** The record in the file when it is a lease of that key. */
export function readLease(ground: FileGround, path: AbsolutePath, key: LeaseKey): LeaseRead {
  return readAs(ground, path, (text) => parseLease(text, key));
}

/** Every lease of the scope, by file name. A record that belongs to another file is unreadable where it stands; a directory that cannot be read throws `lease_unreadable`. */
export function listLeases(ground: FileGround, scope: LeaseScope, { skip = () => false }: ListOptions = {}): LeaseListing {
  const found = leaseDirectory(ground, scope);
  if ("kind" in found) return { leases: [], unreadable: [found] };
  const reads = readAll(ground, found.directory, scope, (name) => "goal_id" in scope && skip(name.slice(0, -".json".length)));
  return {
    leases: reads.flatMap((read) => (read.kind === "lease" ? [read.lease] : [])),
    unreadable: reads.flatMap((read) => (read.kind === "unreadable" ? [read] : [])),
  };
}

/** The other leases beside this one. One that cannot be read may cover any path, so it stands in the way of scopes. */
export function neighbours(
  ground: FileGround,
  { path, place, directory }: LeaseFile,
  key: LeaseKey,
  current: Lease | null,
  comparesScopes: boolean,
): LeaseGround | Unreadable {
  const reads = comparesScopes ? readAll(ground, directory, key, (name) => name === basename(path)) : [];
  const obstacle = reads.find((read) => read.kind === "unreadable");
  if (obstacle?.kind === "unreadable") return obstacle;
  const archived = current === null ? archivedToken(ground, place, key) : 0;
  if (typeof archived !== "number") return archived;
  return { current, others: reads.flatMap((read) => (read.kind === "lease" ? [read.lease] : [])), archived_token: archived };
}

function readAll(ground: FileGround, directory: AbsolutePath, scope: LeaseScope, skip: (name: string) => boolean): LeaseRead[] {
  const names = namesOfLeases(ground.calls, directory).filter((name) => name.endsWith(".json") && !name.startsWith(".") && !skip(name));
  return names
    .sort()
    .map((name) => readAs(ground, canonicalPath(join(directory, name), ground.calls), (text) => ownLease(text, name, scope)));
}

/** Null also for a copy of another lease's record: it would speak for a todo that has a file of its own. */
function ownLease(text: string, name: string, scope: LeaseScope): Lease | null {
  const lease = parseAnyLease(text);
  const key = lease === null ? null : keyOf(lease, scope);
  return lease !== null && key !== null && isLeaseOf(lease, key) && fileName(key) === basename(name) ? lease : null;
}

function keyOf(lease: Lease, scope: LeaseScope): LeaseKey | null {
  if ("goal_id" in scope) return lease.todo_id === undefined ? null : { goal_id: scope.goal_id, todo_id: lease.todo_id };
  return lease.item === undefined ? null : { executor: scope.executor, item: lease.item };
}

function readAs(ground: FileGround, path: AbsolutePath, parse: (text: string) => Lease | null): LeaseRead {
  const read = readRegular(ground.calls, path, LEASE_LIMIT);
  if (read.kind !== "bytes") return read;
  const text = decodeUtf8(read.bytes);
  if (text === null) return { kind: "unreadable", reason: "not_utf8", where: path };
  const lease = parse(text);
  // Content that is no lease counts as held by an unknown holder (FIL-83).
  return lease === null ? { kind: "unreadable", reason: "io", where: path } : { kind: "lease", lease, before: read };
}

/** Tokens go on growing after a goal's runtime was archived (FIL-81). */
function archivedToken(ground: FileGround, place: LeasePlace, key: LeaseKey): number | Unreadable {
  if (place.archives === null || !("goal_id" in key)) return 0;
  let highest = 0;
  for (const folder of namesOfLeases(ground.calls, place.archives)) {
    if (!isArchiveOf(folder, key.goal_id)) continue;
    const at = confine(place.archives, join(place.archives, folder, "leases", fileName(key)), ground.calls);
    if (at.kind === "unreadable") return at;
    const read = readLease(ground, at.path, key);
    if (read.kind === "unreadable") return read;
    if (read.kind === "lease") highest = Math.max(highest, read.lease.token);
  }
  return highest;
}

function isArchiveOf(folder: string, goalId: string): boolean {
  return folder.startsWith(`${goalId}-`) && /^\d{8}T\d{6}Z(?:-\d+)?$/.test(folder.slice(goalId.length + 1));
}

function fileName(key: LeaseKey): string {
  return `${"goal_id" in key ? key.todo_id : sha256(key.item).slice(0, 32)}.json`;
}
