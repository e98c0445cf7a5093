/** Records a person's answer to an operator gate (CMD-112). History is append-only: every answer is a record of its own. */
import { LoopxError } from "../domain/errors.ts";
import { MAP_OPT_IN_GATE, operatorGateRecord, type GateDecision } from "../domain/gate/operator-gate.ts";
import type { OperatorGateResult } from "../domain/payload/operator-gate.ts";
import { formatInstant, instantMs } from "../domain/time.ts";
import type { Host } from "../ports/host.ts";
import { expectWritten } from "../store/outcome.ts";
import { appendRun, previewRun, type NewRun } from "../store/runs.ts";
import { requireGoals, namedGoal } from "./goals.ts";
import { momentOf } from "./moment.ts";
import { readGoal } from "./read-goal.ts";
import { syncAfterRun } from "./refresh-state.ts";
import { requireSafe } from "./safe-text.ts";

export type { OperatorGateResult } from "../domain/payload/operator-gate.ts";

const GATE_NAME = /^[a-z][a-z0-9_-]{0,79}$/;
/** A record may be dated by the clock of another machine, but not by its future. */
const AHEAD_ALLOWED_MS = 5 * 60_000;

/** The answer, and what it is about; the gate is the planned map's when none is named. */
export interface OperatorGateInput {
  readonly goal_id: string;
  readonly decision: GateDecision;
  readonly reason_summary: string;
  readonly gate?: string | undefined;
  readonly operator_question?: string | undefined;
  readonly follow_up?: string | undefined;
  readonly agent_command?: string | undefined;
  readonly recommended_action?: string | undefined;
  readonly recorded_at?: string | undefined;
  readonly no_global_sync?: boolean | undefined;
  readonly dry_run?: boolean | undefined;
}

/**
 * The record. An approved map gate hands on the map's dry run; no answer grants write control (DEC-79). The goal may be
 * unwell: the gate `history_line_bad` is how a person accepts damaged lines (DEC-42).
 */
export async function operatorGate(host: Host, input: OperatorGateInput): Promise<OperatorGateResult> {
  const now = momentOf(host.clock);
  requireAnswer(input, now.ms);
  const registry = await requireGoals(host);
  const goal = namedGoal(host, registry, input.goal_id);
  const state = (await readGoal(host, registry, goal.goal_id, { now, keep: 1 })).state;
  const sha = state === null ? null : host.digest("sha256", state.text).slice(0, 16);
  const run_id = input.dry_run === true ? "run_preview" : host.ids.next("run_");
  const answer = operatorGateRecord(
    {
      goal_id: goal.goal_id,
      gate: input.gate ?? MAP_OPT_IN_GATE,
      decision: input.decision,
      recorded_at: input.recorded_at ?? formatInstant(now, "milliseconds"),
      reason_summary: input.reason_summary,
      operator_question: input.operator_question ?? null,
      follow_up: input.follow_up ?? null,
      agent_command: input.agent_command ?? null,
      recommended_action: input.recommended_action ?? null,
      state_sha256_16: sha,
      run_id,
    },
    host.locale,
  );
  const { entry } = goal;
  const run: NewRun = {
    goal_id: goal.goal_id,
    kind: "operator_gate",
    now,
    classification: answer.classification,
    recommended_action: answer.recommended_action,
    health_check: "operator_decision_recorded",
    fields: { operator_gate: answer.operator_gate, operator_gate_resume_contract: answer.resume_contract },
    artifact: {
      registry_goal: {
        present: true,
        domain: entry.domain,
        status: entry.status,
        adapter: entry.adapter,
        authority_source_count: entry.authority_sources.length,
      },
    },
    run_id,
  };
  const index = `${host.places.runsDirectory(goal.goal_id)}/index.jsonl`;
  const appended = input.dry_run !== true;
  const record = appended
    ? expectWritten(await appendRun(host, run), index, { goal_id: goal.goal_id }).record
    : previewRun(host, run, run_id);
  const sync = appended && input.no_global_sync !== true ? (await syncAfterRun(host, registry, goal, now)).global_sync : null;
  const text = (key: string) => (appended && typeof record[key] === "string" ? record[key] : null);
  return {
    dry_run: !appended,
    applied: appended,
    appended,
    goal_id: goal.goal_id,
    generated_at: typeof record["generated_at"] === "string" ? record["generated_at"] : "",
    run_id: text("run_id"),
    classification: answer.classification,
    operator_gate: answer.operator_gate,
    operator_gate_resume_contract: answer.resume_contract,
    recommended_action: answer.recommended_action,
    json_path: text("json_path"),
    markdown_path: text("markdown_path"),
    global_sync: sync,
  };
}

function requireAnswer(input: OperatorGateInput, now_ms: number): void {
  if (input.reason_summary.trim() === "") throw new LoopxError("usage", "--reason-summary may not be blank");
  if (input.gate !== undefined && !GATE_NAME.test(input.gate)) {
    throw new LoopxError(
      "invalid_value",
      `--gate ${JSON.stringify(input.gate)} is no gate name: lower-case letters, digits, dash and underscore, at most 80 long`,
      { details: { key: "gate" } },
    );
  }
  const recorded = input.recorded_at === undefined ? now_ms : instantMs(input.recorded_at);
  if (recorded === null || recorded > now_ms + AHEAD_ALLOWED_MS) {
    throw new LoopxError("invalid_value", `--recorded-at ${JSON.stringify(input.recorded_at)} is no instant up to now`, {
      details: { key: "recorded_at" },
    });
  }
  requireSafe("--reason-summary", input.reason_summary);
  requireSafe("--operator-question", input.operator_question);
  requireSafe("--follow-up", input.follow_up);
  requireSafe("--agent-command", input.agent_command);
  requireSafe("--recommended-action", input.recommended_action);
}
