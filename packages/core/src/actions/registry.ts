/** The registry as a list of goals, and what is wrong with it (CMD-60). It judges and changes nothing. */
import { editorCommand, shellQuote } from "../domain/command-line.ts";
import { finding, type Finding } from "../domain/finding.ts";
import type { GoalEntry } from "../domain/goal/entry.ts";
import { registryFindings, sharedStateFindings } from "../domain/goal/read-registry.ts";
import type { Registry, RegistryItem } from "../domain/goal/registry.ts";
import { parseGoalId } from "../domain/ids.ts";
import type { PayloadOf } from "../domain/payload/frozen.ts";
import type { RegistryGoal, RegistryProblem, RegistryResultSchema } from "../domain/payload/registry.ts";
import type { Host } from "../ports/host.ts";
import { bindState } from "./bind-state.ts";
import { requireGoals } from "./goals.ts";
import { observed } from "./observed.ts";
import { misplacedState } from "./read-goal.ts";

/** The registry's goals and problems. */
export interface RegistryResult extends PayloadOf<typeof RegistryResultSchema> {
  /** True when a problem is an error: the command then ends with `registry_unhealthy`, 1 (CMD-20). */
  readonly unhealthy: boolean;
  /** What repairs the first error. */
  readonly repair: string;
}

/** Every goal of the host's registry with its problems; an unreadable registry is `registry_invalid`. */
export const inspectRegistry = observed("inspect_registry", async (host): Promise<RegistryResult> => {
  const registry = await requireGoals(host);
  const findings = [...registryFindings(registry), ...placeFindings(host, registry)];
  return {
    schema_version_found: registry.schema_version,
    updated_at: registry.updated_at,
    common_runtime_root: registry.common_runtime_root,
    goal_count: registry.items.length,
    status_counts: countStatuses(registry),
    problems: findings.map(problemOf),
    goals: registry.items.map(goalOf),
    unhealthy: findings.some((each) => each.severity === "error"),
    repair: repairOf(
      findings.find((each) => each.severity === "error"),
      host.places.registry,
    ),
  };
});

/** An entry is repaired in the file, what it points to by the goal's own command. */
function repairOf(fault: Finding | undefined, file: string): string {
  const goalId = fault?.goal_id ?? fault?.goal_ids?.[0];
  if (fault === undefined || fault.line !== undefined || goalId === undefined) return editorCommand(file, fault?.line);
  return `loopx why --goal-id ${shellQuote(goalId)}`;
}

/** What only a look at the machine tells: repositories, state files, and state files that two goals share. */
export function placeFindings(host: Host, registry: Registry): readonly Finding[] {
  const findings: Finding[] = [];
  const bindings: { goal_id: string; position: number; state_path: string; identity: string }[] = [];
  for (const { entry, position } of registry.items) {
    const goalId = entry === null ? null : parseGoalId(entry.id);
    if (entry === null || goalId === null) continue;
    const bound = bindState(host, goalId, entry);
    if (bound.kind === "bound") {
      bindings.push({ goal_id: goalId, position, state_path: bound.state_path, identity: host.project.stateIdentity(entry) });
      if (!bound.exists)
        findings.push(
          finding("state_file_missing", `the goal state ${bound.state_path} does not exist`, { goal_id: goalId, file: bound.state_path }),
        );
    } else findings.push(bound.kind === "misplaced" ? misplacedState(goalId, bound) : unboundFinding(goalId, entry, bound));
  }
  return [...findings, ...sharedStateFindings(byIdentity(bindings))];
}

/** Files that are one file under two spellings get the first spelling, so that they are seen as shared. */
function byIdentity(
  bindings: readonly { goal_id: string; position: number; state_path: string; identity: string }[],
): { goal_id: string; position: number; state_path: string }[] {
  const paths = new Map<string, string>();
  return bindings.map(({ goal_id, position, state_path, identity }) => {
    const path = paths.get(identity) ?? state_path;
    paths.set(identity, path);
    return { goal_id, position, state_path: path };
  });
}

function unboundFinding(
  goalId: string,
  entry: GoalEntry,
  bound: { kind: "repo_missing" } | { kind: "unreadable"; reason: string; where: string },
): Finding {
  if (bound.kind === "repo_missing")
    return finding("repo_missing", `the repository ${entry.repo} is no existing directory`, { goal_id: goalId, file: entry.repo });
  if (bound.reason === "path_outside_root")
    return finding("path_outside_root", `the goal state ${bound.where} lies outside the goal's repository`, {
      goal_id: goalId,
      file: bound.where,
    });
  return finding("state_file_unreadable", `the goal state ${bound.where} cannot be used (${bound.reason})`, {
    goal_id: goalId,
    file: bound.where,
  });
}

function problemOf(found: Finding): RegistryProblem {
  const ids = found.goal_ids ?? (found.goal_id === undefined ? [] : [found.goal_id]);
  return {
    code: found.code,
    severity: found.severity,
    message: found.message,
    goal_ids: ids,
    ...(found.line === undefined ? {} : { line: found.line }),
  };
}

function countStatuses(registry: Registry): Record<string, number> {
  const counts = new Map<string, number>();
  for (const { entry } of registry.items) {
    const status = entry?.status ?? "unusable";
    counts.set(status, (counts.get(status) ?? 0) + 1);
  }
  return Object.fromEntries(counts);
}

function goalOf({ id, position, entry }: RegistryItem): RegistryGoal {
  return {
    goal_id: id,
    position,
    usable: entry !== null,
    status: entry?.status ?? null,
    domain: entry?.domain ?? null,
    role: entry?.role ?? null,
    repo: entry?.repo ?? null,
    state_file: entry?.state_file ?? null,
    adapter: entry?.adapter ?? null,
    registered_agents: entry?.coordination.registered_agents ?? [],
    primary_agent: entry?.coordination.primary_agent ?? null,
    source_registry: entry?.source_registry ?? null,
  };
}
