import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, it, vi } from "vitest";
import type { LockOwner } from "../../src/ports/lock.ts";
import { systemClock } from "../../src/node/clock.ts";
import { sha256 } from "../../src/node/hashing.ts";
import { fileLock, type FileLockOptions } from "../../src/node/lock.ts";
import { formatOwner, newOwner } from "../../src/node/owner-record.ts";
import { nodeIdentity } from "../../src/node/process-identity.ts";
import { errnoError, harmed } from "./harmed-calls.ts";
import { clockAhead, DEAD_PID, deadIdentity, identityOf, plant, STATE, yards, type Yard } from "./rig.ts";

const fresh = yards();
const NOW = { wait_ms: 0, command: "test" };
const SOON = { wait_ms: 300, command: "test" };

afterEach(() => vi.useRealTimers());

describe("a free lock", () => {
  it("is taken with a complete record of its owner, and leaves nothing behind (REL-30, REL-32)", async () => {
    const { yard, lock, path, record } = place();
    const held = await taken(lock.acquire(path, { wait_ms: 0, command: "loopx todo add" }));
    const owner = JSON.parse(readFileSync(record, "utf8")) as LockOwner;
    expect(Object.keys(owner)).toEqual(["pid", "pid_start", "boot_id", "pid_ns", "host", "command", "at", "nonce", "path"]);
    expect(owner).toMatchObject({ pid: process.pid, command: "loopx todo add" });
    expect(owner.nonce).toMatch(/^[0-9a-f]{16}$/);
    expect(readdirSync(yard.locks).toSorted()).toEqual([`${keyOf(path)}.lock`, `${keyOf(path)}.owner.json`]);
    expect((statSync(record).mode & 0o777).toString(8)).toBe("600");
    expect((statSync(yard.locks).mode & 0o777).toString(8)).toBe("700");
    await held.release();
    expect(readdirSync(yard.locks)).toEqual([]);
  });

  it("has one key for every spelling of a path, also of one that does not exist yet (FIL-90)", async () => {
    const { yard, lock } = place();
    symlinkSync(yard.project, join(yard.directory, "link"));
    const held = await taken(lock.acquire(join(yard.project, "new/file"), NOW));
    expect((await lock.acquire(join(yard.directory, "link/new/file"), NOW)).kind).toBe("busy");
    await held.release();
  });

  it("never shows a lock directory from the future: its owner may die in that second (REL-6, REL-31)", async () => {
    const { yard, lock, path } = place();
    const held = await taken(lock.acquire(path, NOW));
    expect(statSync(join(yard.locks, `${keyOf(path)}.lock`)).mtimeMs).toBeLessThanOrEqual(Date.now());
    await held.release();
  });
});

describe("a lock that is held", () => {
  it("is busy, with owner, wait and record (REL-37)", async () => {
    const { lock, path, record } = place();
    const held = await taken(lock.acquire(path, { wait_ms: 0, command: "first" }));
    const busy = await lock.acquire(path, { wait_ms: 30, command: "second" });
    expect(busy).toMatchObject({ kind: "busy", owner: { pid: process.pid, command: "first" }, record });
    expect(busy).toHaveProperty("waited_ms");
    expect((busy as { waited_ms: number }).waited_ms).toBeGreaterThanOrEqual(30);
    await held.release();
  });

  it("goes to who waits for it", async () => {
    const { lock, path } = place();
    const held = await taken(lock.acquire(path, NOW));
    const next = taken(lock.acquire(path, SOON));
    await held.release();
    await (await next).release();
  });

  it("is waited for until the signal says stop", async () => {
    const { lock, path } = place();
    const held = await taken(lock.acquire(path, NOW));
    const controller = new AbortController();
    const waiting = lock.acquire(path, { wait_ms: 60_000, command: "test", signal: controller.signal });
    controller.abort();
    expect((await waiting).kind).toBe("busy");
    expect((await lock.acquire(path, { wait_ms: 60_000, command: "test", signal: controller.signal })).kind).toBe("busy");
    await held.release();
  });

  it("is touched every five seconds, so that other hosts see that it lives (REL-32)", async () => {
    vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
    const { lock, path, record } = place();
    const held = await taken(lock.acquire(path, NOW));
    age(record, 600);
    vi.advanceTimersByTime(5_000);
    expect(Date.now() - statSync(record).mtimeMs).toBeLessThan(5_000);
    await held.release();
    expect(vi.getTimerCount()).toBe(0);
  });

  it("by a living process is never taken, however old its record is (REL-34)", async () => {
    const { lock, path, record } = place();
    const held = await taken(lock.acquire(path, NOW));
    age(record, 3_600);
    expect((await lock.acquire(path, NOW)).kind).toBe("busy");
    await held.release();
  });

  it("that was taken from a sleeper is left alone by its release, and the sleeper may not commit (REL-36)", async () => {
    const { lock, path, record } = place();
    const sleeper = await lock.take(path, NOW);
    if (sleeper.kind !== "held") throw new Error(sleeper.kind);
    const successor = formatOwner(newOwner(nodeIdentity(), systemClock, "successor"));
    writeFileSync(record, successor);
    expect(sleeper.isOurs()).toBe(false);
    await sleeper.release();
    expect(readFileSync(record, "utf8")).toBe(successor);
  });
});

