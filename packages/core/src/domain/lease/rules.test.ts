import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { GoalId } from "../ids.ts";
import { formatLease, parseLease, type Lease, type LeaseKey } from "./lease.ts";
import { acquireLease, fenceHolds, isLive, releaseLease, renewLease, type LeaseRequest } from "./rules.ts";

const MINUTE = 60_000;
const key: LeaseKey = { goal_id: "g" as GoalId, todo_id: "todo_abc" };
const at = (minutes: number) => ({ ms: Date.UTC(2026, 10, 20) + minutes * MINUTE, offset_minutes: 480 });
const asks = (holder: string, more: Partial<LeaseRequest> = {}): LeaseRequest => ({ holder, ttl_minutes: 30, write_scopes: [], ...more });
const ground = (current: Lease | null, others: readonly Lease[] = [], archived_token = 0) => ({ current, others, archived_token });

function granted(holder = "a", more: Partial<LeaseRequest> = {}, current: Lease | null = null, minutes = 0): Lease {
  const answer = acquireLease(key, asks(holder, more), ground(current), at(minutes));
  if (answer.kind !== "granted") throw new Error(answer.kind);
  return answer.lease;
}

describe("acquire", () => {
  it("a first grant has token 1, version 1 and the keys of FIL-80 in order", () => {
    expect(Object.entries(granted("a", { write_scopes: ["src/**"] }))).toEqual([
      ["schema_version", "loopx_lease_v1"],
      ["goal_id", "g"],
      ["todo_id", "todo_abc"],
      ["state", "held"],
      ["holder", "a"],
      ["token", 1],
      ["version", 1],
      ["ttl_minutes", 30],
      ["acquired_at", "2026-11-20T08:00:00.000+08:00"],
      ["renewed_at", null],
      ["expires_at", "2026-11-20T08:30:00.000+08:00"],
      ["released_at", null],
      ["write_scopes", ["src/**"]],
      ["idempotency_key", null],
      ["taken_over_from", null],
    ]);
  });

  it("a live lease is held, for its own holder too (REL-49)", () => {
    const lease = granted();
    expect(acquireLease(key, asks("b"), ground(lease), at(29)).kind).toBe("held");
    expect(acquireLease(key, asks("a"), ground(lease), at(29)).kind).toBe("held");
  });

  it("an expired or released lease is granted with the next token and version (FIL-81)", () => {
    const lease = granted();
    expect(granted("b", {}, lease, 30)).toMatchObject({ holder: "b", token: 2, version: 2, taken_over_from: null });
    const released = releaseLease(lease, { ...key, holder: "a", token: 1 }, {}, at(1));
    if (released.kind !== "released") throw new Error(released.kind);
    expect(granted("b", {}, released.lease, 2)).toMatchObject({ token: 2, version: 3, state: "held", released_at: null });
  });

  it("an archived goal's tokens go on (FIL-81)", () => {
    expect(acquireLease(key, asks("a"), ground(null, [], 7), at(0))).toMatchObject({ kind: "granted", lease: { token: 8, version: 1 } });
  });

  it("a take-over turns held into a grant and names whom it came from", () => {
    const answer = acquireLease(key, asks("b", { take_over: { reason: "stuck" } }), ground(granted()), at(1));
    expect(answer).toMatchObject({ kind: "granted", taken_over_from: "a", lease: { holder: "b", token: 2, taken_over_from: "a" } });
    expect(acquireLease(key, asks("b", { take_over: { reason: "stuck" } }), ground(granted()), at(31))).toMatchObject({
      taken_over_from: null,
    });
  });

  it("one idempotency key repeats equal arguments and refuses others (REL-49)", () => {
    const lease = granted("a", { idempotency_key: "k" });
    expect(acquireLease(key, asks("a", { idempotency_key: "k" }), ground(lease), at(1))).toEqual({
      kind: "granted",
      lease,
      repeated: true,
      taken_over_from: null,
    });
    for (const other of [asks("b"), asks("a", { ttl_minutes: 31 }), asks("a", { write_scopes: ["x"] })]) {
      expect(acquireLease(key, { ...other, idempotency_key: "k" }, ground(lease), at(1)).kind).toBe("key_reused");
    }
    expect(acquireLease(key, asks("a", { idempotency_key: "other" }), ground(lease), at(1)).kind).toBe("held");
  });

  it("a repeated take-over keeps its token", () => {
    const request = asks("b", { idempotency_key: "k", take_over: { reason: "stuck" } });
    const lease = granted("b", request, granted(), 1);
    expect(acquireLease(key, request, ground(lease), at(2))).toMatchObject({
      kind: "granted",
      repeated: true,
      taken_over_from: "a",
      lease: { token: 2 },
    });
  });

  it("live scopes that overlap are refused with both patterns, dead ones are not (REL-49)", () => {
    const other = { ...granted("b", { write_scopes: ["src/**"] }), todo_id: "todo_xyz" };
    const request = asks("a", { write_scopes: ["docs", "src/a.ts"] });
    expect(acquireLease(key, request, ground(null, [other]), at(1))).toEqual({
      kind: "scope_overlap",
      lease: other,
      pairs: [["src/a.ts", "src/**"]],
    });
    expect(acquireLease(key, { ...request, take_over: { reason: "r" } }, ground(granted(), [other]), at(1)).kind).toBe("scope_overlap");
    expect(acquireLease(key, request, ground(null, [other]), at(30)).kind).toBe("granted");
  });
});

