import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { nodeDigest } from "../../node/digest.ts";
import type { JsonObject } from "../json.ts";
import { createFold, type FoldEntry } from "./fold.ts";
import { keptFor, type FoldState } from "./fold-state.ts";
import { HistorySchema, type History } from "./history.ts";
import { isGraded } from "./grades.ts";
import { isNeutral } from "./neutral.ts";

const OPTIONS = { goal_id: "g1", keep: keptFor(5), spends_since_ms: Date.parse("2026-01-01T00:00:00Z"), digest: nodeDigest };

function row(at: string, fields: JsonObject = {}, stem = at): JsonObject {
  return {
    generated_at: at,
    goal_id: "g1",
    classification: "parser_result",
    recommended_action: "continue",
    health_check: "ok",
    json_path: `/r/goals/g1/runs/${stem}.json`,
    markdown_path: `/r/goals/g1/runs/${stem}.md`,
    ...fields,
  };
}

type Line = JsonObject | "{bad" | "torn";

function entries(lines: readonly Line[], first = 1): FoldEntry[] {
  return lines.map((line, index) => {
    const place = { line: index + first, position: (index + first) * 100 };
    if (line === "torn") return { kind: "torn_tail", ...place };
    if (typeof line === "string") return { kind: "bad", ...place, reason: "not_json" };
    return { kind: "record", ...place, record: line, text: JSON.stringify(line) };
  });
}

function folded(lines: readonly Line[], options = OPTIONS): History {
  const fold = createFold(options);
  for (const entry of entries(lines)) fold.add(entry);
  return fold.finish("head");
}

const reward = (text: string): JsonObject => ({
  recorded_at: "2026-01-02T00:00:00Z",
  decision: "keep",
  reward: "positive",
  reason_summary: text,
});

