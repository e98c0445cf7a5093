// What of this checkout is published, and what a published package needs beside itself to run.
import { existsSync, lstatSync, readdirSync, readFileSync, realpathSync } from "node:fs";
import { dirname, join } from "node:path";

/**
 * @typedef {object} Manifest
 * @property {string} name
 * @property {string} version
 * @property {boolean} [private]
 * @property {Record<string, string>} [bin]
 * @property {Record<string, string>} [dependencies]
 * @property {Record<string, string>} [optionalDependencies]
 * @property {Record<string, string>} [peerDependencies]
 * @property {readonly string[]} [files]
 */

/** @param {string} folder @returns {Manifest} */
export function manifestOf(folder) {
  return JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
}

/**
 * The folders of the packages that npm may publish, in order of their names.
 * @param {string} root
 */
export function publicPackages(root) {
  const packages = join(root, "packages");
  return readdirSync(packages)
    .sort()
    .map((name) => join(packages, name))
    .filter((folder) => existsSync(join(folder, "package.json")) && manifestOf(folder).private !== true);
}

/**
 * The folders of everything a package needs at run time, found as Node finds them; itself not among them. A folder that
 * is a link (a neighbour in this checkout) stands as the link. An optional package that is not installed is left out;
 * with `peers` those that the package leaves to its user come too, where they are installed.
 * @param {string} folder
 * @param {{ peers?: boolean }} [options]
 * @returns {readonly string[]}
 */
export function runtimeNeeds(folder, { peers = false } = {}) {
  /** @type {Set<string>} */
  const found = new Set();
  /** @param {string} from */
  const visit = (from) => {
    const { dependencies = {}, optionalDependencies = {}, peerDependencies = {} } = manifestOf(from);
    const optional = { ...optionalDependencies, ...(peers ? peerDependencies : {}) };
    for (const name of Object.keys({ ...dependencies, ...optional })) {
      const place = placeOf(name, lstatSync(from).isSymbolicLink() ? realpathSync(from) : from);
      if (place === null && name in optional) continue;
      if (place === null) throw new Error(`${name}, which ${from} needs, is not installed`);
      if (found.has(place)) continue;
      found.add(place);
      visit(place);
    }
  };
  visit(folder);
  return [...found];
}

/** @param {string} name @param {string} from @returns {string | null} */
function placeOf(name, from) {
  const place = join(from, "node_modules", name);
  if (existsSync(place)) return place;
  return from === dirname(from) ? null : placeOf(name, dirname(from));
}
