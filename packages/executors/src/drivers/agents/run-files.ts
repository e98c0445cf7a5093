/** The private files of one run (AGT-4), and small looks into them. */
import { closeSync, constants, fstatSync, mkdirSync, openSync, readdirSync, readFileSync, readSync, statSync, writeSync } from "node:fs";
import { join } from "node:path";
import type { JsonObject } from "@loopx/core/domain";
import { jsonLines } from "./json.ts";

const TAIL = 2_000;
/** What is read of a client's own lines: its result stands at the end. */
const EVENTS_LIMIT = 8 * 1024 * 1024;

/** Where each file of a run lies. */
export interface RunPaths {
  readonly prompt: string;
  readonly log: string;
  readonly events: string;
  readonly exit: string;
}

export function pathsOf(run_dir: string): RunPaths {
  return {
    prompt: join(run_dir, "prompt.md"),
    log: join(run_dir, "out.log"),
    events: join(run_dir, "events.jsonl"),
    exit: join(run_dir, "exit.json"),
  };
}

/** Makes the folder and writes the prompt into it, byte for byte. */
export function prepareRun(run_dir: string, prompt: string): void {
  mkdirSync(join(run_dir, "result"), { recursive: true, mode: 0o700 });
  const fd = openSync(pathsOf(run_dir).prompt, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW, 0o600);
  try {
    const bytes = Buffer.from(prompt, "utf8");
    for (let at = 0; at < bytes.length;) at += writeSync(fd, bytes, at);
  } finally {
    closeSync(fd);
  }
}

/** What the client printed as JSON lines; of a very long stream the end. */
export function eventsOf(run_dir: string): readonly JsonObject[] {
  return jsonLines(endOfFile(pathsOf(run_dir).events, EVENTS_LIMIT));
}

/** The last bytes of what was printed. */
export function tailOf(log: string): string {
  return endOfFile(log, TAIL);
}

/** The last lines of a file, for a prompt or a person. */
export function lastLines(path: string, count: number): string {
  return endOfFile(path, 256 * 1024)
    .split("\n")
    .slice(-count - 1)
    .join("\n");
}

/** The names of the runs below that folder. */
export function runsIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder)
      .filter((name) => /^run_[0-9a-f]{16}$/.test(name))
      .sort();
  } catch {
    return [];
  }
}

/** The whole text of a small file; empty when there is none. */
export function smallFile(path: string, limit: number): string {
  try {
    return statSync(path).size > limit ? "" : readFileSync(path, "utf8");
  } catch {
    return "";
  }
}

function endOfFile(path: string, most: number): string {
  let fd: number;
  try {
    fd = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW);
  } catch {
    return "";
  }
  try {
    const { size } = fstatSync(fd);
    const bytes = Buffer.alloc(Math.min(size, most));
    const read = readSync(fd, bytes, 0, bytes.length, Math.max(0, size - most));
    return bytes.subarray(0, read).toString("utf8");
  } finally {
    closeSync(fd);
  }
}