describe("a history", () => {
  it("is ordered by instant, not by text; ties go to the later line (FIL-66)", () => {
    const history = folded([
      row("2026-01-01T09:00:00+08:00", { run_id: "run_a" }),
      row("2026-01-01T05:00:00+00:00", { run_id: "run_b" }),
      row("2026-01-01T13:00:00+08:00", { run_id: "run_c" }),
      row("yesterday", { run_id: "run_d" }),
    ]);
    expect(history.newest.map((run) => run.run_id)).toEqual(["run_c", "run_b", "run_a", "run_d"]);
    expect(history.notes).toEqual([{ code: "timestamp_invalid", line: 4, count: 1 }]);
    expect(history.newest[3]?.at_ms).toBeNull();
  });

  it("collapses equal lines, and keeps different ones of one key apart (FIL-65)", () => {
    const history = folded([
      row("2026-01-01T09:00:00Z"),
      row("2026-01-01T09:00:00Z"),
      row("2026-01-01T09:00:00Z", { classification: "other" }),
    ]);
    expect(history).toMatchObject({ record_count: 3, run_count: 2, notes: [{ code: "index_identity_collision", line: 3, count: 1 }] });
  });

  it("puts an overlay on the run of its classification, else on the last of its key (FIL-65, FIL-67)", () => {
    const a = row("2026-01-01T09:00:00Z", { classification: "a" });
    const b = row("2026-01-01T09:00:00Z", { classification: "b" });
    const history = folded([a, b, { ...a, human_reward: reward("one") }, { ...a, classification: "c", human_reward: reward("two") }]);
    expect(history.newest.map((run) => [run.classification, run.human_rewards.map((each) => each.reason_summary)])).toEqual([
      ["b", ["two"]],
      ["a", ["one"]],
    ]);
    expect(history.notes.map((note) => note.code)).toEqual(["index_identity_collision"]);
  });

  it("keeps all rewards of a run, oldest first, and an overlay twice once (FIL-67)", () => {
    const base = row("2026-01-01T09:00:00Z");
    const overlay = (text: string): JsonObject => ({
      ...base,
      human_reward: { ...reward(text), lesson: { kind: "route", summary: "s", avoid: ["x", 7], prefer: [] } },
    });
    const history = folded([base, overlay("one"), overlay("two"), overlay("one"), overlay("three")]);
    expect(history).toMatchObject({ record_count: 5, run_count: 1 });
    expect(history.judged[0]?.human_rewards.map((each) => each.reason_summary)).toEqual(["one", "two", "three"]);
    expect(history.judged[0]?.human_rewards[0]?.lesson?.avoid).toEqual(["x"]);
    expect(history.judged[0]?.record).toEqual(base);
  });

  it("takes an overlay with no base as a run of its own, until its base comes (FIL-65)", () => {
    const base = row("2026-01-01T09:00:00Z");
    const overlay = { ...base, human_reward: reward("early") };
    expect(folded([overlay])).toMatchObject({
      run_count: 1,
      newest: [{ record: base, human_rewards: [{ reason_summary: "early" }] }],
      graded: [{}],
    });
    const both = folded([overlay, base]);
    expect(both).toMatchObject({ run_count: 1, newest: [{ ordinal: 2, human_rewards: [{ reason_summary: "early" }] }] });
    expect(both.graded.map((run) => run.ordinal)).toEqual([2]);
  });

  it("shows a late overlay of a run that is no longer kept among the judged, without counting it again (PRF-4)", () => {
    const runs = Array.from({ length: 80 }, (_, at) =>
      row(new Date(OPTIONS.spends_since_ms + at * 60_000).toISOString(), { run_id: `run_${at}` }),
    );
    const late = { ...runs[3], human_reward: reward("late") };
    const later = { ...runs[3], human_reward: reward("later") };
    const history = folded([...runs, late, later]);
    expect(history.run_count).toBe(80);
    expect(history.judged).toMatchObject([{ run_id: "run_3", human_rewards: [{ reason_summary: "late" }, { reason_summary: "later" }] }]);
    expect(history.newest.map((run) => run.run_id)).not.toContain("run_3");
    expect(history.newest).toHaveLength(OPTIONS.keep);
  });

  it("has the newest run that is not neutral as status run, however many neutral ones follow (DEC-5)", () => {
    const spend = (at: number): JsonObject =>
      row(new Date(OPTIONS.spends_since_ms + at * 1000).toISOString(), { classification: "quota_slot_spent", quota_event: { slots: 1 } });
    const history = folded([
      row("2026-01-01T00:00:00Z", { classification: "state_refreshed" }),
      ...Array.from({ length: 90 }, (_, at) => spend(at + 1)),
    ]);
    expect(history.status_run?.classification).toBe("state_refreshed");
    expect(history.spends).toHaveLength(90);
  });

  it("begins its graded runs anew at an approval, and not at the acceptance of bad lines (DEC-54)", () => {
    const gate = (at: string, name: string): JsonObject =>
      row(at, { classification: "operator_gate_approved", operator_gate: { gate: name, decision: "approve" } });
    const [one, two, three] = [row("2026-01-01T01:00:00Z"), row("2026-01-01T03:00:00Z"), row("2026-01-01T05:00:00Z")];
    expect(
      folded([one, gate("2026-01-01T02:00:00Z", "safety"), two, gate("2026-01-01T04:00:00Z", "history_line_bad"), three]).graded,
    ).toHaveLength(2);
  });

  it("reads ledger rows with and without their event, and forgets those before the window (FIL-68)", () => {
    const history = folded([
      row("2025-12-31T00:00:00Z", { classification: "quota_slot_spent", quota_event: { slots: 9 } }),
      row("2026-01-02T00:00:00Z", {
        classification: "quota_slot_spent",
        run_id: "run_s",
        agent_id: "main",
        quota_event: { slots: 2, delivery_run_id: "run_d", run_generated_at: "k" },
      }),
      row("2026-01-02T01:00:00Z", { classification: "quota_slot_spent" }),
      row("2026-01-02T02:00:00Z", {
        classification: "quota_slot_voided",
        quota_event: { slots: 2, voided_run_id: "run_s", voided_run_generated_at: "k" },
      }),
    ]);
    expect(history.spends).toMatchObject([
      { run_id: "run_s", key: "k", slots: 2, json_path: null, agent_id: "main", delivery_run_id: "run_d" },
      { key: "2026-01-02T01:00:00Z", slots: null, json_path: "/r/goals/g1/runs/2026-01-02T01:00:00Z.json", delivery_run_id: null },
    ]);
    expect(history.spends[1]?.run_id).toMatch(/^run_[0-9a-f]{26}$/);
    expect(history.voids).toMatchObject([{ key: "k", slots: 2, voided_run_id: "run_s" }]);
  });

  it("never counts an overlay on a spend as a second spend (FIL-65)", () => {
    const spend = row("2026-01-02T00:00:00Z", { classification: "quota_slot_spent", quota_event: { slots: 2 } });
    expect(folded([spend, { ...spend, human_reward: reward("well") }]).spends).toHaveLength(1);
  });
});

