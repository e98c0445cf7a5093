/** Leases in memory: the pure rules over lease files on the memory disk, in call order per goal or executor. */
import { LoopxError } from "../domain/errors.ts";
import { formatLease, isLeaseOf, parseAnyLease, parseLease } from "../domain/lease/lease.ts";
import { leaseFault, type LeaseTerms } from "../domain/lease/limits.ts";
import { acquireLease, fenceHolds, releaseLease, renewLease, type LeaseGround } from "../domain/lease/rules.ts";
import { callOrder } from "../node/call-order.ts";
import { LEASE_LIMIT } from "../node/limits.ts";
import type {
  AcquireOutcome,
  Fence,
  Lease,
  LeaseKey,
  LeaseListing,
  LeaseRequest,
  Leases,
  LeaseScope,
  ListOptions,
  StateWish,
} from "../ports/leases.ts";
import type { Busy } from "../ports/lock.ts";
import type { Unreadable } from "../ports/unreadable.ts";
import { documentPlace, leaseDirectory, leasePlace, type MemoryGround } from "./memory-ground.ts";

const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

export function memoryLeases(ground: MemoryGround): Leases {
  const inOrder = callOrder();
  return {
    acquire: async (key, wish) => {
      if (!("state_of" in wish)) refuseTerms(wish);
      return inOrder(leaseDirectory(ground, key), async () => {
        const answer = answerWish(ground, key, wish);
        if (answer.kind === "granted" && !answer.repeated) writeLease(ground, key, answer.lease);
        return answer;
      });
    },
    preview: async (key, wish) => {
      if (!("state_of" in wish)) refuseTerms(wish);
      return answerWish(ground, key, wish);
    },
    read: async (key) => {
      const found = readLease(ground, leasePlace(ground, key), key);
      return found.kind === "lease" ? { kind: "found", lease: found.lease } : found;
    },
    renew: async (ref, options) => {
      refuseTerms({ ttl_minutes: options.ttl_minutes });
      return inOrder(leaseDirectory(ground, ref), async () => {
        const known = ownLease(ground, ref);
        if ("kind" in known) return known;
        const answer = renewLease(known.current, ref, options, ground.clock.moment());
        if (answer.kind === "renewed") writeLease(ground, ref, answer.lease);
        return answer;
      });
    },
    release: async (ref, options = {}) =>
      inOrder(leaseDirectory(ground, ref), async () => {
        const known = ownLease(ground, ref);
        if ("kind" in known) return known;
        const answer = releaseLease(known.current, ref, options, ground.clock.moment());
        if (answer.kind === "released" && answer.changed) writeLease(ground, ref, answer.lease);
        return answer;
      }),
    list: async (scope, options) => leaseListing(ground, scope, options),
  };
}

/** Every lease of the scope; a record that belongs to another file is unreadable where it stands. */
export function leaseListing(ground: MemoryGround, scope: LeaseScope, { skip = () => false }: ListOptions = {}): LeaseListing {
  const todoOf = (path: string) => path.slice(path.lastIndexOf("/") + 1, -".json".length);
  const paths = leaseFiles(ground, scope).filter((path) => !("goal_id" in scope) || !skip(todoOf(path)));
  const reads = paths.map((path) => readOwn(ground, path, scope));
  return {
    leases: reads.flatMap((read) => (read.kind === "lease" ? [read.lease] : [])),
    unreadable: reads.flatMap((read) => (read.kind === "unreadable" ? [read] : [])),
  };
}

function answerWish(ground: MemoryGround, key: LeaseKey, wish: LeaseRequest | StateWish): AcquireOutcome {
  const own = ownLease(ground, key);
  if ("kind" in own) return own;
  const request = "state_of" in wish ? requestOn(ground, wish, own.current) : wish;
  if (request === null) return { kind: "not_asked" };
  if ("kind" in request) return request;
  refuseTerms(request);
  const known = knownLeases(ground, key, own.current, request.write_scopes.length > 0);
  return "kind" in known ? known : acquireLease(key, request, known, ground.clock.moment());
}

function requestOn(ground: MemoryGround, { state_of, decide }: StateWish, current: Lease | null): LeaseRequest | Unreadable | null {
  const place = documentPlace(ground, { kind: "goal_state", goal_id: state_of });
  if (place.kind === "unreadable") return place;
  const opened = ground.disk.open(place.path, place.limit);
  if (opened.kind === "unreadable") return opened;
  if (opened.kind === "absent") return decide(null, current);
  try {
    return decide(strict.decode(opened.bytes), current);
  } catch (error) {
    if (error instanceof TypeError) return { kind: "unreadable", reason: "not_utf8", where: place.path };
    throw error;
  }
}

