/** One file that a scan looked at, or why it could not. */
export type ScannedFile =
  | { kind: "text"; path: string; text: string }
  | { kind: "unreadable"; path: string; reason: "not_utf8" | "too_large" | "denied" }
  | { kind: "missing"; path: string };

/** The files a boundary scan looks at. */
export interface Scanner {
  /** The scannable files below the directories and every file named directly, in path order (CMD-65). Relative paths start at `cwd`. */
  files(paths: readonly string[], cwd: string): AsyncIterable<ScannedFile>;
}
