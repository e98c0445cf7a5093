/** What the machine says about a person's repository. It looks and never changes anything. */
import { existsSync, realpathSync, statSync, type Stats } from "node:fs";
import { join, resolve } from "node:path";
import type { AbsolutePath, GoalId } from "../domain/ids.ts";
import type { GoalBinding, Project, Workspace } from "../ports/project.ts";
import { confine } from "./confine.ts";
import type { Git } from "./git.ts";

/** The bindings are shared with the file documents, which serve goal states by goal id. */
export type GoalPlaces = Map<GoalId, { readonly repo: AbsolutePath; readonly state_path: AbsolutePath }>;

export function fileProject(git: Git, cwd: string, bound: GoalPlaces): Project {
  return {
    directory: (path) => directory(resolve(cwd, path)),
    bindGoal: (goalId, place) => bindGoal(goalId, place, bound),
    present: (folder, paths) => paths.filter((path) => existsSync(join(folder, path))),
    gitView: (folder, paths) => gitView(git, folder, paths),
    workspace: (repo, folder) => workspace(git, repo, folder),
    modifiedMs: (path) => statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? null,
  };
}

function directory(path: string): ReturnType<Project["directory"]> {
  const found = statOrNull(path);
  if (found === null) return { kind: "missing" };
  return found.isDirectory() ? { kind: "found", path: realpathSync(path) } : { kind: "not_a_directory" };
}

function bindGoal(goalId: GoalId, place: { repo: string; state_file: string }, bound: GoalPlaces): GoalBinding {
  const found = directory(place.repo);
  if (found.kind !== "found") return { kind: "repo_missing", repo: place.repo };
  const confined = confine(found.path, resolve(found.path, place.state_file));
  if (confined.kind === "unreadable") return confined;
  bound.set(goalId, { repo: found.path, state_path: confined.path });
  return { kind: "bound", repo: found.path, state_path: confined.path, exists: existsSync(confined.path) };
}

function statOrNull(path: string): Stats | null {
  try {
    return statSync(path);
  } catch {
    return null;
  }
}

async function gitView(git: Git, folder: AbsolutePath, paths: readonly string[]): ReturnType<Project["gitView"]> {
  if ((await git.ask(folder, ["rev-parse", "--is-inside-work-tree"])) === null) return null;
  const input = paths.join("\0") + "\0";
  const ignored = nulSeparated(await git.ask(folder, ["check-ignore", "--stdin", "-z"], input));
  const tracked = nulSeparated(await git.ask(folder, ["ls-files", "-z", "--", ...paths]));
  return paths.map((path) => ({ path, ignored: ignored.includes(path), tracked: tracked.some((file) => file === path || file.startsWith(path)) }));
}

/** `check-ignore` ends with 1 when nothing is ignored, which reads as no output. */
function nulSeparated(output: string | null): readonly string[] {
  return output === null ? [] : output.split("\0").filter((path) => path !== "");
}

/** Which kind of checkout the caller stands in (DEC-84). */
async function workspace(git: Git, repo: AbsolutePath, folder: AbsolutePath): Promise<Workspace> {
  const goal = await checkout(git, repo);
  if (goal === null) return "repository_without_git";
  const here = await checkout(git, folder);
  if (here === null) return "not_git_worktree";
  if (here.common !== goal.common) return "foreign_git_worktree";
  return here.top === goal.top ? "primary_checkout" : "independent_worktree";
}

async function checkout(git: Git, folder: string): Promise<{ top: string; common: string } | null> {
  const output = await git.ask(folder, ["rev-parse", "--path-format=absolute", "--show-toplevel", "--git-common-dir"]);
  const [top, common] = output?.split("\n") ?? [];
  return top === undefined || common === undefined || common === "" ? null : { top: realpathSync(top), common: realpathSync(common) };
}
