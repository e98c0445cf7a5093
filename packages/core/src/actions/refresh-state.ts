/** Records a run from the goal state, with delivery hints that machines read (CMD-110). History is append-only. */
import { LoopxError } from "../domain/errors.ts";
import type { GoalState } from "../domain/goal-state/document.ts";
import { setNextAction, type NextActionOutcome } from "../domain/goal-state/next-action-edit.ts";
import { progressEntries, recentFeedback } from "../domain/goal-state/next-action.ts";
import { derivedAction, type DerivedAction } from "../domain/goal-state/derived-action.ts";
import { parseGoalState } from "../domain/goal-state/parse.ts";
import { parseAgentId } from "../domain/ids.ts";
import { textAt, type JsonObject } from "../domain/json.ts";
import type { RefreshStateResult } from "../domain/payload/refresh-state.ts";
import type { BatchScale, DeliveryOutcome } from "../domain/run/history.ts";
import { registryGoal } from "../domain/run/record.ts";
import type { Moment } from "../domain/time.ts";
import type { Host } from "../ports/host.ts";
import { readFrontMatter } from "../store/front-matter.ts";
import { expectWritten, unreadableError } from "../store/outcome.ts";
import { appendRun, previewRun, type NewRun } from "../store/runs.ts";
import { requireClassification } from "./classification.ts";
import { openGoal, requireGoals, type OpenGoal } from "./goals.ts";
import { missingState } from "./missing-state.ts";
import { staleLease, type GoalLeaseRef } from "./lease-answer.ts";
import { requireFence, runFenceOf } from "./lease-fence.ts";
import { momentOf } from "./moment.ts";
import { noteOf } from "./note.ts";
import { observed } from "./observed.ts";
import { requireSafe } from "./safe-text.ts";
import { syncAfterRun } from "./sync-after-run.ts";

const MAX_ACTION = 4_000;

/** The flags of `refresh-state` (CMD-110); delivery hints that are left out are not recorded. */
export interface RefreshStateInput {
  readonly goal_id?: string | undefined;
  readonly classification?: string | undefined;
  readonly recommended_action?: string | undefined;
  /** Rewrites `## Next Action` to this one bullet first. */
  readonly next_action?: string | undefined;
  readonly delivery_batch_scale?: BatchScale | undefined;
  readonly delivery_outcome?: DeliveryOutcome | undefined;
  readonly artifact?: readonly string[] | undefined;
  readonly validation?: string | undefined;
  readonly agent_id?: string | undefined;
  readonly agent_lane?: string | undefined;
  readonly progress_scope?: "goal" | "agent_lane" | undefined;
  /** The lease this run was done under: its todo, and the token of `agent_id`'s grant (FIL-82). */
  readonly lease_todo_id?: string | undefined;
  readonly lease_token?: number | undefined;
  /** A loop's own account of its cycle, recorded as it is; public-safe, and given by programs only (WTL-85). */
  readonly loop_cycle?: JsonObject | undefined;
  readonly no_global_sync?: boolean | undefined;
  readonly dry_run?: boolean | undefined;
}

export type { RefreshStateResult } from "../domain/payload/refresh-state.ts";

/**
 * The appended run. The state is the truth and is written first (`next_action`), then artifacts and index line, then the
 * global registry; a sync that fails leaves a warning and the run stands (FIL-26).
 */
