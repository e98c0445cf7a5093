/**
 * One run's checkout (DSP-46): the files of a commit, and a plain `.git` that is the agent's to play with: no remote, no
 * credential, and nothing that the host ever reads. The host's own index lies beside it.
 */
import { chmodSync, existsSync, lstatSync, mkdirSync, readdirSync, realpathSync, renameSync, rmSync } from "node:fs";
import { basename, join } from "node:path";
import { LoopxError } from "@loopx/core/domain";
import type { RunPlace } from "../../gitea/checkouts.ts";
import type { GitOptions, Place } from "../git/git.ts";
import type { Sha } from "../git/names.ts";
import { besideWork, refOf, workDir, type MirrorGround } from "./ground.ts";
import type { BlankGit } from "./blank-git.ts";
import { mirrorPlace, refSha, requireSha, setRefs } from "./mirror.ts";

const COPY_MS = 300_000;
const AGE_MS = 7 * 24 * 3_600_000;

/**
 * The checkout at that commit. One that is there already, at that commit, is left as the agent has it. It gets its place only
 * when it is whole, and after its name in the mirror.
 */
export async function openCheckout(
  ground: MirrorGround,
  blank: BlankGit,
  place: RunPlace,
  { at, beside }: { readonly at: string; readonly beside: string | undefined },
): Promise<string> {
  const sha = requireSha(at);
  const dir = workDir(ground, place);
  if (existsSync(dir) && (await refSha(ground, place.repo, refOf(place, "base"))) === sha) return confined(ground, dir);
  await clear(ground, place, `update ${refOf(place, "base")} ${sha}`);
  const making = `${dir}.making`;
  mkdirSync(making, { recursive: true, mode: 0o700 });
  await blank(making);
  await fill(ground, place, making, sha, beside === undefined ? null : requireSha(beside));
  renameSync(making, dir);
  return confined(ground, dir);
}

/**
 * Branch `work` at the commit, and `base` at the other one. The mirror writes what they need as one pack of its own: nothing
 * is shared with it, no name is lent, and nobody has to take in what was just given out.
 */
async function fill(ground: MirrorGround, place: RunPlace, dir: string, at: Sha, beside: Sha | null): Promise<void> {
  const { git } = ground;
  const stdin = [at, ...(beside === null ? [] : [beside])].map((sha) => `${sha}\n`).join("");
  const pack = join(dir, ".git", "objects", "pack", "pack");
  await git.run(mirrorPlace(ground, place.repo), ["pack-objects", "--quiet", "--revs", "--delta-base-offset", pack], {
    stdin,
    timeout_ms: COPY_MS,
  });
  if (beside !== null) await git.run({ dir }, ["update-ref", "refs/heads/base", beside]);
  await git.run({ dir }, ["reset", "--quiet", "--hard", at], { timeout_ms: COPY_MS });
}

/** How the host acts on a checkout: with the mirror and an index of its own, whatever stands in `.git` there (AGT-36). */
export function hostOn(ground: MirrorGround, place: RunPlace): { readonly at: Place; readonly options: GitOptions } {
  const dir = workDir(ground, place);
  if (!existsSync(dir)) throw new LoopxError("git_failed", "the run's checkout is gone; repository not found");
  return {
    at: { dir: confined(ground, dir), git_dir: mirrorPlace(ground, place.repo).dir },
    options: { env: { GIT_INDEX_FILE: besideWork(ground, place, "index") }, timeout_ms: COPY_MS, signal: ground.signal },
  };
}

/** False when an agent removed its checkout, or put something else in its place. */
export function isWhole(ground: MirrorGround, place: RunPlace): boolean {
  const dir = workDir(ground, place);
  return lstatSync(dir, { throwIfNoEntry: false })?.isDirectory() === true && confined(ground, dir) !== "";
}

/** The real path, if it lies where checkouts lie and under its own name: a link to another run's checkout is none. */
function confined({ state_dir }: MirrorGround, dir: string): string {
  const real = realpathSync(dir);
  if (real === join(realpathSync(join(state_dir, "work")), basename(dir))) return real;
  throw new LoopxError("path_outside_root", `${dir} leads out of the folder of checkouts`);
}

/** Takes the checkout, what lies beside it, and its names in the mirror away. */
export async function removeCheckout(ground: MirrorGround, place: RunPlace): Promise<void> {
  await clear(ground, place, `delete ${refOf(place, "base")}`);
}

/** The files first, then the names in one go, `base` as it is told: a name without its files is never taken for a checkout. */
async function clear(ground: MirrorGround, place: RunPlace, base: string): Promise<void> {
  const dir = workDir(ground, place);
  const rebase = besideWork(ground, place, "rebase");
  const hadRebase = existsSync(rebase);
  for (const path of [dir, `${dir}.making`, rebase]) removeTree(path);
  for (const what of ["index", "gate.log"] as const) rmSync(besideWork(ground, place, what), { force: true });
  const mirror = mirrorIfAny(ground, place.repo);
  if (mirror === null) return;
  if (hadRebase) await ground.git.run(mirror, ["worktree", "prune"]);
  const gone = (["tree", "commit", "head"] as const).map((what) => `delete ${refOf(place, what)}`);
  await setRefs(ground, place.repo, [...gone, base]);
}

/** Takes checkouts away that nobody touched for a week; those of live runs are touched by them. */
export function removeOld({ state_dir }: Pick<MirrorGround, "state_dir">, now_ms: number): readonly string[] {
  const work = join(state_dir, "work");
  if (!existsSync(work)) return [];
  const old = readdirSync(work).filter((name) => now_ms - lstatSync(join(work, name)).mtimeMs > AGE_MS);
  for (const name of old) removeTree(join(work, name));
  return old;
}

function mirrorIfAny(ground: MirrorGround, repo: string): Place | null {
  try {
    return mirrorPlace(ground, repo);
  } catch {
    return null;
  }
}

/** Also a tree whose folders its maker has locked. A link is removed, never followed. */
function removeTree(path: string): void {
  try {
    rmSync(path, { recursive: true, force: true });
  } catch {
    unlock(path);
    rmSync(path, { recursive: true, force: true });
  }
}

function unlock(path: string): void {
  const stat = lstatSync(path, { throwIfNoEntry: false });
  if (stat?.isDirectory() !== true) return;
  chmodSync(path, 0o700);
  for (const name of readdirSync(path)) unlock(join(path, name));
}
