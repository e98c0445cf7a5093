/** Records a person's judgement of one run as an overlay line, and on request one bullet in the goal state (CMD-113, CMD-114). */
import { previewId } from "../domain/canonical.ts";
import { LoopxError } from "../domain/errors.ts";
import { addLedgerEntry, type LedgerOutcome } from "../domain/goal-state/ledger.ts";
import { cutText } from "../domain/goal-state/text.ts";
import type { GoalId } from "../domain/ids.ts";
import type { JsonObject } from "../domain/json.ts";
import type { Locale } from "../domain/locale/locale.ts";
import { REWARD_SUMMARY, type JudgedWords } from "../domain/locale/reward.ts";
import type { RewardResult } from "../domain/payload/reward.ts";
import { isRepeated, overlayLine, readJudgement, rewardRecord, type Judgement, type JudgementInput } from "../domain/reward/judgement.ts";
import type { RunSelect } from "../domain/reward/target.ts";
import type { HumanReward, Run } from "../domain/run/history.ts";
import { formatInstant } from "../domain/time.ts";
import type { Host } from "../ports/host.ts";
import type { LogPosition } from "../ports/logs.ts";
import { expectWritten } from "../store/outcome.ts";
import { artifactExists } from "./gather.ts";
import { namedGoal, requireGoals } from "./goals.ts";
import { momentOf } from "./moment.ts";
import { observed } from "./observed.ts";
import { indexFile } from "./read-goal.ts";
import { givenInstant } from "./recorded-at.ts";
import { readTarget } from "./reward-target.ts";
import { requireSafe } from "./safe-text.ts";
import { HEAD_RETRIES } from "./spend-slot.ts";
import { changeState } from "./write-todo.ts";

const SUMMARY_TEXT_LIMIT = 300;
const SUMMARY_LABEL_LIMIT = 120;

/** The flags of `reward` (CMD-113); the newest run that is no quota event by default. */
export interface RewardInput extends JudgementInput {
  readonly goal_id?: string | undefined;
  readonly run_id?: string | undefined;
  readonly run_generated_at?: string | undefined;
  readonly recorded_at?: string | undefined;
  /** Also one bullet below `## Progress Ledger` of the goal state. */
  readonly write_active_state_summary?: boolean | undefined;
  /** What a dry run was seen as (CMD-128): anything else there is `preview_stale`, and nothing is written. */
  readonly preview_id?: string | undefined;
  readonly dry_run?: boolean | undefined;
  readonly cwd: string;
}

export type { RewardResult } from "../domain/payload/reward.ts";

/**
 * The judgement. The overlay is the truth and is written first, then the bullet; a repeated call completes the pair and
 * adds neither twice (REL-26). Errors: `run_not_found`, `ambiguous_target`, `usage` for half a lesson, `unsafe_text`.
 */
export const rewardRun = observed("reward_run", async (host, input: RewardInput): Promise<RewardResult> => {
  const judgement = judgementOf(input);
  const select = selectOf(input);
  const { goal_id } = namedGoal(host, await requireGoals(host), input.goal_id);
  for (let attempt = 0; attempt <= HEAD_RETRIES; attempt++) {
    const now = momentOf(host.clock);
    const asked = givenInstant(input.recorded_at, now);
    const { head, record_count, run } = await readTarget(host, goal_id, select);
    const last = run.human_rewards.at(-1);
    const known = isRepeated(last, judgement, asked) ? last : undefined;
    const recorded_at = known?.recorded_at ?? asked ?? formatInstant(now, "milliseconds");
    const overlay_id = known?.overlay_id ?? (input.dry_run === true ? null : host.ids.next("reward_"));
    const human_reward = known === undefined ? rewardRecord(judgement, recorded_at, overlay_id) : (known as JsonObject);
    const record = overlayLine(run.record as JsonObject, human_reward);
    const judged: Judged = { goal_id, record_count, run, human_reward, record, summaries: summariesOf(goal_id, run, judgement) };
    if (input.preview_id !== undefined && input.preview_id !== previewOf(host, await selectedRun(host, judged), judged))
      throw new LoopxError("preview_stale", `the history of ${goal_id} is not as it was in the preview; nothing was recorded`, {
        details: { goal_id },
      });
    // What the state would refuse is refused before the overlay stands.
    const planned = await stateUpdate(host, input, judged, { dry_run: true });
    if (input.dry_run === true) return resultOf(host, input, judged, { appended: false, update: planned });
    const appended = known === undefined;
    if (appended && !(await append(host, judged, head))) continue;
    const update = planned.would_write ? await stateUpdate(host, input, judged, { dry_run: false }) : planned;
    return resultOf(host, input, judged, { appended, update });
  }
  throw new LoopxError("conflict", `other writers kept appending to the history of ${goal_id}; nothing was recorded`);
});

interface Judged {
  readonly goal_id: GoalId;
  readonly record_count: number;
  readonly run: Run;
  readonly human_reward: JsonObject;
  /** The overlay line. */
  readonly record: JsonObject;
  readonly summaries: Readonly<Record<Locale, string>>;
}

function judgementOf(input: RewardInput): Judgement {
  const judgement = readJudgement(input);
  if (judgement.kind === "fault")
    throw new LoopxError(judgement.code, judgement.message, { hint: "loopx reward --help", details: { key: judgement.key } });
  requireSafe("--decision", input.decision);
  requireSafe("--reason-summary", input.reason_summary);
  requireSafe("--follow-up", input.follow_up);
  requireSafe("--lesson-summary", input.lesson_summary);
  for (const text of input.lesson_avoid ?? []) requireSafe("--lesson-avoid", text);
  for (const text of input.lesson_prefer ?? []) requireSafe("--lesson-prefer", text);
  return judgement;
}

