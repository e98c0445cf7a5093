// What installations made and where, so that --uninstall finds it from any shell and leaves alone what was there before.
import { mkdirSync, readFileSync, rmdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";

/**
 * @typedef {object} Receipt
 * @property {string} schema_version
 * @property {string[]} folders made by us, outermost first
 * @property {string[]} files made by us that hold a line of ours
 * @property {string[]} profiles that got a line of ours
 * @property {string[]} bins where links and the wrapper went
 * @property {Record<string, string>} skills the variables that named the agents' folders
 */

/** @param {string} path @returns {Receipt} */
export function readReceipt(path) {
  const none = { schema_version: "loopx_install_v1", folders: [], files: [], profiles: [], bins: [], skills: {} };
  try {
    const read = JSON.parse(readFileSync(path, "utf8"));
    return read.schema_version === none.schema_version ? { ...none, ...read } : none;
  } catch {
    // Without a receipt nothing counts as made by us.
    return none;
  }
}

/** @param {string} path @param {Receipt} receipt */
export function writeReceipt(path, receipt) {
  writeFileSync(path, `${JSON.stringify(receipt, null, 2)}\n`);
}

/** Notes something once. @param {string[]} list @param {string} path */
export function note(list, path) {
  if (!list.includes(path)) list.push(path);
}

/** Makes a folder, and notes each one that was not there. @param {string} folder @param {Receipt} receipt */
export function makeFolder(folder, receipt) {
  const outermost = mkdirSync(folder, { recursive: true });
  if (outermost === undefined) return;
  /** @type {string[]} */
  const made = [];
  for (let at = folder; at.length >= outermost.length; at = dirname(at)) made.unshift(at);
  for (const each of made) note(receipt.folders, each);
}

/** Removes the folders that we made and that nobody uses. @param {Receipt} receipt @returns {string[]} what was removed */
export function removeEmptyFolders(receipt) {
  return receipt.folders
    .toSorted((a, b) => b.length - a.length)
    .filter((folder) => {
      try {
        rmdirSync(folder);
        return true;
      } catch {
        return false;
      }
    });
}

/** @param {string} path */
export function removeReceipt(path) {
  rmSync(path, { force: true });
}
