/**
 * Keeps what a reset of the test worktree would lose (WTL-24): commits as refs, changes as a patch, untracked files as an
 * archive. The newest twenty are kept. The main worktree is never looked at for this.
 */
import { mkdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { nodeCommands, systemClock } from "@loopx/core";
import { LoopxError } from "@loopx/core/domain";
import { changesOf, commitOf, currentBranch, isAncestor, placeOf, type Checkout } from "./checkout.ts";
import type { Git, Place } from "./git.ts";
import type { Sha } from "./names.ts";

const KEPT = 20;
const LARGEST_FILE = 10 * 1024 * 1024;
const REFS = "refs/loopx/rescue/";

/** What was kept. */
export interface Rescued {
  readonly refs: readonly string[];
  readonly files: readonly string[];
}

/** Keeps everything that is not reachable from the main commit, under the cycle's name. */
export async function rescue(
  git: Git,
  checkout: Checkout,
  of: { readonly cycle_id: string; readonly main: Sha; readonly folder: string },
): Promise<Rescued> {
  const place = placeOf(checkout);
  const refs = await rescueCommits(git, place, of);
  const files = await rescueChanges(git, place, of.folder);
  if (refs.length > 0) await forgetOldest(git, place);
  return { refs, files };
}

async function rescueCommits(git: Git, place: Place, of: { readonly cycle_id: string; readonly main: Sha }): Promise<readonly string[]> {
  const branch = await currentBranch(git, place);
  const tips = [await commitOf(git, place, "HEAD"), branch === null ? null : await commitOf(git, place, `refs/heads/${branch}`)];
  const kept: string[] = [];
  for (const tip of new Set(tips)) {
    if (tip === null || (await isAncestor(git, place, tip, of.main)) || (await isKept(git, place, tip))) continue;
    const ref = `${REFS}${of.cycle_id}${kept.length === 0 ? "" : `-${kept.length + 1}`}`;
    await git.run(place, ["update-ref", ref, tip]);
    kept.push(ref);
  }
  return kept;
}

/** A candidate of an earlier cycle, or an earlier rescue, is safe already. */
async function isKept(git: Git, place: Place, tip: Sha): Promise<boolean> {
  return (await git.run(place, ["for-each-ref", "--count=1", `--contains=${tip}`, "--format=%(refname)", "refs/loopx/"])).trim() !== "";
}

async function rescueChanges(git: Git, place: Place, folder: string): Promise<readonly string[]> {
  const changes = await changesOf(git, place);
  if (changes.length === 0) return [];
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const kept: string[] = [];
  const write = (name: string, text: string): void => {
    writeFileSync(join(folder, name), text, { mode: 0o600 });
    kept.push(name);
  };
  const patch = await git.run(place, ["diff", "--binary", "--no-ext-diff", "--no-textconv", "HEAD", "--"]);
  if (patch !== "") write("rescue.patch", patch);
  const untracked = changes.filter(({ index }) => index === "?").map(({ path }) => path);
  const large = untracked.filter((path) => sizeOf(join(place.dir, path)) > LARGEST_FILE);
  if (large.length > 0) write("rescue-left-out.txt", large.map((path) => `${JSON.stringify(path)}\n`).join(""));
  const small = untracked.filter((path) => !large.includes(path));
  if (small.length > 0) {
    await archive(place.dir, join(folder, "rescue.tar"), small);
    kept.push("rescue.tar");
  }
  return kept;
}

async function archive(dir: string, file: string, paths: readonly string[]): Promise<void> {
  const end = await nodeCommands(systemClock).run(["tar", "-cf", file, "--null", "-T", "-"], {
    cwd: dir,
    env: { PATH: process.env["PATH"] ?? "/usr/bin:/bin", LC_ALL: "C" },
    // A name that begins with a dash would be read as an option.
    stdin: paths.map((path) => `./${path}\0`).join(""),
    timeout_ms: 60_000,
    max_output_bytes: 100_000,
  });
  if (end.kind !== "exited" || end.exit_code !== 0)
    throw new LoopxError("write_failed", `untracked files of ${dir} could not be kept; nothing was reset`);
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}

/** Cycle ids sort by time. */
async function forgetOldest(git: Git, place: Place): Promise<void> {
  const refs = (await git.run(place, ["for-each-ref", "--sort=refname", "--format=%(refname)", REFS]))
    .split("\n")
    .filter((ref) => ref !== "");
  for (const ref of refs.slice(0, -KEPT)) await git.run(place, ["update-ref", "-d", ref]);
}
