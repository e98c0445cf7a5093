/** What the dispatcher's git stands on, and where everything lies: mirrors, checkouts, and what the host notes beside them (DSP-46). */
import { createHash } from "node:crypto";
import { join } from "node:path";
import type { RunPlace } from "../../gitea/checkouts.ts";
import { plainName } from "./names.ts";
import type { Git } from "../git/git.ts";
import type { LaunchGround } from "../process/launch.ts";
import type { Secrets } from "../process/secrets.ts";

/** Whatever is outside of git and the disk. */
export interface MirrorGround {
  readonly git: Git;
  /** The server's address without a slash at its end. Where a repository lies follows from it, not from what the server says. */
  readonly url: string;
  readonly account: { readonly username: string; readonly token: string };
  /** Absolute; it has `repos/` and `work/`. */
  readonly state_dir: string;
  /** `Name <mail>` */
  readonly author: () => string;
  /** Branches that may be pushed to (DSP-56). */
  readonly branch_prefix: () => string;
  /** The executor's own environment, of which a gate gets the harmless part (AGT-22). */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly secrets: Secrets;
  readonly launch: LaunchGround;
  readonly signal: AbortSignal;
}

/** The bare mirror of a repository. Names that look alike are told apart by their digest. */
export function mirrorDir({ state_dir }: Pick<MirrorGround, "state_dir">, repo: string): string {
  return join(state_dir, "repos", `${plainName(repo, 60)}-${digest(repo.toLowerCase(), 8)}.git`);
}

/** The folder of a run's checkout; two items never share one. */
export function workDir({ state_dir }: Pick<MirrorGround, "state_dir">, place: RunPlace): string {
  return join(state_dir, "work", `${plainName(`${place.repo}-${place.number}`, 60)}-${keyOf(place).slice(0, 8)}`);
}

/** What the host keeps about a checkout, outside of it: its index and the log of its gate. */
export function besideWork(ground: Pick<MirrorGround, "state_dir">, place: RunPlace, what: "index" | "gate.log" | "rebase"): string {
  return `${workDir(ground, place)}.${what}`;
}

/** Names in the mirror that belong to one run. */
export function refOf(place: RunPlace, what: "base" | "tree" | "commit" | "head"): string {
  return `refs/loopx/runs/${keyOf(place)}/${what}`;
}

/** A branch of the server in the mirror. */
export function branchRef(branch: string): string {
  return `refs/forge/heads/${branch}`;
}

/** The head of a pull in the mirror. */
export function pullRef(number: number): string {
  return `refs/forge/pulls/${number}`;
}

function keyOf({ repo, number, run_id }: RunPlace): string {
  return digest(`${repo.toLowerCase()}#${number} ${run_id}`, 16);
}

function digest(text: string, digits: number): string {
  return createHash("sha256").update(text).digest("hex").slice(0, digits);
}