function selectOf({ run_id, run_generated_at }: RewardInput): RunSelect {
  if (run_id !== undefined && run_generated_at !== undefined)
    throw new LoopxError("conflicting_flags", "--run-id and --run-generated-at name the run twice");
  if (run_id !== undefined) return { by: "run_id", run_id };
  return run_generated_at === undefined ? { by: "newest" } : { by: "generated_at", generated_at: run_generated_at };
}

/** False when the log has grown since it was read. */
async function append(host: Host, { goal_id, record }: Judged, expected_head: LogPosition): Promise<boolean> {
  const outcome = await host.logs.append({ kind: "runs", goal_id }, record, { expected_head });
  if (outcome.kind === "conflict") return false;
  expectWritten(outcome, indexFile(host, goal_id), { goal_id });
  return true;
}

type StateUpdate = RewardResult["active_state_update"];

async function stateUpdate(host: Host, input: RewardInput, judged: Judged, { dry_run }: { dry_run: boolean }): Promise<StateUpdate> {
  if (input.write_active_state_summary !== true) {
    return { requested: false, would_write: false, written: false, state_file: null, section: null, entry: null, already_present: false };
  }
  const entry = {
    recorded_at: textOf(judged.human_reward["recorded_at"]),
    summary: judged.summaries[summaryLocale(host)],
    translations: Object.values(judged.summaries),
    history_command: historyCommand(judged.goal_id),
  };
  const { goal, outcome } = await changeState<LedgerOutcome>(host, { goal_id: judged.goal_id, cwd: input.cwd, dry_run }, (state, { now }) =>
    addLedgerEntry(state, entry, { now }),
  );
  const edited = outcome.kind === "edited";
  return {
    requested: true,
    would_write: edited,
    written: edited && !dry_run,
    state_file: goal.state_path,
    section: outcome.section,
    entry: outcome.entry,
    already_present: !edited,
  };
}

/** Chinese unless a language was named (design D15). */
function summaryLocale({ locale, locale_named }: Host): Locale {
  return locale_named ? locale : "zh";
}

/** In every language: what stands in the ledger in another one is not said again. */
function summariesOf(goal_id: GoalId, run: Run, judgement: Judgement): Judged["summaries"] {
  const { decision, reward, reason_summary, follow_up, lesson } = judgement;
  const short = (text: string, limit: number) => cutText(text.replace(/\s+/gu, " ").trim(), limit);
  const words: JudgedWords = {
    goal_id,
    generated_at: short(run.generated_at, SUMMARY_LABEL_LIMIT),
    classification: short(run.classification, SUMMARY_LABEL_LIMIT),
    decision: short(decision, SUMMARY_LABEL_LIMIT),
    reward,
    reason: short(reason_summary, SUMMARY_TEXT_LIMIT),
    follow_up: follow_up === null ? null : short(follow_up, SUMMARY_TEXT_LIMIT),
    lesson: lesson === null ? null : short(lesson.summary, SUMMARY_TEXT_LIMIT),
  };
  return { en: REWARD_SUMMARY.en(words), zh: REWARD_SUMMARY.zh(words) };
}

function historyCommand(goal_id: GoalId): string {
  return `loopx history --goal-id ${goal_id} --limit 3`;
}

async function selectedRun(host: Host, { goal_id, run }: Judged): Promise<RewardResult["selected_run"]> {
  const exists = (path: string | null) => (path === null ? null : artifactExists(host, goal_id, path));
  return {
    generated_at: run.generated_at,
    classification: run.classification,
    recommended_action: run.recommended_action,
    json_exists: await exists(run.json_path),
    markdown_exists: await exists(run.markdown_path),
  };
}

/** The id of a dry run's answer (CMD-130). An overlay has an id only when it stands. */
export function rewardPreviewId(host: Pick<Host, "digest">, result: RewardResult): string {
  const { goal_id, raw_index_records_before: record_count, selected_run, human_reward } = result;
  return previewOf(host, selected_run, { goal_id, record_count, human_reward: human_reward as JsonObject });
}

function previewOf(
  host: Pick<Host, "digest">,
  selected_run: RewardResult["selected_run"],
  { goal_id, record_count, human_reward }: { readonly goal_id: string; readonly record_count: number; readonly human_reward: JsonObject },
): string {
  const { overlay_id: _id, ...said } = human_reward;
  return previewId({ goal_id, raw_index_records_before: record_count, selected_run: { ...selected_run }, human_reward: said }, host.digest);
}

async function resultOf(
  host: Host,
  input: RewardInput,
  judged: Judged,
  done: { appended: boolean; update: StateUpdate },
): Promise<RewardResult> {
  const { goal_id, human_reward } = judged;
  return {
    dry_run: input.dry_run ?? false,
    applied: done.appended || done.update.written,
    appended: done.appended,
    goal_id,
    raw_index_records_before: judged.record_count,
    selected_run: await selectedRun(host, judged),
    human_reward: human_reward as HumanReward,
    active_state_summary: judged.summaries[summaryLocale(host)],
    project_agent_visibility: {
      source_of_truth: "run_bound_human_reward_overlay",
      history_command: historyCommand(goal_id),
      active_state_role: "summary_only",
      review_packet_role: "optional_handoff_only",
      ...(human_reward["lesson"] === undefined ? {} : { lesson_role: "warning_only" as const }),
    },
    active_state_update: done.update,
    index_record: judged.record,
  };
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}
