/**
 * An agent's output, line by line, in the service's log as well (`LOOPER_MIRROR_OUTPUT`, LPR-60). It reads the run's own log as
 * it grows, where known secrets are gone already; the agent never waits for it.
 */
import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import type { Log } from "./server-log.ts";

const LOOK_MS = 500;
/** What is read in one look; more is read in the next one. */
const PIECE = 256 * 1024;
const MAX_LINE = 4_096;

/** Follows the file from its present end; the answer ends that, after one last look. */
export function mirrorOutput(run_id: string, path: string, log: Log): () => void {
  let at = sizeOf(path);
  let rest = "";
  const say = (text: string): void => log("DEBUG", "run.output", { run_id, text: text.slice(0, MAX_LINE) });
  const look = (): boolean => {
    const { text, next } = pieceOf(path, at);
    at = next;
    const lines = `${rest}${text}`.split("\n");
    rest = (lines.pop() ?? "").slice(0, MAX_LINE);
    for (const line of lines) if (line !== "") say(line);
    return text !== "";
  };
  const timer = setInterval(look, LOOK_MS);
  timer.unref();
  return () => {
    clearInterval(timer);
    while (look());
    if (rest !== "") say(rest);
  };
}

function sizeOf(path: string): number {
  return reading(path, (fd) => fstatSync(fd).size) ?? 0;
}

/** A log that was cut is shorter than before: its end is taken up again. */
function pieceOf(path: string, at: number): { readonly text: string; readonly next: number } {
  const nothing = { text: "", next: at };
  return (
    reading(path, (fd) => {
      const { size } = fstatSync(fd);
      if (size < at) return { text: "", next: size };
      const bytes = Buffer.alloc(Math.min(PIECE, size - at));
      const read = readSync(fd, bytes, 0, bytes.length, at);
      return { text: bytes.subarray(0, read).toString("utf8"), next: at + read };
    }) ?? nothing
  );
}

function reading<Value>(path: string, act: (fd: number) => Value): Value | null {
  try {
    const fd = openSync(path, "r");
    try {
      return act(fd);
    } finally {
      closeSync(fd);
    }
  } catch {
    return null;
  }
}
