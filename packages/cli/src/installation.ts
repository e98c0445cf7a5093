/** Where this program was installed from, read off the place its file really lies in (CMD-25). */
import { existsSync, realpathSync } from "node:fs";
import { dirname, join } from "node:path";

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

/** The folder this program was installed as: its checkout, else its release, else its package; null when it is unknown. */
export function installRoot(entry: string | null): string | null {
  const { target } = installationOf(entry);
  if (target === null) return null;
  const release = /^.*[\\/]releases[\\/][^\\/]+(?=[\\/])/.exec(target)?.[0];
  if (release !== undefined) return release;
  const above = foldersAbove(target);
  const marked = (name: string) => above.find((folder) => existsSync(join(folder, name)));
  const fromNpm = /[\\/]node_modules[\\/]/.test(target);
  return (fromNpm ? marked("package.json") : (marked(".git") ?? marked("package.json"))) ?? null;
}

/** Nearest first. */
function foldersAbove(path: string): readonly string[] {
  const folder = dirname(path);
  return folder === path ? [] : [folder, ...foldersAbove(folder)];
}

/** Where a path leads, or null when it leads nowhere. */
export function realPath(path: string): string | null {
  try {
    return realpathSync(path);
  } catch {
    return null;
  }
}
