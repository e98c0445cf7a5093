/**
 * Findings: what is wrong or worth knowing about a registry, a goal, its state or its history.
 * A finding is a value, never a throw; one table says how severe each kind is and what repairs it.
 */

/** An error blocks its goal; a warning and a note block nothing. */
export type Severity = "error" | "warning" | "info";

/** Every kind of finding: severity, one sentence of meaning, and how it is repaired. */
export const FINDINGS = {
  registry_missing: { severity: "error", meaning: "The registry file does not exist.", fix: "loopx connect" },
  registry_invalid: {
    severity: "error",
    meaning: "The registry cannot be read as JSON with a list of goals.",
    fix: "edit the file at the named line",
  },
  goal_entry_invalid: { severity: "error", meaning: "An entry of `goals` is no object or has no id.", fix: "edit the registry" },
  goal_id_invalid: { severity: "error", meaning: "A goal id is not one safe path segment.", fix: "edit the registry" },
  goal_id_duplicate: { severity: "error", meaning: "Two entries have the same goal id.", fix: "loopx disconnect" },
  goal_id_case_collision: { severity: "error", meaning: "Two goal ids differ only in case.", fix: "loopx disconnect" },
  goal_field_missing: {
    severity: "error",
    meaning: "An entry lacks `repo`, `domain`, `state_file` or `adapter.kind`.",
    fix: "loopx connect --force",
  },
  state_file_shared: { severity: "error", meaning: "Two goals have one state file.", fix: "loopx disconnect the other goal" },
  repo_missing: {
    severity: "error",
    meaning: "The goal's repository is no existing directory.",
    fix: "loopx disconnect, or restore the directory",
  },
  state_file_missing: { severity: "error", meaning: "The goal state file does not exist.", fix: "loopx connect" },
  state_file_unreadable: {
    severity: "error",
    meaning: "The goal state file cannot be read.",
    fix: "move the file aside, then loopx connect",
  },
  not_a_regular_file: {
    severity: "error",
    meaning: "A directory, FIFO, device or socket stands where a file is expected.",
    fix: "replace it by a file",
  },
  too_large: { severity: "error", meaning: "A file is over its limit.", fix: "loopx todo archive-completed" },
  path_outside_root: {
    severity: "error",
    meaning: "A path leaves the directory it has to lie in.",
    fix: "move the link aside, or loopx connect --force",
  },
  waiting_on_unknown: {
    severity: "error",
    meaning: "`waiting_on` names nobody LoopX knows.",
    fix: "loopx configure-goal --clear-waiting-on",
  },
  history_unreadable: { severity: "error", meaning: "The run index cannot be read at all.", fix: "loopx archive-runtime" },
  history_line_bad: {
    severity: "warning",
    meaning: "A line of the run index cannot be read; the others count.",
    fix: "loopx operator-gate --gate history_line_bad",
  },
  history_line_accepted: { severity: "warning", meaning: "A bad history line that a person has accepted.", fix: "nothing" },
  history_tail_torn: { severity: "info", meaning: "A history line was cut by a crash before its writer reported success.", fix: "nothing" },
  index_identity_collision: { severity: "warning", meaning: "Two different runs share time and artifacts.", fix: "nothing" },
  timestamp_invalid: { severity: "warning", meaning: "A run's time cannot be read; it sorts oldest.", fix: "nothing" },
  timestamp_without_zone: { severity: "info", meaning: "An instant names no zone; UTC is assumed.", fix: "nothing" },
  clock_skew: { severity: "warning", meaning: "A record lies more than 5 minutes in the future.", fix: "check the clock" },
  quota_event_missing: { severity: "warning", meaning: "A spend says nowhere how many slots it took; 1 is counted.", fix: "nothing" },
  run_artifact_missing: { severity: "error", meaning: "An artifact file of the newest run is gone.", fix: "loopx refresh-state" },
  artifact_outside_root: { severity: "info", meaning: "A run names an artifact outside its goal; it is not opened.", fix: "nothing" },
  adapter_status_unknown: {
    severity: "warning",
    meaning: "The adapter status is none LoopX knows; it counts as not connected.",
    fix: "loopx configure-goal --adapter-status",
  },
  execution_profile_invalid: {
    severity: "warning",
    meaning: "A label or threshold of the execution profile is wrong; the default stands.",
    fix: "edit the registry",
  },
  quota_invalid: { severity: "warning", meaning: "A quota field has a wrong type; the default stands.", fix: "loopx configure-goal" },
  quota_value_clamped: { severity: "warning", meaning: "A quota value was out of range and was clamped.", fix: "loopx configure-goal" },
  front_matter_engine_refused: {
    severity: "warning",
    meaning: "The front matter names a language; nothing is executed.",
    fix: "use plain `---`",
  },
  front_matter_unclosed: { severity: "warning", meaning: "The front matter has no closing `---`.", fix: "close it" },
  section_duplicate: {
    severity: "warning",
    meaning: "A section that is read once stands twice; the first wins.",
    fix: "merge the sections",
  },
  todo_metadata_invalid: { severity: "warning", meaning: "A value in a todo's metadata cannot be read.", fix: "loopx todo update" },
  todo_marker_differs: {
    severity: "info",
    meaning: "Checkbox and metadata status disagree; the checkbox counts.",
    fix: "loopx todo update",
  },
  todo_id_duplicate: {
    severity: "warning",
    meaning: "Two todos have the same id; the later one is shown under a derived id.",
    fix: "loopx todo update",
  },
  state_file_large: { severity: "info", meaning: "The goal state is over 512 KiB.", fix: "loopx todo archive-completed" },
  lease_unreadable: { severity: "warning", meaning: "A lease file cannot be read; it counts as held.", fix: "remove or repair the file" },
  source_registry_missing: {
    severity: "error",
    meaning: "The registry a global entry came from is gone.",
    fix: "loopx sync-global --prune",
  },
  stale_source_registry: { severity: "warning", meaning: "The project registry changed after its last sync.", fix: "loopx sync-global" },
  source_entry_missing: {
    severity: "warning",
    meaning: "A global entry's goal is no longer in its project registry.",
    fix: "loopx sync-global --prune",
  },
  state_file_not_declared: { severity: "warning", meaning: "A global entry names no state file.", fix: "loopx connect" },
  duplicate_goal_id: { severity: "error", meaning: "The global registry holds a goal id twice.", fix: "edit the global registry" },
  current_registry_scope_excludes_global_goals: {
    severity: "info",
    meaning: "The global registry has goals that this registry does not show.",
    fix: "nothing",
  },
  unregistered_runtime_goal: {
    severity: "warning",
    meaning: "A runtime directory belongs to no registered goal.",
    fix: "loopx archive-runtime",
  },
  gate_link_dangling: {
    severity: "warning",
    meaning: "A gate's link leads nowhere, so the gate stops the whole goal.",
    fix: "loopx todo update",
  },
  gate_scope_conflict: {
    severity: "warning",
    meaning: "A gate is global and linked at once; it stops the whole goal.",
    fix: "loopx todo update",
  },
  private_state_tracked: {
    severity: "error",
    meaning: "git tracks a goal state or a registry; a push would publish it.",
    fix: "git rm --cached, then add it to .gitignore",
  },
  private_state_not_ignored: {
    severity: "warning",
    meaning: "git does not ignore a goal state or a registry.",
    fix: "loopx connect --gitignore",
  },
  scan_file_unreadable: {
    severity: "warning",
    meaning: "A file of the scan is no UTF-8 text, over its limit, or not to be read.",
    fix: "look at it yourself",
  },
  boundary_hit: { severity: "error", meaning: "A scanned file holds a text that must not be public.", fix: "remove it from the file" },
} as const satisfies Record<string, { severity: Severity; meaning: string; fix: string }>;

/** A code of the closed table {@link FINDINGS}. */
export type FindingCode = keyof typeof FINDINGS;

/** One thing that is wrong or worth knowing, with its place; keys that do not apply are absent. */
export interface Finding {
  readonly code: FindingCode;
  readonly severity: Severity;
  /** What is wrong and where, in one sentence. */
  readonly message: string;
  readonly goal_id?: string;
  readonly goal_ids?: readonly string[];
  readonly file?: string;
  readonly line?: number;
  readonly key?: string;
}

/** A finding of that kind, with the severity its table gives. */
export function finding(code: FindingCode, message: string, place: Omit<Finding, "code" | "severity" | "message"> = {}): Finding {
  return { code, severity: FINDINGS[code].severity, message, ...place };
}
