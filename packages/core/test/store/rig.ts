/** Fresh yards for a test file, and the ways to harm a store: a process that dies, a call that fails. */
import { existsSync, mkdirSync, mkdtempSync, rmSync, type Stats, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { performance } from "node:perf_hooks";
import { afterAll } from "vitest";
import type { GoalId } from "../../src/domain/ids.ts";
import type { Clock } from "../../src/ports/clock.ts";
import type { DocumentKey } from "../../src/ports/documents.ts";
import type { LogKey } from "../../src/ports/logs.ts";
import { systemClock } from "../../src/node/clock.ts";
import { type FsCalls, nodeFs } from "../../src/node/fs-calls.ts";
import { nodeIdentity, type ProcessIdentity } from "../../src/node/process-identity.ts";
import { type Yard, yardIn } from "./yard.ts";

export type { Yard };
export const GOAL = "alpha" as GoalId;
export const STATE: DocumentKey = { kind: "goal_state", goal_id: GOAL };
export const REGISTRY: DocumentKey = { kind: "registry" };
export const GLOBAL: DocumentKey = { kind: "global_registry" };
export const RUNS: LogKey = { kind: "runs", goal_id: GOAL };
export const TODO = { goal_id: GOAL, todo_id: "todo_aaaa" };

/** A fresh yard; all of a file's yards are removed at its end. */
export function yards(): () => Yard {
  let root: string | null = null;
  let count = 0;
  afterAll(() => {
    if (root !== null) rmSync(root, { recursive: true, force: true });
  });
  return () => {
    root ??= mkdtempSync(join(memory(), "loopx-store-"));
    count += 1;
    return yardIn(join(root, String(count)));
  };
}

/** A directory in memory, where there is one: what a killed process leaves is the same there, and syncs cost nothing. */
export function memory(): string {
  return existsSync("/dev/shm") ? "/dev/shm" : tmpdir();
}

export function plant(path: string, content: string | Uint8Array): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
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

/** A process that dies before its n-th call, after it, or half-way through it if it is a write: other calls have no half. */
export function dyingAt(
  n: number,
  when: "before" | "half-way through" | "after",
  base: FsCalls = nodeFs,
): { calls: FsCalls; died: () => boolean; reached: () => boolean } {
  let count = 0;
  let dead = false;
  const calls = harmed((name, run, args) => {
    if (dead) throw new Killed();
    count += 1;
    if (count !== n || (when === "half-way through" && name !== "write")) return run();
    dead = true;
    if (when === "half-way through") writeHalf(args);
    if (when === "after") run();
    throw new Killed();
  }, base);
  return { calls, died: () => dead, reached: () => count >= n };
}

/** Half of what was asked for, as a disk that is filling up does. */
export function writeHalf(args: readonly unknown[]): number {
  const [fd, bytes, offset, length] = args as [number, Uint8Array, number, number];
  return nodeFs.write(fd, bytes, offset, Math.floor(length / 2));
}

/** The n-th call fails once with that error and does nothing. */
export function failingAt(n: number, errno: string, base: FsCalls = nodeFs): { calls: FsCalls; failed: () => keyof FsCalls | null } {
  let count = 0;
  let failed: keyof FsCalls | null = null;
  const calls = harmed((name, run) => {
    count += 1;
    if (count !== n) return run();
    failed = name;
    throw errnoError(errno, name);
  }, base);
  return { calls, failed: () => failed };
}

export function errnoError(errno: string, syscall: string): NodeJS.ErrnoException {
  return Object.assign(new Error(`${errno}: injected, ${syscall}`), { code: errno, syscall });
}

export function permissions(stat: Stats): string {
  return (stat.mode & 0o7777).toString(8);
}
