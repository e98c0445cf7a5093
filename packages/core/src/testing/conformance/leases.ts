/** What `Leases` promises: one holder per token, tokens that only grow, no write of an old token after a newer grant. */
import assert from "node:assert/strict";
import type { DocumentKey } from "../../ports/documents.ts";
import type { LeaseKey, LeaseListing, LeaseRef, LeaseRequest, StateWish } from "../../ports/leases.ts";
import {
  adding,
  ALPHA,
  BETA,
  bytesAt,
  EIGHT,
  only,
  RUNS,
  scanned,
  STATE,
  text,
  utf8,
  write,
  type ConformanceOptions,
  type ConformanceStore,
  type DamageTest,
  type Test,
} from "./store.ts";

const MINUTE_MS = 60_000;
const TTL = 30;
const TODO: LeaseKey = { goal_id: ALPHA, todo_id: "todo_aaaa" };
const OTHER_TODO: LeaseKey = { goal_id: ALPHA, todo_id: "todo_bbbb" };
const ITEM: LeaseKey = { executor: "gitea", item: "o/r#7" };

export function leaseConformance(test: Test, { reopen }: ConformanceOptions): void {
  for (const [name, key] of [
    ["a todo", TODO],
    ["an executor's item", ITEM],
  ] as const) {
    test(`${name} is granted once; a live lease is held for everybody (REL-49)`, async (store) => {
      const granted = only(await store.leases.acquire(key, asks("a", { write_scopes: ["src/**"] })), "granted");
      assert.deepEqual([granted.repeated, granted.taken_over_from], [false, null]);
      const { lease } = granted;
      assert.deepEqual(
        [lease.holder, lease.token, lease.version, lease.state, lease.ttl_minutes, lease.write_scopes],
        ["a", 1, 1, "held", TTL, ["src/**"]],
      );
      assert.equal(Date.parse(lease.expires_at) - Date.parse(lease.acquired_at), TTL * MINUTE_MS);
      for (const holder of ["a", "b"]) assert.deepEqual(await store.leases.acquire(key, asks(holder)), { kind: "held", lease });
      assert.deepEqual(await store.leases.list("goal_id" in key ? { goal_id: key.goal_id } : { executor: key.executor }), {
        leases: [lease],
        unreadable: [],
      });
    });

    test(`of eight that want ${name} at once, over two stores, one gets it`, async (store) => {
      const other = await reopen(store);
      const answers = await Promise.all(EIGHT.map((n) => (n % 2 === 0 ? store : other).leases.acquire(key, asks(`h${n}`))));
      assert.deepEqual(answers.map((answer) => answer.kind).toSorted(), [
        "granted",
        "held",
        "held",
        "held",
        "held",
        "held",
        "held",
        "held",
      ]);
    });
  }

  test("leases of another goal, todo or executor are none of its business", async (store) => {
    for (const key of [
      TODO,
      OTHER_TODO,
      ITEM,
      { goal_id: BETA, todo_id: "todo_aaaa" },
      { executor: "gitea", item: "o/r#8" },
      { executor: "looper", item: "o/r#7" },
    ]) {
      assert.equal(only(await store.leases.acquire(key, asks("a")), "granted").lease.token, 1);
    }
    assert.deepEqual(todosOf(await store.leases.list({ goal_id: ALPHA })), ["todo_aaaa", "todo_bbbb"]);
    assert.deepEqual(todosOf(await store.leases.list({ executor: "gitea" })), ["o/r#7", "o/r#8"]);
    assert.deepEqual(await store.leases.list({ executor: "nobody" }), { leases: [], unreadable: [] });
  });

  test("an expired lease goes to the next one, and the old holder is fenced off (REL-50, REL-51)", async (store) => {
    const old = await granted(store, TODO, "a");
    store.clock.tick(TTL * MINUTE_MS - 1);
    assert.equal((await store.leases.acquire(TODO, asks("b"))).kind, "held");
    store.clock.tick(1);
    const { lease } = only(await store.leases.acquire(TODO, asks("b")), "granted");
    assert.deepEqual([lease.token, lease.version, lease.taken_over_from], [2, 2, null]);
    assert.deepEqual(await store.leases.renew(old, { ttl_minutes: TTL }), { kind: "fenced", current: lease });
    assert.deepEqual(await store.leases.release(old), { kind: "fenced", current: lease });
  });

  test("an expired lease is not active, even when nobody took it (REL-50)", async (store) => {
    const ref = await granted(store, TODO, "a");
    store.clock.tick(TTL * MINUTE_MS);
    assert.equal((await store.leases.renew(ref, { ttl_minutes: TTL })).kind, "not_active");
    assert.equal((await store.leases.release(ref)).kind, "not_active");
  });

  test("renew moves the expiry and the version, not the token (REL-50)", async (store) => {
    const ref = await granted(store, TODO, "a");
    store.clock.tick(20 * MINUTE_MS);
    const { lease } = only(await store.leases.renew(ref, { ttl_minutes: 60, version: 1 }), "renewed");
    assert.deepEqual([lease.token, lease.version, lease.ttl_minutes], [1, 2, 60]);
    assert.deepEqual(await store.leases.renew(ref, { ttl_minutes: 60, version: 1 }), { kind: "version_mismatch", lease });
    store.clock.tick(59 * MINUTE_MS);
    assert.equal((await store.leases.acquire(TODO, asks("b"))).kind, "held");
    store.clock.tick(MINUTE_MS);
    assert.equal((await store.leases.acquire(TODO, asks("b"))).kind, "granted");
  });

  test("release frees at once; releasing again changes nothing; the token goes on (REL-50, FIL-81)", async (store) => {
    const ref = await granted(store, TODO, "a");
    assert.equal((await store.leases.release(ref, { version: 9 })).kind, "version_mismatch");
    const first = only(await store.leases.release(ref, { version: 1 }), "released");
    assert.deepEqual([first.changed, first.lease.state, first.lease.version], [true, "released", 2]);
    assert.deepEqual(await store.leases.release(ref), { kind: "released", lease: first.lease, changed: false });
    assert.equal((await store.leases.renew(ref, { ttl_minutes: TTL })).kind, "not_active");
    assert.equal((await granted(store, TODO, "b")).token, 2);
  });

  test("a wrong holder or token is fenced, also where there is no lease", async (store) => {
    assert.deepEqual(await store.leases.renew({ ...TODO, holder: "a", token: 1 }, { ttl_minutes: TTL }), { kind: "fenced", current: null });
    const lease = await granted(store, TODO, "a");
    for (const ref of [
      { ...TODO, holder: "b", token: 1 },
      { ...TODO, holder: "a", token: 2 },
    ]) {
      assert.equal((await store.leases.renew(ref, { ttl_minutes: TTL })).kind, "fenced");
      assert.equal((await store.leases.release(ref)).kind, "fenced");
    }
    assert.equal((await store.leases.renew(lease, { ttl_minutes: TTL })).kind, "renewed");
  });

  test("an idempotency key repeats equal arguments and refuses others (REL-49)", async (store) => {
    const request = asks("a", { idempotency_key: "k", write_scopes: ["src"] });
    const { lease } = only(await store.leases.acquire(TODO, request), "granted");
    store.clock.tick(MINUTE_MS);
    assert.deepEqual(await (await reopen(store)).leases.acquire(TODO, request), {
      kind: "granted",
      lease,
      repeated: true,
      taken_over_from: null,
    });
    for (const other of [{ holder: "b" }, { ttl_minutes: 31 }, { write_scopes: ["docs"] }]) {
      assert.deepEqual(await store.leases.acquire(TODO, { ...request, ...other }), { kind: "key_reused", lease });
    }
  });

  test("a take-over is granted with a new token and says from whom", async (store) => {
    const old = await granted(store, TODO, "a");
    const taken = only(await store.leases.acquire(TODO, asks("b", { take_over: { reason: "stuck" } })), "granted");
    assert.deepEqual([taken.taken_over_from, taken.lease.taken_over_from, taken.lease.token], ["a", "a", 2]);
    assert.equal((await store.leases.renew(old, { ttl_minutes: TTL })).kind, "fenced");
  });

  test("live write scopes that overlap are refused with both patterns (REL-49)", async (store) => {
    const mine = await granted(store, TODO, "a", { write_scopes: ["src/**"] });
    const refused = only(await store.leases.acquire(OTHER_TODO, asks("b", { write_scopes: ["docs", "src/a.ts"] })), "scope_overlap");
    assert.deepEqual(refused.pairs, [["src/a.ts", "src/**"]]);
    assert.equal(refused.lease.todo_id, "todo_aaaa");
    assert.equal(
      (await store.leases.acquire({ goal_id: BETA, todo_id: "todo_bbbb" }, asks("b", { write_scopes: ["src/a.ts"] }))).kind,
      "granted",
    );
    await store.leases.release(mine);
    assert.equal((await store.leases.acquire(OTHER_TODO, asks("b", { write_scopes: ["src/a.ts"] }))).kind, "granted");
  });

  test("of eight todos with one write scope, asked for at once, one is granted", async (store) => {
    const other = await reopen(store);
    const answers = await Promise.all(
      EIGHT.map((n) =>
        (n % 2 === 0 ? store : other).leases.acquire({ goal_id: ALPHA, todo_id: `todo_aaa${n}` }, asks(`h${n}`, { write_scopes: ["src"] })),
      ),
    );
    assert.equal(answers.filter((answer) => answer.kind === "granted").length, 1);
    assert.equal(answers.filter((answer) => answer.kind === "scope_overlap").length, 7);
  });

  test("tokens only grow, over release, expiry, take-over and every new start (FIL-81)", async (store) => {
    let current = store;
    for (let token = 1; token <= 12; token += 1) {
      const lease = await granted(current, TODO, `h${token}`, token % 3 === 0 ? { take_over: { reason: "stuck" } } : {});
      assert.equal(lease.token, token);
      if (token % 3 === 0) await current.leases.release(lease);
      else if (token % 3 === 1) current.clock.tick(TTL * MINUTE_MS);
      current = await reopen(current);
    }
  });

  test("after a clock stepped back a lease looks live again, and its old token still changes nothing (REL-51)", async (store) => {
    const old = await granted(store, TODO, "a");
    store.clock.tick(TTL * MINUTE_MS);
    await granted(store, TODO, "b");
    store.clock.tick(-60 * MINUTE_MS);
    assert.equal((await store.leases.acquire(TODO, asks("c"))).kind, "held");
    assert.equal((await store.documents.update(STATE, adding("x"), { fence: old })).kind, "fenced");
  });
}