describe("bad and torn lines", () => {
  it("are listed with line and offset; a line of another goal is bad (FIL-64)", () => {
    const history = folded([row("2026-01-01T00:00:00Z"), "{bad", { ...row("2026-01-01T00:00:00Z"), goal_id: "g2" }, "torn"]);
    expect(history.bad_lines).toEqual([
      { line: 2, offset: 200, reason: "not_json", accepted: false },
      { line: 3, offset: 300, reason: "wrong_goal", accepted: false },
    ]);
    expect(history).toMatchObject({ record_count: 4, run_count: 1, unaccepted_bad_line_count: 2, torn_lines: [{ line: 4, offset: 400 }] });
  });

  it("above an approved gate history_line_bad are accepted, those below are not (DEC-42)", () => {
    const gate = (decision: string): JsonObject =>
      row("2026-01-01T01:00:00Z", { classification: `operator_gate_${decision}`, operator_gate: { gate: "history_line_bad" } });
    const history = folded(["{bad", gate("approved"), "{bad", gate("rejected")]);
    expect(history.bad_lines.map((line) => line.accepted)).toEqual([true, false]);
    expect(history).toMatchObject({ bad_line_count: 2, unaccepted_bad_line_count: 1 });
  });

  it("over the list's limit stay counted, and a line nobody accepted stays listed", () => {
    const gate = row("2026-01-01T01:00:00Z", { classification: "operator_gate_approved", operator_gate: { gate: "history_line_bad" } });
    const many = Array.from({ length: 150 }, () => "{bad" as const);
    const history = folded([...many, gate, "{bad"]);
    expect(history.bad_lines).toHaveLength(100);
    expect(history.bad_lines.filter((line) => !line.accepted).map((line) => line.line)).toEqual([152]);
    expect(history).toMatchObject({ bad_line_count: 151, unaccepted_bad_line_count: 1 });
  });
});

/** Few instants and stems, so that keys collide, arrive late and out of order. */
const someRow: fc.Arbitrary<JsonObject> = fc
  .record({
    minute: fc.integer({ min: -3, max: 40 }),
    kind: fc.constantFrom(
      "parser_result",
      "state_refreshed",
      "quota_slot_spent",
      "quota_slot_voided",
      "quota_monitor_poll",
      "operator_gate_approved",
    ),
    stem: fc.constantFrom("a", "b"),
    extra: fc.constantFrom<JsonObject>(
      {},
      { progress_scope: "agent_lane" },
      { run_id: "run_1" },
      { operator_gate: { gate: "history_line_bad" } },
      { delivery_outcome: "surface_only" },
    ),
    zone: fc.constantFrom("Z", "+08:00", ""),
    reward: fc.option(fc.constantFrom("one", "two")),
  })
  .map(({ minute, kind, stem, extra, zone, reward: text }) => {
    const ms = OPTIONS.spends_since_ms + minute * 60_000 + (zone === "+08:00" ? 8 * 3_600_000 : 0);
    const at = minute === 40 ? "never" : new Date(ms).toISOString().slice(0, 19) + zone;
    const event = kind.startsWith("quota_slot") && stem === "a" ? { quota_event: { slots: 1, voided_run_generated_at: at } } : {};
    return row(at, { classification: kind, ...event, ...extra, ...(text === null ? {} : { human_reward: reward(text) }) }, stem);
  });
const someLine: fc.Arbitrary<Line> = fc.oneof(
  { weight: 12, arbitrary: someRow },
  fc.constant("{bad" as const),
  fc.constant("torn" as const),
);

