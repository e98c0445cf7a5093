/** Looks at files that an agent changed, before any of them is committed: no links, nothing large, no known secret (WTL-64). */
import { lstatSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { detect } from "@loopx/core/domain";
import type { Secrets } from "./process/secrets.ts";

const LARGEST = 1024 * 1024;

/** Why one of these paths may not be committed; null when all may. A path that is gone was removed. */
export function badFile(dir: string, paths: readonly string[], secrets: Secrets): string | null {
  for (const path of paths) {
    const stat = lstatSync(join(dir, path), { throwIfNoEntry: false });
    if (stat === undefined) continue;
    if (stat.isSymbolicLink()) return `${path} is a link`;
    if (!stat.isFile()) return `${path} is no regular file`;
    if (stat.size > LARGEST) return `${path} has ${stat.size} bytes; at most ${LARGEST} are taken`;
    const text = readFileSync(join(dir, path), "utf8");
    if (secrets.isIn(text)) return `${path} holds a secret`;
    if (detect(text, "record").some(({ rule }) => rule === "credential")) return `${path} holds what looks like a credential`;
  }
  return null;
}
