// One PATH line in the shell's profile: put there once, and taken out so that every other byte stays.
import { appendFileSync, chmodSync, existsSync, readFileSync, realpathSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { delimiter, dirname, resolve } from "node:path";
import { makeFolder, note } from "./receipt.mjs";

const MARK = "# added by LoopX";
/** The mark when what stands before had no line end: then that line end is ours too. */
const OPEN_MARK = "# added by LoopX below an open line";

/** @typedef {Pick<import("./places.mjs").Places, "bin" | "home" | "profile" | "profile_syntax">} Where */

/** The line that puts the folder on PATH. @param {Where} where */
export function pathLine({ bin, home, profile_syntax }, mark = MARK) {
  const shown = bin.startsWith(`${home}/`) ? `$HOME${bin.slice(home.length)}` : bin;
  const quoted = `"${shown.replace(/["\\`]/g, "\\$&").replace(/\$(?!HOME)/g, "\\$")}"`;
  return profile_syntax === "fish" ? `fish_add_path ${quoted} ${mark}` : `export PATH=${quoted}:"$PATH" ${mark}`;
}

/** Whether the folder is on PATH now, or a line of the profile names it. @param {Where} where @param {string | undefined} path */
export function isOnPath({ bin, home, profile }, path) {
  if ((path ?? "").split(delimiter).some((folder) => folder !== "" && resolve(folder) === bin)) return true;
  const spellings = [bin, ...(bin.startsWith(`${home}/`) ? ["$HOME", "${HOME}", "~"].map((each) => each + bin.slice(home.length)) : [])];
  const lines = readIfThere(profile)
    .split("\n")
    .filter((line) => !line.trimStart().startsWith("#"));
  return lines.some((line) => spellings.some((spelling) => namesFolder(line, spelling)));
}

/** True when the text stands in the line as a whole path, not as the beginning of a longer one. @param {string} line @param {string} path */
function namesFolder(line, path) {
  const at = line.indexOf(path);
  return at !== -1 && !/[\w./-]/.test(line[at + path.length] ?? "");
}

/** The text with the line at its end. @param {string} text @param {Where} where */
export function withPathLine(text, where) {
  return text === "" || text.endsWith("\n") ? `${text}${pathLine(where)}\n` : `${text}\n${pathLine(where, OPEN_MARK)}\n`;
}

/** Appends the line. @param {Where} where @param {import("./receipt.mjs").Receipt} receipt */
export function addPathLine(where, receipt) {
  const { profile } = where;
  const before = readIfThere(profile);
  if (!existsSync(profile)) {
    makeFolder(dirname(profile), receipt);
    note(receipt.files, profile);
  }
  note(receipt.profiles, profile);
  appendFileSync(profile, withPathLine(before, where).slice(before.length));
}

/** Takes our lines out of a profile again. @param {string} profile @param {import("./receipt.mjs").Receipt} receipt @returns {boolean} whether there was one */
export function removePathLine(profile, receipt) {
  const text = readIfThere(profile);
  const rest = withoutPathLine(text);
  if (rest === text) return false;
  if (rest === "" && receipt.files.includes(profile)) rmSync(profile);
  else replaceText(realpathSync(profile), rest);
  return true;
}

/** The text without any line of ours. @param {string} text */
export function withoutPathLine(text) {
  const lines = text.split("\n");
  const rest = lines.filter((line) => !line.endsWith(` ${MARK}`) && !line.endsWith(` ${OPEN_MARK}`)).join("\n");
  // Whoever wrote below our line needs the line end above it.
  return lines.at(-2)?.endsWith(` ${OPEN_MARK}`) === true ? rest.replace(/\n$/, "") : rest;
}

/** @param {string} path @param {string} text */
function replaceText(path, text) {
  const temporary = `${path}.${process.pid}.loopx-tmp`;
  writeFileSync(temporary, text);
  chmodSync(temporary, statSync(path).mode);
  renameSync(temporary, path);
}

/** Whether a line of ours stands in a profile. @param {string} profile */
export function hasPathLine(profile) {
  const text = readIfThere(profile);
  return withoutPathLine(text) !== text;
}

/** The text of a file; nothing where none is. @param {string} path */
function readIfThere(path) {
  return statSync(path, { throwIfNoEntry: false })?.isFile() === true ? readFileSync(path, "utf8") : "";
}
