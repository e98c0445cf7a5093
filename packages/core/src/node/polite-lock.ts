/**
 * The polite layer of the lock: proper-lockfile orders the waiting, and decides nothing (REL-30, REL-31). Losing it
 * costs fairness, never exclusion, so its errors on release and its stale rules do not matter to safety.
 */
import type { AbsolutePath } from "../domain/ids.ts";
import { ignoringFaults } from "./faults.ts";
import type { FsCalls } from "./fs-calls.ts";

const STALE_MS = 30_000;
const UPDATE_MS = 5_000;

/** Takes the directory, or answers null for "not now". */
export type PoliteLock = (directory: AbsolutePath) => Promise<(() => Promise<void>) | null>;

/** The library is loaded when the first lock is taken: a reader never pays for it. */
export function politeLock(calls: FsCalls, now: () => Date): PoliteLock {
  const fs = libraryFs(calls, now);
  return async (directory) => {
    const { lock } = (await import("proper-lockfile")).default;
    try {
      const release = await lock(directory, {
        realpath: false,
        lockfilePath: directory,
        stale: STALE_MS,
        update: UPDATE_MS,
        retries: 0,
        // The default throws from a timer and kills the process.
        onCompromised: () => undefined,
        fs,
      });
      return async () => {
        try {
          await release();
        } catch (error) {
          if (!(error instanceof Error)) throw error;
        }
      };
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code;
      if (code === "ELOCKED" || code === "ENOENT") return null;
      throw error;
    }
  };
}

type Callback = (error: unknown, value?: unknown) => void;

/** What the library needs of `fs`, over the store's own calls, answered at once. */
function libraryFs(calls: FsCalls, now: () => Date): object {
  return {
    mkdir: (path: string, done: Callback) => answer(done, () => calls.mkdir(path)),
    rmdir: (path: string, done: Callback) => answer(done, () => calls.rmdir(path)),
    rmdirSync: (path: string) => ignoringFaults(() => calls.rmdir(path)),
    stat: (path: string, done: Callback) =>
      answer(
        done,
        orMissing(path, () => calls.stat(path) ?? missing(path)),
      ),
    utimes: (path: string, _atime: Date, mtime: Date, done: Callback) => {
      const at = notAhead(mtime, now());
      answer(
        done,
        orMissing(path, () => calls.utimes(path, at, at)),
      );
    },
  };
}

/**
 * The library refreshes the directory from a timer. Any other error than a missing directory may make it throw there,
 * where nobody can catch it; a missing one means to it that the lock is lost, which decides nothing.
 */
function orMissing(path: string, call: () => unknown): () => unknown {
  return () => {
    try {
      return call();
    } catch {
      return missing(path);
    }
  };
}

/**
 * The library probes the clock's precision with an instant up to a second ahead, which would hide for that long that a
 * directory's owner has died. A whole second would make it believe in second precision.
 */
function notAhead(mtime: Date, now: Date): Date {
  if (mtime <= now) return mtime;
  const ms = now.getTime();
  return new Date(ms % 1000 === 0 ? ms - 1 : ms);
}

function answer(done: Callback, call: () => unknown): void {
  let value: unknown;
  try {
    value = call();
  } catch (error) {
    done(error);
    return;
  }
  done(null, value);
}

function missing(path: string): never {
  throw Object.assign(new Error(`ENOENT: ${path}`), { code: "ENOENT", syscall: "stat" });
}
