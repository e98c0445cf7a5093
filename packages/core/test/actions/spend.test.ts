/** A goal's work as actions: recorded, paid once, undone, listed; and what a refusal leaves (DEC-60 to DEC-65). */
import { beforeEach, describe, expect, it } from "vitest";
import { connect } from "../../src/actions/connect.ts";
import { history } from "../../src/actions/history.ts";
import { quotaStatus } from "../../src/actions/quota-status.ts";
import { refreshState } from "../../src/actions/refresh-state.ts";
import { shouldRun } from "../../src/actions/should-run.ts";
import { spendSlot, type SpendSlotInput } from "../../src/actions/spend-slot.ts";
import { status } from "../../src/actions/status.ts";
import { completeTodo } from "../../src/actions/todo-complete.ts";
import { listTodos } from "../../src/actions/todo-list.ts";
import { voidSlot } from "../../src/actions/void-slot.ts";
import { project, type MemoryHost } from "../../src/testing/memory-host.ts";
import { CREDENTIAL, PRIVATE_PATH } from "../../src/testing/private-texts.ts";

const cwd = "/srv/project";
const goal_id = "alpha";
const DELIVERY = {
  delivery_batch_scale: "implementation",
  delivery_outcome: "outcome_progress",
  artifact: ["src/a.ts"],
  validation: "tests pass",
} as const;

let at: MemoryHost;
beforeEach(async () => {
  at = project({ "README.md": "# project\n" });
  await connect(at, { project: cwd, cwd, goal_id });
});

const record = (more: object = {}) => {
  at.clock.tick(1000);
  return refreshState(at, { goal_id, classification: "parser_result", ...DELIVERY, ...more });
};
const spend = (more: Partial<SpendSlotInput> = {}) => {
  at.clock.tick(1000);
  return spendSlot(at, { goal_id, cwd, ...more });
};
const spent = async () => (await shouldRun(at, { goal_id, cwd })).verdict.quota.spent_slots;
const openTodo = async () => (await listTodos(at, { goal_id, cwd })).todos[0]?.todo_id ?? "";
/** What an agent does between two records: the state changes. */
const work = async () =>
  completeTodo(at, { goal_id, cwd, todo_id: await openTodo(), evidence: "done", next_agent_todo: `[P1] Step ${at.clock.now().getTime()}` });

describe("a record and its payment", () => {
  it("pays the newest record once, and names that spend when asked again", async () => {
    const run = await record();
    const paid = await spend();
    expect(paid).toMatchObject({
      appended: true,
      cited_run: { run_id: run.run_id },
      before: { spent_slots: 0 },
      after: { spent_slots: 1 },
      error: null,
    });
    const again = await spend();
    expect(again).toMatchObject({
      appended: false,
      error: { code: "spend_refused", details: { reason: "record_already_spent", spent_by: { run_id: paid.run_id } } },
    });
    expect(await spent()).toBe(1);
  });

  it("has nothing to pay for without a record, and writes nothing for it", async () => {
    const before = at.files();
    expect((await spend()).error?.details["reason"]).toBe("nothing_to_cite");
    expect(at.files()).toEqual(before);
  });

  it("previews the same and writes nothing on a dry run", async () => {
    await record();
    const before = at.files();
    expect(await spend({ dry_run: true })).toMatchObject({ dry_run: true, applied: false, after: { spent_slots: 1 } });
    expect(at.files()).toEqual(before);
  });

  it("wants a changed goal state between two payments (DEC-63)", async () => {
    await record();
    await spend();
    await record();
    expect((await spend()).error?.details["reason"]).toBe("no_state_writeback");
    await work();
    await record();
    expect((await spend()).appended).toBe(true);
    expect(await spent()).toBe(2);
  });

  it("gives a voided spend's record back, once (DEC-65)", async () => {
    await record();
    const paid = await spend();
    const undone = await voidSlot(at, { goal_id, cwd, run_id: paid.run_id ?? "", reason_summary: "paid twice by hand" });
    expect(undone).toMatchObject({ appended: true, voided_run: { run_id: paid.run_id }, after: { spent_slots: 0 } });
    await expect(voidSlot(at, { goal_id, cwd, run_id: paid.run_id ?? "", reason_summary: "again" })).rejects.toMatchObject({
      code: "void_refused",
    });
    expect((await spend()).appended).toBe(true);
  });

  it.each([0, -1, 1.5])("refuses %s slots as a value, not as a spend", async (slots) => {
    await record();
    await expect(spend({ slots })).rejects.toMatchObject({ code: "invalid_value" });
  });

  it("lets six at once pay one record exactly once", async () => {
    await record();
    const answers = await Promise.all(Array.from({ length: 6 }, () => spendSlot(at.reopen(), { goal_id, cwd })));
    expect(answers.filter(({ appended }) => appended)).toHaveLength(1);
    expect(await spent()).toBe(1);
  });

  it("counts spends that lost their artifacts (FIL-127)", async () => {
    await record();
    const paid = await spend();
    at.disk.remove(paid.json_path ?? "");
    at.disk.remove(paid.markdown_path ?? "");
    expect(await spent()).toBe(1);
  });
});

