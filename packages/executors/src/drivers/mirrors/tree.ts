/** What a worker made of its checkout, as a tree in the mirror, and what the policy needs to know of it (DSP-57). */
import { chmodSync, lstatSync } from "node:fs";
import { join } from "node:path";
import { detect, LoopxError } from "@loopx/core/domain";
import type { RunPlace, TreeChange, TreeDiff } from "../../gitea/checkouts.ts";
import type { GitOptions, Place } from "../git/git.ts";
import type { Sha } from "../git/names.ts";
import { hostOn, isWhole } from "./checkout.ts";
import { refOf, type MirrorGround } from "./ground.ts";
import { mirrorPlace, refSha, requireSha, setRef } from "./mirror.ts";

/** A file over this is not even copied into the mirror; its size alone refuses it. */
const LARGEST_COPIED = 32 * 1024 * 1024;
const MOST_CREDENTIALS = 100;
const QUIET = ["-c", "core.excludesFile=/dev/null", "-c", "core.attributesFile=/dev/null"];
const GIT_LIKE = /(?:^|\/)(?:\.git[. ]*|git~\d+)(?::[^/]*)?(?:\/|$)/i;
const MODES: Readonly<Record<string, TreeChange["type"]>> = {
  "100644": "file",
  "100755": "executable",
  "120000": "symlink",
  "160000": "submodule",
};

/** The commit the checkout began at. */
export async function baseOf(ground: MirrorGround, place: RunPlace): Promise<Sha> {
  const base = await refSha(ground, place.repo, refOf(place, "base"));
  if (base === null) throw new LoopxError("git_failed", "the run's checkout was never opened; repository not found");
  return base;
}

/** No tree at all: never taken for a wish to delete everything, and nothing that another look would mend. */
const GONE: TreeDiff = { changes: [{ path: ".", kind: "deleted", type: "other", bytes: 0, target: null }], diff_bytes: 0, credentials: [] };

/** Writes the tree down as it is now, keeps it under the run's name, and says what differs. */
export async function diffOf(ground: MirrorGround, place: RunPlace): Promise<TreeDiff> {
  const base = await baseOf(ground, place);
  if (!isWhole(ground, place)) {
    // What was judged before does not stand for it either.
    await ground.git.run(mirrorPlace(ground, place.repo), ["update-ref", "-d", refOf(place, "tree")]);
    return GONE;
  }
  const { tree, left_out } = await writeTree(ground, place, base);
  await setRef(ground, place.repo, refOf(place, "tree"), tree);
  const { at } = hostOn(ground, place);
  const changes = await changesBetween(ground, at, base, tree);
  const patch = await patchBetween(ground, at, base, tree);
  return { changes: [...changes, ...left_out], diff_bytes: patch.bytes, credentials: credentialsIn(patch.text, ground) };
}

/** The checkout as a tree. What no policy lets through stays out of it and is told apart: git would choke on some of it. */
async function writeTree(ground: MirrorGround, place: RunPlace, base: Sha): Promise<{ tree: Sha; left_out: readonly TreeChange[] }> {
  const { git } = ground;
  const { at, options } = hostOn(ground, place);
  await git.run(at, ["read-tree", base], options);
  const plain = quiet(git.run, at, options);
  const listed = await plain(["ls-files", "-z", "--others", "--modified", "--exclude-standard"]);
  const paths = [...new Set(listed.split("\0").filter(Boolean))];
  const left_out = paths.flatMap((path) => unfit(at.dir, path));
  const refused = new Set(left_out.map(({ path }) => path));
  const taken = paths.filter((path) => !refused.has(path));
  const words = ["--literal-pathspecs", "add", "--pathspec-from-file=-", "--pathspec-file-nul"];
  if (taken.length > 0) await plain(words, { stdin: taken.map((path) => `${path}\0`).join("") });
  return { tree: requireSha((await plain(["write-tree"])).trim()), left_out };
}

type Run = (args: readonly string[], more?: GitOptions) => Promise<string>;

/** With nobody's own list of ignored files. */
function quiet(run: (at: Place, args: readonly string[], options?: GitOptions) => Promise<string>, at: Place, options: GitOptions): Run {
  const [flag = "", ...words] = QUIET;
  return (args, more) => run(at, [flag, ...words, ...args], { ...options, ...more });
}

