/**
 * Starts a long-running program below a keeper and answers with who it is. A program that cannot be started is a value. The
 * child leads its own group; whoever stops it has its record, never this object.
 */
import { once } from "node:events";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { execa } from "execa";
import { recordOf, type ProcessTable, type RecordedProcess } from "./identity.ts";
import type { Exit, KeeperLine, LogTruncated, Order } from "./order.ts";

/** How long a keeper may take to start its child. */
const START_MS = 20_000;

/** What launching stands on. */
export interface LaunchGround {
  /** The keeper's file, a module that Node can run. */
  readonly keeper: string;
  readonly table: ProcessTable;
}

/** A child that runs. */
export interface Launched {
  readonly kind: "started";
  readonly process: RecordedProcess;
  /** The leader has ended; null when its keeper died before it could tell. */
  readonly exited: Promise<Exit | null>;
  /** The log is complete: nobody holds the pipes any more, or the keeper has stopped waiting for it. */
  readonly closed: Promise<{ readonly log_truncated: LogTruncated }>;
  /** `performance.now()` of the last output. */
  lastOutputAt(): number;
  /** Hears its keeper no more: this process may end while the child goes on, and the keeper writes its end. */
  letGo(): void;
}

/** A child that runs, or why there is none. */
export type LaunchOutcome = Launched | { readonly kind: "not_started"; readonly errno: string };

/** Starts it. Its environment is the order's and nothing else. */
export async function launch(order: Order, ground: LaunchGround): Promise<LaunchOutcome> {
  const keeper = execa(process.execPath, [ground.keeper], {
    cwd: "/",
    // The keeper needs programs of the system only, and none of our settings.
    env: { PATH: order.env["PATH"] ?? "/usr/bin:/bin", TMPDIR: process.env["TMPDIR"] ?? "" },
    extendEnv: false,
    detached: true,
    cleanup: false,
    reject: false,
    buffer: false,
    input: JSON.stringify(order),
    stdout: "pipe",
    stderr: "ignore",
  });
  const lines = keeperLines(keeper.stdout);
  const timer = setTimeout(() => keeper.kill("SIGKILL"), START_MS);
  try {
    const first = await Promise.race([
      lines.first,
      once(keeper, "error").then(
        () => null,
        () => null,
      ),
    ]);
    if (first === null) return { kind: "not_started", errno: "EKEEPER" };
    if (first.kind !== "started") return { kind: "not_started", errno: first.kind === "not_started" ? first.errno : "EKEEPER" };
    keeper.unref();
    return { kind: "started", process: recordOf(first.pid, ground.table), ...lines };
  } finally {
    clearTimeout(timer);
  }
}

interface Lines extends Pick<Launched, "exited" | "closed" | "lastOutputAt" | "letGo"> {
  readonly first: Promise<KeeperLine | null>;
}

function keeperLines(stdout: Readable): Lines {
  let lastOutput = performance.now();
  const first = awaited<KeeperLine | null>();
  const exited = awaited<Exit | null>();
  const closed = awaited<{ log_truncated: LogTruncated }>();
  const reader = createInterface({ input: stdout });
  reader.on("line", (text) => {
    const line = parseLine(text);
    if (line === null) return;
    first.resolve(line);
    if (line.kind === "output") lastOutput = performance.now();
    if (line.kind === "exited") exited.resolve({ exit_code: line.exit_code, signal: line.signal });
    if (line.kind === "closed") closed.resolve({ log_truncated: line.log_truncated });
  });
  // Its end settles whatever it did not tell.
  reader.once("close", () => {
    first.resolve(null);
    exited.resolve(null);
    closed.resolve({ log_truncated: null });
  });
  return {
    first: first.promise,
    exited: exited.promise,
    closed: closed.promise,
    lastOutputAt: () => lastOutput,
    letGo: () => {
      reader.removeAllListeners("close").close();
      stdout.destroy();
    },
  };
}

/** A promise that somebody else settles; later settlements are ignored. */
function awaited<Value>(): { readonly promise: Promise<Value>; readonly resolve: (value: Value) => void } {
  let resolve: (value: Value) => void = () => undefined;
  const promise = new Promise<Value>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}

function parseLine(text: string): KeeperLine | null {
  try {
    return JSON.parse(text) as KeeperLine;
  } catch {
    return null;
  }
}