/** The limits of a request, and looks that change nothing. */
export function leaseLookConformance(test: Test, { reopen }: ConformanceOptions): void {
  test("a request over a limit is refused and nothing is written (REL-105)", async (store) => {
    const invalid = { code: "invalid_value" };
    await assert.rejects(store.leases.acquire(TODO, asks("a", { ttl_minutes: 1441 })), invalid);
    await assert.rejects(store.leases.preview(TODO, asks("a", { write_scopes: ["x".repeat(161)] })), invalid);
    assert.deepEqual(await store.leases.read(TODO), { kind: "absent" });
    const ref = await granted(store, TODO, "a");
    await assert.rejects(store.leases.renew(ref, { ttl_minutes: 0 }), invalid);
  });

  test("the largest request that is granted can be read again (REL-103)", async (store) => {
    const most = { ttl_minutes: 1440, write_scopes: Array.from({ length: 64 }, (_, n) => `${n}/`.padEnd(160, "x")) };
    const { lease } = only(await store.leases.acquire(TODO, asks("a", most)), "granted");
    assert.deepEqual(await store.leases.read(TODO), { kind: "found", lease });
  });

  test("a preview answers what acquire would, and grants nothing", async (store) => {
    const preview = only(await store.leases.preview(TODO, asks("a", { write_scopes: ["src"] })), "granted");
    assert.deepEqual(await store.leases.list({ goal_id: ALPHA }), { leases: [], unreadable: [] });
    assert.deepEqual(await store.leases.acquire(TODO, asks("a", { write_scopes: ["src"] })), preview);
    assert.equal((await store.leases.preview(TODO, asks("b"))).kind, "held");
    assert.equal((await store.leases.preview(OTHER_TODO, asks("b", { write_scopes: ["src/a"] }))).kind, "scope_overlap");
    assert.deepEqual(await store.leases.read(TODO), { kind: "found", lease: preview.lease });
  });

  test("a wish is decided on the state and the lease as they stand, and asks for nothing when it comes to nothing", async (store) => {
    await write(store, STATE, "free");
    const seen: unknown[] = [];
    const wish = (holder: string): StateWish => ({
      state_of: ALPHA,
      decide: (state, current) => {
        seen.push([state, current?.holder ?? null]);
        return state === "free" ? asks(holder) : null;
      },
    });
    assert.equal((await store.leases.preview(TODO, wish("a"))).kind, "granted");
    assert.equal((await store.leases.acquire(TODO, wish("a"))).kind, "granted");
    assert.equal((await store.leases.acquire(TODO, wish("b"))).kind, "held");
    await write(store, STATE, "claimed");
    assert.deepEqual(await store.leases.acquire(OTHER_TODO, wish("b")), { kind: "not_asked" });
    assert.deepEqual(await store.leases.preview(OTHER_TODO, wish("b")), { kind: "not_asked" });
    assert.deepEqual(await store.leases.read(OTHER_TODO), { kind: "absent" });
    assert.deepEqual(seen, [
      ["free", null],
      ["free", null],
      ["free", "a"],
      ["claimed", null],
      ["claimed", null],
    ]);
  });

  test("an edit that asks for the leases of its goal is shown them", async (store) => {
    const looked = async () => {
      const seen: (readonly string[] | null)[] = [];
      await store.documents.update(
        STATE,
        (_, leases) => {
          seen.push(leases === null ? null : todosOf(leases()));
          return { keep: true, value: null };
        },
        { leases_of: ALPHA },
      );
      return seen;
    };
    assert.deepEqual(await looked(), [[]]);
    await granted(store, TODO, "a");
    assert.deepEqual(await looked(), [["todo_aaaa"]]);
    await store.documents.update(STATE, (_, leases) => {
      assert.equal(leases, null);
      return { keep: true, value: null };
    });
  });

  test("of a claim written into the state and a lease asked for at the same time one happens, round after round (FIL-92)", async (store) => {
    const other = await reopen(store);
    for (let round = 1; round <= 12; round += 1) {
      const key = { goal_id: ALPHA, todo_id: `todo_round${round}` };
      const claim = (await reopen(store)).documents.update(
        STATE,
        (current, leases) =>
          leases?.().leases.some((lease) => lease.todo_id === key.todo_id) === true
            ? { keep: true, value: "refused" }
            : { write: `${current?.text ?? ""}${key.todo_id} `, value: "claimed" },
        { leases_of: ALPHA },
      );
      const lease = other.leases.acquire(key, {
        state_of: ALPHA,
        decide: (state) => (state?.includes(`${key.todo_id} `) === true ? null : asks("b")),
      });
      const outcome = await claim;
      const claimed = outcome.kind === "written";
      assert.equal((await lease).kind, claimed ? "not_asked" : "granted");
    }
  });

  test("leases that are passed over are not looked at; of an executor none is", async (store) => {
    await granted(store, TODO, "a");
    await granted(store, OTHER_TODO, "a");
    const skip = (todo_id: string) => todo_id === "todo_aaaa";
    assert.deepEqual(todosOf(await store.leases.list({ goal_id: ALPHA }, { skip })), ["todo_bbbb"]);
    await granted(store, ITEM, "a");
    assert.deepEqual(todosOf(await store.leases.list({ executor: "gitea" }, { skip: () => true })), ["o/r#7"]);
  });

  test("a take-over says why in the record", async (store) => {
    await granted(store, TODO, "a");
    const { lease } = only(await store.leases.acquire(TODO, asks("b", { take_over: { reason: "stuck" } })), "granted");
    assert.equal(lease.take_over_reason, "stuck");
    assert.deepEqual(await store.leases.read(TODO), { kind: "found", lease });
  });
}

