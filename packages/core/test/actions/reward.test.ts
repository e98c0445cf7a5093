/** A judgement as an action: an overlay on its run, a bullet on request, nothing twice, and no verdict changed (CMD-113, DEC-78). */
import { beforeEach, describe, expect, it } from "vitest";
import { connect } from "../../src/actions/connect.ts";
import { history } from "../../src/actions/history.ts";
import { refreshState } from "../../src/actions/refresh-state.ts";
import { rewardRun, type RewardInput } from "../../src/actions/reward.ts";
import { shouldRun } from "../../src/actions/should-run.ts";
import { spendSlot } from "../../src/actions/spend-slot.ts";
import type { GoalId } from "../../src/domain/ids.ts";
import { project, type MemoryHost } from "../../src/testing/memory-host.ts";
import { CREDENTIAL } from "../../src/testing/private-texts.ts";

const cwd = "/srv/project";
const goal_id = "alpha";
const INDEX = { kind: "runs", goal_id: goal_id as GoalId } as const;
const STATE = `${cwd}/.codex/goals/alpha/ACTIVE_GOAL_STATE.md`;
const DELIVERY = { delivery_outcome: "outcome_progress", artifact: ["a.ts"], validation: "tests pass" } as const;

let at: MemoryHost;
beforeEach(async () => {
  at = project({ "README.md": "# project\n" });
  await connect(at, { project: cwd, cwd, goal_id });
});

const record = (classification: string) => {
  at.clock.tick(1000);
  return refreshState(at, { goal_id, classification, ...DELIVERY });
};
const judge = (more: Partial<RewardInput> = {}) =>
  rewardRun(at, { goal_id, cwd, decision: "continue_route", reward: "positive", reason_summary: "it reads well", ...more });
const lines = () => (at.textOf(INDEX) ?? "").split("\n").filter((line) => line !== "");
const rewards = async () => (await history(at, { goal_id })).runs.map((run) => [run.classification, run.human_reward?.reward ?? null]);
const bullets = () => (at.textOf(STATE) ?? "").split("\n").filter((line) => /^- 2026-11-21\S+: alpha/.test(line));

