/** Restarts by due times, a breaker that counts, and nothing done behind a cycle's back (WTL-80, WTL-81, WTL-126). */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { COOLDOWN_MS, RESTART_LIMIT, RESTART_WINDOW_MS, tick, UNSEEN, type Sight, type Supervised } from "./supervisor.ts";

const GONE: Sight = { wanted: true, held: false, health: "gone", young: false };
const WELL: Sight = { ...GONE, health: "well" };

/** A second at a time; `sightOf` sees whether it was started. Answers what was done when. */
function play(seconds: number, sightOf: (at_s: number, state: Supervised) => Sight, from: Supervised = UNSEEN) {
  const starts: number[] = [];
  const told: number[] = [];
  let state = from;
  for (let at = 0; at < seconds; at += 1) {
    const { next, act } = tick(state, sightOf(at, state), at * 1000);
    if (act.kind === "start") starts.push(at);
    if (act.kind === "tell") told.push(at);
    state = next;
  }
  return { starts, told, state };
}

describe("a server that dies whenever it is started", () => {
  test("is started exactly five times in 600 s, after 1, 2, 4, 8 and 16 s; then it cools down and people are told once (WTL-126)", () => {
    const { starts, told, state } = play(600, () => GONE);
    expect(starts.map((at, index) => at - (starts[index - 1] ?? -1) - 1)).toEqual([1, 2, 4, 8, 16]);
    expect([told.length, state.state]).toEqual([1, "cooldown"]);
  });

  test("is tried again later, seldom, and told again only when it used its starts up again", () => {
    const { starts, told } = play(3600, () => GONE);
    for (const at of starts) expect(starts.filter((other) => other >= at && other < at + 600).length).toBeLessThanOrEqual(RESTART_LIMIT);
    expect(starts.length).toBeGreaterThan(RESTART_LIMIT);
    expect(told.length).toBeLessThan(10);
  });

  test("is counted across its supervisor's own end", () => {
    const first = play(30, () => GONE);
    expect(first.starts.length).toBe(4);
    const kept = JSON.parse(JSON.stringify(first.state)) as Supervised;
    const { next } = tick(kept, GONE, (kept.due_ms ?? 0) + 1);
    expect(next.restarts_ms.length).toBe(5);
  });
});

describe("a server", () => {
  test("that dies once is back after a second; its count falls only after 60 s of health", () => {
    const died = play(3, (at) => (at < 2 ? GONE : WELL)).state;
    expect([died.state, died.failures]).toEqual(["healthy", 1]);
    expect(tick(died, WELL, died.since_ms + 59_000).next.failures).toBe(1);
    expect(tick(died, WELL, died.since_ms + 60_000).next).toMatchObject({ failures: 0, restarts_ms: [] });
  });

  test("that answers badly is not restarted; it is starting while it is young, and unhealthy afterwards", () => {
    const unwell = { ...GONE, health: "unwell" } as const;
    expect(tick(UNSEEN, { ...unwell, young: true }, 0).next.state).toBe("starting");
    expect(tick(UNSEEN, unwell, 0)).toMatchObject({ next: { state: "unhealthy" }, act: { kind: "none" } });
    const well = tick(UNSEEN, WELL, 0).next;
    expect(tick(well, { ...unwell, young: true }, 1).next.state).toBe("unhealthy");
  });

  test("that nobody wants stays stopped, and its count is forgotten", () => {
    const { state } = play(20, () => GONE);
    expect(tick(state, { ...GONE, wanted: false }, 21_000)).toMatchObject({
      next: { state: "stopped", failures: 0 },
      act: { kind: "none" },
    });
  });

  test("that a cycle holds is left alone however long it is gone (WTL-81, WTL-138)", () => {
    expect(play(3600, () => ({ ...GONE, held: true })).starts).toEqual([]);
  });
});

describe("over any 10,000 looks", () => {
  const sights = fc.record<Sight>({
    wanted: fc.constantFrom(true, true, true, false),
    held: fc.constantFrom(false, false, false, true),
    health: fc.constantFrom("gone", "gone", "unwell", "well"),
    young: fc.boolean(),
  });
  test("nothing is started that is held, unwanted or alive, and six starts in ten minutes need 60 s of health or a person between them", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(sights, fc.integer({ min: 1, max: 30_000 })), { minLength: 50, maxLength: 50 }), (looks) => {
        let state = UNSEEN;
        let now = 0;
        let starts: number[] = [];
        for (const [sight, pause] of looks) {
          now += pause;
          const forgiven = state.restarts_ms.length > 0;
          const { next, act } = tick(state, sight, now);
          if (forgiven && next.restarts_ms.length === 0) starts = [];
          if (act.kind === "start") {
            expect([sight.wanted, sight.held, sight.health]).toEqual([true, false, "gone"]);
            starts = [...starts.filter((at) => now - at < RESTART_WINDOW_MS), now];
            expect(starts.length).toBeLessThanOrEqual(RESTART_LIMIT);
          }
          if (act.kind === "tell") expect(act.until_ms - now).toBe(COOLDOWN_MS);
          state = next;
        }
      }),
      { numRuns: 200 },
    );
  });
});
