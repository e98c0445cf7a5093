/** What the machine says about a person's repository. It looks and never changes anything. */
import { accessSync, constants, existsSync, readFileSync, realpathSync, statSync, type Stats } from "node:fs";
import { isAbsolute, relative, resolve } from "node:path";
import type { SourceRegistryFact } from "../domain/goal/global-findings.ts";
import { isJsonObject } from "../domain/json.ts";
import { parseJsonText } from "../domain/json-text.ts";
import type { AbsolutePath, GoalId } from "../domain/ids.ts";
import type { GoalBinding, Project, Workspace } from "../ports/project.ts";
import { canonicalPath, confine } from "./confine.ts";
import type { Git } from "./git.ts";
import { REGISTRY_LIMIT } from "./limits.ts";

/** The bindings are shared with the file documents, which serve goal states by goal id. */
export type GoalPlaces = Map<GoalId, { readonly repo: AbsolutePath; readonly state_path: AbsolutePath }>;

export function fileProject(git: Git, cwd: string, bound: GoalPlaces): Project {
  return {
    directory: (path) => directory(resolve(cwd, path)),
    bindGoal: (goalId, place) => bindGoal(goalId, place, bound),
    stateIdentity: (place) => stateIdentity(resolve(place.repo, place.state_file)),
    canonical: (path) => canonicalPath(resolve(cwd, path)),
    locate,
    readable: (path, folder) => readable(resolve(folder, path)),
    sourceRegistry,
    present: (folder, paths) => paths.filter((path) => existsSync(resolve(folder, path))),
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

function locate(folder: AbsolutePath, path: string, cwd: string): { shown: string; exists: boolean } {
  const fromHere = resolve(cwd, path);
  const absolute = existsSync(fromHere) ? fromHere : resolve(folder, path);
  const inside = relative(folder, canonicalPath(absolute));
  return { shown: inside.startsWith("..") || isAbsolute(inside) ? absolute : inside, exists: existsSync(absolute) };
}

function readable(path: string): ReturnType<Project["readable"]> {
  const found = statOrNull(path);
  if (found === null) return "missing";
  if (!found.isFile()) return "not_a_regular_file";
  try {
    accessSync(path, constants.R_OK);
    return null;
  } catch {
    return "denied";
  }
}

function sourceRegistry(path: string): SourceRegistryFact {
  const found = statOrNull(path);
  if (found === null) return { kind: "missing" };
  if (!found.isFile() || found.size > REGISTRY_LIMIT) return { kind: "unreadable" };
  try {
    const parsed = parseJsonText(readFileSync(path, "utf8"));
    const goals = parsed.kind === "value" && isJsonObject(parsed.value) ? parsed.value["goals"] : null;
    if (!Array.isArray(goals)) return { kind: "unreadable" };
    const ids = goals.flatMap((entry: unknown) => (isJsonObject(entry) && typeof entry["id"] === "string" ? [entry["id"]] : []));
    return { kind: "read", modified_ms: found.mtimeMs, goal_ids: new Set(ids) };
  } catch {
    return { kind: "unreadable" };
  }
}

/** One stat a goal: a registry of a thousand goals is compared at every verdict. */
function stateIdentity(path: string): string {
  try {
    const found = statSync(path, { throwIfNoEntry: false, bigint: true });
    return found === undefined ? path : `${found.dev}:${found.ino}`;
  } catch {
    return path;
  }
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
  return paths.map((path) => ({
    path,
    ignored: ignored.includes(path),
    tracked: tracked.some((file) => file === path || file.startsWith(path)),
  }));
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
