/**
 * REL-170, owner records: whatever bytes stand in one, a look never throws, a lock is held or busy at once, nothing outside
 * the lock directory changes, and ten minutes later the record is out of the way (REL-34, REL-103). LOOPX_SEED replays.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, utimesSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { systemClock } from "../../src/node/clock.ts";
import { nodeFs, withoutFsync } from "../../src/node/fs-calls.ts";
import { sha256 } from "../../src/node/hashing.ts";
import { LEASE_LIMIT } from "../../src/node/limits.ts";
import { fileLock } from "../../src/node/lock.ts";
import { formatOwner, newOwner, parseOwner } from "../../src/node/owner-record.ts";
import { nodeIdentity } from "../../src/node/process-identity.ts";
import { DEAD_PID, plant, yards } from "./rig.ts";

const seed = process.env["LOOPX_SEED"];
const RUNS = { numRuns: 1_000, ...(seed === undefined ? {} : { seed: Number(seed) }) };
const SOUND = { ...newOwner(nodeIdentity(), systemClock, "loopx todo add"), pid: DEAD_PID };
const KEYS = [...Object.keys(SOUND), "path", "__proto__", "constructor"];

/** A value that has no place there, some of them paths, some of them almost right. */
const STRANGE = fc.oneof(
  fc.constantFrom(
    "../../../etc/x",
    "/dev/zero",
    "0123456789abcde",
    "0123456789ABCDEF",
    "0123456789abcdef\n",
    "",
    "\u0000",
    -1,
    0,
    1.5,
    2 ** 31,
    2 ** 53,
    null,
    true,
  ),
  fc.jsonValue({ maxDepth: 2 }),
);

/** A record with one thing wrong, as text: a field, a missing field, bytes of it. */
const DAMAGED = fc.oneof(
  fc
    .tuple(fc.constantFrom(...KEYS), STRANGE)
    .map(([key, value]) => JSON.stringify(SOUND).replace("{", `{${JSON.stringify(key)}:${JSON.stringify(value)},`)),
  fc
    .tuple(fc.constantFrom(...KEYS), STRANGE)
    .map(([key, value]) => JSON.stringify(Object.fromEntries([...Object.entries(SOUND), [key, value]]))),
  fc.constantFrom(...KEYS).map((key) => JSON.stringify(Object.fromEntries(Object.entries(SOUND).filter(([name]) => name !== key)))),
  fc.tuple(fc.nat(formatOwner(SOUND).length - 1), fc.string({ maxLength: 3 })).map(([at, text]) => formatOwner(SOUND).slice(0, at) + text),
  fc.string(),
);

const BYTES = fc.oneof(
  DAMAGED.map((text) => Buffer.from(text)),
  fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
  fc.tuple(fc.nat(formatOwner(SOUND).length - 1), fc.nat(255)).map(([at, byte]) => {
    const bytes = Buffer.from(formatOwner(SOUND));
    bytes[at] = byte;
    return bytes;
  }),
);

const fresh = yards();

describe("an owner record of any bytes", () => {
  it("is an owner whose nonce and pid may be used, or none", () => {
    fc.assert(
      fc.property(DAMAGED, (text) => {
        const owner = parseOwner(text);
        if (owner === null) return;
        expect(owner.nonce).toMatch(/^[0-9a-f]{16}$/);
        expect(Number.isInteger(owner.pid) && owner.pid >= 1 && owner.pid < 2 ** 31).toBe(true);
        expect([owner.host, owner.boot_id, owner.pid_ns, owner.pid_start, owner.command].every((each) => typeof each === "string")).toBe(
          true,
        );
      }),
      RUNS,
    );
  });

  it("leaves the lock held or busy at once, is removed once it is ten minutes old, and touches nothing else", async () => {
    const yard = fresh();
    const path = join(yard.project, "document");
    const victim = join(yard.directory, "victim");
    const record = join(yard.locks, `${sha256(path).slice(0, 32)}.owner.json`);
    const lock = fileLock({ runtime_root: yard.runtime, clock: systemClock, calls: withoutFsync(nodeFs) });
    plant(path, "the document\n");
    plant(victim, "left alone\n");
    mkdirSync(yard.runtime, { mode: 0o700 });
    const outside = () => [
      readdirSync(yard.directory).sort(),
      readdirSync(yard.project),
      readFileSync(victim, "utf8"),
      readFileSync(path, "utf8"),
    ];
    const before = outside();
    await fc.assert(
      fc.asyncProperty(BYTES, fc.boolean(), async (bytes, claimed) => {
        plant(record, bytes);
        // A claim of the same bytes on a record nobody can judge: named by what a takeover would name it by.
        if (claimed) plant(join(yard.locks, `${sha256(path).slice(0, 32)}.clear.${sha256(bytes).slice(0, 16)}`), bytes);
        const now = await lock.acquire(path, { wait_ms: 0, command: "fuzz" });
        if (now.kind === "held") await now.release();
        else {
          expect(existsSync(record)).toBe(true);
          for (const name of readdirSync(yard.locks)) age(join(yard.locks, name));
          const later = await lock.acquire(path, { wait_ms: 20_000, command: "fuzz" });
          if (later.kind === "busy") throw new Error(`still busy: ${JSON.stringify(later)}`);
          await later.release();
        }
        expect(readdirSync(yard.locks)).toEqual([]);
        expect(outside()).toEqual(before);
      }),
      { ...RUNS, numRuns: 300 },
    );
  });

  it("is looked at up to its limit, and beyond it counts as held, however old (REL-103)", async () => {
    for (const [size, kind] of [
      [LEASE_LIMIT, "held"],
      [LEASE_LIMIT + 1, "busy"],
    ] as const) {
      const yard = fresh();
      const path = join(yard.project, "document");
      const record = join(yard.locks, `${sha256(path).slice(0, 32)}.owner.json`);
      plant(record, "x".repeat(size));
      age(record);
      const answer = await fileLock({ runtime_root: yard.runtime, clock: systemClock }).acquire(path, { wait_ms: 0, command: "fuzz" });
      expect(answer.kind, String(size)).toBe(kind);
      if (answer.kind === "held") await answer.release();
    }
  });
});

function age(path: string): void {
  const then = new Date(Date.now() - 660_000);
  utimesSync(path, then, then);
}
