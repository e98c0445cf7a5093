/**
 * What a read-only map looks at: sections of the goal state, and files whose existence says how a project is kept
 * (CMD-111). A map asks whether a file is there; it never opens one.
 */

/** Sections of the goal state, in the order a map tells them. */
export const MAP_SECTIONS = [
  "Authority Sources",
  "Operating Contract",
  "Work Clusters",
  "Validation Surfaces",
  "Private/Public Boundary",
  "Next Action",
  "Progress Ledger",
] as const;

export const LOCAL_REGISTRY = ".loopx/registry.json";
export const GOAL_ROOT = ".codex/goals";

/** One path that a map looks for, and what it stands for. */
export interface MapPath {
  readonly path: string;
  readonly kind: "file" | "directory";
  readonly role: "context" | "goal_state" | "validation";
}

const PROJECT_PATHS: readonly MapPath[] = [
  { path: "README.md", kind: "file", role: "context" },
  { path: "AGENTS.md", kind: "file", role: "context" },
  { path: LOCAL_REGISTRY, kind: "file", role: "goal_state" },
  { path: GOAL_ROOT, kind: "directory", role: "goal_state" },
  { path: "docs", kind: "directory", role: "context" },
  { path: "tests", kind: "directory", role: "validation" },
  { path: "package.json", kind: "file", role: "validation" },
  { path: "pyproject.toml", kind: "file", role: "validation" },
  { path: "requirements.txt", kind: "file", role: "validation" },
];

/** The directory of one goal below the project. */
export function goalDirectory(goalId: string): string {
  return `${GOAL_ROOT}/${goalId}`;
}

/** Every path a map of this goal looks for, relative to its repository. Another goal's directory is never among them. */
export function mapPaths(goal: { readonly id: string; readonly state_file: string }): readonly MapPath[] {
  return [
    ...PROJECT_PATHS,
    { path: goalDirectory(goal.id), kind: "directory", role: "goal_state" },
    { path: goal.state_file, kind: "file", role: "goal_state" },
  ];
}