export const refreshState = observed("refresh_state", async (host, input: RefreshStateInput): Promise<RefreshStateResult> => {
  requireTexts(input);
  const registry = await requireGoals(host);
  const goal = openGoal(host, registry, input.goal_id);
  const agent = agentOf(goal, input);
  const now = momentOf(host.clock);
  const fence = runFenceOf(goal, input);
  await requireFence(host, fence);
  const state = await currentState(host, goal, input, { now, fence });
  const said = input.recommended_action;
  const action: DerivedAction = said === undefined ? derivedAction(state, host.locale) : { action: said, source: "explicit_arg" };
  const run = await runOf(host, goal, state, input, { ...action, ...agent, now, fence });
  const index_path = `${host.places.runsDirectory(goal.goal_id)}/index.jsonl`;
  const record =
    input.dry_run === true
      ? previewRun(host, run, "run_preview")
      : expectWritten(await appendRun(host, run), index_path, { goal_id: goal.goal_id }).record;
  const appended = input.dry_run !== true;
  const sync =
    appended && input.no_global_sync !== true ? await syncAfterRun(host, registry, goal, now) : { global_sync: null, warnings: [] };
  const lane = input.progress_scope === "goal" && agent.progress_scope === "agent_lane";
  // A flag is never set aside in silence.
  const set_aside = lane ? [noteOf("progress_scope_of_side_agent", host.locale, agent.agent_id ?? "")] : [];
  const text = (key: string) => (appended && typeof record[key] === "string" ? record[key] : null);
  return {
    dry_run: !appended,
    applied: appended,
    appended,
    goal_id: goal.goal_id,
    generated_at: textAt(record, "generated_at"),
    run_id: text("run_id"),
    classification: run.classification,
    recommended_action: run.recommended_action,
    recommended_action_source: action.source,
    delivery_batch_scale: input.delivery_batch_scale ?? null,
    delivery_outcome: input.delivery_outcome ?? null,
    progress_scope: agent.progress_scope,
    agent_id: agent.agent_id,
    state: { path: goal.state_path, sha256_16: shortSha(host, state), frontmatter: { updated_at: state.updated_at } },
    json_path: text("json_path"),
    markdown_path: text("markdown_path"),
    index_path,
    ...sync,
    warnings: [...set_aside, ...sync.warnings],
  };
});

function requireTexts(input: RefreshStateInput): void {
  requireClassification(input.classification);
  for (const [flag, value] of [
    ["--recommended-action", input.recommended_action],
    ["--next-action", input.next_action],
    ["--validation", input.validation],
    ["--agent-lane", input.agent_lane],
  ] as const) {
    if (value !== undefined && (value.trim() === "" || [...value].length > MAX_ACTION))
      throw new LoopxError("invalid_value", `${flag} is a text of 1 to ${MAX_ACTION} characters`, { details: { key: flag } });
    requireSafe(flag, value);
  }
  for (const path of input.artifact ?? []) requireSafe("--artifact", path);
  if (input.loop_cycle !== undefined) requireSafe("loop_cycle", JSON.stringify(input.loop_cycle));
}

/** Who records this run, and whether it may move the goal's own status (DEC-86). */
function agentOf(goal: OpenGoal, input: RefreshStateInput): { agent_id: string | null; progress_scope: "goal" | "agent_lane" } {
  const { registered_agents: registered, primary_agent: primary } = goal.entry.coordination;
  const example = `loopx refresh-state --goal-id ${goal.goal_id} --agent-id ${primary ?? registered[0] ?? "<agent>"}`;
  if (input.agent_id === undefined) {
    if (registered.length > 1)
      throw new LoopxError("agent_id_required", `${goal.goal_id} has ${registered.length} agents; say which one records this run`, {
        hint: example,
        details: { registered_agents: registered },
      });
    return { agent_id: null, progress_scope: input.progress_scope ?? "goal" };
  }
  const id = parseAgentId(input.agent_id);
  if (id === null)
    throw new LoopxError("invalid_value", `${JSON.stringify(input.agent_id)} is no agent id`, { details: { key: "agent_id" } });
  if (registered.length === 0) return { agent_id: id, progress_scope: input.progress_scope ?? "goal" };
  if (!registered.includes(id))
    throw new LoopxError("agent_not_registered", `the agent ${id} is not registered for ${goal.goal_id}; it has ${registered.join(", ")}`, {
      hint: example,
      details: { agent_id: id },
    });
  // A side agent's record never moves the goal's status or streaks, whatever it asks for.
  return { agent_id: id, progress_scope: id === primary ? (input.progress_scope ?? "goal") : "agent_lane" };
}