describe("a dead owner's lock is through within a second, and the next owner hears of it (REL-6, REL-34, REL-35, REL-38)", () => {
  const graves: Record<string, (where: ReturnType<typeof place>) => LockOwner | null> = {
    "of a dead pid": ({ record }) => bury(record, { pid: DEAD_PID }),
    "of a reused pid": ({ record }) => bury(record, { pid: process.pid, pid_start: "1" }),
    "of another boot": ({ record }) => bury(record, { boot_id: "another" }),
    "with its directory": ({ record, directory }) => {
      mkdirSync(directory);
      return bury(record, { pid: DEAD_PID });
    },
    "with a dead claim on it": ({ record, directory }) => {
      const owner = bury(record, { pid: DEAD_PID });
      bury(directory.replace(/lock$/, `clear.${owner.nonce}`), { pid: DEAD_PID });
      return owner;
    },
    "of another host, ten minutes silent": ({ record }) => {
      const owner = bury(record, { host: "elsewhere" });
      age(record, 600);
      return owner;
    },
    "of another container, ten minutes silent": ({ record }) => {
      const owner = bury(record, { pid_ns: "pid:[1]" });
      age(record, 600);
      return owner;
    },
    "with a record of garbage, ten minutes old": ({ record }) => {
      plant(record, "garbage");
      age(record, 600);
      return null;
    },
    "with an empty record, ten minutes old": ({ record }) => {
      plant(record, "");
      age(record, 600);
      return null;
    },
    // What two power cuts leave of a takeover: a claim named by the bytes of the record, which are its own as well.
    "with an empty record and an empty claim on it, ten minutes old": ({ record, directory }) => {
      for (const file of [record, directory.replace(/lock$/, `clear.${sha256("").slice(0, 16)}`)]) {
        plant(file, "");
        age(file, 600);
      }
      return null;
    },
  };
  for (const [name, dig] of Object.entries(graves)) {
    it(name, async () => {
      const where = place();
      const owner = dig(where);
      const held = await taken(where.lock.acquire(where.path, SOON));
      expect(held.cleared).toEqual(owner);
      await held.release();
      expect(readdirSync(where.yard.locks)).toEqual([]);
    });
  }

  it("a lock directory without a record, after half a second", async () => {
    const { yard, path, directory } = place();
    mkdirSync(directory);
    const held = await taken(lockIn(yard, { clock: clockAhead(501) }).acquire(path, NOW));
    expect(held.cleared).toBeNull();
    await held.release();
  });

  it("a lock directory from the future: the clock was set back since its maker died", async () => {
    const { lock, path, directory } = place();
    mkdirSync(directory);
    age(directory, -3_600);
    const held = await taken(lock.acquire(path, NOW));
    await held.release();
  });
});

describe("an owner that nobody here can judge blocks, and the answer names the file (REL-34)", () => {
  const unknown: Record<string, (record: string) => unknown> = {
    "of another host": (record) => bury(record, { host: "elsewhere" }),
    "of another container": (record) => bury(record, { pid_ns: "pid:[1]" }),
    "of garbage": (record) => plant(record, "garbage"),
    "of nothing": (record) => plant(record, ""),
    "whose nonce is a path": (record) =>
      plant(record, JSON.stringify({ ...newOwner(deadIdentity(), systemClock, "x"), nonce: "../../../x" })),
    "whose pid is no pid": (record) => plant(record, JSON.stringify({ ...newOwner(deadIdentity(), systemClock, "x"), pid: 2 ** 40 })),
    "that lacks a field": (record) => plant(record, JSON.stringify({ ...newOwner(deadIdentity(), systemClock, "x"), boot_id: undefined })),
    "that is no object": (record) => plant(record, "[1]"),
    "over its limit": (record) => plant(record, "x".repeat(16 * 1024 + 1)),
    "that is a directory": (record) => mkdirSync(record, { recursive: true }),
  };
  for (const [name, put] of Object.entries(unknown)) {
    it(`a record ${name}`, async () => {
      const { lock, path, record } = place();
      put(record);
      expect(await lock.acquire(path, { wait_ms: 20, command: "test" })).toMatchObject({ kind: "busy", record });
      expect(existsSync(record)).toBe(true);
    });
  }

  it("a fresh lock directory without a record", async () => {
    const { lock, path, directory } = place();
    mkdirSync(directory);
    expect(await lock.acquire(path, NOW)).toMatchObject({ kind: "busy", owner: null });
  });

  it("a lock directory that is not empty, without spinning", async () => {
    const { yard, path, directory } = place();
    mkdirSync(join(directory, "odd"), { recursive: true });
    expect((await lockIn(yard, { clock: clockAhead(1_000) }).acquire(path, { wait_ms: 20, command: "test" })).kind).toBe("busy");
  });

  it("a dead record under a living claim", async () => {
    const { lock, path, record, directory } = place();
    const owner = bury(record, { pid: DEAD_PID });
    bury(directory.replace(/lock$/, `clear.${owner.nonce}`), {});
    expect(await lock.acquire(path, { wait_ms: 20, command: "test" })).toMatchObject({ kind: "busy", owner: { nonce: owner.nonce } });
  });

  it("a start time that /proc hides counts as the owner's", async () => {
    const { yard, path, record } = place();
    bury(record, { pid: DEAD_PID });
    const identity = { ...nodeIdentity(), look: () => ({ kind: "running" as const, started: null }) };
    expect((await lockIn(yard, { identity }).acquire(path, NOW)).kind).toBe("busy");
  });
});