describe("renew and release", () => {
  const ref = { ...key, holder: "a", token: 1 };

  it("renew moves the expiry and raises the version, not the token (REL-50)", () => {
    expect(renewLease(granted(), ref, { ttl_minutes: 10 }, at(25))).toMatchObject({
      kind: "renewed",
      lease: {
        token: 1,
        version: 2,
        ttl_minutes: 10,
        renewed_at: "2026-11-20T08:25:00.000+08:00",
        expires_at: "2026-11-20T08:35:00.000+08:00",
      },
    });
  });

  it.each([
    ["no lease at all", null, ref, {}, 1, "fenced"],
    ["another token", granted(), { ...ref, token: 2 }, {}, 1, "fenced"],
    ["another holder", granted(), { ...ref, holder: "b" }, {}, 1, "fenced"],
    ["an expired lease nobody took", granted(), ref, {}, 30, "not_active"],
    ["another version", granted(), ref, { version: 9 }, 1, "version_mismatch"],
  ])("%s is lost", (_name, lease, asked, options, minutes, kind) => {
    expect(renewLease(lease, asked, { ttl_minutes: 5, ...options }, at(minutes)).kind).toBe(kind);
    expect(releaseLease(lease, asked, options, at(minutes)).kind).toBe(kind);
  });

  it("releasing twice changes nothing the second time (REL-50)", () => {
    const first = releaseLease(granted(), ref, { version: 1 }, at(1));
    if (first.kind !== "released") throw new Error(first.kind);
    expect(first).toMatchObject({
      changed: true,
      lease: { state: "released", token: 1, version: 2, released_at: "2026-11-20T08:01:00.000+08:00" },
    });
    expect(releaseLease(first.lease, ref, { version: 1 }, at(90))).toEqual({ kind: "released", lease: first.lease, changed: false });
    expect(renewLease(first.lease, ref, { ttl_minutes: 5 }, at(2)).kind).toBe("not_active");
  });
});

describe("a fence", () => {
  it("holds for the live lease of that holder and token only (REL-48)", () => {
    const lease = granted();
    expect(fenceHolds(lease, { holder: "a", token: 1 }, at(29))).toBe(true);
    expect(fenceHolds(lease, { holder: "a", token: 1 }, at(30))).toBe(false);
    expect(fenceHolds(lease, { holder: "b", token: 1 }, at(1))).toBe(false);
    expect(fenceHolds(lease, { holder: "a", token: 2 }, at(1))).toBe(false);
    expect(fenceHolds(null, { holder: "a", token: 1 }, at(1))).toBe(false);
  });
});

describe("a lease record", () => {
  it("reads back as it was written, unknown keys included", () => {
    const lease = { ...granted("a", { write_scopes: ["src"], idempotency_key: "k" }), note: "kept" };
    expect(parseLease(formatLease(lease), key)).toEqual(lease);
    expect(isLive(lease, at(0))).toBe(true);
  });

  it("is none when cut, of another key, or wrong in any field (FIL-83)", () => {
    const text = formatLease(granted());
    fc.assert(fc.property(fc.nat(text.length - 3), (cut) => parseLease(text.slice(0, cut), key) === null));
    expect(parseLease(text, { goal_id: "h" as GoalId, todo_id: "todo_abc" })).toBeNull();
    expect(parseLease(text, { executor: "looper", item: "x" })).toBeNull();
    for (const wrong of [
      { token: 0 },
      { token: 1.5 },
      { version: "1" },
      { state: "free" },
      { expires_at: "soon" },
      { write_scopes: null },
      { schema_version: "v2" },
    ]) {
      expect(parseLease(JSON.stringify({ ...granted(), ...wrong }), key)).toBeNull();
    }
    expect(parseLease("[]", key)).toBeNull();
  });
});