/** The state as it stands, or after `next_action` was written into it. */
async function currentState(
  host: Host,
  goal: OpenGoal,
  input: RefreshStateInput,
  { now, fence }: Pick<RunParts, "now" | "fence">,
): Promise<GoalState> {
  const key = { kind: "goal_state", goal_id: goal.goal_id } as const;
  const read = (text: string) => parseGoalState(text, { digest: host.digest, file: goal.state_path, goal_id: goal.goal_id });
  const nextAction = input.next_action;
  if (nextAction === undefined || input.dry_run === true) {
    const document = await host.documents.read(key);
    if (document.kind === "absent") throw missingState(goal.goal_id, goal.repo, goal.state_path);
    if (document.kind === "unreadable") throw unreadableError(document, { goal_id: goal.goal_id });
    const state = read(document.text);
    return nextAction === undefined ? state : rewritten(goal, setNextAction(state, nextAction, { now }));
  }
  const outcome = await host.documents.update<NextActionOutcome | null>(
    key,
    (current) => {
      if (current === null) return { keep: true, value: null };
      const value = setNextAction(read(current.text), nextAction, { now });
      return value.kind === "edited" ? { write: value.text, value } : { keep: true, value };
    },
    fence === null ? {} : { fence },
  );
  if (outcome.kind === "fenced" && fence !== null) throw staleLease(outcome.current, fence);
  const { value } = expectWritten(outcome, goal.state_path, { goal_id: goal.goal_id });
  if (value === null) throw missingState(goal.goal_id, goal.repo, goal.state_path);
  return rewritten(goal, value);
}

function rewritten(goal: OpenGoal, outcome: NextActionOutcome): GoalState {
  if (outcome.kind !== "refused") return outcome.state;
  throw new LoopxError(outcome.code, outcome.message, { details: { goal_id: goal.goal_id, ...outcome.details } });
}

interface RunParts extends DerivedAction {
  readonly agent_id: string | null;
  readonly progress_scope: "goal" | "agent_lane";
  readonly now: Moment;
  readonly fence: GoalLeaseRef | null;
}

async function runOf(host: Host, goal: OpenGoal, state: GoalState, input: RefreshStateInput, parts: RunParts): Promise<NewRun> {
  const sha256_16 = shortSha(host, state);
  const artifacts = [...(input.artifact ?? [])];
  const evidence =
    artifacts.length === 0 && input.validation === undefined
      ? {}
      : { delivery_evidence: { artifacts, validation: input.validation ?? null } };
  const fields: JsonObject = {
    recommended_action_source: parts.source,
    state: { sha256_16, frontmatter: { updated_at: state.updated_at } },
    progress_scope: parts.progress_scope,
    ...(input.delivery_batch_scale === undefined ? {} : { delivery_batch_scale: input.delivery_batch_scale }),
    ...(input.delivery_outcome === undefined ? {} : { delivery_outcome: input.delivery_outcome }),
    ...evidence,
    ...(parts.agent_id === null ? {} : { agent_id: parts.agent_id }),
    ...(input.agent_lane === undefined ? {} : { agent_lane: input.agent_lane }),
    ...(input.loop_cycle === undefined ? {} : { loop_cycle: input.loop_cycle }),
  };
  return {
    goal_id: goal.goal_id,
    kind: "run",
    now: parts.now,
    classification: input.classification ?? "state_refreshed",
    recommended_action: parts.action,
    health_check: "state_file_read",
    fields,
    artifact: await artifactOf(goal, state, sha256_16),
    ...(parts.fence === null ? {} : { fence: parts.fence }),
  };
}

/** The private half of the record: what the state said when it was taken. */
async function artifactOf(goal: OpenGoal, state: GoalState, sha256_16: string): Promise<JsonObject> {
  const { entry } = goal;
  const { keys } = await readFrontMatter(state.text);
  return {
    state: {
      path: goal.state_path,
      sha256_16,
      frontmatter: { ...keys },
      next_action: [...state.next_action],
      recent_feedback: recentFeedback(state),
      progress: progressEntries(state),
    },
    registry_goal: registryGoal(entry),
  };
}

function shortSha(host: Host, state: GoalState): string {
  return host.digest("sha256", state.text).slice(0, 16);
}
