/** The service's own log: one line per event, private, rotated, without secrets (LPR-60, LPR-62). */
import { appendFileSync, mkdirSync, renameSync, statSync } from "node:fs";
import { dirname } from "node:path";
import type { LogLevel } from "../../looper/config.ts";
import type { Secrets } from "../process/secrets.ts";

const LIMIT = 20 * 1024 * 1024;
const KEPT = 5;
const RANK: Readonly<Record<LogLevel, number>> = { DEBUG: 0, INFO: 1, WARNING: 2, ERROR: 3 };

/** Writes one event. */
export type Log = (level: LogLevel, event: string, fields?: Readonly<Record<string, unknown>>) => void;

export interface ServerLogOptions {
  readonly path: string;
  readonly level: LogLevel;
  readonly format: "json" | "text";
  readonly secrets: Secrets;
  readonly now: () => string;
}

/** A failing disk costs lines, never the service. */
export function serverLog({ path, level, format, secrets, now }: ServerLogOptions): Log {
  let size: number | null = null;
  return (eventLevel, event, fields = {}) => {
    if (RANK[eventLevel] < RANK[level]) return;
    const line = secrets.redact(lineOf(format, { ts: now(), level: eventLevel, event, ...fields }));
    try {
      if (size === null) {
        mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
        size = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
      }
      if (size + line.length > LIMIT && size > 0) {
        rotate(path);
        size = 0;
      }
      appendFileSync(path, line, { mode: 0o600 });
      size += Buffer.byteLength(line);
    } catch {
      // The next event tries again.
    }
  };
}

function lineOf(format: "json" | "text", fields: Readonly<Record<string, unknown>>): string {
  if (format === "json") return `${JSON.stringify(fields)}\n`;
  const { ts, level, event, ...rest } = fields;
  const pairs = Object.entries(rest).map(([key, value]) => `${key}=${JSON.stringify(value)}`);
  return `${[String(ts), String(level), String(event), ...pairs].join(" ")}\n`;
}

function rotate(path: string): void {
  for (let at = KEPT - 1; at >= 1; at -= 1) {
    if (statSync(`${path}.${at}`, { throwIfNoEntry: false }) !== undefined) renameSync(`${path}.${at}`, `${path}.${at + 1}`);
  }
  renameSync(path, `${path}.1`);
}
