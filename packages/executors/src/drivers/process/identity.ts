/**
 * Which process it was: pid, start time, boot and group, recorded when it was started and compared before every signal
 * (REL-145, DESIGN D18). A pid alone names nobody. Nothing here signals.
 */
import { execFileSync } from "node:child_process";
import { lstatSync, readFileSync, readdirSync } from "node:fs";
import { nodeIdentity } from "@loopx/core";

/** A process as a record keeps it. `start_ticks` is the host's own form of its start time, and "" when it was never seen. */
export interface RecordedProcess {
  readonly pid: number;
  readonly pgid: number;
  readonly start_ticks: string;
  readonly boot_id: string;
  readonly uid: number;
}

/** A process as it runs now. */
export interface LiveProcess {
  readonly pid: number;
  readonly ppid: number;
  readonly pgid: number;
  readonly start_ticks: string;
  readonly uid: number;
}

/** The processes of this host. Tests give their own. */
export interface ProcessTable {
  readonly boot_id: string;
  /** Everything that runs, without zombies. */
  list(): readonly LiveProcess[];
  /** One process; null when it is gone. */
  look(pid: number): LiveProcess | null;
  /** Its environment as `NAME=value` texts; empty when it may not be seen. */
  environment(pid: number): readonly string[];
}

/** The table of this host: /proc, elsewhere `ps`. */
export function hostProcesses(): ProcessTable {
  const { boot_id } = nodeIdentity().self();
  return process.platform === "linux" ? procTable(boot_id) : psTable(boot_id);
}

/** The record of a process that was just started and leads its own group. */
export function recordOf(pid: number, table: ProcessTable): RecordedProcess {
  const live = table.look(pid);
  return { pid, pgid: pid, start_ticks: live?.start_ticks ?? "", boot_id: table.boot_id, uid: process.geteuid?.() ?? 0 };
}

/** True when the recorded process still runs: not another one that got its pid, not one of an earlier boot. */
export function isAlive(record: RecordedProcess, table: ProcessTable): boolean {
  if (record.start_ticks === "" || record.boot_id !== table.boot_id) return false;
  const live = table.look(record.pid);
  return live !== null && isSame(live, record);
}

/** True when both are the same process of one boot. */
export function isSame(live: LiveProcess, record: Pick<RecordedProcess, "pid" | "start_ticks" | "uid">): boolean {
  return live.pid === record.pid && live.start_ticks === record.start_ticks && live.uid === record.uid;
}

function procTable(boot_id: string): ProcessTable {
  const look = (pid: number): LiveProcess | null => {
    try {
      // Read as UTF-8, which Node does in one go: a name that is none is passed over anyway.
      return fromStat(pid, readFileSync(`/proc/${pid}/stat`, "utf8"), lstatSync(`/proc/${pid}`).uid);
    } catch {
      return null;
    }
  };
  return {
    boot_id,
    look,
    list: () =>
      readdirSync("/proc")
        .filter((name) => /^\d+$/.test(name))
        .flatMap((name) => look(Number(name)) ?? []),
    environment: (pid) => {
      try {
        return readFileSync(`/proc/${pid}/environ`, "utf8").split("\0");
      } catch {
        return [];
      }
    },
  };
}

/** Fields are counted behind the last `)`: a program's name may hold blanks and brackets. A zombie counts as gone. */
function fromStat(pid: number, stat: string, uid: number): LiveProcess | null {
  const [state = "", ppid, pgid, ...rest] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  if (state === "Z" || state === "X") return null;
  // Behind the group come sixteen fields before the start time.
  return { pid, ppid: Number(ppid), pgid: Number(pgid), start_ticks: rest[16] ?? "", uid };
}

const PS_LINE = /^\s*(\d+)\s+(\d+)\s+(\d+)\s+(\d+)\s+(\S+)\s+(.+?)\s*$/;

function psTable(boot_id: string): ProcessTable {
  const ask = (more: readonly string[]): readonly LiveProcess[] => {
    try {
      const printed = execFileSync("ps", ["-o", "pid=,ppid=,pgid=,uid=,state=,lstart=", ...more], {
        encoding: "utf8",
        timeout: 10_000,
        stdio: ["ignore", "pipe", "ignore"],
        env: { PATH: "/bin:/usr/bin", LC_ALL: "C" },
      });
      return printed.split("\n").flatMap((line) => {
        const [, pid, ppid, pgid, uid, state = "", start_ticks = ""] = PS_LINE.exec(line) ?? [];
        if (pid === undefined || state.startsWith("Z")) return [];
        return [{ pid: Number(pid), ppid: Number(ppid), pgid: Number(pgid), uid: Number(uid), start_ticks }];
      });
    } catch {
      return [];
    }
  };
  return { boot_id, look: (pid) => ask(["-p", String(pid)])[0] ?? null, list: () => ask(["-ax"]), environment: () => [] };
}
