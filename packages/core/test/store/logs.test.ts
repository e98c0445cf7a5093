import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { LogEntry, LogPosition } from "../../src/ports/logs.ts";
import type { FileStore } from "../../src/node/file-store.ts";
import { type FsCalls, nodeFs } from "../../src/node/fs-calls.ts";
import { linesBackwards, linesForward } from "../../src/node/log-lines.ts";
import { errnoError, harmed } from "./harmed-calls.ts";
import { permissions, plant, RUNS, TODO, yards } from "./rig.ts";

const fresh = yards();
const KIB = 1024;

describe("an append", () => {
  it("is one write of one whole line, synced, in a private file (REL-60, REL-63, REL-84)", async () => {
    const yard = fresh();
    const { calls, made } = counted();
    const store = yard.store({ calls });
    expect(await store.logs.append(RUNS, { id: "a" })).toEqual({ kind: "appended", position: "0", head: "11", repaired_tail: false });
    expect(await store.logs.append(RUNS, { id: "b" })).toMatchObject({ position: "11" });
    expect(readFileSync(yard.index, "utf8")).toBe('{"id":"a"}\n{"id":"b"}\n');
    expect(made("write", (bytes) => bytes.includes('"id"'))).toBe(2);
    expect(made("fdatasync")).toBe(2);
    expect([permissions(statSync(yard.index)), permissions(statSync(dirname(yard.index)))]).toEqual(["600", "700"]);
  });

  it("of an existing log keeps its mode", async () => {
    const yard = fresh();
    plant(yard.index, "");
    chmodSync(yard.index, 0o644);
    await yard.store().logs.append(RUNS, { id: "a" });
    expect(permissions(statSync(yard.index))).toBe("644");
  });

  it("to a log without a write bit, or that the system refuses, is denied", async () => {
    const yard = fresh();
    plant(yard.index, '{"id":"a"}\n');
    chmodSync(yard.index, 0o444);
    const denied = { kind: "unreadable", reason: "denied", where: yard.index };
    expect(await yard.store().logs.append(RUNS, { id: "b" })).toEqual(denied);
    chmodSync(yard.index, 0o644);
    const calls = harmed((name, run, args) => {
      if (name === "open" && args[0] === yard.index) throw errnoError("EACCES", "open");
      return run();
    });
    expect(await yard.store({ calls }).logs.append(RUNS, { id: "b" })).toEqual(denied);
    expect(readFileSync(yard.index, "utf8")).toBe('{"id":"a"}\n');
  });

  it("to a FIFO or through a link that leaves is refused at once", async () => {
    const yard = fresh();
    mkdirSync(dirname(yard.index), { recursive: true });
    execFileSync("mkfifo", [yard.index]);
    const { logs } = yard.store();
    expect(await logs.append(RUNS, { id: "a" })).toMatchObject({ reason: "not_a_regular_file" });
    expect(await logs.tail(RUNS, { limit: 1 })).toMatchObject({ reason: "not_a_regular_file" });
    const outside = { kind: "executor_log", executor: "../..", name: "x.jsonl" } as const;
    expect(await logs.append(outside, { id: "a" })).toMatchObject({ reason: "path_outside_root" });
    expect(await logs.tail(outside, { limit: 1 })).toMatchObject({ reason: "path_outside_root" });
    await expect(scanned(yard.store(), outside)).rejects.toMatchObject({
      code: "history_unreadable",
      details: { reason: "path_outside_root" },
    });
  });

  it("that decides on a stale head creates nothing (REL-46)", async () => {
    const yard = fresh();
    expect(await yard.store().logs.append(RUNS, { id: "a" }, { expected_head: "7" as LogPosition })).toEqual({
      kind: "conflict",
      head: "0",
    });
    expect(readdirSync(join(yard.runtime))).toEqual(["locks"]);
  });

  it("once, of an id with quotes in it, finds it all the same; a record without an id is stored again (REL-44)", async () => {
    const { logs } = fresh().store();
    const odd = { id: 'a "quoted" \\ 中' };
    await logs.append(RUNS, odd);
    expect(await logs.append(RUNS, odd, { once: true })).toMatchObject({ kind: "duplicate", position: "0" });
    expect(await logs.append(RUNS, { note: 1 }, { once: true })).toMatchObject({ kind: "appended" });
    expect(await logs.append(RUNS, { note: 1 }, { once: true })).toMatchObject({ kind: "appended" });
  });

  it("once looks at a thousand records and no further (REL-44)", async () => {
    const yard = fresh();
    plant(yard.index, Array.from({ length: 1001 }, (_, n) => `{"id":"${n}"}\n`).join(""));
    const { logs } = yard.store();
    expect(await logs.append(RUNS, { id: "1" }, { once: true })).toMatchObject({ kind: "duplicate" });
    expect(await logs.append(RUNS, { id: "0" }, { once: true })).toMatchObject({ kind: "appended" });
  });

  it("a duplicate is synced before it is answered: its writer may have died before its own sync (REL-65)", async () => {
    const yard = fresh();
    plant(yard.index, '{"id":"a"}\n');
    const { calls, made } = counted();
    await yard.store({ calls }).logs.append(RUNS, { id: "a" }, { once: true });
    expect(made("fdatasync")).toBe(1);
  });
});

