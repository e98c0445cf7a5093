/** Where every goal stands, who has to act, and what is wrong: health, attention and newest runs in one answer (CMD-63, CMD-66). */
import type { Finding } from "../domain/finding.ts";
import { globalFindings, type GlobalFinding, type SourceRegistryFact } from "../domain/goal/global-findings.ts";
import { registryFindings } from "../domain/goal/read-registry.ts";
import type { Registry } from "../domain/goal/registry.ts";
import { parseGoalId } from "../domain/ids.ts";
import { isJsonObject } from "../domain/json.ts";
import type { AttentionItem, AttentionQueue } from "../domain/payload/attention.ts";
import type { ShownRun } from "../domain/payload/history.ts";
import type { StatusFinding, StatusResult } from "../domain/payload/status.ts";
import { attentionItem, attentionQueue } from "../domain/status/attention.ts";
import { contractItem, withGlobalFindings } from "../domain/status/global-finding.ts";
import type { Moment } from "../domain/time.ts";
import type { Host } from "../ports/host.ts";
import { loadRegistry } from "../store/registry.ts";
import { everyGoal, type GoalFacts } from "./all-goals.ts";
import { requireGoals } from "./goals.ts";
import { shownRun } from "./history.ts";
import { momentOf } from "./moment.ts";
import { scan } from "./scan.ts";

/** The flags of `status` (CMD-63); without a scan path nothing is scanned. */
export interface StatusInput {
  readonly goal_id?: string | undefined;
  readonly agent_id?: string | undefined;
  readonly limit?: number | undefined;
  readonly scan_path?: readonly string[] | undefined;
  readonly scan_root?: string | undefined;
  readonly cwd: string;
}

export type { StatusResult } from "../domain/payload/status.ts";

const DEFAULT_LIMIT = 5;
/** So many findings are listed; the summary counts all. */
const LISTED_FINDINGS = 50;

/** One goal's fault never hides another goal (design D7). Scans nothing unless a scan path is given (design D16). */
export async function status(host: Host, input: StatusInput): Promise<StatusResult> {
  const now = momentOf(host.clock);
  const limit = input.limit ?? DEFAULT_LIMIT;
  const registry = await requireGoals(host);
  const { hits } = await scan(host, input);
  const goals = await everyGoal(host, registry, { only: input.goal_id, agent_id: input.agent_id, keep: limit, cwd: input.cwd }, now);
  const findings = [...hits, ...distinct([...registryFindings(registry), ...goals.flatMap(({ facts }) => facts.health as Finding[])])];
  const global = await globalView(host, registry);
  return {
    runtime_root: host.places.runtime_root,
    goal_count: goals.length,
    run_count: goals.reduce((sum, { facts }) => sum + facts.runs.run_count, 0),
    status_contract: {
      schema_version: 2,
      minimum_dashboard_schema_version: 2,
      producer: "loopx",
      reload_hint: "loopx --format json status",
    },
    contract: contractOf(findings, goals.length),
    global_registry: global,
    attention_queue: queueOf(host, registry, goals, hits, global.findings, now, input),
    run_history: await runHistory(host, goals, limit),
    locale: host.locale,
  };
}

function queueOf(
  host: Host,
  registry: Registry,
  goals: readonly GoalFacts[],
  hits: readonly Finding[],
  global: readonly GlobalFinding[],
  now: Moment,
  input: StatusInput,
): AttentionQueue {
  const contract = contractItem([...hits, ...registry.findings]);
  const items = goals.flatMap(({ facts }) => attentionItem(facts, now, { locale: host.locale, agent_id: input.agent_id ?? null }) ?? []);
  const all: readonly AttentionItem[] = contract === null ? items : [contract, ...items];
  // A finding about a goal that this registry does not show is the business of the global view alone.
  const own = global.filter((each) => isGlobalView(host) || concerns(each, goals));
  return attentionQueue(withGlobalFindings(all, own));
}

export function isGlobalView(host: Host): boolean {
  return host.places.registry === host.places.global_registry;
}

export function concerns(finding: GlobalFinding, goals: readonly GoalFacts[]): boolean {
  return goals.some(({ facts }) => facts.goal_id === finding.goal_id || finding.goal_ids?.includes(facts.goal_id) === true);
}

function distinct(findings: readonly Finding[]): readonly Finding[] {
  const seen = new Set<string>();
  return findings.filter((found) => {
    const key = `${found.code}\n${found.message}`;
    return !seen.has(key) && seen.add(key);
  });
}

