/** A person's repository on the memory disk. Git and the caller's checkout are what the test says they are. */
import { posix } from "node:path";
import type { SourceRegistryFact } from "../domain/goal/global-findings.ts";
import { isJsonObject } from "../domain/json.ts";
import type { AbsolutePath, GoalId } from "../domain/ids.ts";
import type { GoalBinding, Project, Workspace } from "../ports/project.ts";
import type { MemoryGround } from "./memory-ground.ts";

export interface MemoryProjectOptions {
  /** What git ignores and tracks, by path below the directory asked for; null: no git checkout. */
  readonly git?: { readonly ignored?: readonly string[]; readonly tracked?: readonly string[] } | null;
  /** Where the caller stands (DEC-84). */
  readonly workspace?: Workspace;
}

export function memoryProject(ground: MemoryGround, options: MemoryProjectOptions = {}): Project {
  const { disk } = ground;
  return {
    directory: (path) => directory(ground, path),
    bindGoal: (goalId, place) => bindGoal(ground, goalId, place),
    stateIdentity: (place) => disk.real(posix.resolve(place.repo, place.state_file)),
    canonical: (path) => disk.real(posix.resolve(ground.project, path)),
    locate: (folder, path, cwd) => locate(ground, folder, path, cwd),
    readable: (path, cwd) => readable(ground, posix.resolve(cwd, path)),
    text: (path, limit) => text(ground, path, limit),
    sourceRegistry: (path) => sourceRegistry(ground, path),
    present: (folder, paths) => paths.filter((path) => disk.stands(posix.resolve(folder, path))),
    gitView: async (_folder, paths) => {
      const { git = {} } = options;
      if (git === null) return null;
      const named = (list: readonly string[] | undefined, path: string) => list?.includes(path) === true;
      return paths.map((path) => ({ path, ignored: named(git.ignored, path), tracked: named(git.tracked, path) }));
    },
    workspace: async () => options.workspace ?? "primary_checkout",
    modifiedMs: (path) => disk.modifiedMs(path),
  };
}

function directory(ground: MemoryGround, path: string): ReturnType<Project["directory"]> {
  const at = ground.disk.real(posix.resolve(ground.project, path));
  if (ground.disk.isDirectory(at)) return { kind: "found", path: at };
  return ground.disk.isFile(at) ? { kind: "not_a_directory" } : { kind: "missing" };
}

function locate(ground: MemoryGround, folder: AbsolutePath, path: string, cwd: string): { shown: string; exists: boolean } {
  const fromHere = posix.resolve(cwd, path);
  const absolute = ground.disk.stands(fromHere) ? fromHere : posix.resolve(folder, path);
  const inside = posix.relative(folder, ground.disk.real(absolute));
  return { shown: inside.startsWith("..") ? absolute : inside, exists: ground.disk.stands(absolute) };
}

function readable(ground: MemoryGround, path: AbsolutePath): ReturnType<Project["readable"]> {
  if (!ground.disk.stands(path)) return "missing";
  const opened = ground.disk.open(path, Number.POSITIVE_INFINITY);
  if (opened.kind !== "unreadable") return null;
  return opened.reason === "not_a_regular_file" ? "not_a_regular_file" : "denied";
}

function text({ disk }: MemoryGround, path: AbsolutePath, limit: number): ReturnType<Project["text"]> {
  if (disk.real(path) !== path) return { kind: "unreadable", reason: "path_outside_root", where: path };
  const opened = disk.open(path, limit);
  return opened.kind === "bytes" ? { kind: "text", text: new TextDecoder().decode(opened.bytes) } : opened;
}

function sourceRegistry(ground: MemoryGround, path: AbsolutePath): SourceRegistryFact {
  if (!ground.disk.stands(path)) return { kind: "missing" };
  try {
    const value: unknown = JSON.parse(ground.disk.textOf(path) ?? "");
    const goals = isJsonObject(value) ? value["goals"] : null;
    if (!Array.isArray(goals)) return { kind: "unreadable" };
    const ids = goals.flatMap((entry: unknown) => (isJsonObject(entry) && typeof entry["id"] === "string" ? [entry["id"]] : []));
    return { kind: "read", modified_ms: ground.disk.modifiedMs(path), goal_ids: new Set(ids) };
  } catch {
    return { kind: "unreadable" };
  }
}

function bindGoal(ground: MemoryGround, goalId: GoalId, place: { repo: string; state_file: string }): GoalBinding {
  const repo = directory(ground, place.repo);
  if (repo.kind !== "found") return { kind: "repo_missing", repo: place.repo };
  const named = posix.resolve(repo.path, place.state_file);
  const path: AbsolutePath = ground.disk.real(named);
  if (!path.startsWith(`${repo.path}/`)) return { kind: "unreadable", reason: "path_outside_root", where: named };
  ground.bound.set(goalId, path);
  return { kind: "bound", repo: repo.path, state_path: path, exists: ground.disk.isFile(path) };
}
