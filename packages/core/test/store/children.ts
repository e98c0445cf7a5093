/** Real child processes that run the store's own source: bundled on the spot, so that no build has to come first. */
import { type ChildProcessByStdio, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import { fileURLToPath } from "node:url";
import { rolldown } from "rolldown";

export interface Child {
  readonly pid: number;
  /** Lines it printed that nobody has taken yet. */
  say(line: string): void;
  next(): Promise<string>;
  signal(name: NodeJS.Signals): void;
  /** Resolves when it is gone, with every line it ever printed. */
  readonly gone: Promise<{ lines: readonly string[]; code: number | null; errors: string }>;
}

/** One bundle of that source file, run as often as wanted. */
export async function program(source: URL): Promise<{ start(...args: string[]): Child; remove(): void }> {
  const directory = mkdtempSync(join(tmpdir(), "loopx-child-"));
  const file = join(directory, "child.mjs");
  const bundle = await rolldown({
    input: fileURLToPath(source),
    platform: "node",
    logLevel: "silent",
  });
  await bundle.write({ file, format: "esm", codeSplitting: false });
  await bundle.close();
  return {
    start: (...args) => childOf(spawn(process.execPath, [file, ...args], { stdio: ["pipe", "pipe", "pipe"] })),
    remove: () => rmSync(directory, { recursive: true, force: true }),
  };
}

function childOf(process: ChildProcessByStdio<Writable, Readable, Readable>): Child {
  const lines: string[] = [];
  let taken = 0;
  let wake: (() => void)[] = [];
  let ended = false;
  let errors = "";
  process.stderr.on("data", (chunk: Buffer) => (errors += chunk.toString()));
  // A child that was killed no longer listens.
  process.stdin.on("error", () => undefined);
  const awaken = () => {
    for (const one of wake) one();
    wake = [];
  };
  createInterface({ input: process.stdout }).on("line", (line) => {
    lines.push(line);
    awaken();
  });
  const gone = once(process, "close").then(([code]) => {
    ended = true;
    awaken();
    return { lines, code: code as number | null, errors };
  });
  return {
    pid: process.pid ?? 0,
    gone,
    say: (line) => process.stdin.write(`${line}\n`),
    signal: (name) => process.kill(name),
    next: async () => {
      while (taken >= lines.length) {
        if (ended) throw new Error(`the child is gone: ${errors}`);
        await new Promise<void>((resolve) => wake.push(resolve));
      }
      taken += 1;
      return lines[taken - 1] ?? "";
    },
  };
}
