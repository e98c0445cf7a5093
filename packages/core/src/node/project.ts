/** What the machine says about a person's repository. It looks and never changes anything. */
import { constants, statSync, type Stats } from "node:fs";
import { dirname, isAbsolute, join, relative, resolve } from "node:path";
import type { SourceRegistryFact } from "../domain/goal/global-findings.ts";
import { isJsonObject } from "../domain/json.ts";
import { parseJsonText } from "../domain/json-text.ts";
import type { AbsolutePath, GoalId } from "../domain/ids.ts";
import type { GoalBinding, Project, Workspace } from "../ports/project.ts";
import { canonicalPath, confine } from "./confine.ts";
import { errnoOf, ignoringFaults, readFault } from "./faults.ts";
import { type FsCalls, nodeFs } from "./fs-calls.ts";
import type { Git } from "./git.ts";
import { REGISTRY_LIMIT } from "./limits.ts";
import { decodeUtf8, openRegular, readRegular } from "./open-file.ts";

/** The bindings are shared with the file documents, which serve goal states by goal id. */
export type GoalPlaces = Map<GoalId, { readonly repo: AbsolutePath; readonly state_path: AbsolutePath }>;

export function fileProject(git: Git, cwd: string, bound: GoalPlaces, calls: FsCalls = nodeFs): Project {
  return {
    directory: (path) => directory(calls, resolve(cwd, path)),
    bindGoal: (goalId, place) => bindGoal(calls, goalId, place, bound),
    stateIdentity: (place) => stateIdentity(spelledPath(place)),
    canonical: (path) => realOrSpelled(calls, resolve(cwd, path)),
    locate: (folder, path, from) => locate(calls, folder, path, from),
    readable: (path, folder) => readable(calls, resolve(folder, path)),
    text: (path, limit) => text(calls, path, limit),
    sourceRegistry: (path) => sourceRegistry(calls, path),
    present: (folder, paths) => paths.filter((path) => exists(calls, resolve(folder, path))),
    gitView: (folder, paths) => gitView(git, folder, paths),
    workspace: (repo, folder) => workspace(git, calls, repo, folder),
    modifiedMs: (path) => statOrNull(calls, path)?.mtimeMs ?? null,
  };
}

function directory(calls: FsCalls, path: string): ReturnType<Project["directory"]> {
  const found = statOrNull(calls, path);
  if (found === null) return { kind: "missing" };
  return found.isDirectory() ? { kind: "found", path: realOrSpelled(calls, path) } : { kind: "not_a_directory" };
}

function bindGoal(calls: FsCalls, goalId: GoalId, place: { repo: string; state_file: string }, bound: GoalPlaces): GoalBinding {
  const found = directory(calls, place.repo);
  if (found.kind !== "found") return { kind: "repo_missing", repo: place.repo };
  const confined = confine(found.path, resolve(found.path, place.state_file), calls);
  if (confined.kind === "unreadable") return confined;
  try {
    const stands = calls.stat(confined.path) !== null;
    bound.set(goalId, { repo: found.path, state_path: confined.path });
    return { kind: "bound", repo: found.path, state_path: confined.path, exists: stands };
  } catch (error) {
    return readFault(error, confined.path);
  }
}

function locate(calls: FsCalls, folder: AbsolutePath, path: string, cwd: string): { shown: string; exists: boolean } {
  const fromHere = resolve(cwd, path);
  const absolute = exists(calls, fromHere) ? fromHere : resolve(folder, path);
  const inside = relative(folder, realOrSpelled(calls, absolute));
  return { shown: inside.startsWith("..") || isAbsolute(inside) ? absolute : inside, exists: exists(calls, absolute) };
}

/** Missing is only what is known not to be there: a goal of a registry that is missing may be pruned. */
function readable(calls: FsCalls, path: string): ReturnType<Project["readable"]> {
  const opened = openRegular(calls, realOrSpelled(calls, path), constants.O_RDONLY);
  if (opened.kind === "absent") return "missing";
  if (opened.kind === "unreadable") return opened.reason === "not_a_regular_file" ? opened.reason : "denied";
  ignoringFaults(() => calls.close(opened.fd));
  return null;
}

function text(calls: FsCalls, path: AbsolutePath, limit: number): ReturnType<Project["text"]> {
  try {
    if (canonicalPath(path, calls) !== path) return { kind: "unreadable", reason: "path_outside_root", where: path };
  } catch (error) {
    return readFault(error, path);
  }
  const read = readRegular(calls, path, limit);
  if (read.kind !== "bytes") return read;
  const decoded = decodeUtf8(read.bytes);
  return decoded === null ? { kind: "unreadable", reason: "not_utf8", where: path } : { kind: "text", text: decoded };
}

