/**
 * A Markdown file of one goal, for whoever reviews it in the window (CMD-126): below the goal's repository, its state's
 * directory or its runtime directory, and nowhere else. It opens nothing that has a hidden part in its path, follows no
 * link out, and writes nothing.
 */
import { LoopxError } from "../domain/errors.ts";
import type { AbsolutePath } from "../domain/ids.ts";
import type { MaterialRef } from "../domain/payload/window.ts";
import type { Host } from "../ports/host.ts";
import { unreadableError } from "../store/outcome.ts";
import { openGoal, requireGoals, type OpenGoal } from "./goals.ts";
import { observed } from "./observed.ts";

/** The largest file that is shown, in bytes. */
export const REVIEW_LIMIT = 256_000;
/** More sources than a person reads are no beginning. */
const LISTED = 12;
const MARKDOWN = /\.(?:md|markdown)$/i;

/** Which file; a relative path is looked for in the repository, then beside the state, then in the runtime directory. */
export interface ReviewMaterialInput {
  readonly goal_id: string;
  readonly path: string;
  /** Only there: a file of the same name elsewhere is another one. */
  readonly below?: MaterialRef["below"] | undefined;
}

/** The text, and its path below the directory it was found in. */
export interface ReviewMaterial {
  readonly goal_id: string;
  readonly path: string;
  readonly text: string;
}

/** The file as it stands. Errors: `goal_not_found`, `path_outside_root`, `invalid_value` for no Markdown, `not_a_regular_file`, `too_large`, `not_found`. */
export const reviewMaterial = observed("review_material", async (host, input: ReviewMaterialInput): Promise<ReviewMaterial> => {
  const goal = openGoal(host, await requireGoals(host), input.goal_id);
  if (input.path === "" || input.path.includes("\0") || input.path.split("/").includes("..")) throw outside();
  const roots = rootsOf(host, goal);
  const from = input.below === undefined ? Object.values(roots) : [roots[input.below]];
  const asked = input.path.startsWith("/") ? [input.path] : from.map((root) => `${root}/${input.path}`);
  const readable = asked.flatMap((path) => placeOf(host, goal, from, path) ?? []);
  for (const { path, shown } of readable) {
    if (!MARKDOWN.test(input.path) || !MARKDOWN.test(path))
      throw new LoopxError("invalid_value", "the path names no Markdown file", { hint: "name a .md or .markdown file" });
    const read = host.project.text(path, REVIEW_LIMIT);
    if (read.kind === "unreadable")
      throw unreadableError(read, { goal_id: goal.goal_id, unreadable: "invalid_value", hint: "name another file" });
    if (read.kind === "text") return { goal_id: goal.goal_id, path: shown, text: read.text };
  }
  if (readable.length < asked.length) throw outside();
  throw new LoopxError("not_found", `${goal.goal_id} has no such file`, { hint: "loopx history names the files of its runs" });
});

/** Which goal's files. */
export interface ListReviewMaterialInput {
  readonly goal_id: string;
}

/** The Markdown files a reviewer begins with: the goal's state, then its sources. Only those that `reviewMaterial` shows. */
export const listReviewMaterial = observed(
  "list_review_material",
  async (host, { goal_id }: ListReviewMaterialInput): Promise<readonly MaterialRef[]> => {
    const goal = openGoal(host, await requireGoals(host), goal_id);
    const sources = goal.entry.authority_sources.flatMap(({ path }) => path ?? []);
    const asked: readonly (readonly [MaterialRef["below"], string])[] = [
      ["state", goal.state_path],
      ...sources.map((path) => ["repository", path.startsWith("/") ? path : `${goal.repo}/${path}`] as const),
    ];
    const found = asked.flatMap(([below, path]): readonly (MaterialRef & { real: string })[] => {
      const place = path.split("/").includes("..") ? null : placeOf(host, goal, [rootsOf(host, goal)[below]], path);
      const isShown = place !== null && MARKDOWN.test(place.path) && host.project.readable(place.path, goal.repo) === null;
      return isShown ? [{ below, path: place.shown, real: place.path }] : [];
    });
    return found
      .filter(({ real }, at) => found.findIndex((other) => other.real === real) === at)
      .slice(0, LISTED)
      .map(({ below, path }) => ({ below, path }));
  },
);

interface ReviewPlace {
  /** Real, and below a root. */
  readonly path: AbsolutePath;
  readonly shown: string;
}

/** Null when the path as it is spelled, or where it leads, is not for showing. What lies outside is not even looked at. */
function placeOf(host: Host, goal: OpenGoal, roots: readonly AbsolutePath[], asked: string): ReviewPlace | null {
  const spelled = [...roots, goal.entry.repo, parentOf(`${goal.entry.repo}/${goal.entry.state_file}`), runtimeOf(host, goal)];
  if (visibleBelow(spelled, asked) === null) return null;
  const path = host.project.canonical(asked);
  const shown = visibleBelow(roots, path);
  return shown === null ? null : { path, shown };
}

/** In the order in which they are looked through. */
function rootsOf(host: Host, goal: OpenGoal): Readonly<Record<MaterialRef["below"], AbsolutePath>> {
  return {
    repository: goal.repo,
    state: host.project.canonical(parentOf(goal.state_path)),
    runtime: host.project.canonical(runtimeOf(host, goal)),
  };
}

function runtimeOf(host: Host, { goal_id }: OpenGoal): string {
  return parentOf(host.places.runsDirectory(goal_id));
}

/** The rest of the path below the first root under which no part of it is hidden. */
function visibleBelow(roots: readonly string[], path: string): string | null {
  for (const root of roots) {
    const rest = path.startsWith(`${root}/`) ? path.slice(root.length + 1) : "";
    if (rest !== "" && !rest.split("/").some((part) => part.startsWith("."))) return rest;
  }
  return null;
}

function parentOf(path: string): string {
  return path.slice(0, path.lastIndexOf("/"));
}

/** The same words whether or not anything stands there. */
function outside(): LoopxError {
  return new LoopxError(
    "path_outside_root",
    "the path is not below the goal's repository, state or runtime directory, or part of it is hidden",
    {
      hint: "name a file that the goal shows",
    },
  );
}
