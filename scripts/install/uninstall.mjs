// Takes an installation back: links, wrapper, PATH line, unedited skills, and the folders it made. Releases stay.
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, readdirSync, unlinkSync } from "node:fs";
import { join } from "node:path";
import { removePathLine, withoutPathLine } from "./profile.mjs";
import { installedPrograms } from "./programs.mjs";
import { readReceipt, removeEmptyFolders, removeReceipt } from "./receipt.mjs";

const LOOPX = join("packages", "cli", "bin", "loopx.cjs");

/** @typedef {import("./places.mjs").Places} Places */

/** What uninstalling would do, line by line. @param {Places} places @returns {readonly string[]} */
export function planRemoval(places) {
  const text = existsSync(places.profile) ? readFileSync(places.profile, "utf8") : "";
  return [
    ...installedPrograms(places).map((path) => `remove: ${path}`),
    ...(withoutPathLine(text) === text ? [] : [`PATH: take our line out of ${places.profile}`]),
    ...skillLines(places, true),
    ...keptLines(places),
    "nothing was changed",
  ];
}

/** Uninstalls. @param {Places} places @returns {readonly string[]} what was done */
export function uninstall(places) {
  const receipt = readReceipt(places.receipt);
  // The skills first: taking them out needs a loopx.
  const skills = skillLines(places, false);
  const programs = installedPrograms(places);
  for (const path of programs) unlinkSync(path);
  const hadLine = removePathLine(places, receipt);
  removeReceipt(places.receipt);
  removeEmptyFolders(receipt);
  return [
    ...programs.map((path) => `removed: ${path}`),
    ...(hadLine ? [`PATH: took our line out of ${places.profile}`] : []),
    ...skills,
    ...keptLines(places),
  ];
}

/** @param {Places} places @param {boolean} dryRun @returns {readonly string[]} */
function skillLines(places, dryRun) {
  const program = soundProgram(places);
  if (!places.with_skills || program === null) return [];
  const { LOOPX_FORMAT: _format, FORCE_COLOR: _color, ...env } = process.env;
  const { stdout } = spawnSync(process.execPath, [program, "skills", "remove", "--json", ...(dryRun ? ["--dry-run"] : [])], {
    env,
    encoding: "utf8",
  });
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

/** @param {Places} places @returns {readonly string[]} */
function keptLines({ bin, releases }) {
  const before = existsSync(bin) ? readdirSync(bin).filter((name) => name.startsWith("loopx") && name.includes(".before-loopx")) : [];
  return [...before.map((name) => `kept: ${join(bin, name)}`), ...(existsSync(releases) ? [`kept: ${releases}`] : [])];
}
