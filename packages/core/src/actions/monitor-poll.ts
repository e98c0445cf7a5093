/** Records a look at a monitor: a line that spends nothing, then the monitor's own numbers in the goal state (CMD-85, DEC-65). */
import { LoopxError } from "../domain/errors.ts";
import type { GoalState } from "../domain/goal-state/document.ts";
import { pollMonitor, type PollRequest } from "../domain/goal-state/todo-poll.ts";
import type { TodoOutcome } from "../domain/goal-state/todo-outcome.ts";
import type { Todo } from "../domain/goal-state/todo.ts";
import { parseAgentId } from "../domain/ids.ts";
import type { JsonObject } from "../domain/json.ts";
import { POLL_REASON } from "../domain/locale/quota-event.ts";
import type { MonitorPollResult } from "../domain/payload/monitor-poll.ts";
import type { RuleName } from "../domain/quota/answers.ts";
import { decide } from "../domain/quota/decide.ts";
import { monitorPollRow } from "../domain/quota/event.ts";
import { allowsPoll, monitorOf } from "../domain/quota/monitor-poll.ts";
import { keyedId } from "../domain/run/keyed-id.ts";
import type { Host } from "../ports/host.ts";
import { expectWritten } from "../store/outcome.ts";
import { appendRun, previewRun, type NewRun } from "../store/runs.ts";
import { gatherFacts } from "./gather.ts";
import { openGoal, requireGoals, type OpenGoal } from "./goals.ts";
import { fenceOf } from "./lease-fence.ts";
import { momentOf } from "./moment.ts";
import { observed } from "./observed.ts";
import { indexFile } from "./read-goal.ts";
import { requireSafe } from "./safe-text.ts";
import { changeState, shownSuccessor } from "./write-todo.ts";

/** The flags of `quota monitor-poll` (CMD-85): the monitor by `todo_id`, or what it watches by `target_key`. */
export interface MonitorPollInput {
  readonly goal_id?: string | undefined;
  readonly todo_id?: string | undefined;
  readonly target_key?: string | undefined;
  readonly result_hash?: string | undefined;
  readonly material_change?: boolean | undefined;
  readonly cadence?: string | undefined;
  readonly next_due_at?: string | undefined;
  readonly next_agent_todo?: string | undefined;
  readonly next_user_todo?: string | undefined;
  readonly next_claimed_by?: string | undefined;
  readonly reason_summary?: string | undefined;
  readonly agent_id?: string | undefined;
  /** The grant the agent's lease on the monitor was made under (FIL-82). */
  readonly lease_token?: number | undefined;
  readonly dry_run?: boolean | undefined;
  readonly cwd: string;
}

export type { MonitorPollResult } from "../domain/payload/monitor-poll.ts";

/**
 * The poll, recorded unless this is a dry run. The line comes first: it carries an id made of the monitor as it stood, so
 * that a rerun after a crash moves the monitor and adds no second line (REL-26). Errors: `poll_refused` under any other
 * rule, `todo_not_found`, `ambiguous_target`, `usage` where the monitor would stay due.
 */
export const monitorPoll = observed("monitor_poll", async (host, input: MonitorPollInput): Promise<MonitorPollResult> => {
  requirePoll(input);
  const goal = openGoal(host, await requireGoals(host), input.goal_id);
  const now = momentOf(host.clock);
  const { facts } = await gatherFacts(host, { goal_id: goal.goal_id, agent_id: input.agent_id, cwd: input.cwd }, now);
  const { rule } = decide(facts, now);
  if (!allowsPoll(rule)) throw refused(goal, rule);
  const todo_id = targetOf(goal, input, facts.todos.agent);
  const lease = { todo_id: todo_id ?? undefined, claimed_by: input.agent_id, lease_token: input.lease_token };
  const place = { goal_id: goal.goal_id, cwd: input.cwd, ...lease };
  const proof = { todo_id: lease.todo_id, holder: input.agent_id, token: input.lease_token, flags: LEASE_FLAGS };
  const fence = fenceOf(goal, proof);
  const verb =
    todo_id === null
      ? null
      : (state: GoalState, context: Parameters<typeof pollMonitor>[2]) => pollMonitor(state, requestOf(input, todo_id), context);
  // Whatever would be refused is refused before the line stands.
  const planned = verb === null ? null : (await changeState(host, { ...place, dry_run: true }, verb)).outcome;
  const before = facts.todos.agent.find((todo) => todo.todo_id === planned?.todo.todo_id) ?? null;
  const row = { ...rowOf(host, input, before), ...identityOf(host, goal, input, before) };
  const run: NewRun = { goal_id: goal.goal_id, now, ...row, ...(fence === null ? {} : { fence }) };
  if (input.dry_run === true)
    return resultOf(goal, input, rule, { record: previewRun(host, run, "run_preview"), appended: false, outcome: planned });
  const written = expectWritten(await appendRun(host, run), indexFile(host, goal.goal_id), { goal_id: goal.goal_id });
  const outcome = verb === null ? null : (await changeState(host, place, verb)).outcome;
  return resultOf(goal, input, rule, { record: written.record, appended: written.kind === "appended", outcome });
});

const LEASE_FLAGS = { todo: "a monitor", holder: "--agent-id" } as const;

