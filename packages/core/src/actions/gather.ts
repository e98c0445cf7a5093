/**
 * Gathers the facts of one verdict: one goal's entry, state, history and leases, and nothing of any other goal (PRF-3).
 * The only step of a verdict that looks at the world; from here on everything is pure.
 */
import { finding, type Finding } from "../domain/finding.ts";
import { openItems } from "../domain/goal-state/next-action-done.ts";
import type { GoalEntry } from "../domain/goal/entry.ts";
import type { Registry } from "../domain/goal/registry.ts";
import { parseAgentId, parseGoalId, type AbsolutePath, type GoalId } from "../domain/ids.ts";
import { quotaFacts } from "../domain/quota/ledger.ts";
import type { Facts, QuotaFacts } from "../domain/quota/facts.ts";
import { artifactName } from "../domain/run/record.ts";
import { isJsonObject } from "../domain/json.ts";
import { parseJsonText } from "../domain/json-text.ts";
import type { Todo } from "../domain/goal-state/todo.ts";
import type { History, Run } from "../domain/run/history.ts";
import { instantMs, type Moment } from "../domain/time.ts";
import type { Host } from "../ports/host.ts";
import type { LeaseListing } from "../ports/leases.ts";
import { readGoals } from "./goals.ts";
import { leaseOfNoUse } from "./lease-use.ts";
import { indexFile, readGoal, type GoalReading } from "./read-goal.ts";

const MAP = "read_only_project_map";

export interface FactsRequest {
  readonly goal_id: string;
  readonly agent_id?: string | undefined;
  /** Where the caller stands; only looked at for side agents. */
  readonly cwd: AbsolutePath;
  /** Hits of a scan this call asked for. */
  readonly scan?: readonly Finding[];
  /** How many of the newest runs the caller will show. */
  readonly keep?: number;
  /** The answer explains (CMD-81): its commands run where the caller stands, and it foresees what another agent would be told there. */
  readonly explains?: boolean;
  /** The facts are for one decision and its verdict: todos that neither can name are counted only (PRF-14). */
  readonly survey?: boolean;
}

export interface Gathered {
  readonly facts: Facts;
  readonly reading: GoalReading | null;
}

/** The facts of one goal; an unreadable registry is a fact too. */
export async function gatherFacts(host: Host, request: FactsRequest, now: Moment): Promise<Gathered> {
  const goals = await readGoals(host);
  if (goals.kind === "fault") return { facts: factsWithoutGoal(host, request, now, goals.finding), reading: null };
  return gatherFrom(host, goals.registry, request, now);
}

/** The same from a registry that was already read: `status` reads it once for all goals. */
export async function gatherFrom(host: Host, registry: Registry, request: FactsRequest, now: Moment): Promise<Gathered> {
  const reading = await readGoal(host, registry, request.goal_id, { now, keep: request.keep ?? 1, survey: request.survey });
  const { entry, history } = reading;
  const goalId = parseGoalId(request.goal_id);
  if (entry === null || goalId === null) {
    return {
      facts: { ...factsWithoutGoal(host, request, now, null), registered: reading.registered, health: [...reading.findings] },
      reading,
    };
  }
  const ledger = quotaFacts(entry.quota, entry.status, history ?? { spends: [], voids: [] }, now);
  const agentId = agentOf(request.agent_id);
  const runs = await runFacts(host, goalId, reading);
  const listing = await host.leases.list({ goal_id: goalId }, { skip: leaseOfNoUse(reading.state, reading.survey) });
  const workspace = await workspaceOf(host, entry, reading.repo, agentId, request);
  const facts: Facts = {
    goal_id: goalId,
    registry_fault: null,
    registry_file: host.places.registry,
    goal: entry,
    registered: true,
    agent_id: agentId,
    workspace,
    leases: liveLeases(listing, now),
    health: [
      ...reading.findings,
      ...leaseFindings(goalId, listing),
      ...ledger.findings.map((each) => ofIndex(each, goalId, indexFile(host, goalId))),
    ],
    scan: [...(request.scan ?? [])],
    quota: ledger.quota,
    todos: todosOf(reading, listing),
    runs,
    state: stateFacts(host, reading, runs.status_run),
    invocation: { cli_bin: host.cli_bin, ...invocationFrom(host, request, reading.repo, workspace) },
  };
  return { facts, reading };
}

