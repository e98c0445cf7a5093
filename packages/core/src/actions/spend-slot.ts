/** Pays one slot for one record of finished work (DEC-60 to DEC-64). Decided and appended against one head of the log. */
import { LoopxError } from "../domain/errors.ts";
import type { JsonObject } from "../domain/json.ts";
import { SPEND_REASON } from "../domain/locale/quota-event.ts";
import { parseAgentId } from "../domain/ids.ts";
import type { SpendSlotResult } from "../domain/payload/spend-slot.ts";
import { artifactCandidates } from "../domain/quota/citation-choice.ts";
import type { CitationLedger } from "../domain/quota/citation-ledger.ts";
import { decide } from "../domain/quota/decide.ts";
import { spentRow, type SpendSource } from "../domain/quota/event.ts";
import { decideSpend, type SpendDecision } from "../domain/quota/spend.ts";
import type { Moment } from "../domain/time.ts";
import type { Host } from "../ports/host.ts";
import { expectWritten } from "../store/outcome.ts";
import { appendRun, artifactsPresent, previewRun, type RunOutcome } from "../store/runs.ts";
import { readLedger } from "./citation-ledger.ts";
import { gatherFacts, type Gathered } from "./gather.ts";
import { openGoal, requireGoals, type OpenGoal } from "./goals.ts";
import { requireFence, runFenceOf } from "./lease-fence.ts";
import { momentOf } from "./moment.ts";
import { observed } from "./observed.ts";
import { requireSafe } from "./safe-text.ts";

/** Other spends may come between reading and appending; after so many the caller is told to try later (REL-46). */
export const HEAD_RETRIES = 5;

/** The flags of `quota spend-slot` (CMD-83); one slot, the newest record that qualifies, by default. */
export interface SpendSlotInput {
  readonly goal_id?: string | undefined;
  readonly slots?: number | undefined;
  readonly source?: SpendSource | undefined;
  readonly run_id?: string | undefined;
  readonly run_generated_at?: string | undefined;
  readonly agent_id?: string | undefined;
  readonly override_reason?: string | undefined;
  /** The lease the work was done under: its todo, and the token of `agent_id`'s grant (FIL-82). */
  readonly lease_todo_id?: string | undefined;
  readonly lease_token?: number | undefined;
  readonly dry_run?: boolean | undefined;
  readonly cwd: string;
}

export type { SpendSlotResult } from "../domain/payload/spend-slot.ts";

/** The spend, or its refusal as a value with `appended:false`. A dry run decides the same and appends nothing. */
export const spendSlot = observed("spend_slot", async (host, input: SpendSlotInput): Promise<SpendSlotResult> => {
  const request = requestOf(input);
  const registry = await requireGoals(host);
  const goal = openGoal(host, registry, input.goal_id);
  const fence = runFenceOf(goal, input);
  await requireFence(host, fence);
  for (let attempt = 0; attempt <= HEAD_RETRIES; attempt++) {
    const now = momentOf(host.clock);
    const { head, ledger } = await readLedger(host, goal.goal_id, now);
    const gathered = await gatherFacts(host, { goal_id: goal.goal_id, agent_id: input.agent_id, cwd: input.cwd }, now);
    const decision = await decideOn(host, goal, gathered, ledger, request, now);
    if (decision.kind === "refused") return refusedResult(input, goal, request, decision);
    const row = spendRow(host, request, decision);
    const run = { goal_id: goal.goal_id, now, ...row, expected_head: head, ...(fence === null ? {} : { fence }) };
    if (input.dry_run === true)
      return acceptedResult(input, goal, request, decision, { record: previewRun(host, run, "run_preview"), appended: false });
    const outcome = await appendRun(host, run);
    if (outcome.kind === "conflict") continue;
    return acceptedResult(input, goal, request, decision, { ...appendedOf(outcome, host, goal), appended: true });
  }
  throw new LoopxError("conflict", `other writers kept appending to the history of ${goal.goal_id}; nothing was spent`);
});

type SpendRequest = Parameters<typeof decideSpend>[0]["request"];

function requestOf(input: SpendSlotInput): SpendRequest {
  const slots = input.slots ?? 1;
  if (!Number.isInteger(slots) || slots < 1)
    throw new LoopxError("invalid_value", `--slots is ${slots}; a whole number of at least 1 is right`, { details: { key: "slots" } });
  const source = input.source ?? "heartbeat";
  if (input.override_reason !== undefined && source !== "controller")
    throw new LoopxError("usage", "--override-reason goes with --source controller only", { details: { source } });
  if (input.run_id !== undefined && input.run_generated_at !== undefined)
    throw new LoopxError("conflicting_flags", "--run-id and --run-generated-at name the record twice");
  requireSafe("--override-reason", input.override_reason);
  const agentId = input.agent_id === undefined ? null : (parseAgentId(input.agent_id) ?? input.agent_id);
  return {
    slots,
    source,
    agent_id: agentId,
    run_id: input.run_id,
    run_generated_at: input.run_generated_at,
    override_reason: input.override_reason,
  };
}

