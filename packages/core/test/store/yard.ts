/** A real directory with a project, a runtime root, and stores over both. Child processes open the same one. */
import { existsSync, mkdirSync, readdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import type { FilePlaces } from "../../src/node/file-ground.ts";
import { fileStore, type FileStore, type FileStoreOptions } from "../../src/node/file-store.ts";

export interface Yard {
  readonly directory: string;
  readonly project: string;
  readonly runtime: string;
  readonly locks: string;
  readonly state: string;
  readonly index: string;
  store(options?: Partial<FileStoreOptions>): FileStore;
  /** Every file and directory below, relative and sorted. */
  tree(): readonly string[];
}

/** A directory in memory, where there is one: what a killed process leaves is the same there, and syncs cost nothing. */
export function memory(): string {
  return existsSync("/dev/shm") ? "/dev/shm" : tmpdir();
}

export function yardIn(directory: string): Yard {
  const project = join(directory, "project");
  const runtime = join(directory, "runtime");
  mkdirSync(project, { recursive: true });
  return {
    directory,
    project,
    runtime,
    locks: join(runtime, "locks"),
    state: join(project, ".codex/goals/alpha/ACTIVE_GOAL_STATE.md"),
    index: join(runtime, "goals/alpha/runs/index.jsonl"),
    store: (options = {}) => fileStore({ runtime_root: runtime, places: placesOf(project, runtime), command: "test", ...options }),
    tree: () => treeOf(directory),
  };
}

const LIMIT = 4 * 1024 * 1024;

function placesOf(project: string, runtime: string): FilePlaces {
  const inProject = (path: string) => ({ root: project, path: join(project, path), limit: LIMIT, private_root: false });
  const inRuntime = (path: string) => ({ root: runtime, path: join(runtime, path), limit: LIMIT, private_root: true });
  return {
    document: (key) => {
      switch (key.kind) {
        case "registry":
          return inProject(".loopx/registry.json");
        case "global_registry":
          return inRuntime("registry.global.json");
        case "goal_state":
          return inProject(`.codex/goals/${key.goal_id}/ACTIVE_GOAL_STATE.md`);
        case "artifact":
          return inRuntime(`goals/${key.goal_id}/runs/${key.name}`);
        case "backup":
          return inRuntime(`backups/${key.folder}/${key.stamp}/${key.name}`);
        case "disconnected":
          return inRuntime(`disconnected/${key.stamp}/${key.name}`);
        case "archived_state":
          return inProject(`.loopx/archived-project-state/${key.folder}/ACTIVE_GOAL_STATE.md`);
        case "archived_ignore":
          return inProject(`.loopx/archived-project-state/${key.folder}/.gitignore`);
        case "gitignore":
          return inProject(".gitignore");
        case "executor_state":
          return inRuntime(`executors/${key.executor}/${key.name}`);
      }
    },
    disconnected: join(runtime, "disconnected"),
    log: (key) =>
      key.kind === "runs"
        ? { ...inRuntime(`goals/${key.goal_id}/runs/index.jsonl`), goal_id: key.goal_id }
        : { ...inRuntime(`executors/${key.executor}/${key.name}`), goal_id: null },
    leases: (scope) =>
      "goal_id" in scope
        ? { root: runtime, directory: join(runtime, "goals", scope.goal_id, "leases"), archives: join(runtime, "archived-goals") }
        : { root: runtime, directory: join(runtime, "executors", scope.executor, "leases"), archives: null },
  };
}

function treeOf(directory: string): readonly string[] {
  const entries = readdirSync(directory, { recursive: true, withFileTypes: true });
  return entries.map((entry) => relative(directory, join(entry.parentPath, entry.name))).sort();
}