/** A finding about a row of the run index, with the place that a person can open. */
function ofIndex(found: Finding, goal_id: GoalId, file: string): Finding {
  const place = found.line === undefined ? file : `${file}:${found.line}`;
  return { ...found, goal_id, file, message: `${place}: ${found.message}` };
}

/** A plain call in the goal's repository has to reach these files (DEC-50); an agent's own worktree lies elsewhere. */
function invocationFrom(
  host: Host,
  request: FactsRequest,
  repo: AbsolutePath | null,
  workspace: Facts["workspace"],
): Omit<Facts["invocation"], "cli_bin"> {
  const there = host.places.invocation(repo ?? request.cwd);
  if (request.explains !== true && workspace !== "independent_worktree") return there;
  const here = host.places.invocation(request.cwd);
  return { registry: here.registry ?? there.registry, runtime_root: here.runtime_root ?? there.runtime_root };
}

/** An id that is no legal one is kept as given: the rule list says that it is not registered. */
function agentOf(given: string | undefined): string | null {
  if (given === undefined) return null;
  return parseAgentId(given) ?? given;
}

function todosOf({ state, survey }: GoalReading, { leases }: LeaseListing): Facts["todos"] {
  const user: Todo[] = [];
  const agent: Todo[] = [];
  const surveyed = survey?.todosFor(leases.flatMap(({ todo_id }) => todo_id ?? [])) ?? null;
  for (const todo of surveyed?.todos ?? state?.todos ?? []) (todo.role === "user" ? user : agent).push(todo);
  const archived_ids = [...(state?.archived_ids ?? [])];
  return surveyed === null ? { user, agent, archived_ids } : { user, agent, archived_ids, left_out: surveyed.left_out };
}

function stateFacts(host: Host, { state, state_path, survey }: GoalReading, statusRun: Run | null): Facts["state"] {
  if (state === null || state_path === null) return null;
  const seen = statusRun?.classification === MAP ? statusRun.record["state"] : null;
  const compared = isJsonObject(seen) && typeof seen["sha256_16"] === "string";
  return {
    file: state_path,
    sha256_16: compared ? host.digest("sha256", state.text).slice(0, 16) : null,
    updated_at: state.updated_at,
    next_action: survey?.openItems() ?? openItems(state.next_action, state.todos),
  };
}

async function runFacts(host: Host, goalId: GoalId, reading: GoalReading): Promise<Facts["runs"]> {
  const { history } = reading;
  const statusRun = history?.status_run ?? null;
  return {
    status_run: statusRun !== null && readsMapArtifact(reading) ? await withMappedState(host, goalId, statusRun) : statusRun,
    status_run_artifact_missing: statusRun === null ? false : await artifactMissing(host, goalId, statusRun),
    graded: [...(history?.graded ?? [])],
    judged: [...(history?.judged ?? [])],
    unaccepted_bad_lines: unacceptedLines(history),
    accepted_bad_line_count: history === null ? 0 : history.bad_line_count - history.unaccepted_bad_line_count,
    index_file: indexFile(host, goalId),
    run_count: history?.run_count ?? 0,
  };
}

/** The listed ones; when none of many is listed, one still stands for them, since silence would be permission. */
function unacceptedLines(history: History | null): Facts["runs"]["unaccepted_bad_lines"] {
  if (history === null || history.unaccepted_bad_line_count === 0) return [];
  const listed = history.bad_lines.filter((line) => !line.accepted).map(({ line, offset }) => ({ line, offset }));
  return listed.length > 0 ? listed : [{ line: history.bad_line_count, offset: 0 }];
}

/** True when the status run's artifact is asked which state the run saw. */
export function readsMapArtifact({ history }: GoalReading): boolean {
  const run = history?.status_run ?? null;
  return run !== null && run.classification === MAP && !isJsonObject(run.record["state"]) && run.json_path !== null;
}