async function decideOn(
  host: Host,
  goal: OpenGoal,
  { facts }: Gathered,
  ledger: CitationLedger,
  request: SpendRequest,
  now: Moment,
): Promise<SpendDecision> {
  const { coordination } = goal.entry;
  const agents = { registered: coordination.registered_agents, primary: coordination.primary_agent };
  const candidates = artifactCandidates({ request, ledger, agents });
  return decideSpend({
    request,
    decision: decide(facts, now),
    workspace_refused:
      facts.workspace !== null && facts.workspace !== "independent_worktree" && facts.workspace !== "repository_without_git",
    quota: facts.quota,
    goal_status: goal.entry.status,
    agents,
    profile: goal.entry.execution_profile,
    ledger,
    artifacts_present: await artifactsPresent(host, goal.goal_id, candidates),
  });
}

function spendRow(host: Host, request: SpendRequest, decision: Extract<SpendDecision, { kind: "accepted" }>): ReturnType<typeof spentRow> {
  return spentRow({
    source: request.source,
    slots: request.slots,
    reason_summary: decision.override_reason ?? (decision.cited === null ? "" : SPEND_REASON[host.locale](decision.cited.classification)),
    cited: decision.cited,
    override_reason: decision.override_reason ?? null,
    before: decision.before,
    after: decision.after,
    agent_id: request.agent_id,
    locale: host.locale,
  });
}

/** The appended record, or the error of a store that could not. */
export function appendedOf(outcome: Exclude<RunOutcome, { kind: "conflict" }>, host: Host, goal: OpenGoal): { record: JsonObject } {
  const written = expectWritten(outcome, `${host.places.runsDirectory(goal.goal_id)}/index.jsonl`, { goal_id: goal.goal_id });
  return { record: written.record };
}

function refusedResult(
  input: SpendSlotInput,
  goal: OpenGoal,
  request: SpendRequest,
  refused: Extract<SpendDecision, { kind: "refused" }>,
): SpendSlotResult {
  return {
    ...resultHead(input, goal, request, false),
    cited_run: null,
    before: refused.before,
    after: null,
    would_throttle: null,
    registry_mutated: false,
    quota_event: null,
    run_id: null,
    json_path: null,
    markdown_path: null,
    error: { code: "spend_refused", message: refused.message, hint: hintFor(goal.goal_id, refused.reason), details: refused.details },
  };
}

function hintFor(goalId: string, reason: string): string {
  const records = [
    "nothing_to_cite",
    "record_already_spent",
    "record_not_qualified",
    "outcome_gap_record",
    "below_minimum_scale",
    "outcome_floor_not_met",
    "no_state_writeback",
  ];
  if (reason === "run_not_found" || reason === "ambiguous_target") return `loopx history --goal-id ${goalId}`;
  return records.includes(reason)
    ? `record finished work: loopx refresh-state --goal-id ${goalId} --delivery-outcome outcome_progress --artifact <path> --validation "<check>"`
    : `loopx why --goal-id ${goalId}`;
}

function acceptedResult(
  input: SpendSlotInput,
  goal: OpenGoal,
  request: SpendRequest,
  decision: Extract<SpendDecision, { kind: "accepted" }>,
  written: { record: JsonObject; appended: boolean },
): SpendSlotResult {
  const { record, appended } = written;
  const { cited } = decision;
  const text = (key: string) => (appended && typeof record[key] === "string" ? record[key] : null);
  return {
    ...resultHead(input, goal, request, appended),
    cited_run: cited === null ? null : { run_id: cited.run_id, generated_at: cited.generated_at, classification: cited.classification },
    before: decision.before,
    after: decision.after,
    would_throttle: decision.would_throttle,
    registry_mutated: false,
    quota_event: (record["quota_event"] ?? null) as SpendSlotResult["quota_event"],
    run_id: text("run_id"),
    json_path: text("json_path"),
    markdown_path: text("markdown_path"),
    error: null,
  };
}

function resultHead(
  input: SpendSlotInput,
  goal: OpenGoal,
  request: SpendRequest,
  appended: boolean,
): Pick<SpendSlotResult, "dry_run" | "applied" | "appended" | "goal_id" | "slots" | "source"> {
  return {
    dry_run: input.dry_run ?? false,
    applied: appended,
    appended,
    goal_id: goal.goal_id,
    slots: request.slots,
    source: request.source,
  };
}
