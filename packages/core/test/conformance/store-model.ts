/**
 * A store as a few plain values, and random commands that run on it and on a real store alike (REL-161). The model
 * knows nothing of files, locks or JSON; wherever it and the store answer differently, one of them is wrong.
 */
import assert from "node:assert/strict";
import fc from "fast-check";
import { ALPHA, RUNS, STATE } from "../../src/testing/conformance/store.ts";
import type { ConformanceStore } from "../../src/testing/conformance.ts";
import type { DocumentKey, Revision } from "../../src/ports/documents.ts";
import type { LeaseKey, LeaseRef } from "../../src/ports/leases.ts";
import type { LogPosition } from "../../src/ports/logs.ts";

const MINUTE_MS = 60_000;
const TTL = 30;

const DOCUMENTS: readonly DocumentKey[] = [
  STATE,
  { kind: "artifact", goal_id: ALPHA, name: "a.json" },
  { kind: "executor_state", executor: "looper", name: "s.json" },
];
const LEASES: readonly LeaseKey[] = [
  { goal_id: ALPHA, todo_id: "todo_aaa" },
  { goal_id: ALPHA, todo_id: "todo_bbb" },
  { executor: "looper", item: "o/r#7" },
];
/** Which of these overlap is plain to see: the first with nothing, the second and third with each other. */
const SCOPES: readonly (readonly string[])[] = [[], ["src"], ["src/a.ts"], ["docs"]];

interface ModelLease {
  holder: string;
  token: number;
  version: number;
  released: boolean;
  expires: number;
  scope: number;
}

export interface Model {
  now: number;
  /** Texts by document, and every revision that was ever answered, with its text. */
  texts: (string | null)[];
  revisions: { document: number; revision: Revision; text: string }[];
  log: { id: string; position: LogPosition }[];
  torn: boolean;
  heads: LogPosition[];
  leases: (ModelLease | null)[];
  /** Every grant that was ever made, the stale ones too: paused holders wake up with these. */
  grants: { lease: number; holder: string; token: number }[];
}

export interface Real {
  store: ConformanceStore;
  readonly reopen: (store: ConformanceStore) => ConformanceStore | Promise<ConformanceStore>;
}

export function emptyModel(): Model {
  return {
    now: 0,
    texts: DOCUMENTS.map(() => null),
    revisions: [],
    log: [],
    torn: false,
    heads: [],
    leases: LEASES.map(() => null),
    grants: [],
  };
}

type Command = fc.AsyncCommand<Model, Real>;
type Run = (model: Model, real: Real) => Promise<void>;

function command(name: string, run: Run): Command {
  return { check: () => true, run, toString: () => name };
}

/** Commands of every kind, each with its random choices. */
export const COMMANDS: fc.Arbitrary<Command>[] = [
  fc
    .record({
      document: fc.nat(DOCUMENTS.length - 1),
      word: fc.string({ maxLength: 3 }),
      guard: fc.option(fc.nat()),
      expected: fc.option(fc.nat()),
    })
    .map(update),
  fc.record({ id: fc.nat(9), once: fc.boolean(), guard: fc.option(fc.nat()), head: fc.option(fc.nat()) }).map(append),
  fc
    .record({
      lease: fc.nat(LEASES.length - 1),
      holder: fc.constantFrom("a", "b", "c"),
      scope: fc.nat(SCOPES.length - 1),
      take_over: fc.boolean(),
    })
    .map(acquire),
  fc.nat().map(renew),
  fc.nat().map(release),
  fc.integer({ min: -20, max: 40 }).map(tick),
  fc.constant(command("reopen", async (_model, real) => void (real.store = await real.reopen(real.store)))),
  fc.nat(20).map(crash),
  fc.constant(command("compare", compare)),
];

function update({
  document,
  word,
  guard,
  expected,
}: {
  document: number;
  word: string;
  guard: number | null;
  expected: number | null;
}): Command {
  return command(`update(${document}, ${JSON.stringify(word)}, guard ${guard}, expected ${expected})`, async (model, real) => {
    const key = at(DOCUMENTS, document);
    const grant = pick(model.grants, guard);
    const known = pick(
      model.revisions.filter((entry) => entry.document === document),
      expected,
    );
    const before = model.texts[document] ?? null;
    const text = (before ?? "") + word;
    const options = { ...(known === null ? {} : { expected: known.revision }), ...(grant === null ? {} : { fence: refOf(grant) }) };
    const outcome = await real.store.documents.update(
      key,
      (current) => ({ write: (current?.text ?? "") + word, value: current?.text ?? null }),
      options,
    );
    const fenced = grant !== null && !fenceHolds(model, grant);
    const stale = known !== null && known.text !== before;
    if (fenced || stale) {
      assert.ok((fenced && outcome.kind === "fenced") || (stale && outcome.kind === "conflict"), outcome.kind);
      return;
    }
    assert.ok(outcome.kind === "written", outcome.kind);
    assert.equal(outcome.value, before);
    for (const entry of model.revisions)
      if (entry.document === document) assert.equal(entry.revision === outcome.revision, entry.text === text);
    model.texts[document] = text;
    model.revisions.push({ document, revision: outcome.revision, text });
  });
}