function sourceRegistry(calls: FsCalls, path: string): SourceRegistryFact {
  const found = readRegular(calls, realOrSpelled(calls, path), REGISTRY_LIMIT);
  if (found.kind === "absent") return { kind: "missing" };
  if (found.kind === "unreadable") return { kind: "unreadable" };
  const parsed = parseJsonText(found.bytes.toString("utf8"));
  const goals = parsed.kind === "value" && isJsonObject(parsed.value) ? parsed.value["goals"] : null;
  if (!Array.isArray(goals)) return { kind: "unreadable" };
  const ids = goals.flatMap((entry: unknown) => (isJsonObject(entry) && typeof entry["id"] === "string" ? [entry["id"]] : []));
  return { kind: "read", modified_ms: found.stat.mtimeMs, goal_ids: new Set(ids) };
}

/** A relative path that says nothing twice: joined to its folder it is resolved already. */
const PLAIN = /^(?!\/)(?!.*(?:^|\/)\.{0,2}(?:\/|$))/;

/** What `resolve` answers; a registry of a thousand goals is compared at every verdict, and resolving would cost more than looking. */
function spelledPath({ repo, state_file }: { repo: string; state_file: string }): string {
  const isPlain = repo.startsWith("/") && PLAIN.test(repo.slice(1)) && PLAIN.test(state_file);
  return isPlain ? `${repo}/${state_file}` : resolve(repo, state_file);
}

/** One stat a goal. Numbers that a double cannot hold are asked for again. */
function stateIdentity(path: string): string {
  try {
    const found = statSync(path, { throwIfNoEntry: false });
    if (found === undefined) return path;
    const { dev, ino } = Number.isSafeInteger(found.ino) ? found : (statSync(path, { throwIfNoEntry: false, bigint: true }) ?? found);
    return `${dev}:${ino}`;
  } catch {
    return path;
  }
}

/** The real path, or the spelling of one that cannot be resolved now: whoever opens it says why. */
function realOrSpelled(calls: FsCalls, path: string): AbsolutePath {
  try {
    return canonicalPath(path, calls);
  } catch (error) {
    if (errnoOf(error) === null) throw error;
    return path;
  }
}

function exists(calls: FsCalls, path: string): boolean {
  return statOrNull(calls, path) !== null;
}

/** What cannot be looked at counts as missing. */
function statOrNull(calls: FsCalls, path: string): Stats | null {
  try {
    return calls.stat(path);
  } catch (error) {
    if (errnoOf(error) === null) throw error;
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

/** Which kind of checkout the caller stands in (DEC-84). Where git cannot tell, nobody stands in a worktree. */
async function workspace(git: Git, calls: FsCalls, repo: AbsolutePath, folder: AbsolutePath): Promise<Workspace> {
  const goal = await checkout(git, calls, repo);
  if (goal === null) return isBelowGit(calls, repo) ? "not_git_worktree" : "repository_without_git";
  const here = await checkout(git, calls, folder);
  if (here === null || here.top === null) return "not_git_worktree";
  if (here.common !== goal.common) return "foreign_git_worktree";
  return here.top === goal.top ? "primary_checkout" : "independent_worktree";
}

/** The repository a folder belongs to, and the top of its work tree; null at a bare repository, which has none. */
async function checkout(git: Git, calls: FsCalls, folder: string): Promise<{ top: string | null; common: string } | null> {
  // Answers relative to the folder: older versions of git know no others.
  const output = await git.ask(folder, ["rev-parse", "--is-inside-work-tree", "--git-common-dir", "--show-cdup"]);
  const [inside, common, up = ""] = output?.split("\n") ?? [];
  if (common === undefined || common === "") return null;
  return {
    top: inside === "true" ? realOrSpelled(calls, resolve(folder, up)) : null,
    common: realOrSpelled(calls, resolve(folder, common)),
  };
}

/** True where somebody keeps a repository, whether or not git can be asked about it. */
function isBelowGit(calls: FsCalls, folder: AbsolutePath): boolean {
  for (let at = folder; ; at = dirname(at)) {
    if (exists(calls, join(at, ".git"))) return true;
    if (dirname(at) === at) return false;
  }
}
