/** Fresh yards for a test file, and processes and clocks that are not the real ones. */
import { mkdirSync, mkdtempSync, rmSync, type Stats, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { performance } from "node:perf_hooks";
import { afterAll } from "vitest";
import type { GoalId } from "../../src/domain/ids.ts";
import type { Clock } from "../../src/ports/clock.ts";
import type { DocumentKey } from "../../src/ports/documents.ts";
import type { LogKey } from "../../src/ports/logs.ts";
import { systemClock } from "../../src/node/clock.ts";
import { nodeIdentity, type ProcessIdentity } from "../../src/node/process-identity.ts";
import { memory, type Yard, yardIn } from "./yard.ts";

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

export function plant(path: string, content: string | Uint8Array): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
}

/** Another process of this host that is not there any more. */
export const DEAD_PID = 0x7ffffff0;

export function deadIdentity(): ProcessIdentity {
  return identityOf({ pid: DEAD_PID, pid_start: "1" });
}

/** Who this process is, asked once. */
const REAL = nodeIdentity();

export function identityOf(own: Partial<ReturnType<ProcessIdentity["self"]>>, user?: number): ProcessIdentity {
  return { ...REAL, self: () => ({ ...REAL.self(), ...own }), ...(user === undefined ? {} : { user: () => user }) };
}

/** The machine's clock, ahead by that much: what waiting so long would show. */
export function clockAhead(ms: number): Clock {
  return { ...systemClock, now: () => new Date(systemClock.now().getTime() + ms), monotonicMs: () => performance.now() };
}

export function permissions(stat: Stats): string {
  return (stat.mode & 0o7777).toString(8);
}