function append({ id, once, guard, head }: { id: number; once: boolean; guard: number | null; head: number | null }): Command {
  return command(`append(${id}, once ${once}, guard ${guard}, head ${head})`, async (model, real) => {
    const grant = pick(model.grants, guard);
    const expected = pick(model.heads, head);
    const record = { id: `${id}`, n: model.log.length };
    const options = { once, ...(expected === null ? {} : { expected_head: expected }), ...(grant === null ? {} : { fence: refOf(grant) }) };
    const now = await real.store.logs.tail(RUNS, { limit: 0 });
    assert.ok(now.kind === "page");
    const outcome = await real.store.logs.append(RUNS, record, options);
    const allowed: string[] = [];
    if (grant !== null && !fenceHolds(model, grant)) allowed.push("fenced");
    if (once && model.log.some((entry) => entry.id === `${id}`)) allowed.push("duplicate");
    if (expected !== null && expected !== now.head) allowed.push("conflict");
    if (allowed.length > 0) {
      assert.ok(allowed.includes(outcome.kind), `${outcome.kind}, not ${allowed.join(" or ")}`);
      return;
    }
    assert.ok(outcome.kind === "appended", outcome.kind);
    assert.equal(outcome.position, now.head);
    assert.equal(outcome.repaired_tail, model.torn);
    model.torn = false;
    model.log.push({ id: `${id}`, position: outcome.position });
    model.heads.push(outcome.head);
  });
}

function acquire({ lease, holder, scope, take_over }: { lease: number; holder: string; scope: number; take_over: boolean }): Command {
  return command(`acquire(${lease}, ${holder}, ${(SCOPES[scope] ?? []).join()}, take over ${take_over})`, async (model, real) => {
    const request = {
      holder,
      ttl_minutes: TTL,
      write_scopes: SCOPES[scope] ?? [],
      ...(take_over ? { take_over: { reason: "stuck" } } : {}),
    };
    const outcome = await real.store.leases.acquire(at(LEASES, lease), request);
    const old = model.leases[lease] ?? null;
    if (old !== null && isLive(model, old) && !take_over) {
      assert.ok(outcome.kind === "held", outcome.kind);
      assert.equal(outcome.lease.token, old.token);
      return;
    }
    // Scopes matter among the leases of one goal: the first two.
    const neighbour = lease < 2 ? (model.leases[1 - lease] ?? null) : null;
    if (neighbour !== null && isLive(model, neighbour) && meet(neighbour.scope, scope)) {
      assert.equal(outcome.kind, "scope_overlap");
      return;
    }
    assert.ok(outcome.kind === "granted", outcome.kind);
    const token = (old?.token ?? 0) + 1;
    assert.deepEqual([outcome.lease.token, outcome.lease.version, outcome.repeated], [token, (old?.version ?? 0) + 1, false]);
    assert.equal(outcome.taken_over_from, old !== null && isLive(model, old) ? old.holder : null);
    model.leases[lease] = { holder, token, version: outcome.lease.version, released: false, expires: model.now + TTL * MINUTE_MS, scope };
    model.grants.push({ lease, holder, token });
  });
}

function renew(choice: number): Command {
  return command(`renew(${choice})`, async (model, real) => {
    const grant = pick(model.grants, choice);
    if (grant === null) return;
    const outcome = await real.store.leases.renew(refOf(grant), { ttl_minutes: TTL });
    const lease = leaseOf(model, grant);
    if (lease.token !== grant.token || !isLive(model, lease)) {
      assert.equal(outcome.kind, lease.token === grant.token ? "not_active" : "fenced");
      return;
    }
    assert.ok(outcome.kind === "renewed", outcome.kind);
    lease.version += 1;
    lease.expires = model.now + TTL * MINUTE_MS;
    assert.deepEqual([outcome.lease.token, outcome.lease.version], [lease.token, lease.version]);
  });
}

