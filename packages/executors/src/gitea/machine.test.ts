import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { freshItem, type Item } from "./item.ts";
import { itemStep, type ItemEvent } from "./machine.ts";
import { backOff } from "./settling.ts";

const RULES = { max_rounds: 4, max_attempts: 3, redispatch_seconds: 1_800 };
const step = itemStep(RULES);
const NOW = { ms: Date.parse("2026-03-01T10:00:00Z"), offset_minutes: 0 };
const CURSOR = { comment_id: 0, review_id: 0, timeline_id: 0, body: null };

function item(more: Partial<Item> = {}): Item {
  const fresh = {
    repo: "a/b",
    number: 1,
    is_pull: false,
    step: "work",
    cause: "bot_label",
    by: "carl",
    title: "",
    priority: false,
  } as const;
  return { ...freshItem({ ...fresh, cursor: CURSOR, queued_at: "2026-03-01T10:00:00+00:00", foreign: false }), ...more };
}

const DISPATCH: ItemEvent = {
  kind: "dispatch",
  claim_id: "c1",
  expires_at: "2026-03-01T11:00:00+00:00",
  run_id: "run_0000000000000001",
  cooled: { sign: "", until: "2026-03-01T10:30:00+00:00" },
};
const DONE: ItemEvent = { kind: "done", facts: {} };
const SEEN = { updated_at: "", labels: [], assignees: [], state: "open", head_sha: null, comment_id: 0, review_id: 0 };

function ended(more: Partial<Extract<ItemEvent, { kind: "run_ended" }>>): ItemEvent {
  return { kind: "run_ended", class: "done", end: "ok", outcome: "done", findings: 0, reason: "", notes: "", reviewed_sha: null, ...more };
}

/** Every effect goes well; their kinds, in order. */
function wellDone(from: Item, event: ItemEvent): { readonly after: Item; readonly effects: readonly string[] } {
  let { state, effects } = step(from, event, NOW);
  const done: string[] = [];
  while (effects[0] !== undefined) {
    const [{ kind, label }] = effects as [(typeof effects)[number]];
    done.push(label === undefined ? kind : `${kind} ${label}`);
    ({ state, effects } = step(state, DONE, NOW));
  }
  return { after: state, effects: done };
}

const RELEASE = ["unassign", "withdraw", "unlease"];
const running = (more: Partial<Item> = {}): Item => wellDone(item(more), DISPATCH).after;
const reviewing = (more: Partial<Item> = {}): Item => running({ is_pull: true, step: "review", ...more });

