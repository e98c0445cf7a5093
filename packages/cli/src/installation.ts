/** Where this program was installed from, read off the place its file really lies in (CMD-25). */
import { realpathSync } from "node:fs";

export type Channel = "default" | "canary" | "npm";

export interface Installation {
  /** The file as started, and where its links lead; null when there is none. */
  readonly path: string | null;
  readonly target: string | null;
  /** The release's folder name; null outside a releases directory. */
  readonly release: string | null;
  /** `canary` is a live checkout. */
  readonly channel: Channel;
}

export function installationOf(entry: string | null): Installation {
  const target = entry === null ? null : realPath(entry);
  const release = /[\\/]releases[\\/]([^\\/]+)[\\/]/.exec(target ?? "")?.[1] ?? null;
  const fromNpm = /[\\/]node_modules[\\/]/.test(target ?? "");
  return { path: entry, target, release, channel: release !== null ? "default" : fromNpm ? "npm" : "canary" };
}

/** Where a path leads, or null when it leads nowhere. */
export function realPath(path: string): string | null {
  try {
    return realpathSync(path);
  } catch {
    return null;
  }
}