describe("rewardRun", () => {
  it("judges the newest run that is no quota event, by an exact copy of its line (FIL-67)", async () => {
    await record("first");
    await spendSlot(at, { goal_id, cwd });
    const base = JSON.parse(lines()[0] ?? "") as object;
    const judged = await judge({ follow_up: "go on" });
    expect(judged).toMatchObject({
      appended: true,
      raw_index_records_before: 2,
      selected_run: { classification: "first", json_exists: true },
    });
    const overlay = JSON.parse(lines()[2] ?? "") as Record<string, unknown>;
    const { human_reward, ...copied } = overlay;
    expect(JSON.stringify(copied)).toBe(JSON.stringify(base));
    expect(Object.keys(overlay).at(-1)).toBe("human_reward");
    expect(human_reward).toEqual({
      recorded_at: "2026-11-21T10:00:01.000+08:00",
      decision: "continue_route",
      reward: "positive",
      reason_summary: "it reads well",
      follow_up: "go on",
      overlay_id: judged.human_reward.overlay_id,
    });
    expect(await rewards()).toContainEqual(["first", "positive"]);
  });

  it("finds an older run by id or instant, whatever came after it", async () => {
    const first = await record("first");
    for (let n = 0; n < 60; n++) await record(`later_${n}`);
    expect((await judge({ run_id: first.run_id ?? "" })).selected_run.classification).toBe("first");
    const zulu = new Date(first.generated_at).toISOString();
    expect((await judge({ run_generated_at: zulu, reward: "neutral" })).selected_run.classification).toBe("first");
  });

  it("reads a recent run from the folded history, and the whole log only for an old one (PRF-22)", async () => {
    for (let n = 0; n < 60; n++) await record(`run_${n}`);
    let scans = 0;
    const scan: MemoryHost["logs"]["scan"] = (key, options) => {
      scans += 1;
      return at.logs.scan(key, options);
    };
    const counting = { ...at, logs: { ...at.logs, scan } };
    const asked = { goal_id, cwd, decision: "d", reward: "mixed", reason_summary: "r" } as const;
    const { runs } = await history(at, { goal_id, limit: 60 });
    const judged = await rewardRun(counting, asked);
    expect([judged.selected_run.classification, judged.raw_index_records_before]).toEqual(["run_59", 60]);
    await rewardRun(counting, { ...asked, run_id: runs[30]?.run_id });
    expect(scans).toBe(0);
    const old = await rewardRun(counting, { ...asked, run_id: runs[58]?.run_id });
    expect([old.selected_run.classification, scans]).toEqual(["run_1", 1]);
  });

  it("names the ids where several runs have one instant", async () => {
    const [a, b] = [await refreshState(at, { goal_id, classification: "a" }), await refreshState(at, { goal_id, classification: "b" })];
    await expect(judge({ run_generated_at: a.generated_at })).rejects.toMatchObject({
      code: "ambiguous_target",
      details: { run_ids: expect.arrayContaining([a.run_id, b.run_id]) as unknown },
    });
    expect((await judge({ run_id: a.run_id ?? "" })).selected_run.classification).toBe("a");
    expect(await rewards()).toEqual([
      ["b", null],
      ["a", "positive"],
    ]);
  });

  it("previews everything and writes nothing", async () => {
    await record("first");
    const before = at.files();
    const preview = await judge({ dry_run: true, write_active_state_summary: true });
    expect(preview).toMatchObject({
      dry_run: true,
      applied: false,
      appended: false,
      active_state_update: { would_write: true, written: false },
    });
    expect(preview.human_reward).not.toHaveProperty("overlay_id");
    expect(at.files()).toEqual(before);
  });

  it("keeps every judgement, and the last one counts (design D14)", async () => {
    await record("first");
    await judge({ reward: "mixed" });
    at.clock.tick(1000);
    await judge({ reward: "positive" });
    const [run] = (await history(at, { goal_id })).runs;
    expect(run?.human_rewards?.map((each) => each.reward)).toEqual(["mixed", "positive"]);
    expect(run?.human_reward?.reward).toBe("positive");
  });

  it("adds nothing twice: neither overlay nor bullet, with or without a named time (DEC-78)", async () => {
    await record("first");
    const asked = { write_active_state_summary: true } as const;
    const first = await judge(asked);
    at.clock.tick(60_000);
    const before = at.files();
    expect(await judge(asked)).toMatchObject({
      applied: false,
      appended: false,
      active_state_update: { already_present: true, would_write: false },
    });
    expect(await judge({ ...asked, recorded_at: first.human_reward.recorded_at })).toMatchObject({ appended: false });
    expect(at.files()).toEqual(before);
    expect(await judge({ ...asked, recorded_at: "2026-11-21T01:00:00Z" })).toMatchObject({ appended: true });
    expect(bullets()).toHaveLength(2);
  });

  it("adds no bullet that stands in another language", async () => {
    await record("first");
    await judge({ write_active_state_summary: true });
    const english = { ...at, locale: "en", locale_named: true } as const;
    const again = await rewardRun(english, {
      goal_id,
      cwd,
      decision: "continue_route",
      reward: "positive",
      reason_summary: "it reads well",
      write_active_state_summary: true,
    });
    expect(again).toMatchObject({ appended: false, applied: false, active_state_update: { already_present: true, written: false } });
    expect(again.active_state_summary).toContain("was judged positive");
    expect(bullets()).toHaveLength(1);
  });

  it("completes a pair that a crash cut in two: the overlay came first, the bullet follows (REL-26)", async () => {
    await record("first");
    const asked = { write_active_state_summary: true } as const;
    at.disk.denyWrites(STATE);
    await expect(judge(asked)).rejects.toMatchObject({ code: "write_denied" });
    expect([lines().length, bullets().length]).toEqual([2, 0]);
    at.disk.letGo(STATE);
    at.clock.tick(60_000);
    expect(await judge(asked)).toMatchObject({ applied: true, appended: false, active_state_update: { written: true } });
    expect([lines().length, bullets().length]).toEqual([2, 1]);
  });

  it("lets six at once add one overlay and one bullet (REL-46)", async () => {
    await record("first");
    const answers = await Promise.all(
      Array.from({ length: 6 }, () =>
        rewardRun(at.reopen(), { goal_id, cwd, decision: "d", reward: "mixed", reason_summary: "r", write_active_state_summary: true }),
      ),
    );
    expect(answers.filter(({ appended }) => appended)).toHaveLength(1);
    expect([lines().length, bullets().length]).toEqual([2, 1]);
  });

  it("writes its bullet right below the ledger's heading, with the command that shows more (FIL-50)", async () => {
    await record("first");
    await judge({ write_active_state_summary: true });
    const text = at.textOf(STATE) ?? "";
    expect(text).toMatch(
      /## Progress Ledger\n\n- 2026-11-21T10:00:01\.000\+08:00: alpha.*\n {2}- project_agent_visibility: loopx history --goal-id alpha --limit 3\n/,
    );
    expect(text).toContain("updated_at: 2026-11-21T10:00:01+08:00");
  });

  it("speaks Chinese unless a language was named (design D15)", async () => {
    await record("first");
    expect((await judge({ dry_run: true })).active_state_summary).toMatch(/^alpha：.*评价为正面/u);
    at = project({ "README.md": "# project\n" }, { locale: "en" });
    await connect(at, { project: cwd, cwd, goal_id });
    await record("first");
    expect((await judge({ dry_run: true })).active_state_summary).toMatch(/^alpha: the run of .* was judged positive/);
  });

  it("warns by its lesson and changes no verdict", async () => {
    await record("first");
    const ask = async () => (await shouldRun(at, { goal_id, cwd })).verdict;
    const before = await ask();
    const lesson = {
      lesson_kind: "route",
      lesson_summary: "Look first",
      lesson_avoid: [before.recommended_action],
      lesson_prefer: ["look"],
    } as const;
    expect(await judge({ reward: "negative", ...lesson })).toMatchObject({
      human_reward: { lesson: { schema_version: "human_reward_lesson_v0", kind: "route", avoid: lesson.lesson_avoid } },
      project_agent_visibility: { lesson_role: "warning_only" },
    });
    const after = await ask();
    expect(after).toMatchObject({ rule: before.rule, should_run: before.should_run, recommended_action: before.recommended_action });
    expect(after.warnings).toMatchObject([{ code: "reward_lesson_projection_warning" }]);
  });

  it.each([
    ["half a lesson", { lesson_kind: "route" }, "usage"],
    ["a lesson without a kind", { lesson_avoid: ["x"] }, "usage"],
    ["six things to avoid", { lesson_kind: "route", lesson_summary: "s", lesson_avoid: [..."abcdef"] }, "invalid_value"],
    ["a blank reason", { reason_summary: " " }, "usage"],
    ["a reason without end", { reason_summary: "x".repeat(1001) }, "invalid_value"],
    ["the run named twice", { run_id: "run_x", run_generated_at: "2026-11-21T10:00:00Z" }, "conflicting_flags"],
    ["a run that is not there", { run_id: "run_nowhere" }, "run_not_found"],
    ["an instant without a run", { run_generated_at: "1999-01-01T00:00:00Z" }, "run_not_found"],
    ["garbage as an instant", { recorded_at: "garbage" }, "invalid_value"],
    ["an instant more than 5 minutes ahead", { recorded_at: "2026-11-21T10:06:00+08:00" }, "invalid_value"],
    ["a credential", { lesson_kind: "route", lesson_summary: "s", lesson_avoid: [CREDENTIAL] }, "unsafe_text"],
    ["a text that would hide in the state", { reason_summary: "a <!-- b", write_active_state_summary: true }, "invalid_value"],
    ["a goal that is not there", { goal_id: "nobody" }, "goal_not_found"],
  ] as const)("refuses %s and writes nothing", async (_what, change, code) => {
    await record("first");
    const before = at.files();
    await expect(judge(change)).rejects.toMatchObject({ code });
    expect(at.files()).toEqual(before);
  });

  it("has nothing to judge in a goal without runs", async () => {
    await expect(judge()).rejects.toMatchObject({ code: "run_not_found", message: "alpha has no run to judge" });
  });
});
