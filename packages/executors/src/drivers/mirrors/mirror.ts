/**
 * The bare mirror of a repository: the only thing that talks to the server, with the host's credential (DSP-46, DSP-56). The
 * address is made from the configuration and stands in no file; nothing here ever runs in an agent's checkout.
 */
import { existsSync, mkdirSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { LoopxError } from "@loopx/core/domain";
import type { RangeCommit } from "../../gitea/checkouts.ts";
import { smallFile } from "../agents/run-files.ts";
import { branchName, parseSha, type Sha } from "../git/names.ts";
import type { GitOptions, Place } from "../git/git.ts";
import { branchRef, mirrorDir, pullRef, type MirrorGround } from "./ground.ts";

const NETWORK_MS = 600_000;
const SEGMENT = /^[A-Za-z0-9_.-]{1,100}$/;
const MOST_COMMITS = 2_000;
/** A file that is a name holds an object's id and nothing else. */
const LONGEST_REF = 100;
/** Machines behind a proxy or with their own certificates. */
const NETWORK_NAMES = ["HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "NO_PROXY", "no_proxy", "SSL_CERT_FILE", "GIT_SSL_CAINFO"];

/** Where commands in a mirror act. */
export function mirrorPlace(ground: MirrorGround, repo: string): Place {
  const dir = mirrorDir(ground, repo);
  if (!existsSync(dir)) throw new LoopxError("git_failed", `${repo} was never fetched; repository not found`);
  return { dir, git_dir: dir };
}

/** The address of a repository on the configured server. */
export function addressOf({ url }: Pick<MirrorGround, "url">, repo: string): string {
  const parts = repo.split("/");
  if (parts.length !== 2 || parts.some((part) => !SEGMENT.test(part) || /^\.+$/.test(part)))
    throw new LoopxError("invalid_value", `${JSON.stringify(repo.slice(0, 60))} is no repository`);
  return `${url}/${repo}.git`;
}

/** How a command that talks to the server runs. */
export function onNetwork({ url, account, env, signal }: MirrorGround): GitOptions {
  const taken = NETWORK_NAMES.flatMap((name) => (env[name] === undefined ? [] : [[name, env[name]]]));
  return {
    env: { ...Object.fromEntries(taken), GIT_ALLOW_PROTOCOL: "http:https" },
    credential: { origin: new URL(url).origin, username: account.username, password: account.token },
    timeout_ms: NETWORK_MS,
    signal,
  };
}

/** Makes the mirror if there is none, and brings the branches in it up to date; branches that are gone leave it. */
export async function fetchMirror(ground: MirrorGround, repo: string): Promise<void> {
  const address = addressOf(ground, repo);
  if (!existsSync(mirrorDir(ground, repo))) await makeMirror(ground, repo);
  const refspec = `+refs/heads/*:${branchRef("*")}`;
  const words = ["fetch", "--quiet", "--prune", "--no-tags", "--no-write-fetch-head", "--", address, refspec];
  const fetch = (): Promise<string> => ground.git.run(mirrorPlace(ground, repo), words, onNetwork(ground));
  try {
    await fetch();
  } catch (error) {
    if (await isWhole(ground, repo)) throw error;
    // A mirror that is half made is made anew.
    await makeMirror(ground, repo);
    await fetch();
  }
}

async function isWhole({ git, ...ground }: MirrorGround, repo: string): Promise<boolean> {
  const dir = mirrorDir(ground, repo);
  return existsSync(dir) && (await git.ask({ dir, git_dir: dir }, ["rev-parse", "--git-dir"])).code === 0;
}

async function makeMirror({ git, ...ground }: MirrorGround, repo: string): Promise<void> {
  const dir = mirrorDir(ground, repo);
  rmSync(dir, { recursive: true, force: true });
  mkdirSync(dirname(dir), { recursive: true, mode: 0o700 });
  await git.run({ dir: dirname(dir) }, ["init", "--quiet", "--bare", "--template=", dir]);
}

/** The commit of a branch as it was last fetched. */
export async function branchSha(ground: MirrorGround, repo: string, branch: string): Promise<Sha | null> {
  return refSha(ground, repo, branchRef(branchName(branch)));
}

/** The head of a pull, fetched by its number: it may lie in a fork. */
export async function pullSha(ground: MirrorGround, repo: string, number: number): Promise<Sha | null> {
  const spec = `+refs/pull/${number}/head:${pullRef(number)}`;
  const place = mirrorPlace(ground, repo);
  const { code, stderr } = await ground.git.ask(
    place,
    ["fetch", "--quiet", "--no-tags", "--no-write-fetch-head", "--", addressOf(ground, repo), spec],
    onNetwork(ground),
  );
  if (code === 0) return refSha(ground, repo, pullRef(number));
  if (/couldn't find remote ref/.test(stderr)) return null;
  throw new LoopxError("git_failed", `git fetch failed: ${stderr.trim()}`);
}

/**
 * What a name in the mirror stands for; null when there is none. A name lies there as a file of its own, or in the list of
 * those that git has packed, or with another git somewhere else: where the file does not decide it, git is asked.
 */
export async function refSha({ git, ...ground }: MirrorGround, repo: string, ref: string): Promise<Sha | null> {
  const place = mirrorPlace({ git, ...ground }, repo);
  const path = join(place.dir, ref);
  const loose = parseSha(smallFile(path, LONGEST_REF).trimEnd());
  if (loose !== null) return loose;
  if (["packed-refs", "reftable"].every((name) => !existsSync(join(place.dir, name))) && !existsSync(path)) return null;
  const { code, stdout } = await git.ask(place, ["rev-parse", "--verify", "--quiet", "--end-of-options", ref]);
  return code === 0 ? parseSha(stdout.trim()) : null;
}

/** Points a name of ours at an object. */
export async function setRef(ground: MirrorGround, repo: string, ref: string, sha: Sha): Promise<void> {
  await ground.git.run(mirrorPlace(ground, repo), ["update-ref", ref, sha]);
}

/** Several names at once, as lines of `update-ref --stdin`; one that is to go and is not there is no fault. */
export async function setRefs(ground: MirrorGround, repo: string, lines: readonly string[]): Promise<void> {
  await ground.git.run(mirrorPlace(ground, repo), ["update-ref", "--stdin"], { stdin: `${lines.join("\n")}\n` });
}

/** The full id, or a fault: abbreviations and names never get into a command. */
export function requireSha(text: string): Sha {
  const sha = parseSha(text);
  if (sha === null) throw new LoopxError("invalid_value", `${JSON.stringify(text.slice(0, 60))} is no commit`);
  return sha;
}

/** The commits of head that base has not, oldest first, with the run that their trailer names (PSM-3). */
export async function rangeOf(ground: MirrorGround, repo: string, base: string, head: string): Promise<readonly RangeCommit[]> {
  const format = "%H%x00%s%x00%(trailers:key=Loopx-Run,valueonly,separator=%x01)%x00";
  const range = `${requireSha(base)}..${requireSha(head)}`;
  const printed = await ground.git.run(mirrorPlace(ground, repo), [
    "log",
    "-z",
    "--reverse",
    "--topo-order",
    `--max-count=${MOST_COMMITS}`,
    `--format=tformat:${format}`,
    "--end-of-options",
    range,
    "--",
  ]);
  const words = printed.split("\0");
  const commits: RangeCommit[] = [];
  // Four words for each: its own three, and the empty one before the next.
  for (let at = 0; at + 2 < words.length; at += 4) {
    const runs = (words[at + 2] ?? "")
      .split("\u0001")
      .map((text) => text.trim())
      .filter(Boolean);
    commits.push({ sha: words[at] ?? "", subject: words[at + 1] ?? "", run_id: runs.length === 1 ? (runs[0] ?? null) : null });
  }
  return commits;
}
