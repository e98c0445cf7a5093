/** What becomes of the goal states when a project is disconnected: they stay, or are archived beside their registry (CMD-40). */
import type { Departure } from "../domain/goal/departure.ts";
import type { Registry } from "../domain/goal/registry.ts";
import { parseGoalId, type AbsolutePath, type GoalId } from "../domain/ids.ts";
import type { DisconnectResult } from "../domain/payload/disconnect.ts";
import type { DocumentKey, Found, Revision } from "../ports/documents.ts";
import type { Host } from "../ports/host.ts";
import { unreadableError } from "../store/outcome.ts";
import { bindState } from "./bind-state.ts";
import { sharedState } from "./goals.ts";
import { noteOf, type Note } from "./note.ts";

/** What a `.gitignore` says that hides its whole folder, itself included. */
export const HIDES_ALL = "*\n";

/** One file that changes. `after` null: it is removed, or moved away. */
export interface FileChange {
  readonly role: "registry" | "global_registry" | "goal_state";
  readonly goal_id: GoalId | null;
  /** Where a state goes; null for a file that stays where it is, or goes for good. */
  readonly archive: Archive | null;
  readonly key: DocumentKey;
  readonly path: AbsolutePath;
  readonly copy: string;
  readonly revision: Revision;
  readonly before: string;
  readonly mode: number | undefined;
  readonly after: string | null;
}

/** Where a state is moved. `shown`: git would list it there, so a `.gitignore` goes with it. */
interface Archive {
  readonly path: AbsolutePath;
  readonly shown: boolean;
}

/** A state that leaves its place. */
export interface StateMove {
  readonly goal_id: GoalId;
  readonly repo: AbsolutePath;
  readonly path: AbsolutePath;
  readonly found: Found;
}

interface PlannedStates {
  readonly moves: StateMove[];
  readonly actions: DisconnectResult["state_actions"][number][];
  readonly warnings: Note[];
}

/** States stay unless they are to be archived; one that a staying goal uses too is never moved. */
export async function planStates(host: Host, local: Registry, departure: Departure, archive: boolean): Promise<PlannedStates> {
  const planned: PlannedStates = { moves: [], actions: [], warnings: [] };
  for (const goalId of departure.goal_ids) {
    const item = local.items.find(({ id }) => id === goalId);
    const id = parseGoalId(goalId);
    const bound = item?.entry === null || item?.entry === undefined || id === null ? null : bindState(host, id, item.entry);
    if (item === undefined || id === null || bound?.kind !== "bound") {
      planned.actions.push({ goal_id: goalId, action: "unresolved", path: null, archived_to: null });
      if (archive) planned.warnings.push(noteOf("state_not_found", host.locale, goalId));
      continue;
    }
    const key = { kind: "goal_state", goal_id: id } as const;
    const found = await host.documents.read(key);
    const action = (what: "kept" | "missing" | "archived") => ({
      goal_id: goalId,
      action: what,
      path: bound.state_path,
      archived_to: null,
    });
    const sharer = sharedState(host, local, item)?.goal_ids.find((other) => !departure.local_ids.has(other));
    const taken = planned.moves.some((move) => move.path === bound.state_path);
    if (found.kind === "absent") planned.actions.push(action("missing"));
    else if (!archive || sharer !== undefined || taken) {
      planned.actions.push(action("kept"));
      if (archive && sharer !== undefined) planned.warnings.push(noteOf("state_still_used", host.locale, goalId));
    } else {
      if (found.kind === "unreadable") throw unreadableError(found, { goal_id: id });
      planned.actions.push(action("archived"));
      planned.moves.push({ goal_id: id, repo: bound.repo, path: bound.state_path, found });
    }
  }
  return planned;
}

/** The move as a change of one file. */
export async function stateChange(host: Host, { goal_id, repo, path, found }: StateMove, stamp: string): Promise<FileChange> {
  const archived = `.loopx/archived-project-state/${goal_id}-${stamp}/${path.split("/").at(-1) ?? ""}`;
  const view = await host.project.gitView(repo, [archived]);
  return {
    role: "goal_state",
    goal_id,
    archive: { path: `${repo}/${archived}`, shown: view?.some(({ ignored }) => !ignored) === true },
    key: { kind: "goal_state", goal_id },
    path,
    copy: `state-${goal_id}.md`,
    revision: found.revision,
    before: found.text,
    mode: found.mode,
    after: null,
  };
}

/** The keys under which a state is archived, and what keeps git from showing it. */
export function archiveKeys(goal_id: GoalId, stamp: string): { state: DocumentKey; ignore: DocumentKey } {
  const at = { goal_id, folder: `${goal_id}-${stamp}` };
  return { state: { kind: "archived_state", ...at }, ignore: { kind: "archived_ignore", ...at } };
}
