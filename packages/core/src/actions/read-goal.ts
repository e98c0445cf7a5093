/**
 * One goal as its files say: entry, state and history, each read once. Faults become findings of this goal alone
 * (design D7); nothing here judges what they mean.
 */
import { finding, type Finding } from "../domain/finding.ts";
import type { GoalEntry } from "../domain/goal/entry.ts";
import { itemsOfGoal } from "../domain/goal/read-registry.ts";
import type { Registry, RegistryItem } from "../domain/goal/registry.ts";
import type { GoalState } from "../domain/goal-state/document.ts";
import { parseGoalState } from "../domain/goal-state/parse.ts";
import { surveyGoalState, type Survey } from "../domain/goal-state/survey.ts";
import { parseGoalId, type AbsolutePath, type GoalId } from "../domain/ids.ts";
import type { History } from "../domain/run/history.ts";
import type { Moment } from "../domain/time.ts";
import type { Host } from "../ports/host.ts";
import type { Unreadable } from "../ports/unreadable.ts";
import { bindState, type Misplaced } from "./bind-state.ts";
import { sharedState } from "./goals.ts";

const HOUR_MS = 3_600_000;

export interface GoalReading {
  readonly goal_id: string;
  /** An entry with this id exists, usable or not. */
  readonly registered: boolean;
  /** Null when there is no usable entry; then `findings` says why. */
  readonly entry: GoalEntry | null;
  readonly repo: AbsolutePath | null;
  readonly state_path: AbsolutePath | null;
  readonly state: GoalState | null;
  /** The state as one decision needs it; null unless it was asked for. */
  readonly survey: Survey | null;
  readonly history: History | null;
  /** True when the content of artifacts counts too. */
  readonly from_artifacts: boolean;
  readonly findings: readonly Finding[];
}

export interface ReadOptions {
  readonly now: Moment;
  /** How many of the newest runs are wanted. */
  readonly keep: number;
  /** Only a decision is wanted: the todos that it cannot name need not be made. */
  readonly survey?: boolean | undefined;
}

/** The goal with this id; an unknown one is read as nothing, and nothing is created for it (FIL-69). */
export async function readGoal(host: Host, registry: Registry, goalId: string, options: ReadOptions): Promise<GoalReading> {
  const items = itemsOfGoal(registry, goalId);
  const [item] = items;
  const findings = items.flatMap((each) => each.findings).filter((each, index, all) => all.indexOf(each) === index);
  const id = parseGoalId(goalId);
  if (item === undefined || item.entry === null || items.length > 1 || id === null) {
    return {
      goal_id: goalId,
      registered: item !== undefined,
      entry: null,
      repo: null,
      state_path: null,
      state: null,
      survey: null,
      history: null,
      from_artifacts: false,
      findings,
    };
  }
  const { entry } = item;
  findings.push(...sharedStateFindings(host, registry, item));
  const state = await readState(host, id, entry, options, findings);
  const read = await readHistory(host, id, entry, options, findings);
  return { goal_id: goalId, registered: true, entry, ...state, ...read, findings };
}

function sharedStateFindings(host: Host, registry: Registry, item: RegistryItem): readonly Finding[] {
  const shared = item.entry === null ? null : sharedState(host, registry, item);
  if (shared === null) return [];
  const { goal_ids, file, message } = shared;
  return [finding("state_file_shared", message, { goal_ids, file })];
}

type StateReading = Pick<GoalReading, "repo" | "state_path" | "state" | "survey">;
const NO_STATE: StateReading = { repo: null, state_path: null, state: null, survey: null };

async function readState(host: Host, goalId: GoalId, entry: GoalEntry, options: ReadOptions, findings: Finding[]): Promise<StateReading> {
  const bound = bindState(host, goalId, entry);
  if (bound.kind === "repo_missing") {
    findings.push(finding("repo_missing", `the repository ${bound.repo} is no existing directory`, { goal_id: goalId, file: bound.repo }));
    return NO_STATE;
  }
  if (bound.kind === "misplaced") {
    findings.push(misplacedState(goalId, bound));
    return NO_STATE;
  }
  if (bound.kind === "unreadable") {
    findings.push(stateFinding(goalId, bound));
    return NO_STATE;
  }
  const place = { repo: bound.repo, state_path: bound.state_path };
  const document = await host.documents.read({ kind: "goal_state", goal_id: goalId });
  if (document.kind === "absent") {
    findings.push(
      finding("state_file_missing", `the goal state ${bound.state_path} does not exist`, { goal_id: goalId, file: bound.state_path }),
    );
    return { ...NO_STATE, ...place };
  }
  if (document.kind === "unreadable") {
    findings.push(stateFinding(goalId, document));
    return { ...NO_STATE, ...place };
  }
  const named = { digest: host.digest, file: bound.state_path, goal_id: goalId };
  const survey = options.survey === true ? surveyGoalState(document.text, named) : null;
  const state = survey === null ? parseGoalState(document.text, named) : survey.state;
  findings.push(...state.findings);
  return { ...place, state, survey };
}

