// What an installation puts into the folder of commands: links into a release, and the wrapper of the checkout.
import {
  chmodSync,
  existsSync,
  lstatSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import { basename, join } from "node:path";
import { releaseOfLink } from "./release.mjs";

const WRAPPER = "loopx-canary";
const WRAPPER_MARK = "# The loopx of a live checkout; written by scripts/install-local.sh.";

/** @typedef {{ bin: string, releases: string, checkout: string }} Where */

/**
 * Sets something of another origin aside, and says where it went; null when nothing stands there or it is ours.
 * @param {string} path @param {(path: string) => boolean} isOurs @returns {string | null}
 */
export function setAside(path, isOurs) {
  if (lstatSync(path, { throwIfNoEntry: false }) === undefined || isOurs(path)) return null;
  const kept = freeName(`${path}.before-loopx`);
  renameSync(path, kept);
  return kept;
}

/** @param {string} releases @returns {(path: string) => boolean} */
export function leadsInto(releases) {
  return (path) => releaseOfLink(path, releases) !== null;
}

/** Points a link elsewhere in one step. @param {string} link @param {string} target */
export function switchLink(link, target) {
  const temporary = `${link}.${process.pid}.loopx-tmp`;
  symlinkSync(target, temporary);
  renameSync(temporary, link);
}

/** Where a link of ours leads, to lead there again; null when there is none. @param {string} link @returns {string | null} */
export function previousTarget(link) {
  return lstatSync(link, { throwIfNoEntry: false })?.isSymbolicLink() === true ? readlinkSync(link) : null;
}

/** Makes a program what it was before a link was switched. @param {string} link @param {string | null} target @param {string | null} kept */
export function restoreProgram(link, target, kept) {
  if (kept !== null) renameSync(kept, link);
  else if (target === null) unlinkSync(link);
  else switchLink(link, target);
}

/** @param {Where} where */
export function wrapperPath({ bin }) {
  return join(bin, WRAPPER);
}

/** @param {Where} where */
export function writeWrapper(where) {
  const path = wrapperPath(where);
  const temporary = `${path}.${process.pid}.loopx-tmp`;
  const program = join(where.checkout, "packages", "cli", "bin", "loopx.cjs").replaceAll("'", "'\\''");
  writeFileSync(temporary, `#!/bin/sh\n${WRAPPER_MARK}\nexec node '${program}' "$@"\n`);
  chmodSync(temporary, 0o755);
  renameSync(temporary, path);
}

/** @param {string} path */
export function isWrapper(path) {
  return basename(path) === WRAPPER && lstatSync(path).isFile() && readFileSync(path, "utf8").includes(`\n${WRAPPER_MARK}\n`);
}

/** The links and the wrapper that an installation put there. @param {Where} where @returns {readonly string[]} */
export function installedPrograms({ bin, releases }) {
  if (!existsSync(bin)) return [];
  const paths = readdirSync(bin)
    .filter((name) => name.startsWith("loopx"))
    .map((name) => join(bin, name));
  return paths.filter((path) => leadsInto(releases)(path) || isWrapper(path));
}

/** @param {string} name @returns {string} */
function freeName(name, count = 1) {
  const tried = count === 1 ? name : `${name}-${count}`;
  return lstatSync(tried, { throwIfNoEntry: false }) === undefined ? tried : freeName(name, count + 1);
}
