/** A row for every goal of a status: remembered where the goal's files stand as they stood, else made of them (PRF-15, FIL-70). */
import { itemsOfGoal, registryFindings } from "../domain/goal/read-registry.ts";
import type { Registry } from "../domain/goal/registry.ts";
import type { Finding } from "../domain/finding.ts";
import { parseGoalId } from "../domain/ids.ts";
import { isJsonObject } from "../domain/json.ts";
import { fingerprint } from "../domain/run/fingerprint.ts";
import { artifactName } from "../domain/run/record.ts";
import type { Locale } from "../domain/locale/locale.ts";
import type { Decision } from "../domain/quota/decision.ts";
import type { GoalOverview } from "../domain/status/overview.ts";
import { goalRow, rowStandsUntil, type GoalRow } from "../domain/status/row.ts";
import type { Moment } from "../domain/time.ts";
import type { Host } from "../ports/host.ts";
import type { Recalled, RecallGoal } from "../ports/recall.ts";
import { factsOfGoal, wantedGoals, type GoalFacts, type GoalRequest } from "./all-goals.ts";
import { readsMapArtifact } from "./gather.ts";

/** So many of its newest runs a goal brings to the list at least; a row for more is not remembered. */
export const RUNS_OF_ROW = 5;

export interface GoalRows {
  /** In registry order. */
  readonly rows: readonly GoalRow[];
  /** Of the registry's entries, and of the registry itself. */
  readonly findings: readonly Finding[];
}

/** How rows are asked for. */
export interface RowsRequest extends GoalRequest {
  readonly only?: string | undefined;
  /** Rows with an overview each, made by this; `project` is the name of the goal's folder. */
  readonly overview?: ((decision: Decision, project: string, locale: Locale) => GoalOverview) | undefined;
}

/** The rows of all goals, or of the `only` one, which must exist. */
export async function goalRows(host: Host, registry: Registry, request: RowsRequest, now: Moment): Promise<GoalRows> {
  const ids = wantedGoals(host, registry, request.only);
  const isUsual = request.keep === RUNS_OF_ROW && request.overview === undefined;
  const isShared = request.agent_id === undefined && (isUsual || host.recall.any_wish);
  const goals = isShared && ids.length > 1 ? lookableGoals(registry) : [];
  const recalled = host.recall.open(madeBy(host, goals, request, now), goals);
  const rows = new Map(ids.map((id) => [id, recall(recalled, id, now)]));
  const made = new Set<string>();
  // A goal that shares its state with another is told so, though its own files stand as they stood.
  const queue = ids.filter((id) => rows.get(id) === null);
  for (const id of queue) {
    if (made.has(id)) continue;
    made.add(id);
    const row = await makeRow(host, registry, recalled, id, request, now);
    rows.set(id, row);
    for (const { code, goal_ids = [] } of row.health) if (code === SHARED) queue.push(...goal_ids.filter((other) => rows.has(other)));
  }
  recalled.close();
  const unsure = registry.items.filter((item) => item.id === null || made.has(item.id) || !rows.has(item.id));
  return { rows: ids.flatMap((id) => rows.get(id) ?? []), findings: registryFindings({ ...registry, items: unsure }) };
}

const SHARED = "state_file_shared";

function recall(recalled: Recalled, id: string, now: Moment): GoalRow | null {
  const goalId = parseGoalId(id);
  return goalId === null ? null : ((recalled.get(goalId, now.ms) as GoalRow | undefined) ?? null);
}

/** What a row depends on beside its goal's files: the language, the zone of shown times, how a command reaches these files. */
function madeBy({ locale, cli_bin, places }: Host, goals: readonly RecallGoal[], { keep, overview }: RowsRequest, now: Moment): string {
  const ways = [...new Set(goals.map((goal) => goal.repo))].map((repo) => [repo, places.invocation(repo)]);
  const wish = keep === RUNS_OF_ROW && overview === undefined ? [] : [keep, overview !== undefined];
  return JSON.stringify([locale, now.offset_minutes, cli_bin, places.runtime_root, fingerprint(JSON.stringify(ways)), ...wish]);
}

/** The goals of sound entries, as far as that is seen without reading them. */
function lookableGoals(registry: Registry): readonly RecallGoal[] {
  const ids = new Map<string, number>();
  for (const { id } of registry.items) if (id !== null) ids.set(id, (ids.get(id) ?? 0) + 1);
  return registry.items.flatMap(({ id, raw }) => {
    const goal_id = id === null || ids.get(id) !== 1 ? null : parseGoalId(id);
    if (goal_id === null || !isJsonObject(raw) || typeof raw["repo"] !== "string" || typeof raw["state_file"] !== "string") return [];
    return [{ goal_id, repo: raw["repo"], state_file: raw["state_file"], entry: () => fingerprint(JSON.stringify(raw)) }];
  });
}

async function makeRow(
  host: Host,
  registry: Registry,
  recalled: Recalled,
  goal_id: string,
  request: RowsRequest,
  now: Moment,
): Promise<GoalRow> {
  const goal = await factsOfGoal(host, registry, goal_id, request, now);
  const history = goal.reading?.history ?? null;
  const { overview } = request;
  const project = projectName(goal.reading?.repo ?? null);
  const row = goalRow(goal.facts, history, now, {
    locale: host.locale,
    overview: overview === undefined ? null : (decision, locale) => overview(decision, project, locale),
  });
  const goalId = parseGoalId(goal_id);
  if (goalId !== null && isTold(goal, registry, row)) {
    const artifacts = artifactsOf(goal, host.places.runsDirectory(goalId));
    recalled.keep(goalId, row, { from_ms: now.ms, until_ms: rowStandsUntil(goal.facts, history, now), artifacts });
  }
  return row;
}

/** The last part of the repository's path, whatever machine wrote it. */
function projectName(repo: string | null): string {
  return repo?.split(/[\\/]/).findLast((part) => part !== "") ?? "";
}

/** False when more counted than the goal's own files, or than a look at them tells. */
function isTold({ reading }: GoalFacts, registry: Registry, row: GoalRow): boolean {
  if (reading === null || reading.entry === null || reading.from_artifacts || readsMapArtifact(reading)) return false;
  return itemsOfGoal(registry, row.goal_id).every((item) => item.findings.length === 0) && row.health.every(({ code }) => code !== SHARED);
}

function artifactsOf({ reading }: GoalFacts, runsDirectory: string): string[] {
  const run = reading?.history?.status_run ?? null;
  return [run?.json_path ?? null, run?.markdown_path ?? null].flatMap((path) =>
    path === null ? [] : (artifactName(path, runsDirectory).name ?? []),
  );
}
