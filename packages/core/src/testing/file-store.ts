/**
 * The file ports over a directory of a test's own: `<directory>/project` and `<directory>/runtime`. A child process
 * that opens the same directory is another writer.
 */
import { join, resolve } from "node:path";
import { systemClock } from "../node/clock.ts";
import type { FilePlaces } from "../node/file-ground.ts";
import { fileStore } from "../node/file-store.ts";
import { type FsCalls, nodeFs } from "../node/fs-calls.ts";
import { sha256 } from "../node/hashing.ts";
import { ARTIFACT_LIMIT, EXECUTOR_STATE_LIMIT, REGISTRY_LIMIT, STATE_LIMIT } from "../node/limits.ts";
import type { Clock } from "../ports/clock.ts";
import type { DocumentKey } from "../ports/documents.ts";
import type { LogKey } from "../ports/logs.ts";
import type { ConformanceStore, PlaceKey } from "./conformance.ts";

const WAIT_MS = 30_000;

/** The ports. `clock` is what leases expire by; locks and the times of files go by the real one. */
export function directoryPorts(
  directory: string,
  options: { clock?: Clock; calls?: FsCalls } = {},
): Pick<ConformanceStore, "documents" | "logs" | "leases"> {
  return fileStore({
    runtime_root: join(directory, "runtime"),
    places: placesIn(directory),
    command: "conformance",
    wait_ms: WAIT_MS,
    clock: options.clock ?? systemClock,
    calls: options.calls ?? nodeFs,
  });
}

function placesIn(directory: string): FilePlaces {
  const runtimeRoot = join(directory, "runtime");
  return {
    document: (key) => {
      const at = documentAt(directory, key);
      return { ...at, private_root: at.root.startsWith(runtimeRoot) };
    },
    disconnected: join(runtimeRoot, "disconnected"),
    log: (key) => ({ ...logAt(directory, key), private_root: true, goal_id: key.kind === "runs" ? key.goal_id : null }),
    leases: (scope) => ({
      root: runtimeRoot,
      directory: leasesAt(directory, scope),
      archives: "goal_id" in scope ? join(runtimeRoot, "archived-goals") : null,
    }),
  };
}

function documentAt(directory: string, key: DocumentKey): { root: string; path: string; limit: number } {
  const project = join(directory, "project");
  const runtime = join(directory, "runtime");
  switch (key.kind) {
    case "registry":
      return below(project, ".loopx/registry.json", REGISTRY_LIMIT);
    case "global_registry":
      return below(runtime, "registry.global.json", REGISTRY_LIMIT);
    case "goal_state":
      return below(project, `goals/${key.goal_id}/ACTIVE_GOAL_STATE.md`, STATE_LIMIT);
    case "artifact":
      return below(join(runtime, "goals", key.goal_id, "runs"), key.name, ARTIFACT_LIMIT);
    case "backup":
      return below(join(runtime, "backups", key.folder, key.stamp), key.name, REGISTRY_LIMIT);
    case "disconnected":
      return below(join(runtime, "disconnected"), `${key.stamp}/${key.name}`, REGISTRY_LIMIT);
    case "archived_state":
      return below(join(project, ".loopx/archived-project-state"), `${key.folder}/ACTIVE_GOAL_STATE.md`, STATE_LIMIT);
    case "archived_ignore":
      return below(join(project, ".loopx/archived-project-state"), `${key.folder}/.gitignore`, STATE_LIMIT);
    case "gitignore":
      return below(project, ".gitignore", STATE_LIMIT);
    case "executor_state":
      return below(join(runtime, "executors", key.executor), key.name, EXECUTOR_STATE_LIMIT);
  }
}

function logAt(directory: string, key: LogKey): { root: string; path: string } {
  const root = key.kind === "runs" ? join(directory, "runtime/goals", key.goal_id) : join(directory, "runtime/executors", key.executor);
  return { root, path: resolve(root, key.kind === "runs" ? "runs/index.jsonl" : key.name) };
}

function leasesAt(directory: string, scope: Parameters<FilePlaces["leases"]>[0]): string {
  return "goal_id" in scope
    ? join(directory, "runtime/goals", scope.goal_id, "leases")
    : join(directory, "runtime/executors", scope.executor, "leases");
}

function below(root: string, name: string, limit: number): { root: string; path: string; limit: number } {
  return { root, path: resolve(root, name), limit };
}

/** Where a key lies, for a test that looks or plants. */
export function directoryPath(directory: string, place: PlaceKey): string {
  if (place.kind === "lease")
    return join(leasesAt(directory, place), `${"goal_id" in place ? place.todo_id : sha256(place.item).slice(0, 32)}.json`);
  return place.kind === "runs" || place.kind === "executor_log" ? logAt(directory, place).path : documentAt(directory, place).path;
}
