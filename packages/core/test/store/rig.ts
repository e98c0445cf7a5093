/** A real directory with a file store over it, and the ways to harm one: a process that dies, a call that fails. */
import { mkdirSync, mkdtempSync, readdirSync, rmSync, type Stats } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { performance } from "node:perf_hooks";
import { afterAll } from "vitest";
import type { GoalId } from "../../src/domain/ids.ts";
import type { Clock } from "../../src/ports/clock.ts";
import type { DocumentKey } from "../../src/ports/documents.ts";
import type { LogKey } from "../../src/ports/logs.ts";
import { systemClock } from "../../src/node/clock.ts";
import type { FilePlaces } from "../../src/node/file-ground.ts";
import { fileStore, type FileStore, type FileStoreOptions } from "../../src/node/file-store.ts";
import { type FsCalls, nodeFs } from "../../src/node/fs-calls.ts";
import { nodeIdentity, type ProcessIdentity } from "../../src/node/process-identity.ts";

export const GOAL = "alpha" as GoalId;
export const STATE: DocumentKey = { kind: "goal_state", goal_id: GOAL };
export const REGISTRY: DocumentKey = { kind: "registry" };
export const GLOBAL: DocumentKey = { kind: "global_registry" };
export const RUNS: LogKey = { kind: "runs", goal_id: GOAL };
export const TODO = { goal_id: GOAL, todo_id: "todo_aaaa" };

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

/** A fresh yard; all of a file's yards are removed at its end. */
export function yards(): () => Yard {
  let root: string | null = null;
  let count = 0;
  afterAll(() => {
    if (root !== null) rmSync(root, { recursive: true, force: true });
  });
  return () => {
    root ??= mkdtempSync(join(tmpdir(), "loopx-store-"));
    count += 1;
    return yardIn(join(root, String(count)));
  };
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
        case "gitignore":
          return inProject(".gitignore");
        case "executor_state":
          return inRuntime(`executors/${key.executor}/${key.name}`);
      }
    },
    log: (key) =>
      key.kind === "runs" ? { ...inRuntime(`goals/${key.goal_id}/runs/index.jsonl`), goal_id: key.goal_id } : { ...inRuntime(`executors/${key.executor}/${key.name}`), goal_id: null },
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

/** Another process of this host that is not there any more. */
export const DEAD_PID = 0x7ffffff0;

export function deadIdentity(): ProcessIdentity {
  return identityOf({ pid: DEAD_PID, pid_start: "1" });
}

export function identityOf(own: Partial<ReturnType<ProcessIdentity["self"]>>, user?: number): ProcessIdentity {
  const real = nodeIdentity();
  return { ...real, self: () => ({ ...real.self(), ...own }), ...(user === undefined ? {} : { user: () => user }) };
}

/** The machine's clock, ahead by that much: what waiting so long would show. */
export function clockAhead(ms: number): Clock {
  return { ...systemClock, now: () => new Date(systemClock.now().getTime() + ms), monotonicMs: () => performance.now() };
}

/** Thrown by every call of a process that was killed; no rule of the store knows it. */
export class Killed extends Error {}

export type Harm = (name: keyof FsCalls, run: () => unknown, args: readonly unknown[]) => unknown;

/** The calls with something done around each of them. */
export function harmed(harm: Harm, base: FsCalls = nodeFs): FsCalls {
  const wrapped = Object.entries(base).map(([name, call]) => [
    name,
    (...args: unknown[]) => harm(name as keyof FsCalls, () => (call as (...args: unknown[]) => unknown)(...args), args),
  ]);
  return Object.fromEntries(wrapped) as FsCalls;
}

/** A process that dies at its n-th call, before it, half-way through it or right after it. */
export function dyingAt(n: number, when: "before" | "half" | "after"): { calls: FsCalls; died: () => boolean } {
  let count = 0;
  let dead = false;
  const calls = harmed((name, run, args) => {
    if (dead) throw new Killed();
    count += 1;
    if (count !== n) return run();
    dead = true;
    if (when === "half" && name === "write") writeHalf(args);
    else if (when !== "before") run();
    throw new Killed();
  });
  return { calls, died: () => dead };
}

function writeHalf(args: readonly unknown[]): void {
  const [fd, bytes, offset, length] = args as [number, Uint8Array, number, number];
  nodeFs.write(fd, bytes, offset, Math.floor(length / 2));
}

/** The n-th call fails once with that error and does nothing. */
export function failingAt(n: number, errno: string): { calls: FsCalls; failed: () => keyof FsCalls | null } {
  let count = 0;
  let failed: keyof FsCalls | null = null;
  const calls = harmed((name, run) => {
    count += 1;
    if (count !== n) return run();
    failed = name;
    throw errnoError(errno, name);
  });
  return { calls, failed: () => failed };
}

export function errnoError(errno: string, syscall: string): NodeJS.ErrnoException {
  return Object.assign(new Error(`${errno}: injected, ${syscall}`), { code: errno, syscall });
}

export function permissions(stat: Stats): string {
  return (stat.mode & 0o7777).toString(8);
}
