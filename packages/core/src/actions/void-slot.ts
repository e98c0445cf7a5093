/** Undoes one spend: its record is unspent again, the spend's own line stays (DEC-65, CMD-84). */
import { LoopxError } from "../domain/errors.ts";
import { parseAgentId } from "../domain/ids.ts";
import type { JsonObject } from "../domain/json.ts";
import type { VoidSlotResult } from "../domain/payload/spend-slot.ts";
import { voidedRow, type SpendSource } from "../domain/quota/event.ts";
import { decideVoid, type VoidDecision } from "../domain/quota/void.ts";
import type { Host } from "../ports/host.ts";
import { appendRun, previewRun } from "../store/runs.ts";
import { readLedger } from "./citation-ledger.ts";
import { gatherFacts } from "./gather.ts";
import { openGoal, requireGoals } from "./goals.ts";
import { momentOf } from "./moment.ts";
import { observed } from "./observed.ts";
import { requireSafe } from "./safe-text.ts";
import { appendedOf, HEAD_RETRIES } from "./spend-slot.ts";

/** The flags of `quota void-slot` (CMD-84): exactly one of `run_id` and `void_generated_at`. */
export interface VoidSlotInput {
  readonly goal_id?: string | undefined;
  readonly run_id?: string | undefined;
  readonly void_generated_at?: string | undefined;
  readonly reason_summary: string;
  readonly source?: SpendSource | undefined;
  readonly agent_id?: string | undefined;
  readonly dry_run?: boolean | undefined;
  readonly cwd: string;
}

export type { VoidSlotResult } from "../domain/payload/spend-slot.ts";

/** The void. Errors: `run_not_found`, `ambiguous_target` (several spends at that instant), `void_refused` (already voided). */
export const voidSlot = observed("void_slot", async (host, input: VoidSlotInput): Promise<VoidSlotResult> => {
  const select = selectionOf(input);
  requireSafe("--reason-summary", input.reason_summary);
  const goal = openGoal(host, await requireGoals(host), input.goal_id);
  const source = input.source ?? "controller";
  for (let attempt = 0; attempt <= HEAD_RETRIES; attempt++) {
    const now = momentOf(host.clock);
    const { head, ledger } = await readLedger(host, goal.goal_id, now);
    const { facts } = await gatherFacts(host, { goal_id: goal.goal_id, agent_id: input.agent_id, cwd: input.cwd }, now);
    const decision = accepted(decideVoid({ select, ledger, quota: facts.quota, goal_status: goal.entry.status }), goal.goal_id);
    const row = voidedRow({
      source,
      slots: decision.slots,
      reason_summary: input.reason_summary,
      voided: decision.voided,
      before: decision.before,
      after: decision.after,
      agent_id: input.agent_id === undefined ? null : (parseAgentId(input.agent_id) ?? input.agent_id),
      locale: host.locale,
    });
    const run = { goal_id: goal.goal_id, now, ...row, expected_head: head };
    const written =
      input.dry_run === true ? { record: previewRun(host, run, "run_preview"), appended: false } : await append(host, run, goal);
    if (written === null) continue;
    const text = (key: string) => (written.appended && typeof written.record[key] === "string" ? written.record[key] : null);
    return {
      dry_run: input.dry_run ?? false,
      applied: written.appended,
      appended: written.appended,
      goal_id: goal.goal_id,
      slots: decision.slots,
      source,
      voided_run: { run_id: decision.voided.run_id, generated_at: decision.voided.generated_at },
      before: decision.before,
      after: decision.after,
      would_throttle: decision.after.state === "throttled",
      registry_mutated: false,
      quota_event: (written.record["quota_event"] ?? null) as VoidSlotResult["quota_event"],
      run_id: text("run_id"),
      json_path: text("json_path"),
      markdown_path: text("markdown_path"),
    };
  }
  throw new LoopxError("conflict", `other writers kept appending to the history of ${goal.goal_id}; nothing was voided`);
});

function selectionOf(input: VoidSlotInput): { run_id?: string; generated_at?: string } {
  if ((input.run_id === undefined) === (input.void_generated_at === undefined))
    throw new LoopxError("usage", "name the spend by exactly one of --run-id and --void-generated-at");
  if (input.reason_summary.trim() === "") throw new LoopxError("usage", "--reason-summary may not be blank");
  return input.run_id === undefined ? { generated_at: input.void_generated_at ?? "" } : { run_id: input.run_id };
}

function accepted(decision: VoidDecision, goalId: string): Extract<VoidDecision, { kind: "accepted" }> {
  if (decision.kind === "accepted") return decision;
  const code = decision.reason === "already_voided" ? "void_refused" : decision.reason;
  throw new LoopxError(code, decision.message, { hint: `loopx history --goal-id ${goalId}`, details: decision.details });
}

/** Null when the log has grown since it was read. */
async function append(
  host: Host,
  run: Parameters<typeof appendRun>[1],
  goal: Parameters<typeof appendedOf>[2],
): Promise<{ record: JsonObject; appended: true } | null> {
  const outcome = await appendRun(host, run);
  return outcome.kind === "conflict" ? null : { ...appendedOf(outcome, host, goal), appended: true };
}
