/** Maps a project for a read-only goal: one look at entry, state and folder, recorded as a run (CMD-111). It opens no file of the project but the goal state. */
import type { GoalState } from "../domain/goal-state/document.ts";
import { parseGoalState } from "../domain/goal-state/parse.ts";
import { LoopxError } from "../domain/errors.ts";
import type { Registry } from "../domain/goal/registry.ts";
import type { AbsolutePath, GoalId } from "../domain/ids.ts";
import { isJsonObject, type JsonObject } from "../domain/json.ts";
import { MAP_ACTION } from "../domain/locale/map.ts";
import { authorityOf, authorityPaths, type Authority } from "../domain/map/authority.ts";
import { mapPaths } from "../domain/map/inventory.ts";
import { mapReport, projectMap, type ProjectMap } from "../domain/map/map.ts";
import { MAP_GATE, mapPermission, type MapPermission } from "../domain/map/permission.ts";
import type { ReadOnlyMapResult } from "../domain/payload/read-only-map.ts";
import { registryGoal, runMarkdown } from "../domain/run/record.ts";
import type { Moment } from "../domain/time.ts";
import type { Host } from "../ports/host.ts";
import { expectWritten, unreadableError } from "../store/outcome.ts";
import { appendRun, previewRun, type NewRun } from "../store/runs.ts";
import { bindState } from "./bind-state.ts";
import { requireClassification } from "./classification.ts";
import { namedGoal, misplacedError, requireGoals, requireOwnState, type NamedGoal } from "./goals.ts";
import { momentOf } from "./moment.ts";
import { observed } from "./observed.ts";
import { requireSafe } from "./safe-text.ts";
import { syncAfterRun } from "./sync-after-run.ts";

export const MAP_CLASSIFICATION = "read_only_project_map";
const MAX_ACTION = 4_000;
/** The operator's decision is looked for among so many of the newest runs. */
const DECISION_RUNS = 100;

/** The flags of `read-only-map` (CMD-111). */
export interface ReadOnlyMapInput {
  readonly goal_id?: string | undefined;
  readonly classification?: string | undefined;
  readonly recommended_action?: string | undefined;
  readonly no_global_sync?: boolean | undefined;
  readonly dry_run?: boolean | undefined;
}

export type { ReadOnlyMapResult } from "../domain/payload/read-only-map.ts";

/**
 * The map, recorded unless this is a dry run. A missing repository or goal state is a risk of the map, not an error.
 * Errors: `invalid_value` for an adapter that maps nothing, `opt_in_required` for a planned one.
 */
export const readOnlyMap = observed("read_only_map", async (host, input: ReadOnlyMapInput): Promise<ReadOnlyMapResult> => {
  requireTexts(input);
  const registry = await requireGoals(host);
  const goal = namedGoal(host, registry, input.goal_id);
  const now = momentOf(host.clock);
  const permission = await permissionOf(host, goal, now);
  if (permission.kind === "planned" && input.dry_run !== true) throw optInRequired(goal, permission.approved);
  const opt_in_required = permission.kind === "planned" && !permission.approved;
  const sight = await look(host, registry, goal);
  const map = projectMap({ goal: goal.entry, opt_in_required, ...sight });
  const run = runOf(host, goal, map, { state: sight.state, input, now });
  const index_path = `${host.places.runsDirectory(goal.goal_id)}/index.jsonl`;
  const appended = input.dry_run !== true;
  const record = appended
    ? expectWritten(await appendRun(host, run), index_path, { goal_id: goal.goal_id }).record
    : previewRun(host, run, "run_preview");
  const sync =
    appended && input.no_global_sync !== true ? await syncAfterRun(host, registry, goal, now) : { global_sync: null, warnings: [] };
  const text = (key: string) => (appended && typeof record[key] === "string" ? record[key] : null);
  return {
    dry_run: !appended,
    applied: appended,
    appended,
    goal_id: goal.goal_id,
    generated_at: typeof record["generated_at"] === "string" ? record["generated_at"] : "",
    run_id: text("run_id"),
    classification: run.classification,
    recommended_action: run.recommended_action,
    opt_in_required,
    project_map: map.summary,
    sections: map.sections,
    checks: map.checks,
    residual_risks: map.residual_risks,
    json_path: text("json_path"),
    markdown_path: text("markdown_path"),
    index_path,
    ...sync,
  };
});

function requireTexts({ classification, recommended_action: action }: ReadOnlyMapInput): void {
  requireClassification(classification);
  if (action !== undefined && (action.trim() === "" || [...action].length > MAX_ACTION)) {
    throw new LoopxError("invalid_value", `--recommended-action is a text of 1 to ${MAX_ACTION} characters`, {
      details: { key: "recommended_action" },
    });
  }
  requireSafe("--recommended-action", action);
}

type Mapping = Extract<MapPermission, { kind: "allowed" | "planned" }>;

