/**
 * A small process that stands between an executor and one long-running child: it is the child's parent, writes its output
 * to bounded logs without the secrets, and writes down how it ended. When the executor is killed the child goes on, its
 * pipes stay open, and the next executor finds everything in files. It decides nothing and signals nobody.
 */
import { execFileSync, spawn, type ChildProcess } from "node:child_process";
import { closeSync, constants, mkdtempSync, openSync, readFileSync, renameSync, rmSync, writeFileSync, writeSync } from "node:fs";
import { Socket } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { boundedLog, type BoundedLog } from "./bounded-log.ts";
import type { Exit, KeeperLine, LogTruncated, Order } from "./order.ts";
import { streamRedactor } from "./secrets.ts";

/** How long output is awaited that somebody else may still write after the child has gone. */
const LAST_OUTPUT_MS = 10_000;
/** One line about output in so many milliseconds is enough to tell silence. */
const OUTPUT_LINE_MS = 250;

// Nobody reads any more when the executor is gone; that is when this process matters most.
process.on("SIGHUP", () => {});
process.stdout.on("error", () => {});

function tell(line: KeeperLine): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

/** Named pipes: a program may open /dev/stderr, which it cannot when that is a socket, as Node's own pipes are. */
interface Pipes {
  readonly read: readonly number[];
  readonly write: readonly number[];
}

/** One for both streams keeps the order of what is printed; two when standard output is wanted alone. */
function namedPipes(count: 1 | 2): Pipes | null {
  const folder = mkdtempSync(join(tmpdir(), "loopx-pipes-"));
  const names = ["out", "err"].slice(0, count).map((name) => join(folder, name));
  try {
    execFileSync("mkfifo", ["-m", "600", "--", ...names], { stdio: "ignore", timeout: 5_000 });
    const read = names.map((name) => openSync(name, constants.O_RDONLY | constants.O_NONBLOCK));
    return { read, write: names.map((name) => openSync(name, constants.O_WRONLY)) };
  } catch {
    return null;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

interface Sink {
  readonly log: BoundedLog;
  take(stream: NodeJS.ReadableStream | null, alsoTo: BoundedLog | null): Promise<void>;
}

function sinkFor(order: Order): Sink {
  const log = boundedLog(order.log);
  let lastTold = 0;
  const told = (): void => {
    const now = performance.now();
    if (now - lastTold < OUTPUT_LINE_MS) return;
    lastTold = now;
    tell({ kind: "output" });
  };
  return {
    log,
    take: (stream, alsoTo) => {
      if (stream === null) return Promise.resolve();
      const redactor = streamRedactor(order.redact);
      const write = (bytes: Buffer): void => {
        if (bytes.length === 0) return;
        log.write(bytes);
        alsoTo?.write(bytes);
      };
      stream.on("data", (bytes: Buffer) => {
        told();
        write(redactor.push(bytes));
      });
      return new Promise((resolve) => {
        const ended = (): void => {
          write(redactor.flush());
          resolve();
        };
        stream.once("end", ended).once("error", ended).once("close", ended);
      });
    },
  };
}

function start(order: Order, pipes: Pipes | null): ChildProcess {
  const stdin = order.stdin === null ? ("ignore" as const) : openSync(order.stdin, constants.O_RDONLY | constants.O_NOFOLLOW);
  try {
    return spawn(order.program, [...order.argv], {
      cwd: order.cwd,
      env: { ...order.env },
      shell: false,
      detached: true,
      stdio: [stdin, pipes?.write[0] ?? "pipe", pipes?.write.at(-1) ?? "pipe"],
    });
  } finally {
    if (typeof stdin === "number") closeSync(stdin);
    for (const fd of pipes?.write ?? []) closeSync(fd);
  }
}

/** Whole or not at all: who looks for the file finds the end or nothing. */
function writeExit(path: string | null, exit: Exit & { log_truncated: LogTruncated }): void {
  if (path === null) return;
  try {
    const sibling = join(dirname(path), `.exit.${process.pid}`);
    writeFileSync(sibling, `${JSON.stringify({ ...exit, at: new Date().toISOString() })}\n`, { mode: 0o600 });
    renameSync(sibling, path);
  } catch {
    // A full disk: the executor that adopts the run will call it lost.
  }
}

function keep(order: Order): void {
  const pipes = namedPipes(order.stdout_copy === null ? 1 : 2);
  const child = start(order, pipes);
  const sink = sinkFor(order);
  const copy = order.stdout_copy === null ? null : boundedLog(order.stdout_copy);
  const [out, err] =
    pipes === null ? [child.stdout, child.stderr] : pipes.read.map((fd) => new Socket({ fd, readable: true, writable: false }));
  const taken = Promise.all([sink.take(out ?? null, copy), sink.take(err ?? null, null)]);
  const truncated = (): LogTruncated => copy?.truncated() ?? sink.log.truncated();

  child.once("spawn", () => tell({ kind: "started", pid: child.pid ?? 0 }));
  child.once("error", (error: NodeJS.ErrnoException) => {
    tell({ kind: "not_started", errno: error.code ?? "UNKNOWN" });
    process.exitCode = 1;
    for (const stream of [out, err]) (stream as Socket | null)?.destroy();
  });
  child.once("exit", (exit_code, signal) => {
    const exit: Exit = { exit_code, signal };
    writeExit(order.exit_file, { ...exit, log_truncated: truncated() });
    tell({ kind: "exited", ...exit });
    const enough = setTimeout(() => end(), LAST_OUTPUT_MS);
    const end = (): void => {
      clearTimeout(enough);
      sink.log.close();
      copy?.close();
      for (const stream of [out, err]) (stream as Socket | null)?.destroy();
      const log_truncated = truncated();
      if (log_truncated !== null) writeExit(order.exit_file, { ...exit, log_truncated });
      // Written at once: the process ends with this line.
      try {
        writeSync(1, `${JSON.stringify({ kind: "closed", log_truncated } satisfies KeeperLine)}\n`);
      } catch {
        // Nobody listens.
      }
      process.stdout.destroy();
    };
    void taken.then(end);
  });
}

function readOrder(): Order {
  return JSON.parse(readFileSync(0, "utf8")) as Order;
}

try {
  keep(readOrder());
} catch (error) {
  tell({ kind: "not_started", errno: (error as NodeJS.ErrnoException).code ?? "EINVAL" });
}
