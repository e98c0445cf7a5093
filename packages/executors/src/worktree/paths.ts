/** Which changed paths a repair may hold (WTL-63, WTL-64). Pure. */
import type { StatusEntry } from "../drivers/git/porcelain.ts";

/** The bounds of a repair. */
export interface RepairBounds {
  readonly allowed: readonly string[];
  readonly protected: readonly string[];
  readonly tests: readonly string[];
  readonly allow_tests: boolean;
  readonly env_files: readonly string[];
}

/** Why these changes are not taken, or null. One that is not allowed refuses all. */
export function refusalOf(changes: readonly StatusEntry[], bounds: RepairBounds): string | null {
  for (const { path, from, index, tree } of changes) {
    for (const each of from === null ? [path] : [path, from]) {
      const why = refusalOfPath(each, { isNew: index === "?" || index === "A" || tree === "A" }, bounds);
      if (why !== null) return `${each} ${why}`;
    }
  }
  return null;
}

function refusalOfPath(path: string, { isNew }: { readonly isNew: boolean }, bounds: RepairBounds): string | null {
  if (bounds.env_files.includes(path) || /(?:^|\/)\.env(?:\.[^/]*)?$/.test(path)) return "is an environment file";
  if (/(?:^|\/)\.git(?:\/|$|modules$)/.test(path)) return "belongs to git";
  if (matchesAny(path, bounds.protected)) return "is protected";
  if (!bounds.allow_tests && !isNew && matchesAny(path, bounds.tests)) return "is a test; a repair does not change what it is tested by";
  return matchesAny(path, bounds.allowed) ? null : "is outside of the paths that a repair may change";
}

/** Files that the gates themselves are made of: a repair that edits its judge is none. */
export function gateFiles(argvs: readonly (readonly string[])[]): readonly string[] {
  return argvs.flat().flatMap((word) => {
    const path = word.replace(/^\.\//, "");
    return /^[\w@-][\w@./-]*$/.test(path) && (path.includes("/") || path.includes(".")) && !path.startsWith("..") ? [path] : [];
  });
}

/** True when one of the patterns fits: `**` is any folders, `*` anything but a slash; a folder stands for all below it. */
export function matchesAny(path: string, patterns: readonly string[]): boolean {
  return patterns.some((pattern) => expressionOf(pattern.replace(/^\.\//, "")).test(path));
}

function expressionOf(pattern: string): RegExp {
  const source = pattern
    .replace(/\/$/, "")
    .split(/(\*\*\/|\*\*|\*|\?)/)
    .map((part) => {
      if (part === "**/") return "(?:[^/]+/)*";
      if (part === "**") return ".*";
      if (part === "*") return "[^/]*";
      return part === "?" ? "[^/]" : part.replaceAll(/[.+^${}()|[\]\\]/g, String.raw`\$&`);
    })
    .join("");
  return new RegExp(`^${source}(?:/.*)?$`, "s");
}