/** Fenced writes of documents and logs. */
export function fenceConformance(test: Test): void {
  const documents: readonly [LeaseKey, DocumentKey][] = [
    [TODO, STATE],
    [ITEM, { kind: "executor_state", executor: "gitea", name: "state.json" }],
  ];
  for (const [key, document] of documents) {
    test(`a fenced write of a ${document.kind} needs the live lease (REL-48)`, async (store) => {
      await write(store, document, "start");
      const a = await granted(store, key, "a");
      assert.equal((await store.documents.update(document, adding("-a"), { fence: a })).kind, "written");
      for (const fence of [
        { ...a, token: a.token + 1 },
        { ...a, holder: "b" },
      ]) {
        assert.equal((await store.documents.update(document, adding("-no"), { fence })).kind, "fenced");
      }
      store.clock.tick(TTL * MINUTE_MS);
      assert.equal((await store.documents.update(document, adding("-late"), { fence: a })).kind, "fenced");
      const b = await granted(store, key, "b");
      const refused = only(await store.documents.update(document, adding("-stale"), { fence: a }), "fenced");
      assert.deepEqual([refused.current?.holder, refused.current?.token], ["b", b.token]);
      assert.equal((await store.documents.update(document, adding("-b"), { fence: b })).kind, "written");
      await store.leases.release(b);
      assert.equal((await store.documents.update(document, adding("-gone"), { fence: b })).kind, "fenced");
      assert.equal(await text(store, document), "start-a-b");
    });
  }

  test("a fenced append needs the live lease (REL-48)", async (store) => {
    assert.deepEqual(await store.logs.append(RUNS, { id: "0" }, { fence: { ...TODO, holder: "a", token: 1 } }), {
      kind: "fenced",
      current: null,
    });
    const a = await granted(store, TODO, "a");
    assert.equal((await store.logs.append(RUNS, { id: "1" }, { fence: a })).kind, "appended");
    const b = await granted(store, TODO, "b", { take_over: { reason: "stuck" } });
    assert.equal(only(await store.logs.append(RUNS, { id: "2" }, { fence: a }), "fenced").current?.token, b.token);
    assert.equal((await store.logs.append(RUNS, { id: "3" }, { fence: b })).kind, "appended");
    assert.deepEqual(
      (await scanned(store, RUNS)).map((entry) => (entry.kind === "record" ? entry.record["id"] : null)),
      ["1", "3"],
    );
  });
}