describe("the machine of one item", () => {
  it("claims before it starts, and then it runs (PSM-10)", () => {
    const { after, effects } = wellDone(item(), DISPATCH);
    expect(effects).toEqual(["lease", "claim_comment", "claim_count", "claim_assign", "prepare", "start"]);
    expect(after).toMatchObject({ state: "running", run_id: "run_0000000000000001", claim: { claim_id: "c1" } });
  });

  it("makes of an issue's work a pull that waits for its review (PSM-11, DSP-55)", () => {
    const { after, effects } = wellDone(running(), ended({}));
    expect(effects).toEqual([
      "inspect",
      "gate",
      "commit",
      "rebase",
      "push",
      "pull",
      "add_label review",
      "add_label bot",
      "summary",
      "hand_over",
      "account",
      "remove_label bot",
      ...RELEASE,
      "clean",
    ]);
    expect(after).toMatchObject({ state: "done", last_reason: "moved_to_pull", claim: null });
  });

  it("asks the gate again when a rebase changed the tree (DSP-55)", () => {
    const { state } = step(running(), ended({}), NOW);
    const at = { ...state, plan: state.plan.slice(3) };
    expect(step(at, { kind: "done", facts: {}, gate_again: true }, NOW).effects).toEqual([{ kind: "gate" }]);
  });

  it("gives a pull that passed to its person (PSM-12, PSM-6)", () => {
    const { after, effects } = wellDone(reviewing(), ended({ outcome: "pass" }));
    expect(effects).toEqual([
      "verify",
      "review",
      "add_label ready",
      "remove_label review",
      "remove_label rework",
      "assign_human",
      "remove_label bot",
      "summary",
      "account",
      ...RELEASE,
      "question",
      "notice",
      "clean",
    ]);
    expect(after).toMatchObject({ state: "blocked_human", last_reason: "merge_ready" });
  });

  it("sends a pull that failed back to a worker, one round on (PSM-13)", () => {
    const { after, effects } = wellDone(reviewing(), ended({ outcome: "fail", findings: 1 }));
    expect(effects.slice(0, 4)).toEqual(["review", "add_label rework", "remove_label review", "remove_label ready"]);
    expect(after).toMatchObject({ state: "queued", step: "rework", cause: "continuation", round: 2, attempts: 0, kept: false });
  });

  it("gives a pull that is not ours back to its author (PSM-16)", () => {
    const { after, effects } = wellDone(reviewing({ foreign: true }), ended({ outcome: "fail", findings: 2 }));
    expect(effects).toContain("assign_human");
    expect(effects).toContain("remove_label bot");
    expect(after).toMatchObject({ state: "done", last_reason: "author_reworks" });
  });

  it("stops after the last round with one summary and a person (PSM-9)", () => {
    const { after, effects } = wellDone(reviewing({ round: 4 }), ended({ outcome: "fail", findings: 1 }));
    expect(effects.filter((effect) => effect === "summary")).toHaveLength(1);
    expect(effects).toEqual(expect.arrayContaining(["assign_human", "remove_label bot", "notice"]));
    expect(after).toMatchObject({ state: "blocked_human", last_reason: "max_rounds", round: 4 });
  });

  it("refuses a review by a run that wrote a commit (PSM-3, DSP-101)", () => {
    const { after, effects } = wellDone(reviewing({ author_runs: ["run_0000000000000001"] }), ended({ outcome: "pass" }));
    expect(effects).not.toContain("add_label ready");
    expect(after).toMatchObject({ state: "queued", last_reason: "self_review", attempts: 1 });
  });

  it.each([
    [{ outcome: "already_done" }, { state: "cooling", last_reason: "already_done", attempts: 1 }],
    [{ outcome: "noop" }, { state: "cooling", last_reason: "noop" }],
    [{ outcome: "blocked" }, { state: "blocked_human", last_reason: "blocked" }],
    [{ outcome: "missing_tool" }, { state: "blocked_human", last_reason: "missing_tool" }],
    [{ outcome: "pass" }, { state: "queued", last_reason: "bad_outcome", attempts: 1 }],
    [
      { end: "timeout", class: "retryable", outcome: null, reason: "timeout" },
      { state: "queued", attempts: 1, not_before: "2026-03-01T10:00:10+00:00" },
    ],
    [
      { end: "denied", class: "needs_person", outcome: null },
      { state: "blocked_human", last_reason: "denied" },
    ],
    [
      { end: "stop_failed", class: "needs_person", outcome: null },
      { state: "blocked_human", last_reason: "stop_failed" },
    ],
    [
      { end: "stopped", reason: "service_stopped", outcome: null },
      { state: "queued", attempts: 0, last_reason: "service_stopped" },
    ],
    [
      { end: "stopped", reason: "stopped_by_comment", outcome: null },
      { state: "blocked_human", attempts: 0 },
    ],
  ] as const)("a worker that ends with %j leaves %j (PSM-5, PSM-9, DSP-3)", (event, expected) => {
    expect(wellDone(running(), ended(event)).after).toMatchObject(expected);
  });

  it.each([
    [
      { kind: "refused", reason: "gate_failed", notes: "no" },
      { state: "queued", attempts: 1, notes: "no" },
    ],
    [
      { kind: "violation", reason: "policy_violation", notes: "" },
      { state: "queued", violations: 1 },
    ],
    [
      { kind: "blocked", reason: "gate_missing", notes: "" },
      { state: "blocked_human", last_reason: "gate_missing" },
    ],
    [
      { kind: "conflict", was: "a", now: "b", seen: SEEN },
      { state: "applying", last_reason: "conflict", kept: true, attempts: 0, plan: [], snapshot: SEEN },
    ],
    [
      { kind: "gone", reason: "merged", dead: false },
      { state: "done", last_reason: "merged" },
    ],
    [
      { kind: "gone", reason: "item_missing", dead: true },
      { state: "dead", last_reason: "item_missing" },
    ],
    [
      { kind: "head_moved", head_sha: "x" },
      { state: "queued", step: "review", attempts: 0 },
    ],
  ] as const satisfies readonly (readonly [ItemEvent, Partial<Item>])[])("an effect that answers %j leads to %j", (event, expected) => {
    const { state } = step(running(), ended({}), NOW);
    expect(wellDone(state, event).after).toMatchObject(expected);
  });

  it("writes nothing but its release when the item is not ours any more (PSM-4)", () => {
    expect(wellDone(running(), { kind: "gone", reason: "bot_removed", dead: false }).effects).toEqual([...RELEASE, "clean"]);
  });

  it("gives up on a diff that broke the policy twice (DSP-57)", () => {
    const { state } = step(running({ violations: 1 }), ended({}), NOW);
    expect(wellDone(state, { kind: "violation", reason: "policy_violation", notes: "" }).after.state).toBe("blocked_human");
  });

  it("reviews again what moved after it was ready, and works on what a person asks for (PSM-14, PSM-15)", () => {
    const ready = item({
      is_pull: true,
      step: "review",
      state: "blocked_human",
      last_reason: "merge_ready",
      human_assigned: "hana",
      attempts: 2,
    });
    expect(wellDone(ready, { kind: "head_moved", head_sha: "new" })).toMatchObject({
      effects: ["add_label review", "remove_label ready", "unassign_human", "add_label bot", "notice"],
      after: { state: "queued", step: "review", cause: "continuation" },
    });
    expect(wellDone(ready, { kind: "asked", cause: "changes_requested", by: "hana", step: "rework", human: true })).toMatchObject({
      effects: ["add_label rework", "remove_label ready", "remove_label review", "unassign_human", "add_label bot"],
      after: { state: "queued", step: "rework", attempts: 0 },
    });
  });

  it("goes on with what a person asked for when another person was in the way, and counts no round twice (PSM-4, PSM-9)", () => {
    const conflict = { kind: "conflict", was: "a", now: "b", seen: SEEN } as const;
    const asked = { kind: "asked", cause: "mention", by: "hana", step: "rework", human: true } as const;
    const { state: begun } = step(item({ is_pull: true, state: "blocked_human", step: "review" }), asked, NOW);
    const { state, effects } = step(begun, conflict, NOW);
    expect([effects, state.plan, state.after, state.snapshot]).toEqual([[], begun.plan, begun.after, SEEN]);
    expect(state).toMatchObject({ state: "blocked_human", last_reason: "conflict", not_before: "2026-03-01T10:00:10+00:00" });
    expect(step(state, conflict, NOW).state).toMatchObject({ conflicts: 2, not_before: "2026-03-01T10:00:10+00:00" });
    const fail = ended({ outcome: "fail", findings: 1 });
    const { state: failing } = step(reviewing(), fail, NOW);
    expect(wellDone(step(failing, conflict, NOW).state, fail).after).toMatchObject({ step: "rework", round: 2, conflicts: 1 });
    // A claim that somebody was in the way of is given back.
    const { state: claiming } = step(item(), DISPATCH, NOW);
    expect(wellDone(claiming, conflict).after).toMatchObject({ state: "queued", last_reason: "conflict", claim: null });
  });

  it("begins again at once where a person spoke while a run lived that found nothing to do (DSP-40, PSM-5)", () => {
    const asked = { kind: "asked", cause: "mention", by: "hana", step: "work", human: true } as const;
    const { after } = wellDone(step(running(), asked, NOW).state, ended({ outcome: "noop" }));
    expect(after).toMatchObject({ state: "queued", last_reason: "noop", not_before: null, attempts: 1 });
  });

  it("tries a fault again where it was, later each time, at most after 300 s (DSP-40)", () => {
    const { state } = step(running(), ended({}), NOW);
    const { state: faulty, effects } = step(state, { kind: "fault", effect: "gate", message: "x" }, NOW);
    expect(effects).toEqual([]);
    expect(faulty).toMatchObject({ plan: state.plan, faults: 1, not_before: "2026-03-01T10:00:10+00:00" });
    expect([0, 1, 2, 5, 50].map((count) => Date.parse(backOff(count, NOW)) - NOW.ms)).toEqual([10_000, 20_000, 40_000, 300_000, 300_000]);
  });

  it("never starts more runs than rounds and attempts allow, and neither falls without a person, over 10,000 sequences (PSM-8, PSM-9)", () => {
    const events: fc.Arbitrary<ItemEvent> = fc.oneof(
      { weight: 6, arbitrary: fc.constant(DONE) },
      fc.constant(DISPATCH),
      fc
        .record({
          outcome: fc.constantFrom("done", "pass", "fail", "noop", "already_done", null),
          findings: fc.nat(2),
          end: fc.constantFrom("ok", "ok", "ok", "timeout", "lost"),
        })
        .map((more) => ended({ ...more, class: more.end === "ok" ? "done" : "retryable" })),
      fc.constantFrom<ItemEvent[]>(
        { kind: "refused", reason: "gate_failed", notes: "" },
        { kind: "violation", reason: "policy_violation", notes: "" },
        { kind: "conflict", was: "", now: "", seen: SEEN },
        { kind: "held_elsewhere", until: "2026-03-01T10:10:00+00:00" },
        { kind: "fault", effect: "push", message: "" },
        { kind: "broken_chain", assigned: true },
        { kind: "overruled", reason: "changes_requested", notes: "" },
      ),
    );
    fc.assert(
      fc.property(fc.boolean(), fc.array(events, { maxLength: 80 }), (is_pull, sequence) => {
        let state = item({ is_pull, step: is_pull ? "review" : "work" });
        let starts = 0;
        for (const event of sequence) {
          if (event.kind === "dispatch" && !(state.plan.length === 0 && ["queued", "waiting_capacity", "cooling"].includes(state.state)))
            continue;
          if (event.kind === "run_ended" && !(state.state === "running" && state.plan.length === 0)) continue;
          if (event.kind === "done" && state.plan.length === 0) continue;
          if (["refused", "violation", "overruled", "conflict", "held_elsewhere"].includes(event.kind) && state.plan.length === 0) continue;
          const before = state;
          if (event.kind === "done" && state.plan[0]?.kind === "start" && !state.kept) starts += 1;
          ({ state } = step(state, event, NOW));
          expect(state.round).toBeGreaterThanOrEqual(before.round);
          expect(state.round).toBeLessThanOrEqual(RULES.max_rounds);
          expect(state.attempts).toBeGreaterThanOrEqual(before.attempts);
          expect(state.history.length).toBeLessThanOrEqual(50);
        }
        // A worker and a reviewer for each round, and what the attempts allow beside them.
        expect(starts).toBeLessThanOrEqual(2 * RULES.max_rounds + RULES.max_attempts);
      }),
      { numRuns: 10_000 },
    );
  });
});
