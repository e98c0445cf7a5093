/** Keeps private state out of git: says when it is not ignored, and appends the missing lines when asked to (CMD-35). */
import type { AbsolutePath } from "../domain/ids.ts";
import type { Host } from "../ports/host.ts";
import { expectWritten } from "../store/outcome.ts";
import { noteOf, type Note } from "./note.ts";

const PRIVATE_PATHS = [".loopx/", ".codex/goals/"] as const;

export interface IgnoreStep {
  readonly actions: readonly { path: string; action: string; goal_id: string }[];
  readonly warnings: readonly Note[];
}

const NOTHING: IgnoreStep = { actions: [], warnings: [] };

/** What was done about it; nothing outside a git checkout or when git ignores the private folders already. */
export async function privateStateStep(
  host: Host,
  goal: { goal_id: string; project: AbsolutePath },
  how: { append: boolean; dry_run: boolean },
): Promise<IgnoreStep> {
  const view = await host.project.gitView(goal.project, PRIVATE_PATHS);
  const missing = view?.filter((place) => !place.ignored).map((place) => place.path) ?? [];
  if (missing.length === 0) return NOTHING;
  if (!how.append) return { actions: [], warnings: [noteOf("private_state_not_ignored", host.locale, missing.join(", "))] };
  const path = `${goal.project}/.gitignore`;
  if (!how.dry_run) {
    const outcome = await host.documents.update({ kind: "gitignore" }, (current) => ({
      write: appended(current?.text ?? "", missing),
      value: null,
    }));
    expectWritten(outcome, path);
  }
  return { actions: [{ path, action: "lines-appended", goal_id: goal.goal_id }], warnings: [] };
}

/** The text with the lines at its end, in the line ending it uses. */
function appended(text: string, lines: readonly string[]): string {
  const ending = text.includes("\r\n") ? "\r\n" : "\n";
  const start = text === "" || text.endsWith("\n") ? text : text + ending;
  return start + lines.map((line) => line + ending).join("");
}