function contractOf(findings: readonly Finding[], goalCount: number): StatusResult["contract"] {
  // A bad history line stops its goal until a person accepts it, whatever its own severity (DEC-42).
  const isError = (found: Finding) => found.severity === "error" || found.code === "history_line_bad";
  const errors = findings.filter(isError);
  const warnings = findings.filter((found) => found.severity === "warning" && !isError(found));
  const shown = ({ code, message, goal_id }: Finding): StatusFinding => ({ code, message, ...(goal_id === undefined ? {} : { goal_id }) });
  return {
    ok: errors.length === 0,
    summary: { errors: errors.length, warnings: warnings.length, checks: goalCount + 1 },
    errors: errors.slice(0, LISTED_FINDINGS).map(shown),
    warnings: warnings.slice(0, LISTED_FINDINGS).map(shown),
  };
}

/** The global registry beside this one, with what is wrong in it (DEC-74). It blocks nothing here. */
export async function globalView(host: Host, registry: Registry): Promise<StatusResult["global_registry"]> {
  const path = host.places.global_registry;
  const loaded = await loadRegistry(host.documents, { kind: "global_registry" }, path);
  if (loaded.kind !== "registry") return { available: false, path, goal_count: 0, findings: [] };
  const shown = isGlobalView(host) ? null : new Set(registry.items.flatMap((item) => (item.id === null ? [] : [item.id])));
  const findings = globalFindings(loaded.registry, {
    sources: sourcesOf(host, loaded.registry),
    state_files: stateFilesOf(host, loaded.registry),
    shown_goal_ids: shown,
  });
  return {
    available: true,
    path,
    goal_count: loaded.registry.items.length,
    findings: [...findings, ...unregistered(host, loaded.registry, registry)].slice(0, LISTED_FINDINGS),
  };
}

function sourcesOf(host: Host, global: Registry): ReadonlyMap<string, SourceRegistryFact> {
  const sources = new Set(
    global.items.flatMap(({ raw }) => (isJsonObject(raw) && typeof raw["source_registry"] === "string" ? [raw["source_registry"]] : [])),
  );
  return new Map([...sources].map((source) => [source, host.project.sourceRegistry(source)]));
}

function stateFilesOf(host: Host, global: Registry): ReadonlyMap<string, boolean> {
  return new Map(
    global.items.flatMap(({ id, raw }) => {
      if (id === null || !isJsonObject(raw) || typeof raw["repo"] !== "string" || typeof raw["state_file"] !== "string") return [];
      return [[id, host.project.present(raw["repo"], [raw["state_file"]]).length === 1] as const];
    }),
  );
}

/** Runtime directories that neither registry names: listed in the global view (FIL-69). */
function unregistered(host: Host, global: Registry, registry: Registry): readonly GlobalFinding[] {
  if (!isGlobalView(host)) return [];
  const known = new Set([...global.items, ...registry.items].map((item) => item.id));
  return host.histories
    .goalDirectories()
    .filter((name) => !known.has(name) && parseGoalId(name) !== null)
    .map((goal_id) => ({
      kind: "unregistered_runtime_goal",
      severity: "action",
      message: `the runtime directory of ${goal_id} belongs to no registered goal`,
      recommended_action: `loopx archive-runtime --goal-id ${goal_id}`,
      goal_id,
    }));
}

async function runHistory(host: Host, goals: readonly GoalFacts[], limit: number): Promise<StatusResult["run_history"]> {
  const histories = goals.flatMap(({ facts, reading }) =>
    reading === null || reading.history === null ? [] : [{ goal_id: facts.goal_id, history: reading.history }],
  );
  const newest = histories
    .flatMap(({ goal_id, history }) => history.newest.map((run) => ({ goal_id, run })))
    .toSorted((a, b) => (b.run.at_ms ?? 0) - (a.run.at_ms ?? 0) || b.run.ordinal - a.run.ordinal)
    .slice(0, limit);
  const runs: ShownRun[] = [];
  for (const { goal_id, run } of newest) {
    const goalId = parseGoalId(goal_id);
    if (goalId !== null) runs.push(await shownRun(host, goalId, run));
  }
  return {
    available: true,
    goals: histories.map(({ goal_id, history }) => ({
      goal_id,
      run_count: history.run_count,
      latest_generated_at: history.newest[0]?.generated_at ?? null,
    })),
    runs,
  };
}
