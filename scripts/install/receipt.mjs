// What an installation made that was not there before, so that --uninstall can tell it from what was.
import { mkdirSync, readFileSync, rmdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";

/**
 * @typedef {object} Receipt
 * @property {string} schema_version
 * @property {string[]} folders made by us, outermost first
 * @property {string[]} files made by us that hold a line of ours
 */

/** @param {string} path @returns {Receipt} */
export function readReceipt(path) {
  try {
    const { folders, files } = JSON.parse(readFileSync(path, "utf8"));
    if (Array.isArray(folders) && Array.isArray(files)) return { schema_version: "loopx_install_v1", folders, files };
  } catch {
    // Without a receipt nothing counts as made by us.
  }
  return { schema_version: "loopx_install_v1", folders: [], files: [] };
}

/** @param {string} path @param {Receipt} receipt */
export function writeReceipt(path, receipt) {
  writeFileSync(path, `${JSON.stringify(receipt, null, 2)}\n`);
}

/** Makes a folder, and notes each one that was not there. @param {string} folder @param {Receipt} receipt */
export function makeFolder(folder, receipt) {
  const outermost = mkdirSync(folder, { recursive: true });
  if (outermost === undefined) return;
  /** @type {string[]} */
  const made = [];
  for (let at = folder; at.length >= outermost.length; at = dirname(at)) made.unshift(at);
  receipt.folders.push(...made.filter((each) => !receipt.folders.includes(each)));
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
