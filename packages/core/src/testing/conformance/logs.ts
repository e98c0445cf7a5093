/** What `Logs` promises: append-only, call order, stable pages, one bad line spoils one line. */
import assert from "node:assert/strict";
import { LoopxError } from "../../domain/errors.ts";
import type { JsonObject } from "../../domain/json.ts";
import type { LogEntry, LogKey } from "../../ports/logs.ts";
import {
  BETA,
  bytesAt,
  EIGHT,
  only,
  page,
  RUNS,
  scanned,
  utf8,
  type ConformanceOptions,
  type ConformanceStore,
  type DamageTest,
  type Test,
} from "./store.ts";

const LINE_WRITE_LIMIT = 64 * 1024;
const LINE_READ_LIMIT = 1024 * 1024;
const REMEMBERED = 1000;

export function logConformance(test: Test, { reopen }: ConformanceOptions): void {
  test("a log nobody wrote is empty", async (store) => {
    const found = await page(store, RUNS, { limit: 10 });
    assert.deepEqual([found.entries, found.more], [[], false]);
    assert.deepEqual(await scanned(store, RUNS), []);
  });

  test("records come back whole, oldest first from scan and newest first from tail", async (store) => {
    const records: readonly JsonObject[] = [
      { id: "1", z: 1.5, a: { b: [null, true] } },
      { id: "2", text: "line\nfeed \u2028 \u4e2d \u{1F600}" },
      { id: "3" },
    ];
    for (const record of records) await store.logs.append(RUNS, record);
    const entries = await scanned(store, RUNS);
    assert.deepEqual(entries.map(recordOf), records);
    assert.deepEqual(
      entries.map((entry) => entry.line),
      [1, 2, 3],
    );
    assert.deepEqual(
      entries.map((entry) => (entry.kind === "record" ? entry.text : "")),
      records.map((record) => JSON.stringify(record)),
    );
    const found = await page(store, RUNS, { limit: 10 });
    assert.deepEqual(found.entries.map(recordOf), records.toReversed());
    assert.deepEqual(
      found.entries.map((entry) => entry.position),
      entries.map((entry) => entry.position).toReversed(),
    );
  });

  test("an append answers its place and the new head", async (store) => {
    const before = await page(store, RUNS, { limit: 1 });
    const first = only(await store.logs.append(RUNS, { id: "1" }), "appended");
    const second = only(await store.logs.append(RUNS, { id: "2" }), "appended");
    assert.deepEqual([first.position, second.position, first.repaired_tail], [before.head, first.head, false]);
    const after = await page(store, RUNS, { limit: 1 });
    assert.deepEqual([after.head, after.entries[0]?.position, after.more], [second.head, second.position, true]);
  });

  test("appends of one process keep call order (REL-43)", async (store) => {
    const ids = Array.from({ length: 100 }, (_, n) => `${n}`);
    await Promise.all(ids.map((id) => store.logs.append(RUNS, { id })));
    assert.deepEqual((await scanned(store, RUNS)).map(idOf), ids);
  });

  test("appends of two stores are all there, each once", async (store) => {
    const other = await reopen(store);
    const ids = Array.from({ length: 40 }, (_, n) => `${n}`);
    await Promise.all(ids.map((id, n) => (n % 2 === 0 ? store : other).logs.append(RUNS, { id })));
    assert.deepEqual((await scanned(await reopen(store), RUNS)).map(idOf).toSorted(), ids.toSorted());
  });

  test("pages do not move while others append (REL-47)", async (store) => {
    const ids = Array.from({ length: 25 }, (_, n) => `${n}`);
    for (const id of ids) await store.logs.append(RUNS, { id });
    const seen: string[] = [];
    let before: LogEntry["position"] | undefined;
    for (let more = true; more;) {
      const found = await page(store, RUNS, before === undefined ? { limit: 10 } : { limit: 10, before });
      seen.push(...found.entries.map(idOf));
      before = found.entries.at(-1)?.position;
      more = found.more;
      await store.logs.append(RUNS, { id: "later" });
    }
    assert.deepEqual(seen, ids.toReversed());
  });

  test("a scan after an entry gives the later ones, with their line numbers", async (store) => {
    for (const id of ["a", "b", "c"]) await store.logs.append(RUNS, { id });
    const entries = await scanned(store, RUNS);
    const [second] = entries.slice(1);
    const later: LogEntry[] = [];
    for await (const entry of store.logs.scan(RUNS, { after: second?.position as LogEntry["position"] })) later.push(entry);
    assert.deepEqual(later, entries.slice(2));
  });

  test("a scan ends when its signal says so", async (store) => {
    for (const id of ["a", "b", "c"]) await store.logs.append(RUNS, { id });
    const controller = new AbortController();
    const seen: string[] = [];
    await assert.rejects(async () => {
      for await (const entry of store.logs.scan(RUNS, { signal: controller.signal })) {
        seen.push(idOf(entry));
        controller.abort();
      }
    });
    assert.deepEqual(seen, ["a"]);
  });

  test("once: a known id is a duplicate with the stored record (REL-44)", async (store) => {
    const stored: readonly JsonObject[] = [
      { id: "i", n: 1 },
      { run_id: "r", id: "x" },
      { run_id: "r", human_reward: { overlay_id: "o" } },
    ];
    const places = [];
    for (const record of stored) places.push(only(await store.logs.append(RUNS, record, { once: true }), "appended").position);
    const again: readonly JsonObject[] = [{ id: "i", n: 2 }, { run_id: "r" }, { human_reward: { overlay_id: "o" } }];
    for (const [index, record] of again.entries()) {
      assert.deepEqual(await store.logs.append(RUNS, record, { once: true }), {
        kind: "duplicate",
        position: places[index],
        record: stored[index],
      });
    }
    assert.equal((await scanned(store, RUNS)).length, 3);
    await store.logs.append(RUNS, { id: "i", n: 3 });
    assert.equal((await scanned(store, RUNS)).length, 4);
  });

  test("once: of eight equal appends over two stores one is stored", async (store) => {
    const other = await reopen(store);
    const outcomes = await Promise.all(
      EIGHT.map((n) => (n % 2 === 0 ? store : other).logs.append(RUNS, { id: "same", n }, { once: true })),
    );
    assert.equal(outcomes.filter((outcome) => outcome.kind === "appended").length, 1);
    assert.equal(outcomes.filter((outcome) => outcome.kind === "duplicate").length, 7);
    assert.equal((await scanned(store, RUNS)).length, 1);
  });

  test("an expected head has one winner of eight, over two stores (REL-46)", async (store) => {
    const other = await reopen(store);
    await store.logs.append(RUNS, { id: "start" });
    const { head } = await page(store, RUNS, { limit: 1 });
    const outcomes = await Promise.all(
      EIGHT.map((n) => (n % 2 === 0 ? store : other).logs.append(RUNS, { id: `${n}` }, { expected_head: head })),
    );
    assert.equal(outcomes.filter((outcome) => outcome.kind === "appended").length, 1);
    const now = (await page(store, RUNS, { limit: 1 })).head;
    for (const outcome of outcomes) if (outcome.kind !== "appended") assert.equal(only(outcome, "conflict").head, now);
    assert.equal((await scanned(store, RUNS)).length, 2);
  });

  test("a record over the limit of a line is refused; one just below is stored (REL-102)", async (store) => {
    const frame = JSON.stringify({ id: "" }).length;
    const refused = only(await store.logs.append(RUNS, { id: "x".repeat(LINE_WRITE_LIMIT) }), "unreadable");
    assert.deepEqual([refused.reason, refused.limit], ["too_large", LINE_WRITE_LIMIT]);
    assert.deepEqual(await scanned(store, RUNS), []);
    assert.equal((await store.logs.append(RUNS, { id: "x".repeat(LINE_WRITE_LIMIT - frame - 1) })).kind, "appended");
  });

  test("each log has its own records", async (store) => {
    const keys: readonly LogKey[] = [
      RUNS,
      { kind: "runs", goal_id: BETA },
      { kind: "executor_log", executor: "looper", name: "events.jsonl" },
      { kind: "executor_log", executor: "looper", name: "deep/events.jsonl" },
    ];
    for (const [index, key] of keys.entries()) await store.logs.append(key, { id: `${index}` }, { once: true });
    for (const [index, key] of keys.entries()) assert.deepEqual((await scanned(store, key)).map(idOf), [`${index}`]);
  });
}

