import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { QuotaPolicy } from "../goal/entry.ts";
import type { SpendEvent, VoidEvent } from "../run/history.ts";
import { formatInstant } from "../time.ts";
import { quotaFacts } from "./ledger.ts";

const NOW = { ms: Date.parse("2026-11-21T12:00:00Z"), offset_minutes: 0 };
const HOUR = 3_600_000;
const POLICY: QuotaPolicy = { compute: 1, window_hours: 24, slot_minutes: 1, allowed_slots: 3 };

function spend(ms: number, slots: number | null = 1, key?: string): SpendEvent {
  const generated_at = formatInstant({ ms, offset_minutes: 0 }, "milliseconds");
  return {
    run_id: `run_${ms}`,
    generated_at,
    at_ms: ms,
    ordinal: 1,
    key: key ?? generated_at,
    slots,
    json_path: null,
    source: null,
    agent_id: null,
    delivery_run_id: null,
    delivery_run_generated_at: null,
  };
}

function undone(ms: number, key: string, slots: number | null = 1): VoidEvent {
  return { run_id: `run_v${ms}`, generated_at: "", at_ms: ms, ordinal: 2, key, voided_run_id: null, slots, json_path: null };
}

const count = (spends: SpendEvent[], voids: VoidEvent[] = [], policy = POLICY, status = "active") =>
  quotaFacts(policy, status, { spends, voids }, NOW).quota;

describe("spent slots (DEC section 2)", () => {
  it("count at exactly the window's start and at now, not before and not later", () => {
    const quota = count([
      spend(NOW.ms - 25 * HOUR),
      spend(NOW.ms - 24 * HOUR - 1),
      spend(NOW.ms - 24 * HOUR),
      spend(NOW.ms),
      spend(NOW.ms + 1),
      spend(NOW.ms + HOUR),
    ]);
    expect(quota).toMatchObject({ spent_slots: 2, remaining_slots: 1, spend_event_count: 2, window_start_ms: NOW.ms - 24 * HOUR });
  });

  it("are freed by a void of their key, in any zone, and never below zero (DEC-23)", () => {
    const at = NOW.ms - HOUR;
    const elsewhere = formatInstant({ ms: at, offset_minutes: 480 }, "milliseconds");
    expect(count([spend(at, 2)], [undone(NOW.ms, elsewhere, 2)])).toMatchObject({
      spent_slots: 0,
      void_event_count: 1,
      next_slot_at_ms: null,
    });
    expect(count([spend(at, 2), spend(at + 1, 1)], [undone(NOW.ms, elsewhere, 9)])).toMatchObject({ spent_slots: 1 });
    expect(count([spend(at, 2)], [undone(NOW.ms, elsewhere, 1)])).toMatchObject({ spent_slots: 1 });
    expect(count([spend(at, 2)], [undone(NOW.ms, "somewhere", 2)])).toMatchObject({ spent_slots: 2 });
    expect(count([spend(at, 2)], [undone(NOW.ms + 1, elsewhere, 2)])).toMatchObject({ spent_slots: 2 });
  });

  it("are 1 for a spend that says nowhere how many it took, with a finding (FIL-68)", () => {
    const { quota, findings } = quotaFacts(POLICY, "active", { spends: [spend(NOW.ms, null), spend(NOW.ms - 1, null)], voids: [] }, NOW);
    expect(quota.spent_slots).toBe(2);
    expect(findings.map((each) => each.code)).toEqual(["quota_event_missing"]);
  });

  it("do not count a spend from the future, which is reported (REL-91)", () => {
    const { quota, findings } = quotaFacts(POLICY, "active", { spends: [spend(NOW.ms + 6 * 60_000)], voids: [] }, NOW);
    expect(quota.spent_slots).toBe(0);
    expect(findings.map((each) => each.code)).toEqual(["clock_skew"]);
    expect(quotaFacts(POLICY, "active", { spends: [spend(NOW.ms + 60_000)], voids: [] }, NOW).findings).toEqual([]);
  });
});

describe("the quota's state (DEC-23)", () => {
  it.each([
    [{ compute: 0, allowed_slots: 0 }, "active", 0, "paused"],
    [{}, "PAUSED", 0, "paused"],
    [{}, "active-read-only", 0, "eligible"],
    [{ allowed_slots: 0 }, "active", 0, "throttled"],
    [{}, "active", 2, "eligible"],
    [{}, "active", 3, "throttled"],
    [{}, "active", 4, "throttled"],
  ])("with %o, status %s and %i spent is %s", (policy, status, slots, state) => {
    const spends = slots === 0 ? [] : [spend(NOW.ms - HOUR, slots)];
    expect(count(spends, [], { ...POLICY, ...policy }, status).state).toBe(state);
  });
});

const someSpends = fc.array(
  fc
    .record({ ago: fc.integer({ min: -HOUR, max: 30 * HOUR }), slots: fc.option(fc.nat(3)) })
    .map(({ ago, slots }) => spend(NOW.ms - ago, slots)),
  { maxLength: 12 },
);

it("shifting all instants and now together changes nothing; zones do not matter (DEC property 3)", () => {
  fc.assert(
    fc.property(someSpends, fc.integer({ min: -1e9, max: 1e9 }), fc.constantFrom(-330, 0, 480), (spends, shift, offset_minutes) => {
      const [first] = spends;
      const voids = first === undefined ? [] : [undone(NOW.ms, first.key)];
      const moved = (ms: number): string => formatInstant({ ms: ms + shift, offset_minutes }, "milliseconds");
      const there = spends.map((each) => ({ ...spend((each.at_ms ?? 0) + shift, each.slots), key: moved(each.at_ms ?? 0) }));
      const a = quotaFacts(POLICY, "active", { spends, voids }, NOW).quota;
      const b = quotaFacts(
        POLICY,
        "active",
        { spends: there, voids: voids.map((each) => ({ ...each, at_ms: NOW.ms + shift, key: moved(first?.at_ms ?? 0) })) },
        { ms: NOW.ms + shift, offset_minutes },
      ).quota;
      expect({
        ...b,
        window_start_ms: b.window_start_ms - shift,
        next_slot_at_ms: b.next_slot_at_ms === null ? null : b.next_slot_at_ms - shift,
      }).toEqual(a);
    }),
    { numRuns: 1_000 },
  );
});

it("a spend leaves the window once, at the announced instant (DEC property 4)", () => {
  fc.assert(
    fc.property(someSpends, (spends) => {
      const seen = spends.filter((each) => (each.at_ms ?? 0) <= NOW.ms);
      const next = count(seen).next_slot_at_ms;
      if (next === null) return;
      const spentAt = (ms: number): number => quotaFacts(POLICY, "active", { spends: seen, voids: [] }, { ...NOW, ms }).quota.spent_slots;
      expect(spentAt(next)).toBeLessThan(spentAt(next - 1));
      expect(spentAt(next - 1)).toBe(spentAt(NOW.ms));
    }),
    { numRuns: 1_000 },
  );
});

it("more spending never turns throttled into eligible (DEC property 4)", () => {
  fc.assert(
    fc.property(someSpends, someSpends, (spends, more) => {
      const [before, after] = [count(spends), count([...spends, ...more])];
      expect(after.spent_slots).toBeGreaterThanOrEqual(before.spent_slots);
      if (before.state === "throttled") expect(after.state).toBe("throttled");
    }),
    { numRuns: 1_000 },
  );
});