/** What the adapter may do, or the error of one that maps nothing. */
async function permissionOf(host: Host, { goal_id, entry }: NamedGoal, now: Moment): Promise<Mapping> {
  const read = await host.histories.read(goal_id, { spends_since_ms: now.ms, keep: DECISION_RUNS });
  if (read.kind === "unreadable") throw unreadableError(read, { goal_id, unreadable: "history_unreadable" });
  const permission = mapPermission(entry.adapter, read.history.newest);
  const { kind, status } = entry.adapter;
  if (permission.kind === "wrong_kind") {
    throw new LoopxError(
      "invalid_value",
      `the adapter of ${goal_id} is of the kind ${kind}, which maps nothing; read_only_project_map_v0 or a kind that ends in _read_only_map_v0 does`,
      {
        hint: `loopx configure-goal --goal-id ${goal_id} --adapter-kind read_only_project_map_v0 --adapter-status connected-read-only --execute`,
        details: { goal_id, key: "adapter.kind", value: kind },
      },
    );
  }
  if (permission.kind === "wrong_status") {
    throw new LoopxError(
      "invalid_value",
      `the adapter of ${goal_id} has the status ${status}; connected, connected-read-only or read-only-map-ready is right for a map`,
      {
        hint: `loopx configure-goal --goal-id ${goal_id} --adapter-status connected-read-only --execute`,
        details: { goal_id, key: "adapter.status", value: status },
      },
    );
  }
  return permission;
}

function optInRequired({ goal_id }: NamedGoal, approved: boolean): LoopxError {
  const why = approved
    ? "an operator approved the preview, and the adapter is still planned"
    : "the adapter is planned, and no operator has opted in";
  return new LoopxError("opt_in_required", `${goal_id} is not mapped yet: ${why}`, {
    hint: approved
      ? `loopx configure-goal --goal-id ${goal_id} --adapter-status read-only-map-ready --execute`
      : `loopx read-only-map --goal-id ${goal_id} --dry-run`,
    details: { goal_id, gate: MAP_GATE, approved },
  });
}

interface Sight {
  readonly authority: Authority;
  readonly state: GoalState | null;
  readonly repo_exists: boolean;
  readonly present: ReadonlySet<string>;
}

/** What of the goal can be seen. A state file that exists and cannot be read is an error: a map must not call it missing. */
async function look(host: Host, registry: Registry, goal: NamedGoal): Promise<Sight> {
  const raw = isJsonObject(goal.item.raw) ? goal.item.raw : {};
  const bound = bindState(host, goal.goal_id, goal.entry);
  if (bound.kind === "misplaced") throw misplacedError(goal.goal_id, bound);
  if (bound.kind === "unreadable") throw unreadableError(bound, { goal_id: goal.goal_id });
  if (bound.kind === "repo_missing")
    return { authority: authoritySeen(host, raw, null), state: null, repo_exists: false, present: new Set() };
  requireOwnState(host, registry, goal.item);
  const paths = mapPaths(goal.entry).map((each) => each.path);
  return {
    authority: authoritySeen(host, raw, bound.repo),
    state: await readState(host, goal.goal_id, bound.state_path),
    repo_exists: true,
    present: new Set(host.project.present(bound.repo, paths)),
  };
}

function authoritySeen(host: Host, raw: JsonObject, repo: AbsolutePath | null): Authority {
  const { path, default_entries } = authorityPaths(raw);
  const present = (paths: readonly string[]) => (repo === null ? [] : host.project.present(repo, paths));
  return authorityOf(raw, {
    path_exists: path === null ? null : present([path]).length > 0,
    default_entries_checked: default_entries.length,
    default_entries_present: present(default_entries).length,
  });
}

async function readState(host: Host, goalId: GoalId, file: AbsolutePath): Promise<GoalState | null> {
  const document = await host.documents.read({ kind: "goal_state", goal_id: goalId });
  if (document.kind === "unreadable") throw unreadableError(document, { goal_id: goalId });
  return document.kind === "absent" ? null : parseGoalState(document.text, { digest: host.digest, file, goal_id: goalId });
}

interface RunParts {
  readonly state: GoalState | null;
  readonly input: ReadOnlyMapInput;
  readonly now: Moment;
}

function runOf(host: Host, { goal_id, entry }: NamedGoal, map: ProjectMap, { state, input, now }: RunParts): NewRun {
  const seen =
    state === null
      ? null
      : {
          path: state.file,
          sha256_16: host.digest("sha256", state.text).slice(0, 16),
          frontmatter: { updated_at: state.updated_at },
          next_action: [...state.next_action],
        };
  const registry_goal = registryGoal(entry);
  return {
    goal_id,
    kind: "run",
    now,
    classification: input.classification ?? MAP_CLASSIFICATION,
    recommended_action: input.recommended_action ?? MAP_ACTION[host.locale](map.residual_risks.length),
    health_check: "project_mapped",
    fields: { residual_risks: map.residual_risks, project_map: map.summary },
    artifact: { state: seen, registry_goal, ...map.artifact },
    markdown: (record) => runMarkdown(record, mapReport(map)),
  };
}
