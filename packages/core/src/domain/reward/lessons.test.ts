import { describe, expect, it } from "vitest";
import { readReward } from "./reward.ts";
import { lessonMatches, lessonWarning } from "./lessons.ts";

const judged = (at: string, ...avoid: string[]) => ({
  generated_at: at,
  human_rewards: [
    readReward({
      recorded_at: at,
      decision: "d",
      reward: "mixed",
      reason_summary: "r",
      lesson: { kind: "route", summary: "s", avoid, prefer: ["validate first"] },
    }),
  ].filter((each) => each !== null),
});

describe("a text to avoid (DEC-78)", () => {
  it.each([
    ["expand cases before lifecycle counters", "[P1] Expand  cases before lifecycle counters", true],
    ["Expand the CASES", "please expand more cases", true],
    ["expand cases", "expand the list", false],
    ["rewrite", "never Rewrite it", true],
    ["rewriting", "never rewrite it", false],
    ["before and after", "look before and think after", false],
    ["x", "fix it", true],
    ["q", "fix it", false],
    ["", "anything", false],
    ["   ", "anything", false],
    ["修复计数器", "先不要修复这个计数器", true],
    ["修复", "先不要修复这个计数器", true],
    ["扩展用例", "先验证计数", false],
    ["a-b", "c", false],
  ])("%j against %j: %s", (avoid, action, matches) => {
    expect(lessonMatches(avoid, action)).toBe(matches);
  });
});

describe("the lesson warning (DEC-78)", () => {
  it("counts all matches and lists three, newest run first", () => {
    const warning = lessonWarning(
      [judged("t3", "expand cases"), judged("t2", "expand cases now", "nothing alike"), judged("t1", "expand"), judged("t0", "cases")],
      "Expand cases",
    );
    expect(warning).toMatchObject({ code: "reward_lesson_projection_warning", match_count: 4 });
    expect(warning?.matches.map((match) => match.run_generated_at)).toEqual(["t3", "t2", "t1"]);
    expect(warning?.matches[0]).toEqual({ run_generated_at: "t3", kind: "route", avoid: "expand cases", prefer: ["validate first"] });
  });

  it("is absent without a match, and beyond the 20 newest judged runs", () => {
    const others = Array.from({ length: 20 }, (_, at) => judged(`t${at}`, "nothing alike"));
    expect(lessonWarning([...others, judged("old", "expand cases")], "Expand cases")).toBeNull();
    expect(lessonWarning([], "Expand cases")).toBeNull();
  });

  it.each(["en", "zh"] as const)("fits 160 characters in %s, whatever the lesson says", (locale) => {
    const long = "长🙂".repeat(300);
    const warning = lessonWarning([judged("t", long)], long, locale);
    expect((warning?.message ?? "").length).toBeLessThanOrEqual(160);
    expect(warning?.match_count).toBe(1);
  });
});

it("a reward with wrong types reads as what is right in it (FIL-110)", () => {
  expect(readReward("good")).toBeNull();
  expect(readReward({ reward: "positive", decision: 7, extra: 1, lesson: "none" })).toEqual({
    recorded_at: "",
    decision: "",
    reward: "positive",
    reason_summary: "",
    extra: 1,
  });
});
