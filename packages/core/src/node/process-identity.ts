/**
 * Who this process is, and whether another one still runs (REL-32, REL-34). A pid alone names nobody: it is reused,
 * and it means something else in another namespace, boot or host. Never used to signal anything.
 */
import { readFileSync, readlinkSync } from "node:fs";

/** This process, so that no other one can be taken for it. */
export interface OwnIdentity {
  readonly pid: number;
  /** When it started, in the host's own form; "" when that cannot be known. */
  readonly pid_start: string;
  readonly boot_id: string;
  readonly pid_ns: string;
  readonly host: string;
}

/** What a look at a pid showed; `started` is null when a process has that pid and its start cannot be seen. */
export type ProcessLook = { kind: "gone" } | { kind: "running"; started: string | null };

/** Who processes are; replaceable in tests (REL-28). */
export interface ProcessIdentity {
  /** Computed once, at the first use: a process that takes no lock never asks. */
  self(): OwnIdentity;
  look(pid: number): ProcessLook;
  /** The effective user; null where there is none. */
  user(): number | null;
}

/** Reads /proc; elsewhere asks `ps` and `sysctl`. */
export function nodeIdentity(): ProcessIdentity {
  let own: OwnIdentity | undefined;
  return {
    self: () => (own ??= identifyOurselves()),
    look: lookAtProcess,
    user: () => process.geteuid?.() ?? null,
  };
}

function identifyOurselves(): OwnIdentity {
  const look = lookAtProcess(process.pid);
  // Loaded for this alone; a verdict asks nobody who it is.
  const name = process.getBuiltinModule("node:os").hostname();
  const machine = textOf("/etc/machine-id");
  return {
    pid: process.pid,
    pid_start: (look.kind === "running" ? look.started : null) ?? "",
    // On a Mac `kern.boottime` moves with the clock; the session's own id does not.
    boot_id:
      textOf("/proc/sys/kernel/random/boot_id") ??
      answerOf("sysctl", ["-n", "kern.bootsessionuuid"]) ??
      answerOf("sysctl", ["-n", "kern.boottime"]) ??
      "",
    pid_ns: linkOf("/proc/self/ns/pid") ?? "",
    host: machine === null ? name : `${name}/${machine}`,
  };
}

function lookAtProcess(pid: number): ProcessLook {
  const stat = textOf(`/proc/${pid}/stat`);
  if (stat !== null) return readProcStat(stat);
  if (!exists(pid)) return { kind: "gone" };
  // Alive, but /proc hides it or there is none.
  return { kind: "running", started: process.platform === "linux" ? null : answerOf("ps", ["-o", "lstart=", "-p", String(pid)]) };
}

/** Field 22 is counted behind the last `)`: a program's name may hold blanks and brackets. */
export function readProcStat(stat: string): ProcessLook {
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const state = fields[0] ?? "";
  // A zombie never runs again, however long its parent leaves it there.
  if (state === "Z" || state === "X") return { kind: "gone" };
  return { kind: "running", started: fields[19] ?? null };
}

function exists(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== "ESRCH";
  }
}

function textOf(path: string): string | null {
  try {
    return readFileSync(path, "utf8").trim();
  } catch {
    return null;
  }
}

function linkOf(path: string): string | null {
  try {
    return readlinkSync(path);
  } catch {
    return null;
  }
}

/** One line of a small system program, or null. Only where there is no /proc. */
function answerOf(program: string, args: readonly string[]): string | null {
  try {
    const { execFileSync } = process.getBuiltinModule("node:child_process");
    const output = execFileSync(program, args, {
      encoding: "utf8",
      timeout: 5_000,
      stdio: ["ignore", "pipe", "ignore"],
      env: { PATH: "/usr/bin:/bin:/usr/sbin:/sbin", LC_ALL: "C" },
    });
    return output.trim() || null;
  } catch {
    return null;
  }
}
