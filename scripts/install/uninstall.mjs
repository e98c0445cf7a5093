// Takes installations back: links, wrapper, PATH line, unedited skills, and the folders they made. Releases stay.
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, unlinkSync } from "node:fs";
import { join } from "node:path";
import { hasPathLine, removePathLine } from "./profile.mjs";
import { installedPrograms } from "./programs.mjs";
import { readReceipt, removeEmptyFolders, removeReceipt } from "./receipt.mjs";

const LOOPX = join("packages", "cli", "bin", "loopx.cjs");

/** @typedef {import("./places.mjs").Places} Places */
/** @typedef {import("./receipt.mjs").Receipt} Receipt */

/** What uninstalling would do, line by line. @param {Places} places @returns {readonly string[]} */
export function planRemoval(places) {
  const receipt = readReceipt(places.receipt);
  return [
    ...programsOf(places, receipt).map((path) => `remove: ${path}`),
    ...profilesOf(places, receipt)
      .filter((profile) => hasPathLine(profile))
      .map((profile) => `PATH: take our line out of ${profile}`),
    ...skillLines(places, receipt, true),
    ...keptLines(places, receipt),
    "nothing was changed",
  ];
}

/** Uninstalls. @param {Places} places @returns {readonly string[]} what was done */
export function uninstall(places) {
  const receipt = readReceipt(places.receipt);
  // The skills first: taking them out needs a loopx.
  const skills = skillLines(places, receipt, false);
  const programs = programsOf(places, receipt);
  for (const path of programs) unlinkSync(path);
  const profiles = profilesOf(places, receipt).filter((profile) => removePathLine(profile, receipt));
  removeReceipt(places.receipt);
  const kept = keptLines(places, receipt);
  removeEmptyFolders(receipt);
  return [
    ...programs.map((path) => `removed: ${path}`),
    ...profiles.map((profile) => `PATH: took our line out of ${profile}`),
    ...skills,
    ...kept,
  ];
}

/** Those of this shell, and those that an installation wrote down. @param {Places} places @param {Receipt} receipt */
function binsOf({ bin }, receipt) {
  return [...new Set([bin, ...receipt.bins])];
}

/** @param {Places} places @param {Receipt} receipt */
function profilesOf({ profile }, receipt) {
  return [...new Set([profile, ...receipt.profiles])];
}

/** @param {Places} places @param {Receipt} receipt */
function programsOf(places, receipt) {
  return binsOf(places, receipt).flatMap((bin) => installedPrograms({ ...places, bin }));
}

/** @param {Places} places @param {Receipt} receipt @param {boolean} dryRun @returns {readonly string[]} */
function skillLines(places, receipt, dryRun) {
  const program = soundProgram(places);
  if (!places.with_skills || program === null) return [];
  const { LOOPX_FORMAT: _format, FORCE_COLOR: _color, ...env } = { ...receipt.skills, ...process.env };
  const words = ["skills", "remove", "--json", ...(dryRun ? ["--dry-run"] : [])];
  const { stdout } = spawnSync(process.execPath, [program, ...words], { env, encoding: "utf8" });
  /** @type {{ skills?: readonly { action: string, path: string }[] }} */
  const { skills = [] } = JSON.parse(stdout);
  return skills.flatMap(({ action, path }) =>
    action === "unchanged" ? [] : [`${dryRun && action === "removed" ? "remove" : action}: ${path}`],
  );
}

/** A loopx that can say which skills are ours: the newest release, else this checkout's. @param {Places} places @returns {string | null} */
function soundProgram({ releases, checkout }) {
  const named = existsSync(releases) ? readdirSync(releases).sort().reverse() : [];
  const programs = [...named.map((name) => join(releases, name)), checkout].map((folder) => join(folder, LOOPX));
  return programs.find((path) => existsSync(path)) ?? null;
}

/** @param {Places} places @param {Receipt} receipt @returns {readonly string[]} */
function keptLines(places, receipt) {
  const before = binsOf(places, receipt).flatMap((bin) =>
    (existsSync(bin) ? readdirSync(bin) : [])
      .filter((name) => name.startsWith("loopx") && name.includes(".before-loopx"))
      .map((name) => join(bin, name)),
  );
  return [...before, ...(existsSync(places.releases) ? [places.releases] : [])].map((path) => `kept: ${path}`);
}
