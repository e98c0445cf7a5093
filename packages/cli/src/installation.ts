/** Where this program was installed from, read off the place its file really lies in (CMD-25). */
import { existsSync, realpathSync } from "node:fs";
import { basename, dirname, join } from "node:path";

export type Channel = "default" | "canary" | "npm";

export interface Installation {
  /** The file as started, and where its links lead; null when there is none. */
  readonly path: string | null;
  readonly target: string | null;
  /** The release's folder name; null outside a release. */
  readonly release: string | null;
  /** `canary` is a live checkout. */
  readonly channel: Channel;
}

/** What `scripts/install-local.sh` puts at the top of a release. */
const RELEASE_MARK = "loopx-release.json";

export function installationOf(entry: string | null): Installation {
  const target = entry === null ? null : realPath(entry);
  const root = target === null ? null : releaseRoot(target);
  const release = root === null ? null : basename(root);
  return { path: entry, target, release, channel: release !== null ? "default" : isFromNpm(target) ? "npm" : "canary" };
}

/** The folder this program was installed as: its checkout, else its release, else its package; null when it is unknown. */
export function installRoot(entry: string | null): string | null {
  const { target, release } = installationOf(entry);
  if (target === null) return null;
  if (release !== null) return releaseRoot(target);
  const marked = (name: string): string | null => nearestWith(name, target);
  return isFromNpm(target) ? marked("package.json") : (marked(".git") ?? marked("package.json"));
}

function releaseRoot(target: string): string | null {
  return nearestWith(RELEASE_MARK, target);
}

function isFromNpm(target: string | null): boolean {
  return /[\\/]node_modules[\\/]/.test(target ?? "");
}

/** The nearest folder above a path that holds something of that name. */
function nearestWith(name: string, path: string): string | null {
  const folder = dirname(path);
  if (folder === path) return null;
  return existsSync(join(folder, name)) ? folder : nearestWith(name, folder);
}

/** Where a path leads, or null when it leads nowhere. */
export function realPath(path: string): string | null {
  try {
    return realpathSync(path);
  } catch {
    return null;
  }
}
