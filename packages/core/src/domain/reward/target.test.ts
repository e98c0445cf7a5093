import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { nodeDigest } from "../../node/digest.ts";
import type { JsonObject } from "../json.ts";
import { createFold } from "../run/fold.ts";
import { createTargetReader, targetAmong, type RunChoice, type RunSelect } from "./target.ts";

const at = (minute: number) => `2026-11-21T10:${String(minute).padStart(2, "0")}:00.000+08:00`;
const run = (minute: number, classification: string, more: JsonObject = {}): JsonObject => ({
  generated_at: at(minute),
  goal_id: "g",
  classification,
  json_path: `/r/goals/g/runs/${minute}-${classification}.json`,
  markdown_path: null,
  ...more,
});

function find(records: readonly JsonObject[], select: RunSelect) {
  const reader = createTargetReader({ goal_id: "g", select, digest: nodeDigest });
  records.forEach((record, index) =>
    reader.add({ kind: "record", line: index + 1, record, text: JSON.stringify(record), position: index }),
  );
  return reader.finish();
}

function found(records: readonly JsonObject[], select: RunSelect): string {
  const { choice } = find(records, select);
  return choice.kind === "run" ? choice.run.classification : choice.kind;
}

describe("the judged run (CMD-113)", () => {
  const log = [
    run(1, "a"),
    run(2, "b", { run_id: "run_b" }),
    run(2, "c"),
    run(3, "quota_slot_spent", { quota_event: {} }),
    run(4, "quota_monitor_poll"),
  ];

  it.each<[string, RunSelect, string]>([
    ["the newest that is no quota event", { by: "newest" }, "c"],
    ["the one with that id", { by: "run_id", run_id: "run_b" }, "b"],
    ["none with an unknown id", { by: "run_id", run_id: "run_x" }, "none"],
    ["the one of that instant, in any spelling", { by: "generated_at", generated_at: "2026-11-21T02:01:00Z" }, "a"],
    ["several of one instant", { by: "generated_at", generated_at: at(2) }, "several"],
    ["a quota event that was named", { by: "generated_at", generated_at: at(4) }, "quota_monitor_poll"],
  ])("is %s", (_what, select, wanted) => {
    expect(found(log, select)).toBe(wanted);
  });

  it("is named by the id that readers derive for a line without one (FIL-61)", () => {
    const { choice } = find(log, { by: "newest" });
    if (choice.kind !== "run") throw new Error("no run");
    expect(found(log, { by: "run_id", run_id: choice.run.run_id })).toBe("c");
  });

  it("comes with all its judgements, wherever their lines stand", () => {
    const reward = (decision: string) => ({
      ...run(1, "a"),
      human_reward: { recorded_at: at(9), decision, reward: "mixed", reason_summary: "r" },
    });
    const { choice, record_count } = find([run(1, "a"), reward("x"), run(2, "b"), reward("y")], {
      by: "generated_at",
      generated_at: at(1),
    });
    expect(choice).toMatchObject({ kind: "run", run: { human_rewards: [{ decision: "x" }, { decision: "y" }] } });
    expect(record_count).toBe(4);
  });

  it("is found whatever else the log holds, and every line that is not blank is counted", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 40 }), { maxLength: 120 }), fc.nat(120), (minutes, place) => {
        const noise = minutes.map((minute, index) => run(minute, "noise", { run_id: `run_${index}` }));
        const records = noise.toSpliced(Math.min(place, noise.length), 0, run(50, "wanted", { run_id: "run_wanted" }));
        expect(found(records, { by: "run_id", run_id: "run_wanted" })).toBe("wanted");
        expect(found(records, { by: "newest" })).toBe("wanted");
        expect(find(records, { by: "newest" }).record_count).toBe(records.length);
      }),
    );
  });
});

describe("the judged run among the newest ones (PRF-22)", () => {
  const KEPT = 3;
  const line = fc.record({
    minute: fc.integer({ min: 1, max: 6 }),
    kind: fc.constantFrom("a", "b", "quota_slot_spent"),
    reward: fc.option(fc.constantFrom("x", "y"), { nil: null }),
  });
  const select: fc.Arbitrary<RunSelect> = fc.oneof(
    fc.constant<RunSelect>({ by: "newest" }),
    fc.integer({ min: 1, max: 7 }).map((minute): RunSelect => ({ by: "generated_at", generated_at: at(minute) })),
    fc
      .tuple(fc.integer({ min: 1, max: 7 }), fc.constantFrom("a", "b"))
      .map(([minute, kind]): RunSelect => ({ by: "run_id", run_id: `run_${minute}${kind}` })),
  );
  const shown = (choice: RunChoice) => {
    const runs = choice.kind === "run" ? [choice.run] : choice.kind === "several" ? choice.runs : [];
    return [choice.kind, runs.map((each) => [each.run_id, each.human_rewards.map(({ decision }) => decision)])];
  };

  it("is the one that the whole log tells, or nobody's guess", () => {
    let told = 0;
    fc.assert(
      fc.property(fc.array(line, { maxLength: 12 }), select, (lines, wanted) => {
        const records = lines.map(({ minute, kind, reward }) => ({
          ...run(minute, kind, { run_id: `run_${minute}${kind}` }),
          ...(reward === null ? {} : { human_reward: { recorded_at: at(9), decision: reward, reward: "mixed", reason_summary: "r" } }),
        }));
        const fold = createFold({ goal_id: "g", keep: KEPT, spends_since_ms: Number.MAX_SAFE_INTEGER, digest: nodeDigest });
        records.forEach((record, index) =>
          fold.add({ kind: "record", line: index + 1, record, text: JSON.stringify(record), position: index }),
        );
        const choice = targetAmong(fold.finish("0", { keep: KEPT, spends_since_ms: Number.MAX_SAFE_INTEGER }), wanted);
        if (choice === null) return;
        told += 1;
        expect(shown(choice)).toEqual(shown(find(records, wanted).choice));
      }),
      { numRuns: 1_000 },
    );
    expect(told).toBeGreaterThan(100);
  });
});
