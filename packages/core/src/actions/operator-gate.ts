/** Records a person's answer to an operator gate (CMD-112). History is append-only: every answer is a record of its own. */
import { LoopxError } from "../domain/errors.ts";
import { answerFault, operatorGateRecord, type GateDecision, type OperatorChannel } from "../domain/gate/operator-gate.ts";
import { isJsonObject } from "../domain/json.ts";
import { MAP_GATE } from "../domain/map/permission.ts";
import type { OperatorGateResult } from "../domain/payload/operator-gate.ts";
import { gateField } from "../domain/quota/rules/gates.ts";
import type { Run } from "../domain/run/history.ts";
import { registryGoal } from "../domain/run/record.ts";
import { formatInstant, type Moment } from "../domain/time.ts";
import type { Host } from "../ports/host.ts";
import type { LogPosition } from "../ports/logs.ts";
import { expectWritten } from "../store/outcome.ts";
import { appendRun, previewRun, type NewRun, type RunOutcome } from "../store/runs.ts";
import { requireGoals, namedGoal } from "./goals.ts";
import { momentOf } from "./moment.ts";
import { observed } from "./observed.ts";
import { indexFile, readGoal } from "./read-goal.ts";
import { givenInstant } from "./recorded-at.ts";
import { requireSafe } from "./safe-text.ts";
import { staleAnswer } from "./stale-answer.ts";
import { syncAfterRun } from "./sync-after-run.ts";

export type { OperatorGateResult } from "../domain/payload/operator-gate.ts";

const NAME_LIMIT = 120;
const TEXT_LIMIT = 2_000;
/** A command is printed whole, in the verdict and in the agent block; both have a budget. */
const COMMAND_LIMIT = 400;
/** Line ends, controls and marks that turn the direction of a text: none of them is seen as what it does. */
const HIDDEN = /[\p{Cc}\u202a-\u202e\u2066-\u2069]/u;
const ONE_LINE: ReadonlySet<string> = new Set(["--gate", "--agent-command"]);

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
  /** Set by a program that took the answer from elsewhere; no flag says it. */
  readonly channel?: OperatorChannel | undefined;
  readonly no_global_sync?: boolean | undefined;
  /** The log position that the answer was decided on; a log that has grown since is `preview_stale`. */
  readonly expected_head?: LogPosition | undefined;
  readonly dry_run?: boolean | undefined;
}

/**
 * The record. An approved map gate hands on the map's dry run; no answer grants write control (DEC-79). The goal may be
 * unwell: the gate `history_line_bad` is how a person accepts damaged lines (DEC-42).
 */
export const operatorGate = observed("operator_gate", async (host, input: OperatorGateInput): Promise<OperatorGateResult> => {
  const now = momentOf(host.clock);
  const { gate, recorded_at } = checked(input, now);
  const registry = await requireGoals(host);
  const goal = namedGoal(host, registry, input.goal_id);
  const { state, history } = await readGoal(host, registry, goal.goal_id, { now, keep: 1 });
  const asked = history?.status_run ?? null;
  const run_id = input.dry_run === true ? "run_preview" : host.ids.next("run_");
  const answer = operatorGateRecord(
    {
      goal_id: goal.goal_id,
      gate,
      decision: input.decision,
      recorded_at,
      reason_summary: input.reason_summary,
      operator_question: input.operator_question ?? openQuestion(asked, gate),
      follow_up: input.follow_up ?? null,
      agent_command: input.agent_command ?? null,
      recommended_action: input.recommended_action ?? null,
      state_sha256_16: state === null ? null : host.digest("sha256", state.text).slice(0, 16),
      asked_state_sha256_16: stateSeenBy(asked),
      run_id,
      channel: input.channel ?? null,
    },
    host.locale,
  );
  const run: NewRun = {
    goal_id: goal.goal_id,
    kind: "operator_gate",
    now,
    classification: answer.classification,
    recommended_action: answer.recommended_action,
    health_check: "operator_decision_recorded",
    fields: { operator_gate: answer.operator_gate, operator_gate_resume_contract: answer.resume_contract },
    artifact: { registry_goal: registryGoal(goal.entry) },
    run_id,
    ...(input.expected_head === undefined ? {} : { expected_head: input.expected_head }),
  };
  const appended = input.dry_run !== true;
  const record = appended
    ? expectWritten(await append(host, run), indexFile(host, goal.goal_id), { goal_id: goal.goal_id }).record
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
});

async function append(host: Host, run: NewRun): Promise<Exclude<RunOutcome, { kind: "conflict" }>> {
  const outcome = await appendRun(host, run);
  if (outcome.kind !== "conflict") return outcome;
  const { goal_id } = run;
  if (run.expected_head !== undefined) throw staleAnswer(goal_id);
  throw new LoopxError("conflict", `the history of ${goal_id} kept changing; nothing was recorded`, { details: { goal_id } });
}

/** What was asked when this gate was put to a person last. */
function openQuestion(asked: Run | null, gate: string): string | null {
  return asked !== null && gateField(asked, "gate") === gate ? gateField(asked, "operator_question") : null;
}

function stateSeenBy(run: Run | null): string | null {
  const seen = run === null ? null : (run.record["state"] ?? run.record["operator_gate_resume_contract"]);
  if (!isJsonObject(seen)) return null;
  const sha = seen["sha256_16"] ?? seen["latest_state_ref"];
  return typeof sha === "string" ? sha : null;
}

function checked(input: OperatorGateInput, now: Moment): { gate: string; recorded_at: string } {
  const { gate = MAP_GATE, agent_command = null, decision } = input;
  const fault = answerFault({ decision, gate, agent_command });
  if (fault !== null) throw new LoopxError("usage", fault, { details: { key: "agent_command" } });
  for (const [flag, value, limit] of [
    ["--gate", gate, NAME_LIMIT],
    ["--reason-summary", input.reason_summary, TEXT_LIMIT],
    ["--operator-question", input.operator_question, TEXT_LIMIT],
    ["--follow-up", input.follow_up, TEXT_LIMIT],
    ["--agent-command", input.agent_command, COMMAND_LIMIT],
    ["--recommended-action", input.recommended_action, TEXT_LIMIT],
  ] as const) {
    if (value === undefined) continue;
    if (value.trim() === "") throw new LoopxError("usage", `${flag} may not be blank`, { details: { key: flag } });
    const oneLine = ONE_LINE.has(flag);
    if (value.length > limit || (oneLine && HIDDEN.test(value))) {
      throw new LoopxError("invalid_value", `${flag} is ${oneLine ? "one line" : "a text"} of at most ${limit} characters`, {
        details: { key: flag },
      });
    }
    // A command is handed on as it stands, so it may carry no path of this machine (DEC-79).
    requireSafe(flag, value, flag === "--agent-command" ? "handoff" : "record");
  }
  return { gate, recorded_at: givenInstant(input.recorded_at, now) ?? formatInstant(now, "milliseconds") };
}