describe("appends that wait in one process (REL-43, REL-62)", () => {
  it("share locks and syncs, and each line is still its own write", async () => {
    const yard = fresh();
    const { calls, made } = counted();
    const { logs } = yard.store({ calls });
    const outcomes = await Promise.all(Array.from({ length: 200 }, (_, n) => logs.append(RUNS, { id: `${n}` })));
    expect(outcomes.every((outcome) => outcome.kind === "appended")).toBe(true);
    expect(made("write", (bytes) => bytes.includes('"id"'))).toBe(200);
    expect(made("fdatasync")).toBe(4);
    expect((await scanned(yard.store())).map(idOf)).toEqual(outcomes.map((_, n) => `${n}`));
  });

  it("at most a MiB at once", async () => {
    const { calls, made } = counted();
    const { logs } = fresh().store({ calls });
    await Promise.all(Array.from({ length: 40 }, (_, n) => logs.append(RUNS, { id: `${n}`, pad: "x".repeat(60 * KIB) })));
    expect(made("fdatasync")).toBe(3);
  });

  it("keep their order when some are fenced, and a fenced one answers for itself", async () => {
    const yard = fresh();
    const store = yard.store();
    await store.leases.acquire(TODO, { holder: "a", ttl_minutes: 5, write_scopes: [] });
    const fence = { ...TODO, holder: "a", token: 1 };
    const outcomes = await Promise.all([
      store.logs.append(RUNS, { id: "0" }),
      store.logs.append(RUNS, { id: "1" }, { fence }),
      store.logs.append(RUNS, { id: "stale" }, { fence: { ...fence, token: 9 } }),
      store.logs.append(RUNS, { id: "2" }),
    ]);
    expect(outcomes.map((outcome) => outcome.kind)).toEqual(["appended", "appended", "fenced", "appended"]);
    expect((await scanned(store)).map(idOf)).toEqual(["0", "1", "2"]);
  });

  it("are all busy together when the lock is not to be had, and a fenced one when its lease lock is not", async () => {
    const yard = fresh();
    const other = yard.store();
    const log = await other.lock.acquire(yard.index, { wait_ms: 0, command: "other" });
    const { logs } = yard.store({ wait_ms: 20 });
    expect((await Promise.all([1, 2, 3].map((n) => logs.append(RUNS, { id: `${n}` })))).map((outcome) => outcome.kind)).toEqual([
      "busy",
      "busy",
      "busy",
    ]);
    if (log.kind === "held") await log.release();
    const leases = await other.lock.acquire(join(yard.runtime, "goals/alpha/leases"), { wait_ms: 0, command: "other" });
    const mixed = await Promise.all([
      logs.append(RUNS, { id: "f" }, { fence: { ...TODO, holder: "a", token: 1 } }),
      logs.append(RUNS, { id: "plain" }),
    ]);
    expect(mixed.map((outcome) => outcome.kind)).toEqual(["busy", "appended"]);
    if (leases.kind === "held") await leases.release();
  });

  it("after a failed sync each that relied on it hears that its record may be there; a conflict stays one (REL-65)", async () => {
    const yard = fresh();
    plant(yard.index, '{"id":"known"}\n');
    const calls = harmed((name, run) => {
      if (name === "fdatasync") throw errnoError("EIO", "fdatasync");
      return run();
    });
    const { logs } = yard.store({ calls });
    const all = await Promise.allSettled([
      logs.append(RUNS, { id: "a" }),
      logs.append(RUNS, { id: "b" }, { expected_head: "0" as LogPosition }),
      logs.append(RUNS, { id: "known" }, { once: true }),
    ]);
    const unknown = {
      status: "rejected",
      reason: { code: "write_failed", message: expect.stringContaining("may or may not be there") as string },
    };
    expect(all).toMatchObject([unknown, { status: "fulfilled", value: { kind: "conflict" } }, unknown]);
    expect(await yard.store().logs.append(RUNS, { id: "a" }, { once: true })).toMatchObject({ kind: "duplicate" });
  });

  it("when the disk is full, fail one by one and leave whole lines", async () => {
    const yard = fresh();
    plant(yard.index, '{"id":"a"}\n{"id":"to');
    const calls = harmed((name, run, args) => {
      if (name === "write" && String(args[1]).includes("big")) throw errnoError("ENOSPC", "write");
      return run();
    });
    const { logs } = yard.store({ calls });
    const all = await Promise.allSettled([logs.append(RUNS, { id: "big" }), logs.append(RUNS, { id: "small" })]);
    expect(all).toMatchObject([
      { status: "rejected", reason: { code: "write_failed", details: { errno: "ENOSPC" } } },
      { status: "fulfilled", value: { kind: "appended" } },
    ]);
    expect((await scanned(yard.store())).map(idOf)).toEqual(["a", "torn_tail", "small"]);
  });

  it("when not even the line feed fits, leave the torn tail as it was", async () => {
    const yard = fresh();
    plant(yard.index, '{"id":"to');
    const calls = harmed((name, run, args) => (name === "write" && args[3] === 1 ? 0 : run()));
    await expect(yard.store({ calls }).logs.append(RUNS, { id: "a" })).rejects.toMatchObject({ code: "write_failed" });
    expect(readFileSync(yard.index, "utf8")).toBe('{"id":"to');
  });

  it("when nobody can say where the file ends any more, write nothing behind it", async () => {
    const yard = fresh();
    plant(yard.index, '{"id":"a"}\n');
    let lost = false;
    const calls = harmed((name, run, args) => {
      if (lost && (name === "fstat" || name === "ftruncate")) throw errnoError("EIO", name);
      if (name !== "write" || !String(args[1]).includes("cut")) return run();
      lost = true;
      return nodeFs.write(args[0] as number, args[1] as Uint8Array, 0, 5);
    });
    const { logs } = yard.store({ calls });
    const all = await Promise.allSettled([logs.append(RUNS, { id: "cut" }), logs.append(RUNS, { id: "b" })]);
    expect(all).toMatchObject([{ reason: { code: "write_failed" } }, { reason: { code: "write_failed" } }]);
    expect(readFileSync(yard.index, "utf8")).toBe('{"id":"a"}\n{"id"');
    lost = false;
    expect(await yard.store().logs.append(RUNS, { id: "c" })).toMatchObject({ kind: "appended", repaired_tail: true });
  });

  it("never cut back behind a line that somebody else has added", async () => {
    const yard = fresh();
    plant(yard.index, '{"id":"a"}\n');
    const calls = harmed((name, run, args) => {
      if (name !== "write" || !String(args[1]).includes("cut")) return run();
      const written = nodeFs.write(args[0] as number, args[1] as Uint8Array, 0, 5);
      writeFileSync(yard.index, '\n{"id":"theirs"}\n', { flag: "a" });
      return written;
    });
    await expect(yard.store({ calls }).logs.append(RUNS, { id: "cut" })).rejects.toMatchObject({ code: "write_failed" });
    expect((await scanned(yard.store())).map(idOf)).toEqual(["a", "torn_tail", "theirs"]);
  });

  it("whose lock was taken before they wrote wait for it again, and give up in the end", async () => {
    const yard = fresh();
    const stealing = (times: number) => {
      let left = times;
      return harmed((name, run, args) => {
        const answer = run();
        if (name === "link" && String(args[1]).endsWith(".owner.json") && left > 0) {
          left -= 1;
          rmSync(String(args[1]));
        }
        return answer;
      });
    };
    expect(await yard.store({ calls: stealing(2) }).logs.append(RUNS, { id: "a" })).toMatchObject({ kind: "appended", position: "0" });
    await expect(yard.store({ calls: stealing(50) }).logs.append(RUNS, { id: "b" })).rejects.toMatchObject({ code: "write_failed" });
    expect((await scanned(yard.store())).map(idOf)).toEqual(["a"]);
  });
});

