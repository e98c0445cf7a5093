/** Tokens of servers on this machine: made, kept private, and compared in constant time (LPR-12, LPR-13). */
import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import { chmodSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";

/** True for the same text; the time says nothing about where they differ. */
export function isSameToken(given: string, expected: string): boolean {
  const [one, other] = [given, expected].map((text) => createHash("sha256").update(text).digest());
  return one !== undefined && other !== undefined && timingSafeEqual(one, other);
}

/** The first line of the file; null when there is none that can be read. */
export function readToken(path: string): string | null {
  try {
    return readFileSync(path, "utf8").split("\n", 1)[0]?.trim() ?? null;
  } catch {
    return null;
  }
}

/** A new token in that file, which only its owner may read; the old one is worth nothing from then on. */
export function writeToken(path: string): string {
  const made = randomBytes(32).toString("base64url");
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const sibling = `${path}.${process.pid}.loopx-tmp`;
  writeFileSync(sibling, `${made}\n`, { mode: 0o600, flag: "wx" });
  chmodSync(sibling, 0o600);
  renameSync(sibling, path);
  return made;
}
