/**
 * Short child programs: bounded in time and output, in their own process group, which ends as a whole (REL-140, REL-144).
 */
import type { ChildProcess } from "node:child_process";
import type { CommandEnd, CommandOptions, CommandOutput, Commands } from "../ports/commands.ts";
import type { Clock } from "../ports/clock.ts";

const GRACE_MS = 5_000;
const PIPES_MS = 1_000;

/** Commands run through execa, loaded when the first one is needed. */
export function nodeCommands(clock: Clock): Commands {
  return {
    run: async (argv, options) => {
      const { execa } = await import("execa");
      const [program, ...args] = argv;
      const started = clock.monotonicMs();
      const child = execa(program, args, {
        cwd: options.cwd,
        env: { ...options.env },
        extendEnv: false,
        shell: false,
        detached: true,
        reject: false,
        buffer: true,
        stripFinalNewline: false,
        maxBuffer: options.max_output_bytes,
        stdio: [
          options.stdin === undefined ? "ignore" : "pipe",
          "pipe",
          "pipe",
          ...(options.handed === undefined ? [] : ["pipe" as const]),
        ],
        ...(options.stdin === undefined ? {} : { input: options.stdin }),
      });
      handOver(child, options.handed);
      const stop = endGroupWhen(child.pid, options);
      const letGo = letGoOfPipes(child);
      const result = await child;
      letGo();
      const why = stop.settle();
      const output: CommandOutput = {
        duration_ms: clock.monotonicMs() - started,
        stdout: result.stdout ?? "",
        stderr: result.stderr ?? "",
        truncated: result.isMaxBuffer,
      };
      return { ...output, ...endOf(result, why) };
    },
  };
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
      child.stdout?.destroy();
      child.stderr?.destroy();
    }, PIPES_MS);
  });
  return () => clearTimeout(timer);
}

function endOf(
  result: { exitCode?: number | undefined; signal?: string | undefined; code?: string | undefined },
  why: "timed_out" | "cancelled" | null,
): CommandEnd {
  if (why !== null) return { kind: why };
  if (result.exitCode !== undefined) return { kind: "exited", exit_code: result.exitCode };
  if (result.signal !== undefined) return { kind: "signalled", signal: result.signal };
  return { kind: "not_started", errno: result.code ?? "UNKNOWN" };
}

/** Ends the whole group on time-out or cancellation: a grandchild that holds the pipe would otherwise outlive both. */
function endGroupWhen(pid: number | undefined, options: CommandOptions): { settle(): "timed_out" | "cancelled" | null } {
  let why: "timed_out" | "cancelled" | null = null;
  let hard: NodeJS.Timeout | undefined;
  const end = (reason: "timed_out" | "cancelled") => {
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
    settle: () => {
      clearTimeout(timer);
      clearTimeout(hard);
      options.signal?.removeEventListener("abort", onAbort);
      return why;
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