describe("reading", () => {
  it("the newest lines of a large log costs its tail, not its size (REL-47, REL-66)", async () => {
    const yard = fresh();
    plant(yard.index, `{"id":"x","pad":"${"y".repeat(480)}"}\n`.repeat(40_000));
    const { calls, bytesRead } = counted();
    const page = await yard.store({ calls }).logs.tail(RUNS, { limit: 20 });
    expect(page).toMatchObject({ kind: "page", more: true, head: String(statSync(yard.index).size) });
    expect(bytesRead()).toBeLessThanOrEqual(64 * KIB + 1);
  });

  it("a place that is none is refused", async () => {
    const { logs } = fresh().store();
    for (const odd of ["abc", "-1", "1.5", "", "9".repeat(20)]) {
      const position = odd as LogPosition;
      const yard = fresh();
      plant(yard.index, "{}\n");
      await expect(yard.store().logs.tail(RUNS, { limit: 1, before: position })).rejects.toMatchObject({ code: "invalid_value" });
    }
    expect(await logs.tail(RUNS, { limit: 1, before: "99" as LogPosition })).toMatchObject({ entries: [], head: "0" });
  });

  it("a place behind the end is the end", async () => {
    const yard = fresh();
    plant(yard.index, '{"id":"a"}\n');
    expect(await yard.store().logs.tail(RUNS, { limit: 5, before: "99" as LogPosition })).toMatchObject({
      entries: [{ position: "0" }],
      more: false,
    });
  });

  it("an error in the middle is answered as such", async () => {
    const yard = fresh();
    plant(yard.index, '{"id":"a"}\n');
    const calls = harmed((name, run) => {
      if (name === "read") throw errnoError("EIO", "read");
      return run();
    });
    expect(await yard.store({ calls }).logs.tail(RUNS, { limit: 5 })).toMatchObject({ kind: "unreadable", reason: "io" });
    await expect(scanned(yard.store({ calls }))).rejects.toMatchObject({ code: "history_unreadable", details: { reason: "io" } });
  });

  it("a scan lets the process breathe, closes the file when its reader stops, and ends where the file was cut", async () => {
    const yard = fresh();
    plant(yard.index, `{"id":"x","pad":"${"y".repeat(980)}"}\n`.repeat(3_000));
    const { calls, made } = counted();
    let turns = 0;
    const timer = setInterval(() => (turns += 1), 0);
    for await (const _ of yard.store({ calls }).logs.scan(RUNS)) if (turns > 0) break;
    clearInterval(timer);
    expect(made("close")).toBe(made("open"));
    let first = true;
    let seen = 0;
    for await (const _ of yard.store().logs.scan(RUNS)) {
      if (first) truncateSync(yard.index, 1_500_000);
      first = false;
      seen += 1;
    }
    expect(seen).toBeGreaterThan(1_000);
    expect(seen).toBeLessThan(3_000);
  });
});

