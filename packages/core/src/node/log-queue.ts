/**
 * Appends of one process, in call order, many under one lock and one sync (REL-43, REL-62). Each line is still its own
 * write, each caller is answered after the sync, and one that fails spoils no other.
 */
import type { AbsolutePath } from "../domain/ids.ts";
import type { JsonObject } from "../domain/json.ts";
import { recordId } from "../domain/run/line.ts";
import type { AppendOptions, AppendOutcome } from "../ports/logs.ts";
import { errnoOf, writeFailed, writeFault } from "./faults.ts";
import type { FileGround, LogPlace } from "./file-ground.ts";
import type { GuardLeases, LeaseGuard } from "./lease-guard.ts";
import { CAS_RETRIES, GROUP_COMMIT_BYTES, GROUP_COMMIT_LINES } from "./limits.ts";
import { LogFile } from "./log-file.ts";

export interface Addition {
  readonly line: Uint8Array;
  readonly record: JsonObject;
  readonly options: AppendOptions;
}

/** One caller that waits. It is answered once, by an outcome or by an error. */
interface Waiting extends Addition {
  answer(outcome: AppendOutcome): void;
  fail(error: unknown): void;
}

interface Log {
  readonly place: LogPlace;
  readonly path: AbsolutePath;
  readonly waiting: Waiting[];
}

export function logQueue(
  ground: FileGround,
  guardLeases: GuardLeases,
): (place: LogPlace, path: AbsolutePath, addition: Addition) => Promise<AppendOutcome> {
  const logs = new Map<AbsolutePath, Log>();
  return (place, path, addition) =>
    new Promise((answer, fail) => {
      const busy = logs.get(path);
      const log = busy ?? { place, path, waiting: [] };
      log.waiting.push({ ...addition, answer, fail });
      if (busy !== undefined) return;
      logs.set(path, log);
      void drain(ground, guardLeases, log, () => logs.delete(path));
    });
}

/** Runs until nobody waits; `done` is told in that same turn. It never rejects: every error belongs to a caller. */
async function drain(ground: FileGround, guardLeases: GuardLeases, log: Log, done: () => void): Promise<void> {
  for (let lost = 0; log.waiting.length > 0;) {
    const waited = log.waiting.length;
    try {
      const turn = await takeTurn(ground, guardLeases, log, waited);
      lost = turn === "lock_lost" ? lost + 1 : 0;
      if (lost > CAS_RETRIES)
        throw writeFailed("ESTALE", log.path, undefined, "its lock was taken from this process again and again, and no record was added");
    } catch (error) {
      for (const one of log.waiting.splice(0, waited)) settle(one, () => writeFault(error, log.path));
    }
  }
  done();
}

/** One lock, one batch. `lock_lost`: the lock was taken from us before anything was written; nobody was answered. */
async function takeTurn(ground: FileGround, guardLeases: GuardLeases, log: Log, waited: number): Promise<"done" | "lock_lost"> {
  const held = await ground.lock.take(log.path, ground.wait);
  if (held.kind !== "held") {
    for (const one of log.waiting.splice(0, waited)) one.answer(held);
    return "done";
  }
  let guard: LeaseGuard | null = null;
  try {
    const fence = log.waiting[0]?.options.fence;
    if (fence !== undefined) {
      const taken = await guardLeases(fence);
      if (taken.kind !== "held") {
        log.waiting.shift()?.answer(taken);
        return "done";
      }
      guard = taken;
    }
    if (!held.isOurs() || guard?.isOurs() === false) return "lock_lost";
    commit(ground, log, nextBatch(log.waiting), guard);
    return "done";
  } finally {
    // Both records go before anything is awaited (REL-21).
    await Promise.all([held.release(), guard?.release()]);
  }
}

/** A fenced append stands alone: its lease lock must not wait for others. */
function nextBatch(waiting: Waiting[]): readonly Waiting[] {
  let count = 0;
  let bytes = 0;
  for (const one of waiting) {
    const fenced = one.options.fence !== undefined;
    if (count > 0 && (fenced || bytes + one.line.length > GROUP_COMMIT_BYTES || count === GROUP_COMMIT_LINES)) break;
    count += 1;
    bytes += one.line.length;
    if (fenced) break;
  }
  return waiting.splice(0, count);
}

/** Synchronous from the first look at the log to the last answer. */
function commit(ground: FileGround, log: Log, batch: readonly Waiting[], guard: LeaseGuard | null): void {
  const attempts: Attempt[] = [];
  try {
    const file = LogFile.open(ground, log.place, log.path);
    if (!(file instanceof LogFile)) {
      for (const one of batch) one.answer(file);
      return;
    }
    try {
      for (const one of batch) attempts.push(attempt(file, log, one, guard));
      file.sync();
    } finally {
      file.close();
    }
  } catch (error) {
    for (const [index, one] of batch.entries()) {
      const tried = attempts[index];
      if (tried === undefined || tried.relies_on_sync) settle(one, () => unknownFate(error, log.path));
      else tried.answer();
    }
    return;
  }
  for (const tried of attempts) tried.answer();
}

/** What a caller will hear, once it is known whether the sync succeeded. */
interface Attempt {
  readonly relies_on_sync: boolean;
  readonly answer: () => void;
}

function attempt(file: LogFile, log: Log, one: Waiting, guard: LeaseGuard | null): Attempt {
  let outcome: AppendOutcome;
  try {
    outcome = appendOne(file, one, guard);
  } catch (error) {
    if (errnoOf(error) === null && !isWriteFailed(error)) throw error;
    return { relies_on_sync: false, answer: () => settle(one, () => writeFault(error, log.path)) };
  }
  return { relies_on_sync: outcome.kind === "appended" || outcome.kind === "duplicate", answer: () => one.answer(outcome) };
}

function appendOne(file: LogFile, { line, record, options }: Addition, guard: LeaseGuard | null): AppendOutcome {
  const fenced = options.fence === undefined ? null : (guard?.fenced(options.fence) ?? null);
  if (fenced !== null) return fenced;
  const id = options.once === true ? recordId(record) : null;
  const stored = id === null ? null : file.find(id);
  if (stored !== null) return { kind: "duplicate", ...stored };
  const { head } = file;
  if (options.expected_head !== undefined && options.expected_head !== head) return { kind: "conflict", head };
  const written = file.write(line);
  return { kind: "appended", ...written, head: file.head };
}

function settle(one: Waiting, outcome: () => AppendOutcome): void {
  let answer: AppendOutcome;
  try {
    answer = outcome();
  } catch (error) {
    one.fail(error);
    return;
  }
  one.answer(answer);
}

function isWriteFailed(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "write_failed";
}

/** After a failed sync nobody knows what will survive; a retry with the same id is safe (REL-65). */
function unknownFate(error: unknown, path: AbsolutePath): never {
  const errno = errnoOf(error);
  throw errno === null ? error : writeFailed(errno, path, error, "the record may or may not be there; a retry with the same id is safe");
}