/** A map whose line does not say which state it saw says so in its artifact (rule `mapped_noop`). */
async function withMappedState(host: Host, goalId: GoalId, run: Run): Promise<Run> {
  if (run.json_path === null) return run;
  const { name } = artifactName(run.json_path, host.places.runsDirectory(goalId));
  const document = name === null ? null : await host.documents.read({ kind: "artifact", goal_id: goalId, name });
  if (document?.kind !== "found") return run;
  const parsed = parseJsonText(document.text);
  const state = parsed.kind === "value" && isJsonObject(parsed.value) ? parsed.value["state"] : undefined;
  return state === undefined ? run : { ...run, record: { ...run.record, state } };
}

/** True when a file the run names in its goal's own directory is gone; a place elsewhere is never asked (FIL-63). */
export async function artifactMissing(host: Host, goalId: GoalId, run: Run): Promise<boolean> {
  for (const path of [run.json_path, run.markdown_path]) {
    if (path !== null && (await artifactExists(host, goalId, path)) === false) return true;
  }
  return false;
}

/** Whether an artifact stands in the goal's directory; null when its path lies elsewhere and nothing of that name is here. */
export async function artifactExists(host: Host, goalId: GoalId, path: string): Promise<boolean | null> {
  const place = artifactName(path, host.places.runsDirectory(goalId));
  if (place.name === null) return null;
  const exists = await host.documents.exists({ kind: "artifact", goal_id: goalId, name: place.name });
  return exists ? true : place.kind === "inside" ? false : null;
}

async function workspaceOf(
  host: Host,
  entry: GoalEntry,
  repo: AbsolutePath | null,
  agentId: string | null,
  { cwd, explains }: FactsRequest,
): Promise<Facts["workspace"]> {
  const { registered_agents: registered, primary_agent: primary } = entry.coordination;
  const sideAgent = agentId !== null && registered.includes(agentId) && agentId !== primary;
  const asked = sideAgent || (explains === true && registered.length > 0);
  // Asking git costs more than the rest of a verdict; nobody else needs the answer.
  return asked && repo !== null ? await host.project.workspace(repo, cwd) : null;
}

function liveLeases({ leases }: LeaseListing, now: Moment): Facts["leases"] {
  return leases.flatMap((lease) => {
    const expires = instantMs(lease.expires_at);
    const live = lease.state === "held" && expires !== null && expires > now.ms;
    return live && lease.todo_id !== undefined ? [{ todo_id: lease.todo_id, holder: lease.holder, expires_at_ms: expires }] : [];
  });
}

/** Each counts as held by somebody unknown; the goal goes on (FIL-83). */
function leaseFindings(goalId: GoalId, { unreadable }: LeaseListing): readonly Finding[] {
  return unreadable.map(({ where }) =>
    finding("lease_unreadable", `the lease ${where} cannot be read; it counts as held by somebody unknown`, {
      goal_id: goalId,
      file: where,
    }),
  );
}

const NO_QUOTA: QuotaFacts = {
  compute: 0,
  window_hours: 24,
  slot_minutes: 1,
  allowed_slots: 0,
  spent_slots: 0,
  remaining_slots: 0,
  state: "eligible",
  window_start_ms: 0,
  spend_event_count: 0,
  void_event_count: 0,
  next_slot_at_ms: null,
};

function factsWithoutGoal(host: Host, request: FactsRequest, now: Moment, fault: Finding | null): Facts {
  return {
    goal_id: request.goal_id,
    registry_fault: fault,
    registry_file: host.places.registry,
    goal: null,
    registered: false,
    agent_id: agentOf(request.agent_id),
    workspace: null,
    leases: [],
    health: [],
    scan: [...(request.scan ?? [])],
    quota: { ...NO_QUOTA, window_start_ms: now.ms },
    todos: { user: [], agent: [], archived_ids: [] },
    runs: {
      status_run: null,
      status_run_artifact_missing: false,
      graded: [],
      judged: [],
      unaccepted_bad_lines: [],
      accepted_bad_line_count: 0,
      index_file: "",
      run_count: 0,
    },
    state: null,
    invocation: { cli_bin: host.cli_bin, ...host.places.invocation(request.cwd) },
  };
}
