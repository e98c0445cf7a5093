/**
 * Keeps a path inside its root (REL-80 to REL-82). A link that stays inside is followed and its target answered; a link
 * that leaves, a dangling one too, is refused. Nothing is created and nothing is opened.
 */
import { basename, dirname, isAbsolute, join, relative, resolve } from "node:path";
import type { AbsolutePath } from "../domain/ids.ts";
import type { Unreadable } from "../ports/unreadable.ts";
import { errnoOf, readFault } from "./faults.ts";
import { type FsCalls, nodeFs } from "./fs-calls.ts";

/** Dangling links that are followed before the path counts as a loop. */
const MAX_LINKS = 40;

/** The real path of a target that lies below the root, whether it exists or not. */
export function confine(
  root: AbsolutePath,
  target: AbsolutePath,
  calls: FsCalls = nodeFs,
): { kind: "confined"; path: AbsolutePath } | Unreadable {
  const outside: Unreadable = { kind: "unreadable", reason: "path_outside_root", where: target };
  if (root.includes("\0") || target.includes("\0")) return outside;
  try {
    const path = canonicalPath(target, calls);
    const rest = relative(canonicalPath(root, calls), path);
    const leaves = rest === "" || rest === ".." || rest.startsWith("../") || isAbsolute(rest);
    return leaves ? outside : { kind: "confined", path };
  } catch (error) {
    return readFault(error, target);
  }
}

/** The real path of the nearest existing ancestor, and the rest (FIL-90). */
export function canonicalPath(path: AbsolutePath, calls: FsCalls = nodeFs, links = MAX_LINKS): AbsolutePath {
  try {
    return calls.realpath(path);
  } catch (error) {
    if (!isAbsent(error)) throw error;
  }
  const whole = resolve(path);
  const parent = dirname(whole);
  if (parent === whole) return parent;
  const above = canonicalPath(parent, calls, links);
  const here = join(above, basename(path));
  const target = linkTarget(here, calls);
  if (target === null) return here;
  if (links === 0) throw Object.assign(new Error(`too many links: ${path}`), { code: "ELOOP", syscall: "realpath" });
  return canonicalPath(resolve(above, target), calls, links - 1);
}

/** Where a dangling link points, or null when nothing stands there. */
function linkTarget(path: string, calls: FsCalls): string | null {
  try {
    return calls.lstat(path)?.isSymbolicLink() === true ? calls.readlink(path) : null;
  } catch (error) {
    if (isAbsent(error)) return null;
    throw error;
  }
}

/** Below a file nothing exists either; whoever opens or writes there says that a file stands where a folder belongs. */
function isAbsent(error: unknown): boolean {
  const errno = errnoOf(error);
  return errno === "ENOENT" || errno === "ENOTDIR";
}