it("folding in pieces, through stored JSON, gives the history of folding at once (PRF-5, FIL-70)", () => {
  fc.assert(
    fc.property(
      fc.array(someLine, { maxLength: 60 }),
      fc.array(fc.nat(60), { maxLength: 4 }),
      fc.integer({ min: 1, max: 8 }),
      (lines, cuts, keep) => {
        const options = { ...OPTIONS, keep };
        const whole = folded(lines, options);
        let state: FoldState | undefined;
        const places = [...cuts.map((cut) => Math.min(cut, lines.length)).sort((a, b) => a - b), lines.length];
        let from = 0;
        let fold = createFold(options, state);
        for (const to of places) {
          fold = createFold(options, state);
          for (const entry of entries(lines.slice(from, to), from + 1)) fold.add(entry);
          state = JSON.parse(JSON.stringify(fold.state())) as FoldState;
          from = to;
        }
        expect(fold.finish("head")).toEqual(whole);
        expect(HistorySchema.safeParse(whole).success).toBe(true);
      },
    ),
  );
});

/** Every run of a log without overlays, newest first: what the fold has to agree with while nothing was let go. */
function sortedSlowly(lines: readonly Line[]): { record: JsonObject; ordinal: number }[] {
  const runs = lines.flatMap((line, index) => (typeof line === "string" ? [] : [{ record: line, ordinal: index + 1 }]));
  const first = runs.filter((run, index) => runs.findIndex((each) => JSON.stringify(each.record) === JSON.stringify(run.record)) === index);
  const at = (record: JsonObject): number => {
    const text = String(record["generated_at"]);
    return text === "never" ? Number.MIN_SAFE_INTEGER : Date.parse(/[Z+]/.test(text) ? text : `${text}Z`);
  };
  return first.toSorted((a, b) => at(b.record) - at(a.record) || b.ordinal - a.ordinal);
}

it("agrees with a fold that forgets nothing, on runs, status run and grades", () => {
  fc.assert(
    fc.property(fc.array(someLine, { maxLength: 40 }), (lines) => {
      const plain = lines.filter((line) => typeof line === "string" || line["human_reward"] === undefined);
      const history = folded(plain, { ...OPTIONS, keep: 100 });
      const expected = sortedSlowly(plain);
      expect(history.newest.map((run) => run.ordinal)).toEqual(expected.map((run) => run.ordinal));
      expect(history.status_run?.ordinal).toBe(expected.find((run) => !isNeutral(run.record))?.ordinal);
      const approval = expected.findIndex((run) => run.record["classification"] === "operator_gate_approved" && !isNeutral(run.record));
      const graded = expected.filter((run, index) => isGraded(run.record) && (approval === -1 || index < approval));
      expect(history.graded.map((run) => run.ordinal)).toEqual(graded.slice(0, 50).map((run) => run.ordinal));
    }),
  );
});

it("with little kept, the newest runs, the status run and the counts are those of keeping all", () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.integer({ min: 0, max: 500 }), { maxLength: 80 }), fc.integer({ min: 1, max: 6 }), (minutes, keep) => {
      const lines = minutes.map((minute) =>
        row(new Date(OPTIONS.spends_since_ms + minute * 1000).toISOString(), {
          classification: minute % 4 === 0 ? "quota_monitor_poll" : "parser_result",
          minute,
        }),
      );
      const [little, all] = [folded(lines, { ...OPTIONS, keep }), folded(lines, { ...OPTIONS, keep: 1000 })];
      expect(little.newest).toEqual(all.newest.slice(0, keep));
      expect({ ...little, newest: [] }).toEqual({ ...all, newest: [] });
    }),
  );
});

it("the stored state does not grow with the log (PRF-5)", () => {
  const size = (count: number): number => {
    const fold = createFold(OPTIONS);
    for (const entry of entries(
      Array.from({ length: count }, (_, at) =>
        row(new Date(OPTIONS.spends_since_ms - 1e9 + at * 1000).toISOString(), { run_id: `run_${String(at).padStart(26, "0")}` }),
      ),
    ))
      fold.add(entry);
    return JSON.stringify(fold.state()).length;
  };
  expect(size(4000)).toBeLessThan(size(400) * 1.05);
});
