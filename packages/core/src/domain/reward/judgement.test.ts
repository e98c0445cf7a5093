import { describe, expect, it } from "vitest";
import { isRepeated, overlayLine, readJudgement, rewardRecord, type Judgement, type JudgementInput } from "./judgement.ts";
import { readReward } from "./reward.ts";

const INPUT: JudgementInput = { decision: "continue_route", reward: "positive", reason_summary: "it reads well" };
const LESSON = { lesson_kind: "route", lesson_summary: "Look first", lesson_avoid: ["guess"], lesson_prefer: ["look"] } as const;
const AT = "2026-11-21T10:00:00.000+08:00";

function judged(more: Partial<JudgementInput> = {}): Judgement {
  const read = readJudgement({ ...INPUT, ...more });
  if (read.kind === "fault") throw new Error(read.message);
  return read;
}

describe("a judgement (CMD-113)", () => {
  it.each<[string, Partial<JudgementInput>, string, string]>([
    ["a blank decision", { decision: " " }, "usage", "decision"],
    ["a decision without end", { decision: "x".repeat(121) }, "invalid_value", "decision"],
    ["a lesson without a summary", { lesson_kind: "route" }, "usage", "lesson_summary"],
    ["a lesson without a kind", { lesson_summary: "s" }, "usage", "lesson_kind"],
    ["something to prefer without a lesson", { lesson_prefer: ["x"] }, "usage", "lesson_kind"],
    ["a sixth thing to prefer", { ...LESSON, lesson_prefer: [..."abcdef"] }, "invalid_value", "lesson_prefer"],
    ["a blank thing to avoid", { ...LESSON, lesson_avoid: [""] }, "usage", "lesson_avoid"],
  ])("is refused for %s", (_what, more, code, key) => {
    expect(readJudgement({ ...INPUT, ...more })).toMatchObject({ kind: "fault", code, key });
  });

  it("counts characters as a person does", () => {
    expect(judged({ decision: "长".repeat(120) }).decision).toHaveLength(120);
  });

  it("becomes a reward whose keys stand in the order of the record, and reads back as it was (FIL-67)", () => {
    const record = rewardRecord(judged({ follow_up: "go on", ...LESSON }), AT, "reward_1");
    expect(Object.keys(record)).toEqual(["recorded_at", "decision", "reward", "reason_summary", "follow_up", "lesson", "overlay_id"]);
    expect(Object.keys(record["lesson"] as object)).toEqual(["schema_version", "kind", "summary", "avoid", "prefer"]);
    expect(readReward(record)).toEqual(record);
  });

  it("adds nothing to the run's own fields but itself (FIL-67)", () => {
    const line = overlayLine({ generated_at: AT, mine: { deep: [1] } }, { reward: "mixed" });
    expect(JSON.stringify(line)).toBe(`{"generated_at":"${AT}","mine":{"deep":[1]},"human_reward":{"reward":"mixed"}}`);
  });
});

describe("a repeated judgement (DEC-78)", () => {
  const last = readReward(rewardRecord(judged(LESSON), AT, "reward_1")) ?? undefined;

  it.each<[string, Partial<JudgementInput>, string | null, boolean]>([
    ["in every field", LESSON, AT, true],
    ["in every field but a time nobody named", LESSON, null, true],
    ["but for its time", LESSON, "2026-11-21T10:00:01.000+08:00", false],
    ["but for one thing to avoid", { ...LESSON, lesson_avoid: ["guess", "hope"] }, AT, false],
    ["but for a follow-up", { ...LESSON, follow_up: "x" }, AT, false],
    ["without its lesson", {}, AT, false],
  ])("is one that is equal %s", (_what, more, recorded_at, repeated) => {
    expect(isRepeated(last, judged(more), recorded_at)).toBe(repeated);
  });

  it("is none where nothing was said before", () => {
    expect(isRepeated(undefined, judged(), null)).toBe(false);
  });
});