function release(choice: number): Command {
  return command(`release(${choice})`, async (model, real) => {
    const grant = pick(model.grants, choice);
    if (grant === null) return;
    const outcome = await real.store.leases.release(refOf(grant));
    const lease = leaseOf(model, grant);
    if (lease.token !== grant.token || (!lease.released && !isLive(model, lease))) {
      assert.equal(outcome.kind, lease.token === grant.token ? "not_active" : "fenced");
      return;
    }
    assert.ok(outcome.kind === "released", outcome.kind);
    assert.equal(outcome.changed, !lease.released);
    if (!lease.released) lease.version += 1;
    lease.released = true;
  });
}

/** Time passes; a negative step is a clock that was set back. */
function tick(minutes: number): Command {
  return command(`tick(${minutes} min)`, async (model, real) => {
    real.store.clock.tick(minutes * MINUTE_MS);
    model.now += minutes * MINUTE_MS;
  });
}

/** A process dies half-way through an append: a part of its line is there, nobody was told so, and another start goes on. */
function crash(length: number): Command {
  return command(`crash(after ${length + 1} bytes)`, async (model, real) => {
    const { plant, bytesOf } = real.store;
    if (plant === undefined || bytesOf === undefined) return;
    const line = new TextEncoder().encode('{"id":"lost","n":"text"}').subarray(0, length + 1);
    // A second crash on the same line would only make another line bad; the first append repairs the tail before that.
    if (!model.torn) plant(RUNS, new Uint8Array([...(bytesOf(RUNS) ?? []), ...line]));
    model.torn = true;
    real.store = await real.reopen(real.store);
  });
}

/** Everything that can be read is what the model says. */
export async function compare(model: Model, real: Real): Promise<void> {
  for (const [index, key] of DOCUMENTS.entries()) {
    const found = await real.store.documents.read(key);
    assert.deepEqual(found.kind === "found" ? found.text : found.kind, model.texts[index] ?? "absent");
  }
  const stored: { id: string; position: LogPosition }[] = [];
  for await (const entry of real.store.logs.scan(RUNS)) {
    if (entry.kind === "record") stored.push({ id: entry.record["id"] as string, position: entry.position });
    else assert.equal(entry.kind, "torn_tail");
  }
  assert.deepEqual(stored, model.log);
  const scopes = [{ goal_id: ALPHA }, { executor: "looper" }];
  const listed = (await Promise.all(scopes.map((scope) => real.store.leases.list(scope)))).flatMap(({ leases }) => leases);
  const shown = listed.map((lease) => [lease.todo_id ?? lease.item, lease.holder, lease.token, lease.version, lease.state].join(" "));
  const wanted = model.leases.flatMap((lease, index) => {
    const key = LEASES[index];
    if (lease === null || key === undefined) return [];
    return [
      ["todo_id" in key ? key.todo_id : key.item, lease.holder, lease.token, lease.version, lease.released ? "released" : "held"].join(" "),
    ];
  });
  assert.deepEqual(shown.toSorted(), wanted.toSorted());
}

function refOf(grant: Model["grants"][number]): LeaseRef {
  return { ...at(LEASES, grant.lease), holder: grant.holder, token: grant.token };
}

/** The lease as it is now; a grant that was made left one. */
function leaseOf(model: Model, grant: Model["grants"][number]): ModelLease {
  const lease = model.leases[grant.lease];
  if (lease === null || lease === undefined) throw new Error("a grant without a lease");
  return lease;
}

function at<T>(list: readonly T[], index: number): T {
  const item = list[index];
  if (item === undefined) throw new RangeError(`nothing at ${index}`);
  return item;
}

function pick<T>(list: readonly T[], choice: number | null): T | null {
  return choice === null || list.length === 0 ? null : (list[choice % list.length] ?? null);
}

function isLive(model: Model, lease: ModelLease): boolean {
  return !lease.released && model.now < lease.expires;
}

function fenceHolds(model: Model, grant: Model["grants"][number]): boolean {
  const lease = leaseOf(model, grant);
  return lease.token === grant.token && isLive(model, lease);
}

function meet(a: number, b: number): boolean {
  const [low, high] = a < b ? [a, b] : [b, a];
  return low !== 0 && (low === high || (low === 1 && high === 2));
}

/** Runs random command sequences; `LOOPX_SEED` replays a printed seed. */
export async function assertModelHolds(
  make: () => ConformanceStore | Promise<ConformanceStore>,
  reopen: Real["reopen"],
  numRuns: number,
): Promise<void> {
  const seed = process.env["LOOPX_SEED"];
  await fc.assert(
    fc.asyncProperty(fc.commands(COMMANDS, { maxCommands: 60, size: "max" }), async (commands) => {
      const real: Real = { store: await make(), reopen };
      const model = emptyModel();
      await fc.asyncModelRun(() => ({ model, real }), commands);
      await compare(model, real);
    }),
    { numRuns, ...(seed === undefined ? {} : { seed: Number(seed) }) },
  );
}
