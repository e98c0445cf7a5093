/**
 * Goes on with a run that an executor before us started (AGT-28): its keeper still writes its log and its end, so everything
 * is in files. A run that is gone without an end is lost. Nothing here signals.
 */
import { readFileSync, statSync } from "node:fs";
import { isAlive, type ProcessTable, type RecordedProcess } from "./identity.ts";
import { membersOf, type Mark } from "./members.ts";
import type { Exit, LogTruncated } from "./order.ts";
import type { Watchable } from "./supervise.ts";

const LOOK_MS = 200;
/** The keeper writes the end within moments of the exit. */
const END_MS = 2_000;

/** What is known of a run from its files. */
export interface RunFiles {
  readonly log: string;
  readonly exit_file: string;
}

/** The process of the record if it lives; a record without a pid is looked for by its mark. */
export function findProcess(record: RecordedProcess | null, mark: Mark, table: ProcessTable): RecordedProcess | null {
  if (record !== null) return isAlive(record, table) ? record : null;
  const members = membersOf(null, mark, table);
  const leader = members.find((each) => each.pid === each.pgid) ?? members[0];
  if (leader === undefined) return null;
  const { pid, pgid, start_ticks, uid } = leader;
  return { pid, pgid, start_ticks, boot_id: table.boot_id, uid };
}

/** A run of another executor, watched by looking. */
export function adopt(process: RecordedProcess, files: RunFiles, table: ProcessTable): Watchable {
  const looking: Looking = { timer: undefined, left: false };
  const exited = untilGone(process, files, table, looking);
  const adoptedAt = performance.now();
  return {
    process,
    exited,
    closed: exited.then(() => ({ log_truncated: readEnd(files.exit_file)?.log_truncated ?? null })),
    lastOutputAt: () => changedAt(files.log) ?? adoptedAt,
    letGo: () => {
      looking.left = true;
      clearTimeout(looking.timer);
    },
  };
}

/** The end as the keeper wrote it; null when there is none (yet). */
export function readEnd(path: string): (Exit & { readonly log_truncated: LogTruncated }) | null {
  try {
    const {
      exit_code = null,
      signal = null,
      log_truncated = null,
    } = JSON.parse(readFileSync(path, "utf8")) as Partial<Exit & { log_truncated: LogTruncated }>;
    return { exit_code, signal, log_truncated };
  } catch {
    return null;
  }
}

/** When the file last changed, on the scale of `performance.now()`; null when there is none. */
export function changedAt(path: string): number | null {
  try {
    return performance.now() - (Date.now() - statSync(path).mtimeMs);
  } catch {
    return null;
  }
}

/** The wait for the next look, which ends when nobody wants to know any more. */
interface Looking {
  timer: NodeJS.Timeout | undefined;
  left: boolean;
}

async function untilGone(process: RecordedProcess, files: RunFiles, table: ProcessTable, looking: Looking): Promise<Exit | null> {
  let goneAt: number | null = null;
  for (;;) {
    const end = readEnd(files.exit_file);
    if (end !== null) return { exit_code: end.exit_code, signal: end.signal };
    if (!isAlive(process, table)) goneAt ??= performance.now();
    if (goneAt !== null && performance.now() - goneAt >= END_MS) return null;
    await new Promise<void>((resolve) => {
      // Whoever left it waits for no end: this promise stays open and holds nothing.
      if (!looking.left) looking.timer = setTimeout(resolve, LOOK_MS);
    });
  }
}