describe("a lock that cannot be made", () => {
  it("says so when the file system has no hard links (REL-33)", async () => {
    const { yard, path } = place();
    const calls = harmed((name, run) => {
      if (name === "link") throw errnoError("EPERM", "link");
      return run();
    });
    await expect(lockIn(yard, { calls }).acquire(path, NOW)).rejects.toMatchObject({
      code: "write_failed",
      message: expect.stringContaining("hard links") as string,
    });
    expect(readdirSync(yard.locks)).toEqual([]);
  });

  it("is denied in the runtime root of another user, but not for root (REL-84)", async () => {
    const { yard, path } = place();
    const owner = statSync(yard.runtime).uid;
    const denied = { kind: "unreadable", reason: "denied", where: yard.runtime };
    const foreign = lockIn(yard, { identity: identityOf({}, owner + 1) });
    expect(await foreign.take(path, NOW)).toEqual(denied);
    expect(await foreign.obstacle()).toEqual(denied);
    await expect(foreign.acquire(path, NOW)).rejects.toMatchObject({ code: "write_denied" });
    await (await taken(lockIn(yard, { identity: identityOf({}, 0) }).acquire(path, NOW))).release();
  });

  it("is denied where the lock directory may not be written", async () => {
    const { yard, path } = place();
    const calls = harmed((name, run) => {
      if (name === "mkdir") throw errnoError("EACCES", "mkdir");
      return run();
    });
    expect(await lockIn(yard, { calls }).take(path, NOW)).toMatchObject({ kind: "unreadable", reason: "denied" });
  });

  it("makes its directory again when somebody removed it", async () => {
    const { yard, lock, path } = place();
    await (await taken(lock.acquire(path, NOW))).release();
    rmSync(yard.locks, { recursive: true });
    await (await taken(lock.acquire(path, NOW))).release();
  });
});