export function damagedLeaseConformance(test: DamageTest): void {
  const contents = {
    "cut short": utf8('{"schema_version":"loopx_lease_v1","state":"he'),
    "not UTF-8": Uint8Array.of(0xff),
    "no lease": utf8("{}\n"),
    empty: utf8(""),
    "over 16 KiB": new Uint8Array(16 * 1024 + 1).fill(0x20),
  };
  for (const [name, content] of Object.entries(contents)) {
    test(`a lease file that is ${name} counts as held by an unknown holder (FIL-83)`, async (store) => {
      store.plant({ kind: "lease", ...TODO }, content);
      const ref = { ...TODO, holder: "a", token: 1 };
      assert.equal((await store.leases.acquire(TODO, asks("a"))).kind, "unreadable");
      assert.equal((await store.leases.acquire(TODO, asks("a", { take_over: { reason: "stuck" } }))).kind, "unreadable");
      assert.equal((await store.leases.renew(ref, { ttl_minutes: TTL })).kind, "unreadable");
      assert.equal((await store.leases.release(ref)).kind, "unreadable");
      assert.equal((await store.documents.update(STATE, adding("x"), { fence: ref })).kind, "fenced");
      assert.deepEqual(bytesAt(store, { kind: "lease", ...TODO }), content);
    });
  }

  test("beside an unreadable lease other todos are granted, but not with write scopes it might cover (FIL-83)", async (store) => {
    store.plant({ kind: "lease", ...TODO }, utf8("{"));
    assert.equal((await store.leases.acquire(OTHER_TODO, asks("a", { write_scopes: ["src"] }))).kind, "unreadable");
    assert.equal((await store.leases.acquire(OTHER_TODO, asks("a"))).kind, "granted");
    const listing = await store.leases.list({ goal_id: ALPHA });
    assert.deepEqual(todosOf(listing), ["todo_bbbb"]);
    assert.deepEqual(
      listing.unreadable.map(({ where }) => where.split("/").at(-1)),
      ["todo_aaaa.json"],
    );
    assert.equal((await store.documents.update(STATE, adding("x"))).kind, "written");
  });

  test("a copy of another todo's lease speaks for nobody: it is listed as unreadable where it stands (FIL-83)", async (store) => {
    await granted(store, OTHER_TODO, "a");
    store.plant({ kind: "lease", ...TODO }, bytesAt(store, { kind: "lease", ...OTHER_TODO }) ?? utf8(""));
    const listing = await store.leases.list({ goal_id: ALPHA });
    assert.deepEqual([todosOf(listing), listing.unreadable.length], [["todo_bbbb"], 1]);
    assert.equal((await store.leases.acquire(TODO, asks("b"))).kind, "unreadable");
  });
}

function asks(holder: string, more: Partial<LeaseRequest> = {}): LeaseRequest {
  return { holder, ttl_minutes: TTL, write_scopes: [], ...more };
}

/** What the leases are for: todo ids or items, sorted. */
function todosOf({ leases }: LeaseListing): string[] {
  return leases.map((lease) => lease.todo_id ?? lease.item ?? "").toSorted();
}

/** A fresh grant, as the reference that its holder shows. */
async function granted(store: ConformanceStore, key: LeaseKey, holder: string, more: Partial<LeaseRequest> = {}): Promise<LeaseRef> {
  const { lease } = only(await store.leases.acquire(key, asks(holder, more)), "granted");
  return { ...key, holder, token: lease.token };
}
