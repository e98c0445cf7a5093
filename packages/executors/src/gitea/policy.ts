/** Which work is refused before anybody sees it (DSP-57): a pure look at what changed in the tree. */
import type { TreeChange, TreeDiff } from "./checkouts.ts";

const FILE_BYTES = 5 * 1024 * 1024;
const DIFF_BYTES = 2 * 1024 * 1024;
const FILES = 300;
const SHOWN = 10;

export type PolicyAnswer =
  | { readonly kind: "fine" }
  | { readonly kind: "no_changes" }
  | { readonly kind: "violation"; readonly rules: readonly string[] };

/** Every rule that the diff breaks, each with its path. */
export function judgeDiff({ changes, diff_bytes, credentials }: TreeDiff): PolicyAnswer {
  if (changes.length === 0) return { kind: "no_changes" };
  const rules = [
    ...(changes.length > FILES ? [`more than ${FILES} files`] : []),
    ...(diff_bytes > DIFF_BYTES ? ["a diff of more than 2 MiB"] : []),
    ...changes.flatMap((change) => ruleOf(change).map((rule) => `${rule}: ${change.path}`)),
    ...credentials.map(({ path, line, rule }) => `credential (${rule}): ${path}:${line}`),
  ];
  return rules.length === 0 ? { kind: "fine" } : { kind: "violation", rules: rules.slice(0, SHOWN) };
}

function ruleOf({ path, type, bytes, target, kind }: TreeChange): readonly string[] {
  const lower = path.toLowerCase();
  const rules: string[] = [];
  if (/^\.(?:gitea|github|forgejo)\/workflows\//.test(lower)) rules.push("workflow");
  if (lower === "codeowners" || lower.endsWith("/codeowners")) rules.push("codeowners");
  if (lower === ".gitmodules" || type === "submodule") rules.push("submodule");
  if (type === "other") rules.push("no regular file");
  if (lower.split("/").includes(".git")) rules.push("git directory");
  if (kind !== "deleted" && bytes > FILE_BYTES) rules.push("a file over 5 MiB");
  if (kind !== "deleted" && type === "symlink" && leavesTree(path, target)) rules.push("symlink out of the tree");
  return rules;
}

/** Where a link leads, counted from its own folder. */
function leavesTree(path: string, target: string | null): boolean {
  if (target === null || target === "" || target.startsWith("/") || /^[A-Za-z]:|\\/.test(target)) return true;
  let depth = path.split("/").length - 1;
  for (const part of target.split("/")) {
    if (part === "..") depth -= 1;
    else if (part !== "" && part !== ".") depth += 1;
    if (depth < 0) return true;
  }
  return false;
}