describe("what is left of a lock", () => {
  it("a record that could not be removed does not block the process that left it", async () => {
    const { yard, path } = place();
    let broken = true;
    const calls = harmed((name, run, args) => {
      if (broken && name === "unlink" && String(args[0]).endsWith(".owner.json")) throw errnoError("EIO", "unlink");
      return run();
    });
    await (await taken(lockIn(yard, { calls }).acquire(path, NOW))).release();
    broken = false;
    const held = await taken(lockIn(yard, { calls }).acquire(path, SOON));
    await held.release();
    expect(readdirSync(yard.locks)).toEqual([]);
  });

  it("claims and temporary records of dead processes go with the next release; living ones stay", async () => {
    const { yard, lock, path, directory } = place();
    const key = keyOf(path);
    bury(directory.replace(/lock$/, "clear.0123456789abcdef"), { pid: DEAD_PID });
    bury(directory.replace(/lock$/, "clear.fedcba9876543210"), {});
    plant(join(yard.locks, `.${key}.owner.json.${DEAD_PID}.0123456789abcdef.loopx-tmp`), "{");
    plant(join(yard.locks, `.${key}.owner.json.${process.pid}.0123456789abcdef.loopx-tmp`), "{");
    plant(join(yard.locks, "another"), "");
    await (await taken(lock.acquire(path, NOW))).release();
    expect(readdirSync(yard.locks).toSorted()).toEqual(
      [`.${key}.owner.json.${process.pid}.0123456789abcdef.loopx-tmp`, `${key}.clear.fedcba9876543210`, "another"].toSorted(),
    );
  });

  it("what dead processes left of other locks goes with any release, once it is a minute old: nobody may want those again", async () => {
    const { yard, lock, path } = place();
    const artifact = join(yard.project, "run.json");
    const [dead, alive] = [keyOf(artifact), keyOf(join(yard.project, "other"))];
    const left = [`${dead}.owner.json`, `${dead}.clear.0123456789abcdef`, `.${dead}.owner.json.${DEAD_PID}.0123456789abcdef.loopx-tmp`];
    const remains = join(yard.project, `.run.json.${DEAD_PID}.0123456789abcdef.loopx-tmp`);
    const plantAll = () => {
      bury(join(yard.locks, left[0] ?? ""), { pid: DEAD_PID, path: artifact });
      bury(join(yard.locks, left[1] ?? ""), { pid: DEAD_PID });
      plant(join(yard.locks, left[2] ?? ""), "{");
      plant(remains, "half");
      mkdirSync(join(yard.locks, `${keyOf("/nobody")}.lock`));
    };
    plantAll();
    bury(join(yard.locks, `${alive}.owner.json`), {});
    plant(join(yard.project, `.other.${process.pid}.0123456789abcdef.loopx-tmp`), "needed");
    await (await taken(lock.acquire(path, NOW))).release();
    expect(readdirSync(yard.locks)).toHaveLength(5);
    const later = lockIn(yard, { clock: clockAhead(61_000) });
    await (await taken(later.acquire(path, NOW))).release();
    expect(readdirSync(yard.locks)).toEqual([`${alive}.owner.json`]);
    expect(readdirSync(yard.project)).toEqual([`.other.${process.pid}.0123456789abcdef.loopx-tmp`]);
  });

  it("a record that names a document which is not its own leads nowhere", async () => {
    const { yard, lock, path } = place();
    const remains = join(yard.project, `.run.json.${DEAD_PID}.0123456789abcdef.loopx-tmp`);
    plant(remains, "kept");
    const record = join(yard.locks, `${keyOf("/elsewhere")}.owner.json`);
    bury(record, { pid: DEAD_PID, path: join(yard.project, "run.json") });
    age(record, 100);
    await (await taken(lock.acquire(path, NOW))).release();
    expect(readdirSync(yard.locks)).toEqual([]);
    expect(readdirSync(yard.project)).toHaveLength(1);
  });

  it("a sibling that was taken for litter costs one more try", async () => {
    const { yard, path } = place();
    let first = true;
    const calls = harmed((name, run, args) => {
      if (name === "link" && first) {
        first = false;
        rmSync(String(args[0]));
      }
      return run();
    });
    await (await taken(lockIn(yard, { calls }).acquire(path, SOON))).release();
  });
});

describe("the lock file of the older Python LoopX (FIL-93)", () => {
  it("is not created, opened, removed or locked", async () => {
    const yard = fresh();
    plant(yard.state, "# a\n");
    plant(`${yard.state}.lock`, "flock\n");
    const before = lstatSync(`${yard.state}.lock`, { bigint: true });
    const touched: unknown[] = [];
    const calls = harmed((_, run, args) => {
      if (String(args[0]) === `${yard.state}.lock`) touched.push(args);
      return run();
    });
    expect((await yard.store({ calls }).documents.update(STATE, () => ({ write: "# b\n", value: 0 }))).kind).toBe("written");
    expect(touched).toEqual([]);
    expect(lstatSync(`${yard.state}.lock`, { bigint: true }).mtimeNs).toBe(before.mtimeNs);
  });
});

function place() {
  const yard = fresh();
  const path = join(yard.project, "document");
  mkdirSync(yard.locks, { recursive: true, mode: 0o700 });
  const key = keyOf(path);
  return { yard, path, lock: lockIn(yard), record: join(yard.locks, `${key}.owner.json`), directory: join(yard.locks, `${key}.lock`) };
}

function lockIn(yard: Yard, options: Partial<FileLockOptions> = {}) {
  return fileLock({ runtime_root: yard.runtime, clock: systemClock, ...options });
}

function keyOf(path: string): string {
  return sha256(path).slice(0, 32);
}

async function taken(acquired: ReturnType<ReturnType<typeof fileLock>["acquire"]>) {
  const held = await acquired;
  if (held.kind === "busy") throw new Error(`busy: ${JSON.stringify(held)}`);
  return held;
}

/** A record with these differences from one of this process. */
function bury(record: string, over: Partial<LockOwner>): LockOwner {
  const owner = { ...newOwner(nodeIdentity(), systemClock, "died"), ...over };
  plant(record, formatOwner(owner));
  return owner;
}

function age(path: string, seconds: number): void {
  const at = new Date(Date.now() - seconds * 1000);
  utimesSync(path, at, at);
}
