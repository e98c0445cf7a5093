/** Where every goal stands, who has to act, and what is wrong: health, attention and newest runs in one answer (CMD-63, CMD-66). */
import type { Finding } from "../domain/finding.ts";
import { globalFindings, type GlobalFinding, type SourceRegistryFact } from "../domain/goal/global-findings.ts";
import type { Registry } from "../domain/goal/registry.ts";
import { parseGoalId } from "../domain/ids.ts";
import { isJsonObject } from "../domain/json.ts";
import type { AttentionItem, AttentionQueue } from "../domain/payload/attention.ts";
import type { ShownRun } from "../domain/payload/history.ts";
import type { StatusFinding, StatusResult } from "../domain/payload/status.ts";
import { attentionQueue } from "../domain/status/attention.ts";
import { contractItem, withGlobalFindings } from "../domain/status/global-finding.ts";
import type { GoalRow, RunMark } from "../domain/status/row.ts";
import type { Host } from "../ports/host.ts";
import { loadRegistry } from "../store/registry.ts";
import { goalRows, RUNS_OF_ROW, type RowsRequest } from "./goal-rows.ts";
import { requireGoals } from "./goals.ts";
import { shownRun } from "./history.ts";
import { momentOf } from "./moment.ts";
import { observed } from "./observed.ts";
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
export const status = observed("status", async (host, input: StatusInput): Promise<StatusResult> => {
  return (await statusOfRows(host, input)).result;
});

/** A status and the rows it was made of; with `overview` each row has one. */
export async function statusOfRows(
  host: Host,
  input: StatusInput,
  overview?: RowsRequest["overview"],
): Promise<{ readonly result: StatusResult; readonly rows: readonly GoalRow[] }> {
  const now = momentOf(host.clock);
  const limit = input.limit ?? DEFAULT_LIMIT;
  const registry = await requireGoals(host);
  const { hits } = await scan(host, input);
  const wanted = { only: input.goal_id, agent_id: input.agent_id, keep: Math.max(limit, RUNS_OF_ROW), cwd: input.cwd, overview };
  const { rows, findings: entries } = await goalRows(host, registry, wanted, now);
  const findings = [...hits, ...distinct([...entries, ...rows.flatMap((row) => row.health)])];
  const global = await globalView(host, registry);
  const result: StatusResult = {
    runtime_root: host.places.runtime_root,
    goal_count: rows.length,
    run_count: rows.reduce((sum, row) => sum + row.run_count, 0),
    status_contract: {
      schema_version: 2,
      minimum_dashboard_schema_version: 2,
      producer: "loopx",
      reload_hint: "loopx --format json status",
    },
    contract: contractOf(findings, rows.length),
    global_registry: global,
    attention_queue: queueOf(host, registry, rows, hits, global.findings),
    run_history: await runHistory(host, rows, limit),
    locale: host.locale,
  };
  return { result, rows };
}

function queueOf(
  host: Host,
  registry: Registry,
  rows: readonly GoalRow[],
  hits: readonly Finding[],
  global: readonly GlobalFinding[],
): AttentionQueue {
  const contract = contractItem([...hits, ...registry.findings]);
  const items = rows.flatMap((row) => row.item ?? []);
  const all: readonly AttentionItem[] = contract === null ? items : [contract, ...items];
  // A finding about a goal that this registry does not show is the business of the global view alone.
  const own = global.filter((each) => isGlobalView(host) || concerns(each, rows));
  return attentionQueue(withGlobalFindings(all, own));
}

export function isGlobalView(host: Host): boolean {
  return host.places.registry === host.places.global_registry;
}

export function concerns(finding: GlobalFinding, goals: readonly { readonly goal_id: string }[]): boolean {
  return goals.some(({ goal_id }) => goal_id === finding.goal_id || finding.goal_ids?.includes(goal_id) === true);
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

async function runHistory(host: Host, rows: readonly GoalRow[], limit: number): Promise<StatusResult["run_history"]> {
  const histories = rows.flatMap(({ goal_id, decision, state, next_command, history }) =>
    history === null ? [] : [{ goal_id, decision, state, next_command, history }],
  );
  const newest = histories
    .flatMap(({ goal_id, history }) => history.newest.map((mark) => ({ goal_id, mark })))
    .toSorted((a, b) => (b.mark.at_ms ?? 0) - (a.mark.at_ms ?? 0) || b.mark.ordinal - a.mark.ordinal)
    .slice(0, limit);
  const runs: ShownRun[] = [];
  for (const { goal_id, mark } of newest) runs.push(...(await runsAt(host, goal_id, mark, limit)));
  return {
    available: true,
    goals: histories.map(({ history, ...goal }) => ({
      ...goal,
      run_count: history.run_count,
      latest_generated_at: history.latest_generated_at,
    })),
    runs,
  };
}

/** The run at that mark; none when it went away meanwhile. */
async function runsAt(host: Host, goal_id: string, { ordinal }: RunMark, limit: number): Promise<ShownRun[]> {
  const goalId = parseGoalId(goal_id);
  if (goalId === null) return [];
  const read = await host.histories.read(goalId, { spends_since_ms: Number.MAX_SAFE_INTEGER, keep: Math.max(limit, RUNS_OF_ROW) });
  const run = read.kind === "history" ? read.history.newest.find((each) => each.ordinal === ordinal) : undefined;
  return run === undefined ? [] : [await shownRun(host, goalId, run)];
}
