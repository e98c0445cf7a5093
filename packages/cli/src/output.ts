/**
 * The only place that touches the real standard streams and the process. It formats nothing: `print.ts` does.
 * A reader that went away (`loopx status | head`) is a quiet, successful end (CMD-10).
 */
import { fstatSync, writeSync } from "node:fs";
import type { EndSignal, Io } from "./io.ts";
import type { Screen } from "./watch/watch.ts";

const DESCRIPTOR = { stdout: 1, stderr: 2 } as const;
/** 128 + the signal's number, as shells report it. */
const SIGNAL_EXIT = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;

/** The process as an `Io`. */
export function processIo(version: string): Io {
  return {
    version,
    node: process.versions.node,
    platform: `${process.platform}-${process.arch}`,
    cwd: whereItStands(),
    env: process.env,
    home: process.env["HOME"] || homedir(),
    entry: process.argv[1] ?? null,
    write: writeAll,
    // Starting the stream costs about 1 ms, so only a device that may be a terminal is asked.
    isTerminal: () => fstatSync(DESCRIPTOR.stdout).isCharacterDevice() && process.stdout.isTTY,
    screen: () => (process.stdout.isTTY ? terminalScreen(process.stdout) : null),
    // `performance` would be loaded for this alone.
    elapsedMs: () => process.uptime() * 1000,
    takeSignals,
    atExit: (cleanUp) => void process.once("exit", cleanUp),
  };
}

/** A terminal that says no size counts as the usual one. */
function terminalScreen(stream: typeof process.stdout): Screen {
  return {
    size: () => ({ columns: stream.columns || 80, rows: stream.rows || 24 }),
    onResize: (handler) => {
      stream.on("resize", handler);
      return () => void stream.off("resize", handler);
    },
  };
}

/** The module of the platform is loaded for this alone, where the environment says nothing. */
function homedir(): string {
  return process.getBuiltinModule("node:os").homedir();
}

/** In a directory that was removed, as the worktree of a finished loop, the shell still knows its name. */
function whereItStands(): string {
  try {
    return process.cwd();
  } catch {
    return process.env["PWD"] || "/";
  }
}

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** Ends with 130, 143 or 129; a signal is taken between writes, never within one (CMD-10). */
export function endOnSignals(): void {
  for (const signal of SIGNALS) process.on(signal, end);
}

function end(signal: EndSignal): void {
  process.exit(SIGNAL_EXIT[signal]);
}

function takeSignals(handler: (signal: EndSignal) => void): () => void {
  for (const signal of SIGNALS) process.off(signal, end).on(signal, handler);
  return () => {
    for (const signal of SIGNALS) process.off(signal, handler).on(signal, end);
  };
}

/** The process ends with this code once nothing is left to do. */
export function endWith(code: number): void {
  process.exitCode = code;
}

/** The process ends now, without taking down what it built up: all is written and nobody waits, which saves a query 1 to 5 ms. */
export function endNow(code: number): void {
  process.exit(code);
}

/** Writing to the descriptor is about 1 ms faster than starting a stream; a full pipe goes on through the stream. */
async function writeAll(stream: "stdout" | "stderr", text: string): Promise<void> {
  const bytes = Buffer.from(text, "utf8");
  let at = 0;
  while (at < bytes.length) {
    try {
      at += writeSync(DESCRIPTOR[stream], bytes, at);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === "EPIPE") return endQuietly(stream);
      if (code !== "EAGAIN") throw error;
      return writeThroughStream(stream, bytes.subarray(at));
    }
  }
}

function writeThroughStream(stream: "stdout" | "stderr", bytes: Buffer): Promise<void> {
  const target = process[stream];
  target.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") throw error;
    endQuietly(stream);
  });
  return new Promise((resolve) => target.write(bytes, () => resolve()));
}

function endQuietly(stream: "stdout" | "stderr"): void {
  if (stream === "stdout") process.exit(0);
}
