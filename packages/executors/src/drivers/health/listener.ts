/**
 * Which process listens on a port. Only for saying who it is and whether it is ours; nothing is ever signalled because of a
 * port (WTL-76, WTL-83).
 */
import { execFileSync } from "node:child_process";
import { readFileSync, readdirSync, readlinkSync } from "node:fs";

/** A listening process; `pid` is null when its owner may not be seen. */
export interface Listener {
  readonly pid: number | null;
  readonly command: string;
}

const LISTEN = "0A";
const SHOWN = 120;

/** Who listens there; null when nobody does. */
export function listenerOn(port: number): Listener | null {
  return process.platform === "linux" ? listenerInProc(port) : listenerByLsof(port);
}

function listenerInProc(port: number): Listener | null {
  const inodes = new Set(["/proc/net/tcp", "/proc/net/tcp6"].flatMap((table) => socketsOn(table, port)));
  if (inodes.size === 0) return null;
  for (const pid of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
    if (holds(pid, inodes)) return { pid: Number(pid), command: commandOf(pid) };
  }
  return { pid: null, command: "a process of another user" };
}

function socketsOn(table: string, port: number): readonly string[] {
  const hex = port.toString(16).toUpperCase().padStart(4, "0");
  return textOf(table)
    .split("\n")
    .slice(1)
    .flatMap((line) => {
      const [, local = "", , state, , , , , , inode = ""] = line.trim().split(/\s+/);
      return state === LISTEN && local.endsWith(`:${hex}`) ? [`socket:[${inode}]`] : [];
    });
}

function holds(pid: string, inodes: ReadonlySet<string>): boolean {
  try {
    return readdirSync(`/proc/${pid}/fd`).some((fd) => {
      try {
        return inodes.has(readlinkSync(`/proc/${pid}/fd/${fd}`));
      } catch {
        return false;
      }
    });
  } catch {
    return false;
  }
}

function commandOf(pid: string): string {
  return textOf(`/proc/${pid}/cmdline`).replaceAll("\0", " ").trim().slice(0, SHOWN);
}

function textOf(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}

function listenerByLsof(port: number): Listener | null {
  try {
    const printed = execFileSync("lsof", ["-nP", `-iTCP:${port}`, "-sTCP:LISTEN", "-Fpc"], {
      encoding: "utf8",
      timeout: 10_000,
      stdio: ["ignore", "pipe", "ignore"],
    });
    const pid = /^p(\d+)$/m.exec(printed)?.[1];
    return pid === undefined ? null : { pid: Number(pid), command: (/^c(.*)$/m.exec(printed)?.[1] ?? "").slice(0, SHOWN) };
  } catch {
    return null;
  }
}