/** Files that are too large, pipes and sockets, and names that some system takes for a git directory. Locked files are opened. */
function unfit(dir: string, path: string): readonly TreeChange[] {
  const stat = lstatSync(join(dir, path), { throwIfNoEntry: false });
  if (stat === undefined) return [];
  const told = { path, kind: "added", bytes: stat.size, target: null } as const;
  if (GIT_LIKE.test(path)) return [{ ...told, type: "other" }];
  if (stat.isSymbolicLink() || stat.isDirectory()) return [];
  if (!stat.isFile()) return [{ ...told, type: "other" }];
  if (stat.size > LARGEST_COPIED) return [{ ...told, type: "file" }];
  if ((stat.mode & 0o400) === 0) chmodSync(join(dir, path), stat.mode | 0o400);
  return [];
}

async function changesBetween({ git }: MirrorGround, at: Place, base: Sha, tree: Sha): Promise<readonly TreeChange[]> {
  const printed = await git.run(at, ["diff-tree", "-r", "-z", "--raw", "--no-renames", "--no-abbrev", base, tree]);
  const words = printed.split("\0");
  const rows: { path: string; before: string; after: string; blob: string }[] = [];
  for (let index = 0; index + 1 < words.length; index += 2) {
    const [, before = "", after = "", , blob = ""] = /^:(\d+) (\d+) (\w+) (\w+) /.exec(words[index] ?? "") ?? [];
    rows.push({ path: words[index + 1] ?? "", before, after, blob });
  }
  const sizes = await sizesOf(
    { git },
    at,
    rows.filter(({ after }) => after in MODES && after !== "160000").map(({ blob }) => blob),
  );
  const changes: TreeChange[] = [];
  for (const { path, before, after, blob } of rows) {
    const isGone = after === "000000";
    const type = MODES[isGone ? before : after] ?? "file";
    const target = !isGone && type === "symlink" ? await git.run(at, ["cat-file", "blob", blob]) : null;
    changes.push({
      path,
      kind: isGone ? "deleted" : before === "000000" ? "added" : "modified",
      type,
      bytes: isGone ? 0 : (sizes.get(blob) ?? 0),
      target,
    });
  }
  return changes;
}

async function sizesOf({ git }: Pick<MirrorGround, "git">, at: Place, blobs: readonly string[]): Promise<ReadonlyMap<string, number>> {
  if (blobs.length === 0) return new Map();
  const printed = await git.run(at, ["cat-file", "--batch-check=%(objectname) %(objectsize)"], { stdin: `${blobs.join("\n")}\n` });
  return new Map(printed.split("\n").map((line) => [line.split(" ")[0] ?? "", Number(line.split(" ")[1] ?? 0)]));
}

/** The patch as text; one that is too large for us is only a size. */
async function patchBetween({ git }: MirrorGround, at: Place, base: Sha, tree: Sha): Promise<{ bytes: number; text: string }> {
  const words = ["diff-tree", "-r", "-p", "--unified=0", "--no-renames", "--no-color", "--no-ext-diff", "--no-textconv", base, tree];
  try {
    const text = await git.run(at, ["-c", "core.quotePath=false", ...words]);
    return { bytes: Buffer.byteLength(text), text };
  } catch (error) {
    if (error instanceof LoopxError && error.message.includes("too much output")) return { bytes: Number.MAX_SAFE_INTEGER, text: "" };
    throw error;
  }
}

/** Added lines that the guard calls a credential, and those with a secret of this host (D16). */
export function credentialsIn(patch: string, { secrets }: Pick<MirrorGround, "secrets">): TreeDiff["credentials"] {
  const found: { path: string; line: number; rule: string }[] = [];
  let path = "";
  let line = 0;
  let inHunk = false;
  for (const text of patch.split("\n")) {
    const hunk = /^@@ -\d+(?:,\d+)? \+(\d+)/.exec(text);
    if (text.startsWith("diff --git ")) inHunk = false;
    if (!inHunk && text.startsWith("+++ "))
      path = text
        .slice(4)
        .replace(/^"?b\//, "")
        .replace(/"$/, "");
    if (hunk !== null) {
      inHunk = true;
      line = Number(hunk[1]);
    } else if (inHunk && text.startsWith("+")) {
      const rule = ruleAgainst(text.slice(1), secrets);
      if (rule !== null && found.length < MOST_CREDENTIALS) found.push({ path, line, rule });
      line += 1;
    }
  }
  return found;
}

function ruleAgainst(line: string, secrets: MirrorGround["secrets"]): string | null {
  if (secrets.isIn(line)) return "secret of this host";
  return detect(line, "scan").some(({ rule }) => rule === "credential") ? "credential" : null;
}