export function damagedLogConformance(test: DamageTest): void {
  const lines: readonly [Uint8Array, LogEntry["kind"] | null, string?][] = [
    [utf8('{"id":"a"}'), "record"],
    [utf8("{bad"), "bad", "not_json"],
    [utf8(""), null],
    [utf8("[1]"), "bad", "not_an_object"],
    [Uint8Array.of(0x7b, 0xff, 0x7d), "bad", "not_utf8"],
    [utf8('{"id":"cut","text":"so f'), "torn_tail"],
    [utf8(' {"id": "b", "goal_id": "alpha"}\r'), "record"],
    [utf8('{"id":"c","goal_id":"beta"}'), "bad", "wrong_goal"],
    [utf8("  \t"), null],
    [utf8(`{"id":"${"x".repeat(LINE_READ_LIMIT)}"}`), "bad", "too_large"],
    [utf8('{"id":"d"}'), "record"],
  ];
  const content = joined(lines.map(([bytes]) => bytes));
  const wanted = lines.flatMap(([, kind, reason], index) => (kind === null ? [] : [{ kind, line: index + 1, reason: reason ?? null }]));

  test("bad and torn lines are named with their line and spoil no other (FIL-64)", async (store) => {
    store.plant(RUNS, content);
    const entries = await scanned(store, RUNS);
    assert.deepEqual(
      entries.map((entry) => ({ kind: entry.kind, line: entry.line, reason: entry.kind === "bad" ? entry.reason : null })),
      wanted,
    );
    const found = await page(store, RUNS, { limit: 100 });
    assert.deepEqual(
      found.entries.map((entry) => ({ ...entry, line: null })),
      entries.map((entry) => ({ ...entry, line: null })).toReversed(),
    );
    const first = await page(store, RUNS, { limit: 3 });
    assert.deepEqual(first.entries, found.entries.slice(0, 3));
  });

  test("an append leaves every byte before it as it was (REL-5)", async (store) => {
    store.plant(RUNS, content);
    assert.equal(only(await store.logs.append(RUNS, { id: "new" }), "appended").repaired_tail, false);
    assert.deepEqual(bytesAt(store, RUNS), joined([content.subarray(0, -1), utf8('{"id":"new"}')]));
  });

  test("a torn tail is isolated by the next append, and stays (REL-60)", async (store) => {
    const torn = utf8('{"id":"a"}\n{"id":"cut","te');
    store.plant(RUNS, torn);
    const { head } = await page(store, RUNS, { limit: 1 });
    const outcome = only(await store.logs.append(RUNS, { id: "b" }, { expected_head: head }), "appended");
    assert.deepEqual([outcome.repaired_tail, outcome.position], [true, head]);
    assert.deepEqual(
      (await scanned(store, RUNS)).map((entry) => entry.kind),
      ["record", "torn_tail", "record"],
    );
    assert.deepEqual(bytesAt(store, RUNS), joined([torn, utf8('{"id":"b"}')]));
    assert.equal((await page(store, RUNS, { limit: 1 })).head, outcome.head);
  });

  test("a whole last record without its line feed counts, before and after an append", async (store) => {
    store.plant(RUNS, utf8('{"id":"a"}'));
    assert.deepEqual((await scanned(store, RUNS)).map(idOf), ["a"]);
    assert.equal(
      only(await store.logs.append(RUNS, { id: "a" }, { once: true }), "duplicate").position,
      (await scanned(store, RUNS))[0]?.position,
    );
    await store.logs.append(RUNS, { id: "b" });
    assert.deepEqual((await scanned(store, RUNS)).map(idOf), ["a", "b"]);
  });

  test("once: the 1,000 newest records are remembered, bad lines between them or not (REL-44)", async (store) => {
    const ids = Array.from({ length: REMEMBERED }, (_, n) => `{"id":"${n}"}\n{bad\n`);
    store.plant(RUNS, utf8(ids.join("")));
    assert.equal((await store.logs.append(RUNS, { id: "0" }, { once: true })).kind, "duplicate");
    assert.equal((await store.logs.append(RUNS, { id: "new" }, { once: true })).kind, "appended");
  });

  test("pages go through a long log without a gap (REL-47)", async (store) => {
    const ids = Array.from({ length: 3000 }, (_, n) => `${n}`);
    store.plant(RUNS, joined(ids.map((id) => utf8(JSON.stringify({ id, pad: "y".repeat(Number(id) % 97) })))));
    assert.deepEqual(await allPages(store, 700), ids.toReversed());
    assert.deepEqual(
      (await scanned(store, RUNS)).map((entry) => entry.line),
      ids.map((_, index) => index + 1),
    );
  });

  test("a log that cannot be opened is answered as such; its scan throws history_unreadable (FIL-64)", async (store) => {
    store.plant(RUNS, "directory");
    assert.equal(only(await store.logs.tail(RUNS, { limit: 1 }), "unreadable").reason, "not_a_regular_file");
    assert.equal(only(await store.logs.append(RUNS, { id: "a" }), "unreadable").reason, "not_a_regular_file");
    await assert.rejects(scanned(store, RUNS), (error) => error instanceof LoopxError && error.code === "history_unreadable");
    assert.deepEqual(await scanned(store, { kind: "runs", goal_id: BETA }), []);
  });
}

async function allPages(store: ConformanceStore, limit: number): Promise<string[]> {
  const seen: string[] = [];
  let before: LogEntry["position"] | undefined;
  for (let more = true; more;) {
    const found = await page(store, RUNS, before === undefined ? { limit } : { limit, before });
    seen.push(...found.entries.map(idOf));
    before = found.entries.at(-1)?.position;
    more = found.more;
  }
  return seen;
}

function joined(lines: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(lines.flatMap((line) => [line, utf8("\n")])));
}

function recordOf(entry: LogEntry): JsonObject | null {
  return entry.kind === "record" ? entry.record : null;
}

function idOf(entry: LogEntry): string {
  if (entry.kind !== "record") return entry.kind;
  const { id } = entry.record;
  return typeof id === "string" ? id : "no id";
}
