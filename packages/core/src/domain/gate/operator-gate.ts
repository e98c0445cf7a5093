/**
 * A person's answer to an operator gate, as one record of history (CMD-112, DEC-79). It opens or keeps a gate and hands
 * on at most a command to look with; it never grants write control and changes no adapter.
 */
import type { JsonObject } from "../json.ts";
import { GATE_ACTION } from "../locale/gate.ts";
import type { Locale } from "../locale/locale.ts";
import { MAP_GATE } from "../map/permission.ts";
import { HISTORY_GATE } from "../run/neutral.ts";
import { gateQuestion } from "./question.ts";

export const GATE_DECISIONS = ["approve", "reject", "defer"] as const;
export type GateDecision = (typeof GATE_DECISIONS)[number];

/** How an answer came that was not typed: references to who and what, never an account or an event itself (LRK-92). */
export interface OperatorChannel {
  readonly kind: "lark";
  /** The first 16 hex digits of a sha256. */
  readonly operator_ref: string;
  readonly event_ref: string;
}

export interface OperatorAnswer {
  readonly goal_id: string;
  readonly gate: string;
  readonly decision: GateDecision;
  readonly recorded_at: string;
  readonly reason_summary: string;
  readonly operator_question: string | null;
  readonly follow_up: string | null;
  readonly agent_command: string | null;
  readonly recommended_action: string | null;
  /** The state the answer is given on; null when there is none. */
  readonly state_sha256_16: string | null;
  /** The state that the goal's last record saw; null when it says none. */
  readonly asked_state_sha256_16: string | null;
  readonly run_id: string;
  readonly channel: OperatorChannel | null;
}

export interface OperatorGateRecord {
  readonly classification: "operator_gate_approved" | "operator_gate_rejected" | "operator_gate_deferred";
  readonly recommended_action: string;
  readonly operator_gate: JsonObject;
  readonly resume_contract: JsonObject;
}

/** Why these parts cannot stand in one answer, or null (DEC-42). */
export function answerFault(answer: Pick<OperatorAnswer, "decision" | "gate" | "agent_command">): string | null {
  if (answer.agent_command === null) return null;
  if (answer.decision !== "approve") return "--agent-command goes with --decision approve only: nothing else hands a command on";
  return answer.gate === HISTORY_GATE ? `the gate ${HISTORY_GATE} hands no command on` : null;
}

const CLASSIFICATIONS = { approve: "operator_gate_approved", reject: "operator_gate_rejected", defer: "operator_gate_deferred" } as const;

/** The record of an answer. Recorded commands carry no paths (DEC-79). */
export function operatorGateRecord(answer: OperatorAnswer, locale: Locale): OperatorGateRecord {
  const question = answer.operator_question ?? gateQuestion(answer.goal_id, answer.gate, locale);
  const command = commandOf(answer);
  const action = answer.recommended_action ?? command ?? GATE_ACTION[answer.decision][locale](answer.gate);
  return {
    classification: CLASSIFICATIONS[answer.decision],
    recommended_action: action,
    operator_gate: {
      recorded_at: answer.recorded_at,
      gate: answer.gate,
      decision: answer.decision,
      operator_question: question,
      reason_summary: answer.reason_summary,
      ...(answer.follow_up === null ? {} : { follow_up: answer.follow_up }),
      ...(command === null ? {} : { agent_command: command }),
      ...(answer.channel === null ? {} : { channel: { ...answer.channel } }),
    },
    resume_contract: resumeContract(answer, question, action),
  };
}

/** Only an approval hands on a command, and only the map gate has one by itself (DEC-42). */
function commandOf({ decision, gate, agent_command, goal_id }: OperatorAnswer): string | null {
  if (decision !== "approve") return null;
  return agent_command ?? (gate === MAP_GATE ? `loopx read-only-map --goal-id ${goal_id} --dry-run` : null);
}

/** What an agent that resumes after the answer has to check: the state may have moved on since the question. */
function resumeContract(answer: OperatorAnswer, question: string, action: string): JsonObject {
  return {
    version: "operator_gate_resume_contract_v0",
    goal_id: answer.goal_id,
    run_id: answer.run_id,
    gate_id: answer.gate,
    created_state_ref: answer.asked_state_sha256_16,
    created_policy_version: "loopx_run_v1",
    interrupt_payload: { question, choices: [...GATE_DECISIONS] },
    allowed_decisions: [...GATE_DECISIONS],
    operator_decision: answer.decision,
    latest_state_ref: answer.state_sha256_16,
    freshness_check: freshness(answer),
    precondition_check: "ask_quota_should_run_before_resuming",
    migration_or_rebase_result: "not_needed",
    resulting_action: action,
    validation_after_resume: "record_a_run_after_the_action",
  };
}

/** Whether the state is still the one that the goal's last record saw. */
function freshness({ asked_state_sha256_16: asked, state_sha256_16: latest }: OperatorAnswer): string {
  if (asked === null || latest === null) return "no_earlier_state_known";
  return asked === latest ? "state_unchanged" : "state_changed_since_last_record";
}
