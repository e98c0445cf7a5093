/**
 * A read-only map: what a goal's registry entry, its state and its project folder show at one look, and the risks that
 * follow (CMD-111, DEC-82). It is a value; the action records it.
 */
import type { GoalEntry } from "../goal/entry.ts";
import type { GoalState } from "../goal-state/document.ts";
import { sectionSample } from "../goal-state/next-action.ts";
import { cutText } from "../goal-state/text.ts";
import type { JsonObject, JsonValue } from "../json.ts";
import { publicCounts, type Authority } from "./authority.ts";
import { goalDirectory, LOCAL_REGISTRY, MAP_SECTIONS, mapPaths } from "./inventory.ts";
import { residualRisks } from "./risks.ts";

const SAMPLE_ITEMS = 3;
const SAMPLE_CHARACTERS = 240;

/** What was seen. `state` is null when the file is missing, `present` empty when the repository is. */
export interface MapFacts {
  readonly goal: GoalEntry;
  readonly authority: Authority;
  readonly opt_in_required: boolean;
  readonly state: GoalState | null;
  readonly repo_exists: boolean;
  readonly present: ReadonlySet<string>;
}

export interface MappedSection {
  readonly heading: string;
  readonly present: boolean;
  readonly line_count: number;
}

export interface MappedPath {
  readonly path: string;
  readonly exists: boolean;
  readonly kind: "file" | "directory";
  readonly role: "context" | "goal_state" | "validation";
}

/** The compact map, as the run index carries it: counts and names of a closed vocabulary. */
export type MapSummary = {
  readonly adapter_kind: string;
  readonly adapter_status: string;
  readonly authority_source_count: number;
  readonly authority_registry: JsonObject;
  readonly guard_count: number;
  readonly sections_found: number;
  readonly sections_checked: number;
  readonly project_registry_exists: boolean;
  readonly goal_state_dir_exists: boolean;
  readonly active_state_file_exists: boolean;
  readonly files_present: number;
  readonly files_checked: number;
  readonly residual_risk_count: number;
};

/** A map: what stands in the run index, what an answer shows, and what only the private artifact says. */
export interface ProjectMap {
  readonly residual_risks: readonly string[];
  readonly summary: MapSummary;
  readonly sections: readonly MappedSection[];
  readonly checks: readonly MappedPath[];
  /** What only the private artifact says. */
  readonly artifact: JsonObject;
}

/** The map of what was seen; the same facts give the same map. */
export function projectMap(facts: MapFacts): ProjectMap {
  const { goal, authority, state, present } = facts;
  const samples = MAP_SECTIONS.map((heading) => ({ heading, ...sampleOf(state, heading) }));
  const found = samples.filter((section) => section.present).map((section) => section.heading);
  const checks = mapPaths(goal).map(({ path, kind, role }) => ({ path, exists: present.has(path), kind, role }));
  const residual_risks = residualRisks({
    ...facts,
    goal_id: goal.id,
    state_file: goal.state_file,
    authority_source_count: goal.authority_source_count,
    sections_found: new Set<string>(found),
  });
  return {
    residual_risks,
    summary: {
      adapter_kind: goal.adapter.kind,
      adapter_status: goal.adapter.status,
      authority_source_count: goal.authority_source_count,
      authority_registry: publicCounts(authority),
      guard_count: goal.guards.length,
      sections_found: found.length,
      sections_checked: MAP_SECTIONS.length,
      project_registry_exists: present.has(LOCAL_REGISTRY),
      goal_state_dir_exists: present.has(goalDirectory(goal.id)),
      active_state_file_exists: present.has(goal.state_file),
      files_present: checks.filter((check) => check.exists).length,
      files_checked: checks.length,
      residual_risk_count: residual_risks.length,
    },
    sections: samples.map(({ heading, present: isPresent, line_count }) => ({ heading, present: isPresent, line_count })),
    checks,
    artifact: {
      authority_sources: goal.authority_sources as JsonValue,
      authority_registry: authority.counts,
      state_map: { sections: Object.fromEntries(samples.map(({ heading, ...sample }) => [heading, sample])) },
      project_inventory: { checks },
      residual_risks,
    },
  };
}

function sampleOf(state: GoalState | null, heading: string): { present: boolean; line_count: number; sample: string[] } {
  if (state === null) return { present: false, line_count: 0, sample: [] };
  const section = sectionSample(state, heading, SAMPLE_ITEMS);
  return { ...section, sample: section.sample.map((item) => cutText(item, SAMPLE_CHARACTERS)) };
}

/** The map for people, as sections of its Markdown artifact. */
export function mapReport({ residual_risks, sections, checks }: ProjectMap): { title: string; lines: readonly string[] }[] {
  const risks = residual_risks.length === 0 ? ["none"] : residual_risks;
  return [
    { title: "Residual risks", lines: risks.map((each) => `- ${each}`) },
    {
      title: "Sections of the goal state",
      lines: sections.map(({ heading, present, line_count }) => `- ${heading}: ${present ? `${line_count} lines` : "missing"}`),
    },
    { title: "Project", lines: checks.map(({ path, exists }) => `- ${path}: ${exists ? "found" : "not found"}`) },
  ];
}