/** No place in the project that a goal state may have; `connect --force` names another. */
export function misplacedState(goalId: GoalId, { where, why }: Misplaced): Finding {
  return finding("path_outside_root", `the goal state ${where} ${why}`, { goal_id: goalId, file: where });
}

/** How an unusable state file reads as a finding (FIL-17). */
function stateFinding(goalId: GoalId, fault: Unreadable): Finding {
  const place = { goal_id: goalId, file: fault.where };
  switch (fault.reason) {
    case "path_outside_root":
      return finding("path_outside_root", `the goal state ${fault.where} lies outside the goal's repository`, place);
    case "too_large":
      return finding(
        "too_large",
        `the goal state ${fault.where} has ${fault.size ?? "too many"} bytes; the limit is ${fault.limit ?? 0}`,
        place,
      );
    case "not_a_regular_file":
      return finding("state_file_unreadable", `the goal state ${fault.where} is no regular file`, place);
    case "not_utf8":
      return finding("state_file_unreadable", `the goal state ${fault.where} is no valid UTF-8`, place);
    case "denied":
      return finding("state_file_unreadable", `the goal state ${fault.where} may not be read (permission denied)`, place);
    case "io":
      return finding("state_file_unreadable", `the goal state ${fault.where} cannot be read`, place);
  }
}

async function readHistory(
  host: Host,
  goalId: GoalId,
  entry: GoalEntry,
  options: ReadOptions,
  findings: Finding[],
): Promise<Pick<GoalReading, "history" | "from_artifacts">> {
  const since = options.now.ms - entry.quota.window_hours * HOUR_MS;
  const read = await host.histories.read(goalId, { spends_since_ms: since, keep: options.keep });
  if (read.kind === "unreadable") {
    findings.push(
      finding("history_unreadable", `the run index ${read.where} cannot be read (${read.reason})`, { goal_id: goalId, file: read.where }),
    );
    return { history: null, from_artifacts: false };
  }
  findings.push(...historyFindings(goalId, indexFile(host, goalId), read.history));
  return { history: read.history, from_artifacts: read.from_artifacts ?? false };
}

/** Where a goal's index lies, for messages. */
export function indexFile(host: Host, goalId: GoalId): string {
  return `${host.places.runsDirectory(goalId)}/index.jsonl`;
}

function historyFindings(goalId: GoalId, file: string, history: History): readonly Finding[] {
  const bad = history.bad_lines.map((line) =>
    finding(
      line.accepted ? "history_line_accepted" : "history_line_bad",
      `${file}:${line.line}: ${BAD_LINE[line.reason] ?? "cannot be read"}`,
      { goal_id: goalId, file, line: line.line },
    ),
  );
  const torn = history.torn_lines.map((line) =>
    finding("history_tail_torn", `${file}:${line.line}: the line was cut by a crash; its writer never reported success`, {
      goal_id: goalId,
      file,
      line: line.line,
    }),
  );
  const notes = history.notes.flatMap((note) =>
    isNote(note.code)
      ? [
          finding(note.code, `${file}:${note.line}: ${NOTES[note.code]}${note.count > 1 ? ` (${note.count} lines)` : ""}`, {
            goal_id: goalId,
            file,
            line: note.line,
          }),
        ]
      : [],
  );
  return [...bad, ...torn, ...notes];
}

const BAD_LINE: Readonly<Record<string, string>> = {
  not_json: "the line is no JSON",
  not_an_object: "the line is no JSON object",
  not_utf8: "the line is no valid UTF-8",
  too_large: "the line is over its limit of 1 MiB",
  wrong_goal: "the line belongs to another goal",
};

const NOTES = {
  index_identity_collision: "another run has the same time and artifacts",
  timestamp_invalid: "the time cannot be read; the run sorts oldest",
  timestamp_without_zone: "the time names no zone; UTC is assumed",
  clock_skew: "the record lies in the future",
} as const;

function isNote(code: string): code is keyof typeof NOTES {
  return Object.hasOwn(NOTES, code);
}
