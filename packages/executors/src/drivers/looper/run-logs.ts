/**
 * The run logs of Looper (LPR-61, LPR-62): a header, whatever the agent prints, a trailer; kept for a while. A log that cannot
 * be written never stops a run (LPR-76).
 */
import { appendFileSync, constants, mkdirSync, openSync, closeSync, lstatSync, readdirSync, rmSync, writeSync } from "node:fs";
import { basename, dirname, join } from "node:path";

const NAME = /^codex-exec-.*\.log$/;
const RUN_DIR = /^run_[0-9a-f]{16}$/;
const DAY_MS = 86_400_000;

/** `codex-exec-20261121-090000-1a2b3c4d.log`, by local time. */
export function runLogName(at: { readonly ms: number; readonly offset_minutes: number }, request_id: string): string {
  const local = new Date(at.ms + at.offset_minutes * 60_000).toISOString();
  return `codex-exec-${local.slice(0, 10).replaceAll("-", "")}-${local.slice(11, 19).replaceAll(":", "")}-${request_id}.log`;
}

/** Begins the log with these lines. */
export function beginRunLog(path: string, header: readonly (readonly [name: string, value: string])[]): void {
  quietly(() => {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    const fd = openSync(path, constants.O_WRONLY | constants.O_CREAT | constants.O_APPEND | constants.O_NOFOLLOW, 0o600);
    try {
      writeSync(fd, header.map(([key, value]) => `# ${key}=${value.replaceAll(/[\r\n]+/g, " ")}\n`).join(""));
    } finally {
      closeSync(fd);
    }
  });
}

/** Ends the log; `unknown` stands for a code that nobody saw. */
export function endRunLog(path: string, end: string, reason: string, code: number | "unknown"): void {
  const said = reason.replaceAll(/[\r\n]+/g, " ");
  quietly(() => appendFileSync(path, `\n# end=${end} reason=${said}\n# codex_exec_return_code=${code}\n`, { mode: 0o600 }));
}

/** When the newest run log was changed; null without one. */
export function newestRunLogMs(folder: string): number | null {
  return logsOf(folder)[0]?.changed_ms ?? null;
}

/** What is kept: the newest so many, for so many days, and whatever belongs to a live run, by log path or run id. */
export interface Kept {
  readonly keep: number;
  readonly keep_days: number;
  readonly live: ReadonlySet<string>;
}

/** Removes logs and run folders that are too old or too many; of a live run never. */
export function pruneRuns(
  { log_dir, runs_dir }: { readonly log_dir: string; readonly runs_dir: string },
  { keep, keep_days, live }: Kept,
  now_ms: number,
): void {
  for (const found of [logsOf(log_dir), entriesOf(runs_dir, RUN_DIR)]) {
    for (const [at, { path, changed_ms }] of found.entries()) {
      if (at < keep && now_ms - changed_ms <= keep_days * DAY_MS) continue;
      if (!live.has(path) && !live.has(basename(path))) quietly(() => rmSync(path, { force: true, recursive: true }));
    }
  }
}

function logsOf(folder: string): readonly Entry[] {
  return entriesOf(folder, NAME);
}

interface Entry {
  readonly path: string;
  readonly changed_ms: number;
}

/** Files and folders of that name, newest first; a link is neither. */
function entriesOf(folder: string, names: RegExp): readonly Entry[] {
  const found: Entry[] = [];
  quietly(() => {
    for (const name of readdirSync(folder)) {
      const path = join(folder, name);
      const stat = names.test(name) ? lstatSync(path, { throwIfNoEntry: false }) : undefined;
      if (stat?.isFile() === true || stat?.isDirectory() === true) found.push({ path, changed_ms: stat.mtimeMs });
    }
  });
  return found.toSorted((a, b) => b.changed_ms - a.changed_ms || (a.path < b.path ? 1 : -1));
}

function quietly(act: () => void): void {
  try {
    act();
  } catch {
    // Nothing is lost but a line of a log.
  }
}