describe("a refresh", () => {
  it("takes the first whole public item of Next Action, else the best todo, else a sentence (DEC-77)", async () => {
    const state = `${cwd}/.codex/goals/alpha/ACTIVE_GOAL_STATE.md`;
    const sources = async (text: string) => {
      at.plant(state, text);
      const { recommended_action, recommended_action_source } = await record();
      return [recommended_action_source, recommended_action];
    };
    expect(await sources(`## Next Action\n\n- Look into ${PRIVATE_PATH}\n- Read the\n  whole grammar\n`)).toEqual([
      "active_state_next_action",
      "Read the whole grammar",
    ]);
    expect(await sources("## Agent Todo\n\n- [ ] [P2] Later\n- [ ] [P1] Sooner\n")).toEqual(["agent_todo_fallback", "[P1] Sooner"]);
    expect((await sources("# Empty\n"))[0]).toBe("default_refresh_action");
  });

  it("rewrites Next Action first when told to, and records the state after that (CMD-110)", async () => {
    const run = await record({ next_action: "Write the tree" });
    expect(at.textOf(`${cwd}/.codex/goals/alpha/ACTIVE_GOAL_STATE.md`)).toContain("## Next Action\n\n- Write the tree\n");
    expect(run).toMatchObject({ recommended_action: "Write the tree", recommended_action_source: "active_state_next_action" });
  });

  it("stands with a warning when the global registry cannot be written (FIL-26)", async () => {
    at.disk.denyWrites("/srv/runtime/registry.global.json");
    const run = await record();
    expect(run).toMatchObject({ appended: true, global_sync: { write_denied: true, error_kind: "global_registry_write_denied" } });
    expect(run.warnings.map(({ code }) => code)).toEqual(["global_registry_write_denied"]);
  });

  it("refuses a secret and a missing state, and writes nothing for either", async () => {
    const before = at.files();
    await expect(record({ validation: `token=${CREDENTIAL}` })).rejects.toMatchObject({ code: "unsafe_text" });
    expect(at.files()).toEqual(before);
    at.disk.remove(`${cwd}/.codex/goals/alpha/ACTIVE_GOAL_STATE.md`);
    await expect(record()).rejects.toMatchObject({ code: "state_file_missing" });
  });
});

describe("looking back", () => {
  it("history lists runs newest first, one goal or all, and unregistered runtime folders", async () => {
    await record();
    await spend();
    at.plant("/srv/runtime/goals/old/runs/index.jsonl", {
      lines: [{ generated_at: "2026-01-01T00:00:00Z", goal_id: "old", classification: "x" }],
    });
    const all = await history(at, {});
    expect(all.goals.map(({ goal_id: id, finding }) => [id, finding])).toEqual([
      ["alpha", null],
      ["old", "unregistered_runtime_goal"],
    ]);
    expect((await history(at, { goal_id })).runs.map(({ classification }) => classification)).toEqual([
      "quota_slot_spent",
      "parser_result",
    ]);
    await expect(history(at, { goal_id: "nobody" })).rejects.toMatchObject({ code: "goal_not_found" });
  });

  it("status and quota show a goal beside a broken one as if it were alone (D7)", async () => {
    await connect(at, { project: cwd, cwd, goal_id: "beta" });
    const item = async () => (await status(at, { cwd })).attention_queue.items.find((each) => each.goal_id === goal_id);
    const before = await item();
    at.disk.remove(`${cwd}/.codex/goals/beta/ACTIVE_GOAL_STATE.md`);
    const after = await status(at, { cwd });
    expect(after.contract.ok).toBe(false);
    expect(after.attention_queue.items.map((each) => [each.goal_id, each.severity])).toEqual([
      ["beta", "high"],
      ["alpha", "action"],
    ]);
    expect(await item()).toEqual(before);
    expect((await quotaStatus(at, { cwd })).summary).toMatchObject({
      registered_goals: 2,
      health_blockers: 1,
      next_automatic_turn: "alpha",
    });
  });
});
