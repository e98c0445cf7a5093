/** Where a run may work, and what it changed there (LPR-23, LPR-37, LPR-38). */
import { createHash } from "node:crypto";
import { lstatSync, readdirSync, readFileSync, realpathSync, statSync } from "node:fs";
import { isAbsolute, join, relative } from "node:path";
import { changesOf, commitOf, lookAtCheckout, placeOf } from "../git/checkout.ts";
import type { Git } from "../git/git.ts";

/** More files than this are not looked at. */
const MAX_FILES = 20_000;
/** A prompt file of the operator may be longer than what a request may carry. */
const MAX_PROMPT_BYTES = 4 * 1_048_576;

export type FoundWorkspace =
  | { readonly kind: "workspace"; readonly path: string }
  | { readonly kind: "outside" }
  | { readonly kind: "no_directory" };

/** The real path, if it is a root or lies below one; links and `..` are resolved first. */
export function findWorkspace(path: string, roots: readonly string[]): FoundWorkspace {
  const real = realDirectory(path);
  const inside = (candidate: string): boolean =>
    roots.some((root) => {
      const rest = relative(realDirectory(root) ?? root, candidate);
      return rest === "" || (rest !== ".." && !rest.startsWith("../") && !isAbsolute(rest));
    });
  if (real !== null) return inside(real) ? { kind: "workspace", path: real } : { kind: "outside" };
  return inside(path) ? { kind: "no_directory" } : { kind: "outside" };
}

/** The prompt in that file; a text says why there is none. */
export function readPrompt(path: string): { readonly prompt: string } | { readonly fault: string } {
  try {
    if (statSync(path).size > MAX_PROMPT_BYTES) return { fault: `${path} has more than ${MAX_PROMPT_BYTES} bytes` };
    return { prompt: readFileSync(path, "utf8") };
  } catch {
    return { fault: `${path} cannot be read` };
  }
}

/** A digest that changes when a file of the work tree or the goal's state does. */
export async function workDigest(git: Git, workspace: string, stateFile: string | null): Promise<string> {
  const hash = createHash("sha256");
  const checkout = await lookAtCheckout(git, workspace);
  if (checkout === null) addTree(hash, workspace, { left: MAX_FILES });
  else {
    hash.update(`${(await commitOf(git, placeOf(checkout), "HEAD")) ?? ""}\0`);
    for (const entry of await changesOf(git, placeOf(checkout))) {
      hash.update(`${entry.index}${entry.tree} ${entry.path}\0`);
      addStat(hash, join(checkout.dir, entry.path));
    }
  }
  if (stateFile !== null) addStat(hash, stateFile);
  return hash.digest("hex");
}

function addTree(hash: ReturnType<typeof createHash>, folder: string, budget: { left: number }): void {
  for (const entry of readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1))) {
    if (budget.left <= 0) return;
    budget.left -= 1;
    const path = join(folder, entry.name);
    if (entry.isDirectory()) addTree(hash, path, budget);
    else addStat(hash, path);
  }
}

function addStat(hash: ReturnType<typeof createHash>, path: string): void {
  const stat = lstatSync(path, { throwIfNoEntry: false });
  hash.update(`${path}\0${stat === undefined ? "none" : `${stat.size} ${stat.mtimeMs}`}\0`);
}

function realDirectory(path: string): string | null {
  try {
    const real = realpathSync(path);
    return statSync(real).isDirectory() ? real : null;
  } catch {
    return null;
  }
}
