/**
 * What a map warns of: an ordered list of small questions, each with one name of a closed vocabulary (DEC-82).
 * A risk stops nothing. A healthy lane in the same repository never hides another lane's gap.
 */
import type { Authority } from "./authority.ts";
import { GOAL_ROOT, goalDirectory, LOCAL_REGISTRY, MAP_SECTIONS } from "./inventory.ts";

/** What was seen, as far as risks ask. */
export interface RiskFacts {
  readonly goal_id: string;
  readonly state_file: string;
  readonly opt_in_required: boolean;
  readonly authority_source_count: number;
  readonly authority: Authority;
  readonly sections_found: ReadonlySet<string>;
  readonly repo_exists: boolean;
  /** Paths that exist, relative to the repository. */
  readonly present: ReadonlySet<string>;
}

const SECTIONS_NAMED = 4;
const CONFLICTS = new Set(["medium", "high"]);

type Risk = (facts: RiskFacts) => string | null;
const risk =
  (name: string, applies: (facts: RiskFacts) => boolean): Risk =>
  (facts) =>
    applies(facts) ? name : null;

const RISKS: readonly Risk[] = [
  risk("planned_adapter_requires_controller_opt_in", (facts) => facts.opt_in_required),
  risk("authority_sources_not_declared", (facts) => facts.authority_source_count === 0),
  risk("authority_registry_required_but_not_declared", ({ authority }) => authority.required && !authority.declared),
  risk("authority_registry_path_missing", ({ authority }) => authority.declared && authority.path_missing),
  risk("authority_registry_default_entries_missing", ({ authority }) => authority.declared && authority.default_entries_missing),
  risk("authority_registry_deprecated_sources_seen", ({ authority }) => authority.declared && authority.deprecated_sources > 0),
  risk("authority_registry_conflict_risk", ({ authority }) => authority.declared && CONFLICTS.has(authority.conflict_risk)),
  sectionsMissing,
  risk("project_repo_missing", (facts) => !facts.repo_exists),
  risk("project_local_registry_not_detected", ({ present }) => !present.has(LOCAL_REGISTRY)),
  risk("project_goal_root_not_detected", ({ present }) => !present.has(GOAL_ROOT)),
  (facts) => (ownDirectoryMissing(facts) ? `project_goal_state_dir_not_detected:${facts.goal_id}` : null),
  risk("project_local_goal_state_not_detected", localStateMissing),
  risk("project_context_surface_sparse", ({ present }) => !present.has("README.md") && !present.has("docs")),
  risk("standard_validation_surface_not_detected", ({ present }) =>
    ["tests", "package.json", "pyproject.toml", "requirements.txt"].every((path) => !present.has(path)),
  ),
];

/** The risks of a map, in the order of DEC-82; an empty list when nothing is missing. */
export function residualRisks(facts: RiskFacts): readonly string[] {
  return RISKS.flatMap((each) => each(facts) ?? []);
}

function sectionsMissing({ sections_found: found }: RiskFacts): string | null {
  const missing = MAP_SECTIONS.filter((heading) => !found.has(heading));
  return missing.length === 0 ? null : `state_sections_missing:${missing.slice(0, SECTIONS_NAMED).join(",")}`;
}

function ownDirectoryMissing({ goal_id, present }: RiskFacts): boolean {
  return !present.has(goalDirectory(goal_id));
}

/** Sums up the three before it; a state file that is gone leaves nothing local either. */
function localStateMissing(facts: RiskFacts): boolean {
  const { present, state_file } = facts;
  return !present.has(LOCAL_REGISTRY) || !present.has(GOAL_ROOT) || ownDirectoryMissing(facts) || !present.has(state_file);
}
