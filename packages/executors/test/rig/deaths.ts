/**
 * Every state of the disk that a killed loop can leave: one cycle runs to its end, and before and after each of its writes (a line
 * of its journal, its state, its memory, the history, a change by git) everything is copied as it is then. A copy laid back in
 * its place is a loop that was killed there, and its gates and agents with it. Two copies from which a loop goes on alike, on
 * the same bytes, are one death: nothing else decides what happens next.
 */
import { createHash } from "node:crypto";
import { execFileSync } from "node:child_process";
import {
  chmodSync,
  copyFileSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  readlinkSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openHost, type FileHost } from "@loopx/core";
import type { Git } from "../../src/drivers/git/git.ts";
import { resumeMachine } from "../../src/machine.ts";
import { storedProgress } from "../../src/progress.ts";
import type { Cycle, CycleEffect, CycleEvent } from "../../src/worktree/cycle.ts";
import { cycleMachine } from "../../src/worktree/machine.ts";
import { cyclePlace, type Site } from "../../src/worktree/site.ts";
import type { LoopRig } from "./loop.ts";

/** One state of the disk. */
export interface Death {
  /** The first point that leaves it: `after executor_log fast_gate`. */
  readonly at: string;
  readonly folder: string;
}

export interface Deaths {
  /** A site that copies the disk around each of its writes. */
  watched(site: Site): Site;
  /** How many points there were. */
  points(): number;
  /** One for each state that decides differently, in the order of the cycle. */
  distinct(): Promise<readonly Death[]>;
  /** Lays it back in its place. */
  bringBack(death: Death): void;
  remove(): void;
}

export function deathsOf(rig: LoopRig): Deaths {
  const store = realpathSync(mkdtempSync(join(tmpdir(), "loopx-deaths-")));
  const taken: (Death & { readonly stamp: string })[] = [];
  let points = 0;
  const take = (at: string): void => {
    points += 1;
    const stamp = stampOf(rig.repo.outside);
    if (taken.at(-1)?.stamp === stamp) return;
    const folder = join(store, String(points));
    copy(rig.repo.outside, folder);
    taken.push({ at, folder, stamp });
  };
  return {
    watched: (site) => watchedSite(site, take),
    points: () => points,
    distinct: async () => {
      const seen = new Map<string, Death>();
      const site = await rig.open();
      for (const death of taken) {
        const key = await whatDecides(death.folder, rig, site);
        if (!seen.has(key)) seen.set(key, death);
      }
      return [...seen.values()];
    },
    bringBack: ({ folder }) => {
      for (const name of readdirSync(rig.repo.outside)) rmSync(join(rig.repo.outside, name), { recursive: true, force: true });
      copy(folder, rig.repo.outside);
      for (const path of filesBelow(rig.repo.outside)) if (isLock(path)) leaveToTheDead(path);
    },
    remove: () => rmSync(store, { recursive: true, force: true }),
  };
}

const CHANGES = new Set(["add", "prune", "reset", "clean", "commit", "update-ref", "merge"]);

function watchedSite(site: Site, take: (at: string) => void): Site {
  const around = async <Value>(what: string, act: () => Promise<Value>): Promise<Value> => {
    take(`before ${what}`);
    const value = await act();
    take(`after ${what}`);
    return value;
  };
  const { git, host } = site;
  const append: FileHost["logs"]["append"] = (key, line, options) =>
    around(`${key.kind} ${String(line["phase"] ?? line["classification"])}`, () => host.logs.append(key, line, options));
  const update: FileHost["documents"]["update"] = (key, edit, options) =>
    around(`${key.kind} ${"name" in key ? key.name : ""}`, () => host.documents.update(key, edit, options));
  const byGit = async <Value>(args: readonly string[], act: () => Promise<Value>): Promise<Value> =>
    args.some((word) => CHANGES.has(word)) ? around(`git ${args.slice(0, 2).join(" ")}`, act) : act();
  return {
    ...site,
    git: {
      run: (place, args, options) => byGit(args, () => git.run(place, args, options)),
      ask: (place, args, options) => byGit(args, () => git.ask(place, args, options)),
    } satisfies Git,
    host: { ...host, logs: { ...host.logs, append }, documents: { ...host.documents, update } },
  };
}

