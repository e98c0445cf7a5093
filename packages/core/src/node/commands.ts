/**
 * Short child programs: bounded in time and output, in their own process group, which ends as a whole (REL-140, REL-144).
 */
import { spawn, type ChildProcess } from "node:child_process";
import type { Readable } from "node:stream";
import type { CommandEnd, CommandOptions, CommandOutput, Commands } from "../ports/commands.ts";
import type { Clock } from "../ports/clock.ts";

const GRACE_MS = 5_000;
const PIPES_MS = 1_000;

/** Commands run by Node's own `spawn`: with a library around it each costs this process twice as much, and git is asked often. */
export function nodeCommands(clock: Clock): Commands {
  return {
    run: async (argv, options) => {
      const started = clock.monotonicMs();
      const child = start(argv, options);
      if ("errno" in child) return { duration_ms: 0, stdout: "", stderr: "", truncated: false, kind: "not_started", errno: child.errno };
      const stop = endGroupWhen(child.pid, options);
      const [stdout, stderr] = [child.stdout, child.stderr].map((stream) => collected(stream, options.max_output_bytes, stop.full));
      child.stdin?.on("error", () => undefined).end(options.stdin);
      handOver(child, options.handed);
      const letGo = letGoOfPipes(child);
      const end = await endOf(child);
      letGo();
      const why = stop.settle();
      const output: CommandOutput = {
        duration_ms: clock.monotonicMs() - started,
        stdout: stdout?.text() ?? "",
        stderr: stderr?.text() ?? "",
        truncated: stdout?.truncated() === true || stderr?.truncated() === true,
      };
      return { ...output, ...(why === null ? end : { kind: why }) };
    },
  };
}

function start([program, ...args]: readonly [string, ...string[]], options: CommandOptions): ChildProcess | { readonly errno: string } {
  try {
    return spawn(program, args, {
      cwd: options.cwd,
      env: { ...options.env },
      shell: false,
      detached: true,
      stdio: [options.stdin === undefined ? "ignore" : "pipe", "pipe", "pipe", ...(options.handed === undefined ? [] : ["pipe" as const])],
    });
  } catch (error) {
    // Some faults of the system are thrown, such as arguments that are too long; what is thrown for our own mistakes names no call.
    if (error instanceof Error && "syscall" in error && "code" in error) return { errno: String(error.code) };
    throw error;
  }
}

/** The text of a stream up to its limit; `full` is told when there is more, which nobody reads. */
function collected(stream: Readable | null, limit: number, full: () => void): { text(): string; truncated(): boolean } {
  const parts: Buffer[] = [];
  let size = 0;
  stream?.on("data", (part: Buffer) => {
    parts.push(part);
    size += part.length;
    if (size <= limit) return;
    stream.destroy();
    full();
  });
  return { text: () => Buffer.concat(parts).subarray(0, limit).toString("utf8"), truncated: () => size > limit };
}

/** When it has ended and its pipes are closed, or when it could not be started. */
function endOf(child: ChildProcess): Promise<CommandEnd> {
  return new Promise((resolve) => {
    child.once("error", (error: NodeJS.ErrnoException) => resolve({ kind: "not_started", errno: error.code ?? "UNKNOWN" }));
    child.once("close", (exit_code: number | null, signal: string | null) =>
      resolve(exit_code === null ? { kind: "signalled", signal: signal ?? "UNKNOWN" } : { kind: "exited", exit_code }),
    );
  });
}

/** A program that does not want it is no fault. */
function handOver(child: ChildProcess, handed: string | undefined): void {
  const pipe = child.stdio[3];
  if (handed === undefined || pipe === null || pipe === undefined || !("write" in pipe)) return;
  pipe.on("error", () => undefined);
  pipe.end(handed);
}

/** A grandchild in a session of its own may hold our pipes for ever; what the program itself printed is there by then. */
function letGoOfPipes(child: ChildProcess): () => void {
  let timer: NodeJS.Timeout | undefined;
  child.once("exit", () => {
    timer = setTimeout(() => {
      for (const pipe of child.stdio) pipe?.destroy();
    }, PIPES_MS);
  });
  return () => clearTimeout(timer);
}

/** How a command is ended before its time. */
interface Stop {
  /** It printed more than anybody wants. */
  full(): void;
  settle(): "timed_out" | "cancelled" | null;
}

/** Ends the whole group on time-out or cancellation: a grandchild that holds the pipe would otherwise outlive both. */
function endGroupWhen(pid: number | undefined, options: CommandOptions): Stop {
  let why: "timed_out" | "cancelled" | "full" | null = null;
  let hard: NodeJS.Timeout | undefined;
  const end = (reason: "timed_out" | "cancelled" | "full") => {
    if (why !== null || pid === undefined) return;
    why = reason;
    signalGroup(pid, "SIGTERM");
    hard = setTimeout(() => signalGroup(pid, "SIGKILL"), GRACE_MS);
  };
  const onAbort = () => end("cancelled");
  const timer = setTimeout(() => end("timed_out"), options.timeout_ms);
  options.signal?.addEventListener("abort", onAbort, { once: true });
  if (options.signal?.aborted === true) onAbort();
  return {
    full: () => end("full"),
    settle: () => {
      clearTimeout(timer);
      clearTimeout(hard);
      options.signal?.removeEventListener("abort", onAbort);
      return why === "full" ? null : why;
    },
  };
}

/** The group is ours: it was made by `detached` and its leader is not yet reaped by the caller. */
function signalGroup(pid: number, signal: "SIGTERM" | "SIGKILL"): void {
  try {
    process.kill(-pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}