/** Refusal of a fenced write, or null when the lease is live with that holder and token (REL-48). */
export function fencedBy(ground: MemoryGround, fence: Fence | undefined): { kind: "fenced"; current: Lease | null } | null {
  if (fence === undefined) return null;
  const found = readLease(ground, leasePlace(ground, fence), fence);
  const current = found.kind === "lease" ? found.lease : null;
  return fenceHolds(current, fence, ground.clock.moment()) ? null : { kind: "fenced", current };
}

type Read = { kind: "lease"; lease: Lease } | { kind: "absent" } | Unreadable;

function readLease(ground: MemoryGround, path: string, key: LeaseKey): Read {
  return readAs(ground, path, (text) => parseLease(text, key));
}

function readOwn(ground: MemoryGround, path: string, scope: LeaseScope): Read {
  return readAs(ground, path, (text) => {
    const lease = parseAnyLease(text);
    const key = lease === null ? null : keyOf(lease, scope);
    return lease !== null && key !== null && isLeaseOf(lease, key) && leasePlace(ground, key) === path ? lease : null;
  });
}

function keyOf(lease: Lease, scope: LeaseScope): LeaseKey | null {
  if ("goal_id" in scope) return lease.todo_id === undefined ? null : { goal_id: scope.goal_id, todo_id: lease.todo_id };
  return lease.item === undefined ? null : { executor: scope.executor, item: lease.item };
}

function readAs(ground: MemoryGround, path: string, parse: (text: string) => Lease | null): Read {
  const opened = ground.disk.open(path, LEASE_LIMIT);
  if (opened.kind !== "bytes") return opened;
  let text: string;
  try {
    text = strict.decode(opened.bytes);
  } catch {
    return { kind: "unreadable", reason: "not_utf8", where: path };
  }
  const lease = parse(text);
  // Content that is no lease counts as held by an unknown holder (FIL-83).
  return lease === null ? { kind: "unreadable", reason: "io", where: path } : { kind: "lease", lease };
}

function ownLease(ground: MemoryGround, key: LeaseKey): { current: Lease | null } | Busy | Unreadable {
  const obstacle = ground.disk.obstacle(leaseDirectory(ground, key));
  if (obstacle !== null) return obstacle;
  const found = readLease(ground, leasePlace(ground, key), key);
  if (found.kind === "unreadable") return found;
  return { current: found.kind === "lease" ? found.lease : null };
}

/** The lease itself, its neighbours and its archived past. A neighbour that cannot be read may cover any path. */
function knownLeases(ground: MemoryGround, key: LeaseKey, current: Lease | null, comparesScopes: boolean): LeaseGround | Unreadable {
  const mine = leasePlace(ground, key);
  const others: Lease[] = [];
  for (const path of comparesScopes ? leaseFiles(ground, key) : []) {
    if (path === mine) continue;
    const found = readOwn(ground, path, key);
    if (found.kind === "lease") others.push(found.lease);
    else if (found.kind === "unreadable") return found;
  }
  const archived = current === null ? archivedToken(ground, key) : 0;
  return typeof archived === "number" ? { current, others, archived_token: archived } : archived;
}

/** Tokens of a goal go on growing after its runtime was archived (FIL-81). */
function archivedToken(ground: MemoryGround, key: LeaseKey): number | Unreadable {
  if (!("goal_id" in key)) return 0;
  let highest = 0;
  const root = `${ground.places.runtime_root}/archived-goals`;
  for (const path of ground.disk.filesBelow(root)) {
    const [folder = "", ...rest] = path.slice(root.length + 1).split("/");
    if (rest.join("/") !== `leases/${key.todo_id}.json` || !isArchiveOf(folder, key.goal_id)) continue;
    const found = readLease(ground, path, key);
    if (found.kind === "unreadable") return found;
    if (found.kind === "lease") highest = Math.max(highest, found.lease.token);
  }
  return highest;
}

function isArchiveOf(folder: string, goalId: string): boolean {
  return folder.startsWith(`${goalId}-`) && /^\d{8}T\d{6}Z(?:-\d+)?$/.test(folder.slice(goalId.length + 1));
}

function leaseFiles(ground: MemoryGround, scope: LeaseScope): readonly string[] {
  return ground.disk.filesBelow(leaseDirectory(ground, scope)).filter((path) => path.endsWith(".json"));
}

function writeLease(ground: MemoryGround, key: LeaseKey, lease: Lease): void {
  ground.disk.plant(leasePlace(ground, key), formatLease(lease));
}

/** Callers check before they ask; this is the last door (REL-105). */
function refuseTerms(terms: LeaseTerms): void {
  const fault = leaseFault(terms);
  if (fault !== null) throw new LoopxError("invalid_value", fault.message, { details: { key: fault.key } });
}