/** With which state a loop would go on, to which effect, and every byte that it would find. */
async function whatDecides(folder: string, rig: LoopRig, site: Site): Promise<string> {
  const dir = join(folder, "my project");
  const env = { ...rig.env, LOOPX_RUNTIME_ROOT: join(folder, "runtime") };
  const host = openHost({ cwd: dir, env, home: join(folder, "home"), project: "." });
  const stored = storedProgress(host, cyclePlace(site), cycleMachine, site.now);
  const earlier = await stored.load();
  if (earlier.kind !== "found") return JSON.stringify([earlier.kind, bytesOf(folder)]);
  const reached: unknown[] = [];
  const nothing = async (): Promise<void> => undefined;
  const ground = {
    machine: cycleMachine,
    progress: { save: nothing, begin: nothing, end: nothing },
    carryOut: (effect: CycleEffect, { state }: { readonly state: Cycle }): Promise<CycleEvent | null> => {
      reached.push(effect, state);
      return new Promise(() => undefined);
    },
    now: site.now,
    signal: new AbortController().signal,
  };
  const ended = resumeMachine(ground, earlier.snapshot, earlier.begun).then((state) => void reached.push("done", state));
  await Promise.race([ended, new Promise((resolve) => setImmediate(resolve))]);
  return JSON.stringify([reached, bytesOf(folder)]);
}

/** Without what is read by the key before, what git can do without, and locks, which are the dead loop's in every copy. */
const ASIDE = /\/(?:cycle\.json|journal\.jsonl|index|logs|objects|COMMIT_EDITMSG|ORIG_HEAD)(?:\/|$)/;

function bytesOf(folder: string): string {
  const hash = createHash("sha256");
  for (const path of filesBelow(folder)) {
    const below = path.slice(folder.length);
    if (ASIDE.test(below) || isLock(below)) continue;
    hash.update(`${below}\0${lstatSync(path).mode}\0`).update(readFileSync(path));
  }
  for (const each of [".", ".worktrees/test"].map((name) => join(folder, "my project", name)))
    if (existsSync(join(each, ".git"))) hash.update(stagedIn(each));
  return hash.digest("hex");
}

/** What the index of a checkout holds; its file holds times, too. The copy's own, though a linked worktree names the first place. */
function stagedIn(checkout: string): string {
  const index = checkout.endsWith("test") ? "worktrees/test/index" : "index";
  const git_dir = join(checkout.replace(/\/\.worktrees\/test$/, ""), ".git");
  if (!existsSync(join(git_dir, index))) return "";
  return execFileSync("git", [`--git-dir=${git_dir}`, "ls-files", "-s"], {
    env: { ...process.env, GIT_INDEX_FILE: join(git_dir, index) },
    encoding: "utf8",
  });
}

function stampOf(folder: string): string {
  return filesBelow(folder)
    .map((path) => {
      const { size, mtimeMs, ino } = lstatSync(path);
      return `${path} ${size} ${mtimeMs} ${ino}`;
    })
    .join("\n");
}

/** Every process that is started copies this one's memory map: by hand it takes a tenth of that. */
function copy(from: string, to: string): void {
  mkdirSync(to, { recursive: true });
  chmodSync(to, lstatSync(from).mode);
  for (const entry of readdirSync(from, { withFileTypes: true })) {
    const [source, target] = [join(from, entry.name), join(to, entry.name)];
    if (entry.isDirectory()) copy(source, target);
    else if (entry.isSymbolicLink()) symlinkSync(readlinkSync(source), target);
    else copyFileSync(source, target);
  }
}

function filesBelow(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .toSorted();
}

function isLock(path: string): boolean {
  return path.includes("/runtime/locks/");
}

/** Its owner has the pid of a process that began at another time: the one that wrote it is gone. */
function leaveToTheDead(path: string): void {
  writeFileSync(path, readFileSync(path, "utf8").replace(/"pid_start":"[^"]*"/, '"pid_start":"1"'));
}
