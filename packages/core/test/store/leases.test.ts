import { chmodSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { sha256 } from "../../src/node/hashing.ts";
import { harmed } from "./harmed-calls.ts";
import { GOAL, permissions, plant, STATE, TODO, yards, type Yard } from "./rig.ts";

const fresh = yards();
const ASKS = { holder: "a", ttl_minutes: 30, write_scopes: [] };

describe("a lease file", () => {
  it("holds the record in its order, is private, and is named by its todo or by a digest of its item (FIL-80)", async () => {
    const yard = fresh();
    const { leases } = yard.store();
    await leases.acquire(TODO, ASKS);
    await leases.acquire({ executor: "gitea", item: "o/r#7" }, ASKS);
    const path = join(yard.runtime, "goals/alpha/leases/todo_aaaa.json");
    expect(permissions(statSync(path))).toBe("600");
    expect(Object.keys(JSON.parse(readFileSync(path, "utf8")) as object)).toEqual(
      "schema_version goal_id todo_id state holder token version ttl_minutes acquired_at renewed_at expires_at released_at write_scopes idempotency_key taken_over_from".split(
        " ",
      ),
    );
    expect(readdirSync(join(yard.runtime, "executors/gitea/leases"))).toEqual([`${sha256("o/r#7").slice(0, 32)}.json`]);
  });

  it("stays after release, and its unknown keys survive a renewal", async () => {
    const yard = fresh();
    const { leases } = yard.store();
    await leases.acquire(TODO, ASKS);
    const path = join(yard.runtime, "goals/alpha/leases/todo_aaaa.json");
    plant(path, readFileSync(path, "utf8").replace("{", '{ "future": [1.5],'));
    await leases.renew({ ...TODO, holder: "a", token: 1 }, { ttl_minutes: 60 });
    await leases.release({ ...TODO, holder: "a", token: 1 });
    expect(JSON.parse(readFileSync(path, "utf8"))).toMatchObject({ future: [1.5], state: "released", token: 1, version: 3 });
  });

  it("without a write bit is denied", async () => {
    const yard = fresh();
    const { leases } = yard.store();
    await leases.acquire(TODO, ASKS);
    chmodSync(join(yard.runtime, "goals/alpha/leases/todo_aaaa.json"), 0o400);
    expect(await leases.renew({ ...TODO, holder: "a", token: 1 }, { ttl_minutes: 60 })).toMatchObject({
      kind: "unreadable",
      reason: "denied",
    });
  });
});

describe("tokens after a goal's runtime was archived (FIL-81)", () => {
  it("go on behind the highest archived one of that goal and todo", async () => {
    const yard = fresh();
    await archive(yard, "alpha-20261120T170804Z", 4);
    await archive(yard, "alpha-20261121T170804Z-2", 7);
    await archive(yard, "alpha-beta-20261121T170804Z", 90);
    await archive(yard, "alpha-kept", 80);
    expect(await yard.store().leases.acquire(TODO, ASKS)).toMatchObject({ kind: "granted", lease: { token: 8, version: 1 } });
    expect(await yard.store().leases.acquire({ ...TODO, todo_id: "todo_bbbb" }, ASKS)).toMatchObject({ lease: { token: 1 } });
  });

  it("are not guessed when an archived lease cannot be read or lies outside", async () => {
    const yard = fresh();
    plant(join(yard.runtime, "archived-goals/alpha-20261120T170804Z/leases/todo_aaaa.json"), "{");
    expect(await yard.store().leases.acquire(TODO, ASKS)).toMatchObject({ kind: "unreadable", reason: "io" });
    rmSync(join(yard.runtime, "archived-goals/alpha-20261120T170804Z"), { recursive: true });
    symlinkSync("/etc", join(yard.runtime, "archived-goals/alpha-20261120T170804Z"));
    expect(await yard.store().leases.acquire(TODO, ASKS)).toMatchObject({ kind: "unreadable", reason: "path_outside_root" });
  });
});

describe("limits (REL-105)", () => {
  it.each([
    ["no time", { ttl_minutes: 0 }],
    ["more than a day", { ttl_minutes: 1441 }],
    ["no number", { ttl_minutes: Number.NaN }],
    ["65 scopes", { write_scopes: Array.from({ length: 65 }, (_, n) => `s${n}`) }],
    ["a scope of 161 characters", { write_scopes: ["x".repeat(161)] }],
  ])("a request for %s is refused, and nothing is written", async (_, over) => {
    const yard = fresh();
    await expect(yard.store().leases.acquire(TODO, { ...ASKS, ...over })).rejects.toMatchObject({ code: "invalid_value" });
    expect(yard.tree()).toEqual(["project"]);
  });

  it("the limits themselves are granted", async () => {
    const scopes = Array.from({ length: 64 }, (_, n) => String(n).padEnd(160, "x"));
    const { leases } = fresh().store();
    expect(await leases.acquire(TODO, { ...ASKS, ttl_minutes: 1440, write_scopes: scopes })).toMatchObject({ kind: "granted" });
    expect(await leases.renew({ ...TODO, holder: "a", token: 1 }, { ttl_minutes: 1 })).toMatchObject({ kind: "renewed" });
    await expect(leases.renew({ ...TODO, holder: "a", token: 1 }, { ttl_minutes: 1441 })).rejects.toMatchObject({ code: "invalid_value" });
  });
});

describe("what stands in the way of a lease", () => {
  it("a held lock is busy, and so is a lock that was taken from us", async () => {
    const yard = fresh();
    const held = await yard.store().lock.acquire(join(yard.runtime, "goals/alpha/leases"), { wait_ms: 0, command: "other" });
    expect(await yard.store({ wait_ms: 20 }).leases.acquire(TODO, ASKS)).toMatchObject({ kind: "busy", owner: { command: "other" } });
    if (held.kind === "held") await held.release();
    const calls = harmed((name, run, args) => {
      const answer = run();
      if (name === "link" && String(args[1]).endsWith(".owner.json")) rmSync(String(args[1]));
      return answer;
    });
    expect(await yard.store({ calls }).leases.acquire(TODO, ASKS)).toMatchObject({ kind: "busy", owner: null });
    expect((await yard.store().leases.list({ goal_id: GOAL })).leases).toEqual([]);
  });

  it("somebody who writes the file without the lock, again and again, makes it busy; once, and the rules see it", async () => {
    const yard = fresh();
    const { leases } = yard.store();
    await leases.acquire(TODO, ASKS);
    const path = join(yard.runtime, "goals/alpha/leases/todo_aaaa.json");
    const meddling = (times: number) => {
      let left = times;
      return harmed((name, run) => {
        if (name === "fsync" && left > 0) {
          left -= 1;
          plant(
            path,
            readFileSync(path, "utf8").replace(/"version": (\d+)/, (_, n: string) => `"version": ${Number(n) + 10}`),
          );
        }
        return run();
      });
    };
    const ref = { ...TODO, holder: "a", token: 1 };
    expect(await yard.store({ calls: meddling(1) }).leases.renew(ref, { ttl_minutes: 60 })).toMatchObject({
      kind: "renewed",
      lease: { version: 12 },
    });
    expect(await yard.store({ calls: meddling(99) }).leases.renew(ref, { ttl_minutes: 60 })).toMatchObject({ kind: "busy" });
  });

  it("a directory outside of its root is refused, everywhere", async () => {
    const yard = fresh();
    const store = yard.store();
    const key = { executor: "../..", item: "x" };
    const refused = { kind: "unreadable", reason: "path_outside_root" };
    expect(await store.leases.acquire(key, ASKS)).toMatchObject(refused);
    expect((await store.leases.list({ executor: "../.." })).leases).toEqual([]);
    expect(
      await store.documents.update(STATE, () => ({ write: "x", value: 0 }), { fence: { ...key, holder: "a", token: 1 } }),
    ).toMatchObject(refused);
  });

  it("a scope that the host knows no place for is answered by the host's reason", async () => {
    const yard = fresh();
    const nowhere = { kind: "unreadable", reason: "path_outside_root", where: "nowhere" } as const;
    const store = yard.store({ places: { disconnected: "/nowhere", document: () => nowhere, log: () => nowhere, leases: () => nowhere } });
    expect(await store.leases.acquire(TODO, ASKS)).toEqual(nowhere);
    expect(await store.documents.read(STATE)).toEqual(nowhere);
    expect(await store.documents.update(STATE, () => ({ write: "", value: 0 }))).toEqual(nowhere);
    expect(await store.documents.obstacle(STATE)).toEqual(nowhere);
  });
});

async function archive(yard: Yard, folder: string, token: number): Promise<void> {
  const { leases } = yard.store();
  const granted = await leases.acquire({ ...TODO, todo_id: "todo_pattern" }, ASKS);
  if (granted.kind !== "granted" && granted.kind !== "held") throw new Error(granted.kind);
  plant(
    join(yard.runtime, "archived-goals", folder, "leases/todo_aaaa.json"),
    JSON.stringify({ ...granted.lease, todo_id: "todo_aaaa", token }),
  );
}