describe("lines of a file", () => {
  const line = fc.oneof(fc.string({ maxLength: 12 }), fc.constantFrom("", "x".repeat(70_000), "y".repeat(65_536), "z".repeat(65_535)));

  it("are the same backwards as forwards, with the same places (REL-63)", () => {
    const yard = fresh();
    const path = join(yard.directory, "lines");
    fc.assert(
      fc.property(fc.array(line, { maxLength: 6 }), fc.boolean(), (lines, ends) => {
        const text = lines.map((one) => one.replaceAll("\n", " ")).join("\n") + (ends ? "\n" : "");
        writeFileSync(path, text);
        const bytes = Buffer.from(text);
        const fd = nodeFs.open(path, 0);
        try {
          const forward = [...linesForward(nodeFs, fd, bytes.length)].map(({ start, bytes }) => [start, bytes.toString()]);
          const backward = [...linesBackwards(nodeFs, fd, bytes.length)].map(({ start, bytes }) => [start, bytes.toString()]);
          expect(backward.toReversed()).toEqual(forward);
          expect(forward.map(([, one]) => one)).toEqual(text === "" ? [] : text.replace(/\n$/, "").split("\n"));
        } finally {
          nodeFs.close(fd);
        }
      }),
      { numRuns: 1_000 },
    );
  });

  it("over the reading limit are cut short in memory and keep their place", () => {
    const path = join(fresh().directory, "long");
    writeFileSync(path, `a\n${"x".repeat(5 * KIB * KIB)}\nb\n`);
    const fd = nodeFs.open(path, 0);
    const size = statSync(path).size;
    for (const lines of [[...linesForward(nodeFs, fd, size)], [...linesBackwards(nodeFs, fd, size)].toReversed()]) {
      expect(lines.map(({ start }) => start)).toEqual([0, 2, 2 + 5 * KIB * KIB + 1]);
      expect(lines[1]?.bytes.length).toBeGreaterThan(KIB * KIB);
      expect(lines[1]?.bytes.length).toBeLessThan(3 * KIB * KIB);
    }
    nodeFs.close(fd);
  });
});

function counted(): { calls: FsCalls; made(name: keyof FsCalls, of?: (bytes: Buffer) => boolean): number; bytesRead(): number } {
  const made: [keyof FsCalls, Buffer][] = [];
  let read = 0;
  const calls = harmed((name, run, args) => {
    made.push([name, name === "write" ? Buffer.from(args[1] as Uint8Array) : Buffer.alloc(0)]);
    const answer = run();
    if (name === "read") read += answer as number;
    return answer;
  });
  return { calls, bytesRead: () => read, made: (name, of = () => true) => made.filter(([one, bytes]) => one === name && of(bytes)).length };
}

async function scanned(store: FileStore, key: Parameters<FileStore["logs"]["scan"]>[0] = RUNS): Promise<LogEntry[]> {
  const entries: LogEntry[] = [];
  for await (const entry of store.logs.scan(key)) entries.push(entry);
  return entries;
}

function idOf(entry: LogEntry): string {
  return entry.kind === "record" ? String(entry.record["id"]) : entry.kind;
}
