/** REL-164: a process dies before, half-way through or after each call it makes. REL-165: each call fails once. */
import { mkdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { nodeFs, withoutFsync } from "../../src/node/fs-calls.ts";
import type { FileStore } from "../../src/node/file-store.ts";
import { dyingAt, failingAt, harmed, Killed } from "./harmed-calls.ts";
import { clockAhead, DEAD_PID, deadIdentity, GLOBAL, identityOf, plant, RUNS, STATE, TODO, type Yard, yards } from "./rig.ts";

const fresh = yards();

/** One write, what stood before it, and how to see that it is whole. */
interface Scenario {
  readonly name: string;
  prepare(yard: Yard): Promise<void>;
  act(store: FileStore): Promise<{ kind: string }>;
  /** "old" or "new"; anything else throws. */
  see(yard: Yard, store: FileStore): Promise<"old" | "new">;
}

/** What recovers is not what is tested for durability. */
const quick = withoutFsync(nodeFs);
const OLD = "# old\n".repeat(40);
const NEW = "# new\n".repeat(60);

const SCENARIOS: readonly Scenario[] = [
  {
    name: "a new document",
    prepare: async () => undefined,
    act: (store) => store.documents.update(GLOBAL, () => ({ write: '{"goals":[]}\n', value: null })),
    see: async (_, store) => {
      const read = await store.documents.read(GLOBAL);
      if (read.kind === "absent") return "old";
      expect(read).toMatchObject({ kind: "found", text: '{"goals":[]}\n' });
      return "new";
    },
  },
  {
    name: "a document that is replaced",
    prepare: async (yard) => plant(yard.state, OLD),
    act: (store) => store.documents.update(STATE, () => ({ write: NEW, value: null })),
    see: async (yard) => oneOf(readFileSync(yard.state, "utf8"), OLD, NEW),
  },
  {
    name: "the first line of a log",
    prepare: async () => undefined,
    act: (store) => store.logs.append(RUNS, { id: "new" }, { once: true }),
    see: (_, store) => seenLine(store, []),
  },
  {
    name: "a line behind others",
    prepare: async (yard) => plant(yard.index, '{"id":"one"}\n'),
    act: (store) => store.logs.append(RUNS, { id: "new" }, { once: true }),
    see: (_, store) => seenLine(store, ["one"]),
  },
  {
    name: "a line behind a torn tail",
    prepare: async (yard) => plant(yard.index, '{"id":"one"}\n{"id":"to'),
    act: (store) => store.logs.append(RUNS, { id: "new" }, { once: true }),
    see: (_, store) => seenLine(store, ["one"]),
  },
  {
    name: "a lease",
    prepare: async () => undefined,
    act: (store) => store.leases.acquire(TODO, { holder: "a", ttl_minutes: 30, write_scopes: ["src"], idempotency_key: "k" }),
    see: async (_, store) => {
      const { leases } = await store.leases.list({ goal_id: TODO.goal_id });
      expect(leases.map((lease) => lease.token)).toEqual(leases.length === 0 ? [] : [1]);
      return leases.length === 0 ? "old" : "new";
    },
  },
  {
    name: "a fenced document",
    prepare: async (yard) => {
      plant(yard.state, OLD);
      await yard.store().leases.acquire(TODO, { holder: "a", ttl_minutes: 30, write_scopes: [] });
    },
    act: (store) => store.documents.update(STATE, () => ({ write: NEW, value: null }), { fence: { ...TODO, holder: "a", token: 1 } }),
    see: async (yard) => oneOf(readFileSync(yard.state, "utf8"), OLD, NEW),
  },
  {
    name: "a document whose last writer died",
    prepare: async (yard) => {
      plant(yard.state, OLD);
      await dieHolding(yard);
    },
    act: (store) => store.documents.update(STATE, () => ({ write: NEW, value: null })),
    see: async (yard) => oneOf(readFileSync(yard.state, "utf8"), OLD, NEW),
  },
];

describe("a process that dies at any call (REL-164)", () => {
  for (const scenario of SCENARIOS) {
    it.each(["before", "half-way through"] as const)(
      `${scenario.name}, %s the call: old or new, the next writer passes within a second, no litter`,
      async (when) => {
        const points = await everyPoint(async (n) => {
          const yard = fresh();
          await scenario.prepare(yard);
          const { calls, died, reached } = dyingAt(n, when);
          const outcome = await scenario.act(yard.store({ calls, identity: deadIdentity() })).catch((error: unknown) => error);
          if (died()) await assertRecovered(scenario, yard, !(outcome instanceof Killed), `${scenario.name} dies ${when} call ${n}`);
          return reached();
        });
        expect(points).toBeGreaterThan(20);
      },
    );
  }
});

describe("a call that fails (REL-165)", () => {
  const cases = SCENARIOS.flatMap((scenario, index) =>
    (index === 1 || index === 3 ? ["EIO", "ENOSPC", "EROFS", "EACCES", "EMFILE"] : ["EIO"]).map((errno) => ({
      scenario,
      errno,
      name: scenario.name,
    })),
  );
  it.each(cases)("$name, $errno at every call: a typed answer, and the next writer passes", async ({ scenario, errno }) => {
    const points = await everyPoint(async (n) => {
      const yard = fresh();
      await scenario.prepare(yard);
      const { calls, failed } = failingAt(n, errno);
      const outcome = await scenario.act(yard.store({ calls, wait_ms: 100 })).catch((error: unknown) => error);
      if (outcome instanceof Error)
        expect(outcome, `call ${n}, ${failed()}`).toMatchObject({
          code: failed() === "readdir" ? "lease_unreadable" : "write_failed",
          details: { errno },
        });
      const acknowledged = !(outcome instanceof Error) && ["written", "appended", "granted"].includes((outcome as { kind: string }).kind);
      await assertRecovered(scenario, yard, acknowledged, `${scenario.name} fails at call ${n}, ${failed()}`, {
        litter: failed() !== "unlink" && failed() !== "rmdir",
      });
      return failed() !== null;
    });
    expect(points).toBeGreaterThan(20);
  });

  it("a short write of a line is cut back, and the caller is told (REL-61)", async () => {
    const yard = fresh();
    plant(yard.index, '{"id":"one"}\n');
    let short = true;
    const calls = harmed((name, run, args) => {
      if (name !== "write" || !String(args[1]).includes("new") || !short) return run();
      short = false;
      const [fd, bytes, offset] = args as [number, Uint8Array, number];
      return shortWrite(fd, bytes, offset);
    });
    const store = yard.store({ calls });
    const both = await Promise.allSettled([store.logs.append(RUNS, { id: "new" }), store.logs.append(RUNS, { id: "two" })]);
    expect(both[0]).toMatchObject({ status: "rejected", reason: { code: "write_failed" } });
    expect(both[1]).toMatchObject({ status: "fulfilled", value: { kind: "appended", position: "13", repaired_tail: false } });
    expect(readFileSync(yard.index, "utf8")).toBe('{"id":"one"}\n{"id":"two"}\n');
  });

  it("when cutting back fails too, the next line isolates the torn one (REL-61)", async () => {
    const yard = fresh();
    plant(yard.index, '{"id":"one"}\n');
    let short = true;
    const calls = harmed((name, run, args) => {
      if (name === "ftruncate") throw Object.assign(new Error("no"), { code: "EIO", syscall: "ftruncate" });
      if (name !== "write" || !String(args[1]).includes("new") || !short) return run();
      short = false;
      const [fd, bytes, offset] = args as [number, Uint8Array, number];
      return shortWrite(fd, bytes, offset);
    });
    const store = yard.store({ calls });
    const both = await Promise.allSettled([store.logs.append(RUNS, { id: "new" }), store.logs.append(RUNS, { id: "two" })]);
    expect(both[0]).toMatchObject({ status: "rejected", reason: { code: "write_failed" } });
    expect(both[1]).toMatchObject({ status: "fulfilled", value: { kind: "appended", repaired_tail: true } });
    expect(readFileSync(yard.index, "utf8")).toBe('{"id":"one"}\n{"id":\n{"id":"two"}\n');
  });

  it.each(["fsync", "fdatasync"] as const)(
    "a failed %s fails the write and is not tried again on that descriptor (REL-22)",
    async (sync) => {
      const yard = fresh();
      plant(yard.state, OLD);
      let syncs = 0;
      const calls = harmed((name, run, args) => {
        if (name !== sync) return run();
        syncs += 1;
        throw Object.assign(new Error(`fd ${String(args[0])}`), { code: "EIO", syscall: sync });
      });
      const store = yard.store({ calls });
      mkdirSync(yard.locks, { recursive: true });
      plant(yard.index, "");
      const write =
        sync === "fsync" ? store.documents.update(STATE, () => ({ write: NEW, value: 0 })) : store.logs.append(RUNS, { id: "a" });
      await expect(write).rejects.toMatchObject({ code: "write_failed", details: { errno: "EIO" } });
      expect(syncs).toBe(1);
      if (sync === "fsync") expect(readFileSync(yard.state, "utf8")).toBe(OLD);
      expect(yard.tree().filter((path) => path.includes("loopx-tmp"))).toEqual([]);
    },
  );
});

/** Runs every n from 1 until nothing more is hit, and answers how many there were. */
async function everyPoint(run: (n: number) => Promise<boolean>): Promise<number> {
  for (let n = 1; n < 500; n += 1) if (!(await run(n))) return n - 1;
  throw new Error("no end");
}

async function assertRecovered(
  scenario: Scenario,
  yard: Yard,
  acknowledged: boolean,
  what: string,
  expected: { litter: boolean } = { litter: true },
): Promise<void> {
  // Half a second has passed: an empty lock directory is orphaned by now.
  const store = yard.store({ file_clock: clockAhead(500), wait_ms: 400, calls: quick });
  const seen = await scenario.see(yard, store);
  if (acknowledged) expect(seen, `${what}: acknowledged`).toBe("new");
  const outcome = await scenario.act(store);
  expect(["written", "appended", "duplicate", "granted"], `${what}: ${JSON.stringify(outcome)}`).toContain(outcome.kind);
  expect(await scenario.see(yard, store), what).toBe("new");
  if (!expected.litter) return;
  // What nobody could know to be dead goes after an hour.
  const later = yard.store({ file_clock: clockAhead(3_700_000), calls: quick });
  await later.documents.update(STATE, () => ({ keep: true, value: 0 }));
  await later.documents.update(GLOBAL, () => ({ keep: true, value: 0 }));
  await scenario.act(later);
  expect(yard.tree().filter(isLitter), what).toEqual([]);
}

function isLitter(path: string): boolean {
  return path.endsWith("loopx-tmp") || path.startsWith("runtime/locks/");
}

async function seenLine(store: FileStore, before: readonly string[]): Promise<"old" | "new"> {
  const ids: unknown[] = [];
  for await (const entry of store.logs.scan(RUNS)) {
    if (entry.kind === "record") ids.push(entry.record["id"]);
    else expect(entry.kind).toBe("torn_tail");
  }
  expect([before, [...before, "new"]]).toContainEqual(ids);
  return ids.length === before.length ? "old" : "new";
}

/** A writer that was killed between its lock and its rename. */
async function dieHolding(yard: Yard): Promise<void> {
  let renames = 0;
  const calls = harmed((name, run) => {
    if (name === "rename" || renames > 0) {
      renames += 1;
      throw new Killed();
    }
    return run();
  });
  await expect(
    yard.store({ calls, identity: deadIdentity() }).documents.update(STATE, () => ({ write: "lost", value: 0 })),
  ).rejects.toThrow(Killed);
  expect(yard.tree().some((path) => path.endsWith(".owner.json"))).toBe(true);
}

function shortWrite(fd: number, bytes: Uint8Array, offset: number): number {
  return nodeFs.write(fd, bytes, offset, 6);
}

function oneOf(text: string, old: string, now: string): "old" | "new" {
  expect([old, now]).toContain(text);
  return text === old ? "old" : "new";
}

describe("a second writer that dies too, at any of its calls", () => {
  it("has not written while something of the first is left; of either nothing is left for longer than an hour", async () => {
    for (let n = 1; ; n += 1) {
      const yard = fresh();
      plant(yard.state, OLD);
      await dieHolding(yard);
      const { calls, died } = dyingAt(n, "after", quick);
      const second = yard.store({ calls, identity: identityOf({ pid: DEAD_PID - 1, pid_start: "1" }) });
      await second.documents
        .update(STATE, () => ({ write: NEW, value: 0 }))
        .catch((error: unknown) => expect(error).toBeInstanceOf(Killed));
      if (!died()) break;
      const siblings = () => yard.tree().filter((path) => path.startsWith("project/") && path.endsWith("loopx-tmp"));
      if (readFileSync(yard.state, "utf8") === NEW) expect(siblings(), `after call ${n}`).toEqual([]);
      const next = yard.store({ file_clock: clockAhead(3_700_000), wait_ms: 20_000, calls: quick });
      expect(await next.documents.update(STATE, () => ({ write: `${NEW}again`, value: 0 }))).toMatchObject({ kind: "written" });
      expect(siblings(), `after call ${n} and the next writer`).toEqual([]);
    }
  });
});
