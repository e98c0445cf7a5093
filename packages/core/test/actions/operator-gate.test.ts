/** A person's answer as an action: one record per answer, no write control, damaged lines accepted (CMD-112, DEC-42, DEC-79). */
import { beforeEach, describe, expect, it } from "vitest";
import { connect } from "../../src/actions/connect.ts";
import { operatorGate } from "../../src/actions/operator-gate.ts";
import { shouldRun } from "../../src/actions/should-run.ts";
import type { GoalId } from "../../src/domain/ids.ts";
import { project, type MemoryHost } from "../../src/testing/memory-host.ts";

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
    ["a gate that is no name", { gate: "No Gate" }, "invalid_value"],
    ["an instant that is none", { recorded_at: "yesterday" }, "invalid_value"],
    ["an answer of the future", { recorded_at: "2099-01-01T00:00:00Z" }, "invalid_value"],
    ["a goal that is not there", { goal_id: "nobody" }, "goal_not_found"],
  ] as const)("refuses %s and writes nothing", async (_what, change, code) => {
    const before = at.files();
    await expect(operatorGate(at, { goal_id, decision: "approve", reason_summary, ...change })).rejects.toMatchObject({ code });
    expect(at.files()).toEqual(before);
  });
});
