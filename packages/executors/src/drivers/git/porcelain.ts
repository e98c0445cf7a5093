/** What git prints for programs, read without guessing: `-z` forms only, whatever is in a path (WTL-23). Pure. */

/** One worktree of a repository, as `git worktree list --porcelain -z` says. */
export interface WorktreeEntry {
  readonly path: string;
  /** Null for a bare repository. */
  readonly head: string | null;
  /** Without `refs/heads/`; null when detached. */
  readonly branch: string | null;
  readonly bare: boolean;
  /** The reason, which may be empty. */
  readonly locked: string | null;
  readonly prunable: boolean;
}

/** The worktrees, the main one first. */
export function parseWorktrees(text: string): readonly WorktreeEntry[] {
  return text
    .split("\0\0")
    .map((block) => block.split("\0").filter((line) => line !== ""))
    .filter((lines) => lines.length > 0)
    .map((lines) => {
      const valueOf = (key: string): string | null => {
        const line = lines.find((each) => each === key || each.startsWith(`${key} `));
        return line === undefined ? null : line.slice(key.length + 1);
      };
      return {
        path: valueOf("worktree") ?? "",
        head: valueOf("HEAD"),
        branch: valueOf("branch")?.replace(/^refs\/heads\//, "") ?? null,
        bare: valueOf("bare") !== null,
        locked: valueOf("locked"),
        prunable: valueOf("prunable") !== null,
      };
    });
}

/** One changed path: the two letters of `git status --porcelain=v1 -z`, and where it came from when it was renamed. */
export interface StatusEntry {
  readonly index: string;
  readonly tree: string;
  readonly path: string;
  readonly from: string | null;
}

/** The changed paths, in git's order. */
export function parseStatus(text: string): readonly StatusEntry[] {
  const fields = text.split("\0");
  const entries: StatusEntry[] = [];
  for (let at = 0; at < fields.length; at += 1) {
    const field = fields[at] ?? "";
    if (field.length < 4) continue;
    const [index = " ", tree = " "] = field;
    // The old name of a renamed or copied file is the next field.
    const renamed = index === "R" || index === "C" || tree === "R" || tree === "C";
    entries.push({ index, tree, path: field.slice(3), from: renamed ? (fields[at + 1] ?? "") : null });
    if (renamed) at += 1;
  }
  return entries;
}