function requirePoll(input: MonitorPollInput): void {
  if ((input.todo_id === undefined) === (input.target_key === undefined)) {
    throw new LoopxError("usage", "name what was looked at by exactly one of --todo-id and --target-key");
  }
  for (const [flag, value] of [
    ["--target-key", input.target_key],
    ["--result-hash", input.result_hash],
    ["--next-agent-todo", input.next_agent_todo],
    ["--next-user-todo", input.next_user_todo],
    ["--reason-summary", input.reason_summary],
  ] as const) {
    if (value?.trim() === "") throw new LoopxError("invalid_value", `${flag} may not be blank`, { details: { key: flag } });
    requireSafe(flag, value);
  }
}

function refused(goal: OpenGoal, rule: RuleName): LoopxError {
  return new LoopxError("poll_refused", `${goal.goal_id} asks for no poll now: its rule is ${rule}; nothing was written`, {
    hint: `loopx why --goal-id ${goal.goal_id}`,
    details: { goal_id: goal.goal_id, rule },
  });
}

function targetOf(goal: OpenGoal, input: MonitorPollInput, todos: readonly Todo[]): string | null {
  if (input.todo_id !== undefined) return input.todo_id;
  const target = monitorOf(todos, input.target_key ?? "");
  if (target.kind === "monitor") return target.todo_id;
  if (target.kind === "ambiguous") {
    throw new LoopxError("ambiguous_target", `several monitors of ${goal.goal_id} watch ${JSON.stringify(input.target_key)}`, {
      hint: "name one by --todo-id",
      details: { goal_id: goal.goal_id, todo_ids: target.todo_ids },
    });
  }
  const needs = (["next_agent_todo", "next_user_todo", "next_due_at", "cadence"] as const).find((key) => input[key] !== undefined);
  if (needs === undefined) return null;
  throw new LoopxError(
    "todo_not_found",
    `no open monitor of ${goal.goal_id} watches ${JSON.stringify(input.target_key)}, and --${needs.replaceAll("_", "-")} needs one`,
    {
      hint: `loopx todo list --goal-id ${goal.goal_id}`,
      details: { goal_id: goal.goal_id, target_key: input.target_key },
    },
  );
}

function requestOf(input: MonitorPollInput, todo_id: string): PollRequest {
  const { result_hash, cadence, next_due_at, next_agent_todo, next_user_todo, next_claimed_by } = input;
  return {
    todo_id,
    agent_id: input.agent_id ?? null,
    material_change: input.material_change ?? false,
    ...given({ result_hash, cadence, next_due_at, next_agent_todo, next_user_todo, next_claimed_by }),
  };
}

function given<Fields extends object>(fields: Fields): Partial<Fields> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Partial<Fields>;
}

function rowOf(host: Host, input: MonitorPollInput, monitor: Todo | null): ReturnType<typeof monitorPollRow> {
  const material_change = input.material_change ?? false;
  return monitorPollRow({
    source: "heartbeat",
    target_key: input.target_key ?? monitor?.metadata.target_key ?? null,
    todo_id: monitor?.todo_id ?? null,
    result_hash: input.result_hash ?? null,
    material_change,
    reason_summary: input.reason_summary ?? POLL_REASON[host.locale](material_change),
    agent_id: input.agent_id === undefined ? null : parseAgentId(input.agent_id),
    locale: host.locale,
  });
}

/** The same look at the same monitor has the same id; one without a monitor is a record of its own each time. */
function identityOf(host: Host, goal: OpenGoal, input: MonitorPollInput, monitor: Todo | null): Pick<NewRun, "run_id" | "once"> {
  if (monitor === null) return {};
  const { cwd: _cwd, dry_run: _dryRun, lease_token: _token, ...look } = input;
  const key = JSON.stringify(["quota_monitor_poll", monitor.todo_id, monitor.metadata, given(look)]);
  return { run_id: keyedId(host.digest, "run_", goal.goal_id, key), once: true };
}

interface Done {
  readonly record: JsonObject;
  readonly appended: boolean;
  readonly outcome: Exclude<TodoOutcome, { kind: "refused" }> | null;
}

function resultOf(goal: OpenGoal, input: MonitorPollInput, rule: RuleName, { record, appended, outcome }: Done): MonitorPollResult {
  const monitor = outcome?.todo ?? null;
  const dry_run = input.dry_run ?? false;
  const text = (key: string) => (!dry_run && typeof record[key] === "string" ? record[key] : null);
  const event = record["quota_event"] as MonitorPollResult["quota_event"];
  return {
    dry_run,
    applied: !dry_run,
    appended,
    goal_id: goal.goal_id,
    rule,
    todo_id: monitor?.todo_id ?? null,
    target_key: event.target_key ?? null,
    material_change: event.material_change,
    delivery_outcome: event.material_change ? "outcome_progress" : "surface_only",
    last_checked_at: monitor?.metadata.last_checked_at ?? null,
    next_due_at: monitor?.metadata.next_due_at ?? null,
    consecutive_no_change: monitor?.metadata.consecutive_no_change ?? null,
    successors: outcome?.kind === "edited" ? outcome.successors.map(shownSuccessor) : [],
    state_file: goal.state_path,
    registry_mutated: false,
    quota_event: event,
    run_id: text("run_id"),
    json_path: text("json_path"),
    markdown_path: text("markdown_path"),
  };
}
