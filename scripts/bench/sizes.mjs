// PRF-23: what is published, unpacked; and what `npm install -g` of both commands leaves on the disk.
import { execFileSync } from "node:child_process";
import { lstatSync, mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { manifestOf, publicPackages } from "../packages.mjs";
import { ROOT } from "../steps.mjs";
import { measuredEnv } from "./measure.mjs";
import { atMost } from "./rows.mjs";

const MEGABYTE = 1_000_000;

/** @param {import("../bench.mjs").Bench} bench */
export function sizes({ folder }) {
  const place = join(folder, "sizes");
  mkdirSync(place);
  const npm = npmIn(place);
  const folders = publicPackages(ROOT);
  /** @type {{ filename: string, unpackedSize: number, name: string }[]} */
  const packed = Object.values(JSON.parse(npm("pack", ...folders, "--pack-destination", place, "--json")));
  const commands = folders.map((each) => manifestOf(each)).filter(({ bin }) => bin !== undefined);
  const tarballs = packed.filter(({ name }) => commands.some((command) => command.name === name));
  const prefix = join(place, "prefix");
  npm("install", "--global", "--prefix", prefix, ...tarballs.map(({ filename }) => join(place, filename)));
  const largest = Math.max(...packed.map(({ unpackedSize }) => unpackedSize));
  return [
    atMost("PRF-23", `the largest of ${packed.length} published packages, unpacked`, largest / MEGABYTE, 3, "MB"),
    atMost("PRF-23", "`npm install -g` of both commands", sizeOf(prefix) / MEGABYTE, 20, "MB"),
  ];
}

/** npm with nothing of the caller's: no cache, no configuration, no network. @param {string} place */
function npmIn(place) {
  const quiet = ["--ignore-scripts", "--offline", "--no-audit", "--no-fund", "--no-update-notifier", "--loglevel=error"];
  const env = measuredEnv({ HOME: place, npm_config_cache: join(place, "cache") });
  return (/** @type {string[]} */ ...words) =>
    execFileSync("npm", [...words, ...quiet], { cwd: place, env, encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] });
}

/** The bytes of all files below; links count as nothing. @param {string} path @returns {number} */
function sizeOf(path) {
  const found = lstatSync(path);
  if (found.isDirectory()) return readdirSync(path).reduce((sum, name) => sum + sizeOf(join(path, name)), 0);
  return found.isFile() ? found.size : 0;
}
