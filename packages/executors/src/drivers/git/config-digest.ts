/**
 * A digest of everything by which a repository makes git run programs or look elsewhere: configuration, hooks, attributes,
 * and the links of a linked worktree. Taken before and after an agent; when it differs nothing is committed (AGT-36). It is
 * read without git, because git would act on what it finds.
 */
import { createHash, type Hash } from "node:crypto";
import { lstatSync, readFileSync, readdirSync, readlinkSync } from "node:fs";
import { join } from "node:path";
import { LoopxError } from "@loopx/core/domain";
import { linkFile, type Checkout } from "./checkout.ts";

const MOST_FILES = 2_000;
const LARGEST_FILE = 4 * 1024 * 1024;

/** The digest, as hex. */
export function gitConfigDigest(checkout: Checkout): string {
  const { git_dir, common_dir } = checkout;
  const hash = createHash("sha256");
  const budget = { files: MOST_FILES };
  const linked =
    git_dir === common_dir ? [] : [...["config.worktree", "commondir", "gitdir"].map((name) => join(git_dir, name)), linkFile(checkout)];
  for (const path of [...["config", "hooks", "info"].map((name) => join(common_dir, name)), ...linked]) add(hash, path, budget);
  return hash.digest("hex");
}

function add(hash: Hash, path: string, budget: { files: number }): void {
  budget.files -= 1;
  if (budget.files < 0) throw new LoopxError("too_large", `${path}: there are more than ${MOST_FILES} files of git's configuration`);
  const stat = lstatSync(path, { throwIfNoEntry: false });
  if (stat === undefined) return void hash.update(`${path}\0none\0`);
  hash.update(`${path}\0${stat.mode}\0`);
  if (stat.isSymbolicLink()) hash.update(readlinkSync(path));
  else if (stat.isDirectory()) for (const name of readdirSync(path).sort()) add(hash, join(path, name), budget);
  else if (stat.size > LARGEST_FILE) throw new LoopxError("too_large", `${path} is too large for a file of git's configuration`);
  else if (stat.isFile()) hash.update(createHash("sha256").update(readFileSync(path)).digest());
}
