// One release: a copy of what a published installation has, beside the skills, schemas, pages and scripts of its day.
import { spawnSync } from "node:child_process";
import {
  chmodSync,
  constants,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readlinkSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { manifestOf, publicPackages, runtimeNeeds } from "../packages.mjs";

/** Marks the top of a release; the command looks for it to know where it was installed. */
const MARK = "loopx-release.json";
const BESIDE = ["skills", "schemas", "docs", "scripts", "LICENSE", "README.md"];

/**
 * @typedef {object} Command a program of a package
 * @property {string} name as typed
 * @property {string} path its file, from the top of the checkout or release
 */

/** Every program of the checkout's packages. @param {string} checkout @returns {readonly Command[]} */
export function commandsOf(checkout) {
  return packagesWithCommands(checkout).flatMap((folder) =>
    Object.entries(manifestOf(folder).bin ?? {}).map(([name, path]) => ({ name, path: relative(checkout, join(folder, path)) })),
  );
}

/** Builds when something that goes into the build is newer than what was built. @param {string} checkout @returns {boolean} whether it is built now */
export function buildIfNeeded(checkout) {
  if (isBuilt(checkout)) return true;
  return spawnSync(process.execPath, [join(checkout, "scripts", "build.mjs")], { cwd: checkout, stdio: ["ignore", 2, 2] }).status === 0;
}

/** @param {string} checkout */
export function isBuilt(checkout) {
  const built = packagesWithCommands(checkout).map((folder) => join(folder, "dist", "licenses.txt"));
  if (built.length === 0 || !built.every((path) => existsSync(path))) return false;
  const oldest = Math.min(...built.map((path) => statSync(path).mtimeMs));
  const sources = [
    "package.json",
    "package-lock.json",
    "tsconfig.base.json",
    "tsconfig.json",
    "skills",
    "scripts",
    ...packageSources(checkout),
  ];
  return sources.every((path) => newest(join(checkout, path)) <= oldest);
}

/**
 * The copy at its final place. It appears there whole, by a rename.
 * @param {string} checkout @param {string} releases @param {string} id @returns {string} the release's folder
 */
export function copyRelease(checkout, releases, id) {
  const temporary = join(releases, `.${id}.${process.pid}.loopx-tmp`);
  const place = join(releases, id);
  try {
    mkdirSync(temporary);
    for (const name of BESIDE) cpSync(join(checkout, name), join(temporary, name), { recursive: true });
    for (const folder of packagesWithCommands(checkout)) {
      copyPackage(checkout, folder, temporary);
      for (const need of runtimeNeeds(folder, { peers: true })) copyNeed(checkout, need, temporary);
    }
    for (const { path } of commandsOf(checkout)) chmodSync(join(temporary, path), 0o755);
    writeFileSync(join(temporary, MARK), `${JSON.stringify(markOf(checkout, id), null, 2)}\n`);
    renameSync(temporary, place);
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
  return place;
}

/** The release that a link leads into; null when it leads elsewhere. @param {string} link @param {string} releases */
export function releaseOfLink(link, releases) {
  const target = lstatSync(link, { throwIfNoEntry: false })?.isSymbolicLink() === true ? resolve(dirname(link), readLink(link)) : null;
  if (target === null) return null;
  for (let folder = dirname(target); folder !== dirname(folder); folder = dirname(folder))
    if (dirname(folder) === releases || existsSync(join(folder, MARK))) return folder;
  return null;
}

/** @param {string} link */
function readLink(link) {
  return existsSync(link) ? realpathSync(link) : readlinkSync(link);
}

/** @param {string} checkout */
function packagesWithCommands(checkout) {
  return publicPackages(checkout).filter((folder) => manifestOf(folder).bin !== undefined);
}

/** @param {string} checkout */
function packageSources(checkout) {
  return publicPackages(checkout).flatMap((folder) =>
    ["package.json", "src", "bin"].map((name) => relative(checkout, join(folder, name))).filter((path) => existsSync(join(checkout, path))),
  );
}

/** What npm would publish of a package, at the same place below the release. @param {string} checkout @param {string} folder @param {string} release */
function copyPackage(checkout, folder, release) {
  const place = join(release, relative(checkout, folder));
  const { files = [] } = manifestOf(folder);
  for (const name of ["package.json", "README.md", "LICENSE", ...files.filter((each) => !each.startsWith("!"))])
    cpSync(join(folder, name), join(place, name), { recursive: true, filter: (from) => !from.endsWith(".tsbuildinfo") });
}

/** A package that another one needs: a neighbour as a link to its own copy, another one whole. @param {string} checkout @param {string} need @param {string} release */
function copyNeed(checkout, need, release) {
  const place = join(release, within(checkout, need));
  if (existsSync(place)) return;
  mkdirSync(dirname(place), { recursive: true });
  if (!lstatSync(need).isSymbolicLink()) {
    // What it carries inside is needed by somebody too, or by nobody.
    const filter = (/** @type {string} */ from) => from === need || !from.endsWith("/node_modules");
    return cpSync(need, place, { recursive: true, mode: constants.COPYFILE_FICLONE, filter });
  }
  const neighbour = realpathSync(need);
  symlinkSync(relative(dirname(place), join(release, within(checkout, neighbour))), place);
  copyPackage(checkout, neighbour, release);
}

/** The path from the top of the checkout. @param {string} checkout @param {string} path */
function within(checkout, path) {
  const inside = relative(checkout, path);
  if (inside.startsWith("..")) throw new Error(`${path}, which is needed, lies outside ${checkout}`);
  return inside;
}

/** @param {string} checkout @param {string} id */
function markOf(checkout, id) {
  const asked = spawnSync("git", ["rev-parse", "HEAD"], { cwd: checkout, encoding: "utf8" });
  const commit = asked.status === 0 ? asked.stdout.trim() : null;
  const { version } = manifestOf(join(checkout, "packages", "cli"));
  return { schema_version: "loopx_release_v1", release: id, version, commit, checkout };
}

/** The time of the newest file at or below a path. @param {string} path @returns {number} */
function newest(path) {
  const found = statSync(path);
  if (!found.isDirectory()) return found.mtimeMs;
  return Math.max(0, ...readdirSync(path).map((name) => newest(join(path, name))));
}
