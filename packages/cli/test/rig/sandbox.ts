/**
 * A fresh world for one test: project, runtime root, home and an outside folder below one temporary directory, with a
 * clock and ids the test holds. Command lines run in this process, exactly as `main.ts` would run them.
 */
import { mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import type { Clock, Ids } from "@loopx/core";
import type { Io } from "../../src/io.ts";
import { LOOPX } from "../../src/options/commands.ts";
import { runLine } from "../../src/run-line.ts";

export interface Printed {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface TestClock extends Clock {
  /** Moves the clock forward. */
  advance(ms: number): void;
}

/** A clock that stands still until it is moved; UTC. */
export function testClock(startMs: number): TestClock {
  let ms = startMs;
  return {
    now: () => new Date(ms),
    monotonicMs: () => ms,
    utcOffsetMinutes: () => 0,
    advance: (by) => {
      ms += by;
    },
  };
}

/** Ids that count up: `todo_000000000001`, `run_00000000000000000000000001`. */
export function countingIds(): Ids {
  const counters = new Map<string, number>();
  return {
    next: (prefix) => {
      const count = (counters.get(prefix) ?? 0) + 1;
      counters.set(prefix, count);
      return prefix + String(count).padStart(prefix === "todo_" ? 12 : 26, "0");
    },
  };
}

export interface Sandbox {
  readonly root: string;
  readonly project: string;
  readonly runtime: string;
  readonly home: string;
  readonly outside: string;
  readonly public: string;
  readonly clock: TestClock;
  /** Writes files below the project; parent folders are made. */
  write(files: Readonly<Record<string, string>>): void;
  run(argv: readonly string[], options?: { cwd?: string; env?: Readonly<Record<string, string>> }): Promise<Printed>;
  remove(): void;
}

/** 2026-11-21T09:00:00Z: the instant every transcript starts at. */
export const START_MS = Date.UTC(2026, 10, 21, 9, 0, 0);

export function openSandbox(startMs = START_MS): Sandbox {
  const root = realpathSync(mkdtempSync(join(tmpdir(), "loopx-test-")));
  const folder = (name: string): string => {
    mkdirSync(join(root, name), { mode: 0o700 });
    return join(root, name);
  };
  const [project, runtime, home, outside, open] = [
    folder("project"),
    folder("runtime"),
    folder("home"),
    folder("outside"),
    folder("public"),
  ];
  const clock = testClock(startMs);
  const ids = countingIds();
  return {
    root,
    project,
    runtime,
    home,
    outside,
    public: open,
    clock,
    write: (files) => {
      for (const [path, text] of Object.entries(files)) writeFile(resolve(project, path), text);
    },
    run: (argv, { cwd = project, env = {} } = {}) => {
      const age = (): void => ageRegistries(root, startMs);
      age();
      const surroundings = { cwd, home, env: { HOME: home, PATH: process.env["PATH"], TZ: "UTC", ...env }, ids };
      return printedBy(argv, { ...surroundings, clock: argv[0] === "demo" ? beforeEach(clock, age) : clock });
    },
    remove: () => rmSync(root, { recursive: true, force: true }),
  };
}

/** The demo runs many commands in one: each of them asks for the time first. */
function beforeEach(clock: TestClock, prepare: () => void): TestClock {
  const now = (): Date => {
    prepare();
    return clock.now();
  };
  return { ...clock, now };
}

/**
 * Makes every registry as old as the world. The disk dates a file by the machine's clock, and a registry that is younger
 * than its last sync is a finding (FIL-27): what a test sees may not depend on the day it runs.
 */
function ageRegistries(root: string, startMs: number): void {
  for (const entry of readdirSync(root, { recursive: true, withFileTypes: true }))
    if (entry.isFile() && /registry[^/]*\.json$/.test(entry.name))
      utimesSync(join(entry.parentPath, entry.name), new Date(startMs), new Date(startMs));
}

/** The file, parent folders made. */
export function writeFile(path: string, text: string | Uint8Array): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}

async function printedBy(
  argv: readonly string[],
  surroundings: Pick<Io, "cwd" | "home" | "env"> & { clock: Clock; ids: Ids },
): Promise<Printed> {
  const streams = { stdout: "", stderr: "" };
  const io: Io = {
    ...surroundings,
    version: "0.0.0",
    node: process.versions.node,
    platform: "test-machine",
    fileSystemOf: () => null,
    // A line that would stay is told to end as soon as it stays.
    takeSignals: (handler) => {
      const told = setImmediate(() => handler("SIGTERM"));
      return () => clearImmediate(told);
    },
    entry: null,
    isTerminal: () => false,
    elapsedMs: () => 0,
    atExit: () => {},
    write: async (stream, text) => {
      streams[stream] += text;
    },
  };
  const code = await runLine(argv, io, LOOPX);
  return { code, ...streams };
}
