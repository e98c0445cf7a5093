/**
 * One project with its home on a real file system, put back to a remembered state as often as wanted. The path stays the
 * same, so what a command writes is the same bytes every time, and old and new can be compared.
 */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync } from "node:fs";
import { join } from "node:path";
import { restore, type Snapshot, snapshotOf } from "../../../../test/snapshot.ts";
import type { Commands } from "../../src/ports/commands.ts";
import { type FsCalls, nodeFs, withoutFsync } from "../../src/node/fs-calls.ts";
import type { FileHost } from "../../src/node/host.ts";
import { type Machine, openHostOn } from "../../src/node/host.ts";
import { nodeIdentity } from "../../src/node/process-identity.ts";
import { fakeClock } from "../../src/testing/fake-clock.ts";
import { sequenceIds } from "../../src/testing/sequence-ids.ts";
import { memory } from "../store/yard.ts";

export interface World {
  readonly root: string;
  readonly project: string;
  readonly runtime: string;
  /**
   * A host for one command. `minute` is when it runs; commands of one minute make the same ids and instants.
   */
  host(machine?: Machine, minute?: number): FileHost;
  read(path: string): string;
  has(path: string): boolean;
  /** Project and home with nothing in them. */
  readonly empty: Snapshot;
  snapshot(): Snapshot;
  reset(to: Snapshot): void;
  remove(): void;
}

/** A lock that holds the next writer up for longer is a refusal, and fails the test (REL-6). */
const LOCK_WAIT_MS = 400;

export function openWorld(): World {
  return worldAt(realpathSync(mkdtempSync(join(memory(), "loopx-crash-"))));
}

/** The same world, for another process. */
export function worldAt(root: string): World {
  const [project, home] = [join(root, "project"), join(root, "home")];
  for (const folder of [project, home]) mkdirSync(folder, { recursive: true });
  const empty = snapshotOf(root);
  // What is there, as long as nobody could have changed it.
  let seen: Snapshot | undefined;
  return {
    empty,
    root,
    project,
    runtime: join(home, ".codex/loopx"),
    host: (machine = {}, minute = 0) => {
      seen = undefined;
      return openHostOn(
        { commands: noCommands, identity, ...machine },
        {
          cwd: project,
          home,
          env: {},
          project,
          clock: fakeClock({ at: Date.parse("2026-11-21T10:00:00+08:00") + minute * 60_000 }),
          ids: idsOf(minute),
          lock_wait_ms: LOCK_WAIT_MS,
        },
      );
    },
    read: (path) => readFileSync(join(root, path), "utf8"),
    has: (path) => existsSync(join(root, path)),
    snapshot: () => (seen = snapshotOf(root)),
    reset: (to) => {
      restore(root, to, seen);
      seen = undefined;
    },
    remove: () => rmSync(root, { recursive: true, force: true }),
  };
}

/** One for all: to make an error costs more than the look. */
const ABSENT = Object.assign(new Error("ENOENT: no such file or directory, realpath"), { code: "ENOENT", errno: -2, syscall: "realpath" });

/**
 * The calls of these worlds. What stays on the disk of a killed process does not depend on the sync; that it is asked for
 * has its own tests. No link stands here, so what is there is its own real path; to ask for it costs a look at every folder.
 */
export const quickFs: FsCalls = {
  ...withoutFsync(nodeFs),
  realpath: (path) => {
    if (!existsSync(path)) throw ABSENT;
    return path;
  },
};

/** Who this process is, asked once: its hosts are many. */
const identity = nodeIdentity();

/** A machine without git, which has its own tests. */
const noCommands: Commands = {
  run: async () => ({ kind: "not_started", errno: "ENOENT", duration_ms: 0, stdout: "", stderr: "", truncated: false }),
};

function idsOf(minute: number) {
  const ids = sequenceIds();
  for (let skipped = 0; skipped < minute * 10; skipped += 1) for (const prefix of ["todo_", "run_", "reward_"]) ids.next(prefix);
  return ids;
}
