/** A person's answer as an action: one record per answer, no write control, damaged lines accepted (CMD-112, DEC-42, DEC-79). */
import { beforeEach, describe, expect, it } from "vitest";
import { connect } from "../../src/actions/connect.ts";
import { history } from "../../src/actions/history.ts";
import { operatorGate } from "../../src/actions/operator-gate.ts";
import { shouldRun } from "../../src/actions/should-run.ts";
import type { GoalId } from "../../src/domain/ids.ts";
import { project, type MemoryHost } from "../../src/testing/memory-host.ts";
import { CREDENTIAL } from "../../src/testing/private-texts.ts";

const cwd = "/srv/project";
const goal_id = "alpha";
const INDEX = { kind: "runs", goal_id: goal_id as GoalId } as const;

let at: MemoryHost;
beforeEach(async () => {
  at = project({ "README.md": "# project\n" });
  await connect(at, { project: cwd, cwd, goal_id });
});

const lines = () => (at.textOf(INDEX) ?? "").split("\n").filter((line) => line !== "");
const reason_summary = "agreed in the review";

describe("operatorGate (CMD-112)", () => {
  it.each([
    ["approve", "operator_gate_approved", "loopx read-only-map --goal-id alpha --dry-run"],
    ["reject", "operator_gate_rejected", undefined],
    ["defer", "operator_gate_deferred", undefined],
  ] as const)("records %s, and hands a command on only with an approval", async (decision, classification, agent_command) => {
    const answer = await operatorGate(at, { goal_id, decision, reason_summary });
    expect(answer).toMatchObject({
      appended: true,
      classification,
      operator_gate: { decision, gate: "read_only_map_opt_in", reason_summary },
    });
    expect(answer.operator_gate["agent_command"]).toBe(agent_command);
    const record = JSON.parse(lines().at(-1) ?? "") as Record<string, unknown>;
    expect(record).toMatchObject({
      classification,
      operator_gate: answer.operator_gate,
      operator_gate_resume_contract: { run_id: answer.run_id, operator_decision: decision },
    });
  });

  it("adds one record for every answer, and changes nothing of the entry", async () => {
    const registry = at.textOf(".loopx/registry.json");
    const before = lines().length;
    await operatorGate(at, { goal_id, decision: "defer", reason_summary });
    await operatorGate(at, { goal_id, decision: "approve", reason_summary });
    expect(lines()).toHaveLength(before + 2);
    expect(at.textOf(".loopx/registry.json")).toBe(registry);
  });

  it("an approval of history_line_bad lets a goal with damaged lines work again (DEC-42)", async () => {
    const rule = async () => (await shouldRun(at, { goal_id, cwd })).verdict.rule;
    const well = await rule();
    at.plant(INDEX, `${at.textOf(INDEX) ?? ""}not json\n`);
    expect(await rule()).toBe("contract_broken");
    await operatorGate(at, { goal_id, gate: "history_line_bad", decision: "approve", reason_summary });
    expect(await rule()).toBe(well);
  });

  it("previews the record and writes nothing", async () => {
    const before = at.files();
    expect(await operatorGate(at, { goal_id, decision: "approve", reason_summary, dry_run: true })).toMatchObject({
      dry_run: true,
      appended: false,
      run_id: null,
      json_path: null,
    });
    expect(at.files()).toEqual(before);
  });

  it.each([
    ["a blank reason", { reason_summary: "  " }, "usage"],
    ["a gate of two lines", { gate: "one\ntwo" }, "invalid_value"],
    ["a command of two lines", { agent_command: "loopx status\nrm -rf build" }, "invalid_value"],
    ["a command that does not read as it runs", { agent_command: "loopx status \u202e;m" }, "invalid_value"],
    ["a command longer than a verdict can carry", { agent_command: "x".repeat(401) }, "invalid_value"],
    ["a command that goes with no approval", { decision: "reject", agent_command: "loopx status" }, "usage"],
    ["a command for damaged lines (DEC-42)", { gate: "history_line_bad", agent_command: "loopx status" }, "usage"],
    [
      "a command with a path of this machine (DEC-79)",
      { agent_command: "loopx --registry /srv/project/.loopx/registry.json status" },
      "unsafe_text",
    ],
    ["a credential", { follow_up: `use ${CREDENTIAL}` }, "unsafe_text"],
    ["an instant that is none", { recorded_at: "yesterday" }, "invalid_value"],
    ["an answer of the future", { recorded_at: "2099-01-01T00:00:00Z" }, "invalid_value"],
    ["a goal that is not there", { goal_id: "nobody" }, "goal_not_found"],
  ] as const)("refuses %s and writes nothing", async (_what, change, code) => {
    const before = at.files();
    await expect(operatorGate(at, { goal_id, decision: "approve", reason_summary, ...change })).rejects.toMatchObject({ code });
    expect(at.files()).toEqual(before);
  });

  it("keeps three answers of one instant as three runs with files of their own (FIL-122)", async () => {
    const answers = [];
    for (const decision of ["defer", "reject", "approve"] as const)
      answers.push(await operatorGate(at, { goal_id, decision, reason_summary }));
    expect(new Set(answers.map((each) => each.generated_at)).size).toBe(1);
    expect(new Set(answers.map((each) => each.json_path)).size).toBe(3);
    const shown = await history(at, { goal_id });
    expect(shown).toMatchObject({ run_count: 3, runs: [{ classification: "operator_gate_approved", json_exists: true }, {}, {}] });
  });

  it("answers the gate of any name that why prints, and keeps the question that was asked", async () => {
    const gate = "Human reward, please";
    await operatorGate(at, { goal_id, gate, decision: "defer", reason_summary, operator_question: "Was the last run worth it?" });
    const answer = await operatorGate(at, { goal_id, gate, decision: "approve", reason_summary });
    expect(answer.operator_gate).toMatchObject({ gate, operator_question: "Was the last run worth it?" });
    expect(answer.operator_gate["agent_command"]).toBeUndefined();
    expect(answer.operator_gate_resume_contract["freshness_check"]).toBe("state_unchanged");
  });

  it("keeps a goal gated with the reason that was given (DEC-79)", async () => {
    for (const [decision, said] of [
      ["defer", "operator_gate_deferred"],
      ["reject", "operator_gate_rejected"],
    ] as const) {
      await operatorGate(at, { goal_id, decision, reason_summary: "not before Monday" });
      const { verdict } = await shouldRun(at, { goal_id, cwd });
      expect(verdict).toMatchObject({ should_run: false, rule: "run_gate", requires_user_action: true });
      expect(verdict.reason).toBe(`The newest run ended with ${said} (reason: "not before Monday"): a person has to answer.`);
    }
  });

  it("asks its own question again in the language of the call, and a person's as it was worded", async () => {
    const chinese = { ...at, locale: "zh", locale_named: true } as const;
    const asked = async () => (await shouldRun(chinese, { goal_id, cwd })).verdict.recommended_action;
    await operatorGate(at, { goal_id, decision: "defer", reason_summary });
    expect(await asked()).toBe("是否同意对 alpha 的项目做只读地图？地图不会写入任何内容。");
    await operatorGate(at, { goal_id, gate: "budget", decision: "defer", reason_summary });
    expect(await asked()).toBe("是否允许 alpha 通过 budget 关卡？");
    await operatorGate(at, { goal_id, gate: "budget", decision: "defer", reason_summary, operator_question: "More money?" });
    expect(await asked()).toBe("More money?");
  });

  it("tells an agent that the state moved on since the question", async () => {
    await operatorGate(at, { goal_id, decision: "defer", reason_summary });
    const path = `${cwd}/.codex/goals/alpha/ACTIVE_GOAL_STATE.md`;
    at.plant(path, `${at.textOf(path) ?? ""}\nmore\n`);
    const answer = await operatorGate(at, { goal_id, decision: "approve", reason_summary });
    expect(answer.operator_gate_resume_contract["freshness_check"]).toBe("state_changed_since_last_record");
  });

  it("stands although the global registry cannot be written (FIL-26)", async () => {
    at.disk.denyWrites("/srv/runtime/registry.global.json");
    expect(await operatorGate(at, { goal_id, decision: "approve", reason_summary })).toMatchObject({
      appended: true,
      global_sync: { write_denied: true },
    });
  });
});
