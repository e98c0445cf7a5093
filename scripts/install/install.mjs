// The installation itself. Everything that can fail comes before the link is switched, and a link that was switched to
// something ill is put back: whatever goes wrong, the loopx of before is the loopx of after.
import { spawnSync } from "node:child_process";
import { existsSync, rmSync } from "node:fs";
import { basename, delimiter, dirname, join } from "node:path";
import { addPathLine, isOnPath, pathLine } from "./profile.mjs";
import { isWrapper, leadsInto, previousTarget, restoreProgram, setAside, switchLink, wrapperPath, writeWrapper } from "./programs.mjs";
import { makeFolder, note, readReceipt, writeReceipt } from "./receipt.mjs";
import { buildIfNeeded, commandsOf, copyRelease, isBuilt } from "./release.mjs";

const RELEASE_ID = /^[A-Za-z0-9][A-Za-z0-9._-]{0,79}$/;
const LOOPX = join("packages", "cli", "bin", "loopx.cjs");

/** What may name the agents' folders, for whoever takes the skills out again. */
const SKILL_VARIABLES = ["CODEX_HOME", "LOOPX_SKILLS_DIR"];
const REPAIR = "repair what it names and run this again";

/** @typedef {import("./places.mjs").Places} Places */
/** @typedef {import("./receipt.mjs").Receipt} Receipt */
/** @typedef {(line: string) => void} Say */
/** @typedef {{ message: string, hint: string }} Failure */

/** What installing would do, line by line. @param {Places} places @returns {readonly string[]} */
export function planHere(places) {
  const { checkout, bin, releases } = places;
  const release = join(releases, releaseId(places));
  const links = commandsOf(checkout).map(({ name, path }) => `link: ${join(bin, name)} -> ${join(release, path)}`);
  const foreign = [...commandsOf(checkout).map(({ name }) => join(bin, name)), wrapperPath(places)].filter((path) =>
    isForeign(path, releases),
  );
  return [
    `build: ${isBuilt(checkout) ? "not needed" : checkout}`,
    `copy: ${release}`,
    ...foreign.map((path) => `keep: ${path} as ${basename(path)}.before-loopx`),
    ...links,
    ...(places.with_canary ? [`wrapper: ${wrapperPath(places)} onto ${checkout}`] : []),
    isOnPath(places, process.env["PATH"]) ? `PATH: has ${bin} already` : `PATH: a line in ${places.profile}: ${pathLine(places)}`,
    `skills: ${places.with_skills ? "install" : "left out"}`,
    "nothing was changed",
  ];
}

/** Installs; null when all went well. @param {Places} places @param {Say} say @returns {Failure | null} */
export function installHere(places, say) {
  const { checkout, releases } = places;
  const id = releaseId(places);
  if (!isBuilt(checkout)) say("building …");
  if (!buildIfNeeded(checkout)) return { message: "the build failed; what was installed before is as it was", hint: "npm run build" };
  const receipt = readReceipt(places.receipt);
  makeFolder(releases, receipt);
  writeReceipt(places.receipt, receipt);
  const release = copyRelease(checkout, releases, id);
  const programs = [join(release, LOOPX), ...(places.with_canary ? [join(checkout, LOOPX)] : [])];
  const ill = programs.map((program) => doctorOf(program, places)).find(({ sound }) => !sound);
  if (ill !== undefined) {
    rmSync(release, { recursive: true, force: true });
    return { message: `loopx doctor fails, so nothing was linked:\n${ill.text}`, hint: REPAIR };
  }
  say(`release: ${release}`);
  try {
    return linkRelease(places, release, receipt, say);
  } finally {
    writeReceipt(places.receipt, receipt);
  }
}

/** @param {Places} places @param {string} release @param {Receipt} receipt @param {Say} say @returns {Failure | null} */
function linkRelease(places, release, receipt, say) {
  const { bin, releases } = places;
  makeFolder(bin, receipt);
  note(receipt.bins, bin);
  const switched = commandsOf(release).map(({ name, path }) => {
    const link = join(bin, name);
    const kept = setAside(link, leadsInto(releases));
    const before = previousTarget(link);
    switchLink(link, join(release, path));
    return { link, before, kept };
  });
  const examined = doctorOf(join(bin, "loopx"), places);
  if (!examined.sound) {
    for (const { link, before, kept } of switched) restoreProgram(link, before, kept);
    return { message: `loopx doctor fails, so the links lead where they led before:\n${examined.text}`, hint: REPAIR };
  }
  for (const { link, kept } of switched) {
    if (kept !== null) say(`kept: ${kept}, which was not installed from a release`);
    say(`linked: ${link}`);
  }
  if (places.with_canary) installCanary(places, say);
  if (!isOnPath(places, process.env["PATH"])) {
    addPathLine(places, receipt);
    say(`PATH: one line in ${places.profile}; it counts in the next shell`);
  }
  return installSkills(places, receipt, say) ?? report(places, say);
}

/** @param {Places} places @param {Say} say */
function installCanary(places, say) {
  const path = wrapperPath(places);
  const kept = setAside(path, isWrapper);
  if (kept !== null) say(`kept: ${kept}, which was not written by an installation`);
  writeWrapper(places);
  say(`wrapper: ${path} onto ${places.checkout}`);
}

/** @param {Places} places @param {Receipt} receipt @param {Say} say @returns {Failure | null} */
function installSkills(places, receipt, say) {
  if (!places.with_skills) return null;
  const loopx = join(places.bin, "loopx");
  for (const folder of new Set(skillsOf(run(loopx, ["skills", "list", "--json"], places)).map(({ path }) => dirname(path))))
    makeFolder(folder, receipt);
  for (const name of SKILL_VARIABLES) if (process.env[name]) receipt.skills[name] = process.env[name] ?? "";
  const ended = run(loopx, ["skills", "install", "--json"], places);
  if (ended.status !== 0) return { message: `the skills were not installed: ${ended.stdout}${ended.stderr}`, hint: "loopx skills install" };
  for (const { path, action, kept_as } of skillsOf(ended)) {
    say(`skill ${action}: ${path}`);
    if (kept_as !== null) say(`kept: ${kept_as}, which was edited`);
  }
  return null;
}

/** @param {Ended} ended @returns {readonly { path: string, action: string, kept_as: string | null }[]} */
function skillsOf({ stdout }) {
  return JSON.parse(stdout).skills;
}

/** What `doctor` says of what is installed now. @param {Places} places @param {Say} say @returns {Failure | null} */
function report(places, say) {
  const programs = [join(places.bin, "loopx"), ...(places.with_canary ? [wrapperPath(places)] : [])];
  for (const program of programs) {
    const { sound, text } = doctorOf(program, places);
    say(`${basename(program)} doctor: ${sound ? "sound" : "ill"}${text === "" ? "" : `\n${text}`}`);
    if (!sound) return { message: `${basename(program)} doctor fails`, hint: `${basename(program)} doctor` };
  }
  return null;
}

/** Whether `doctor` of that program finds it sound, and a line for each check that is not. @param {string} program @param {Places} places */
function doctorOf(program, places) {
  const { status, stdout, stderr } = run(program, ["doctor", "--json"], places);
  return { sound: status === 0, text: [...faultLines(stdout), stderr.trim()].filter((line) => line !== "").join("\n") };
}

/** @param {string} stdout @returns {readonly string[]} */
function faultLines(stdout) {
  try {
    /** @type {{ error?: { message: string }, checks?: readonly { id: string, ok: boolean, detail: string, fix: string }[] }} */
    const { error, checks = [] } = JSON.parse(stdout);
    const faults = checks.filter(({ ok }) => !ok).map(({ id, detail, fix }) => `  ${id}: ${detail} (fix: ${fix})`);
    return error === undefined || faults.length > 0 ? faults : [`  ${error.message}`];
  } catch {
    return [stdout];
  }
}

/** @typedef {{ status: number | null, stdout: string, stderr: string }} Ended */

/**
 * Runs a loopx as the user's next shell will: with its folder on PATH, and in no form that this shell asks for.
 * @param {string} program @param {readonly string[]} words @param {Places} places @returns {Ended}
 */
function run(program, words, { bin, home }) {
  const { LOOPX_FORMAT: _format, FORCE_COLOR: _color, PATH = "", ...env } = process.env;
  const path = [...(PATH.split(delimiter).includes(bin) ? [] : [bin]), PATH, dirname(process.execPath)].join(delimiter);
  const { status, stdout, stderr, error } = spawnSync(program, words, { cwd: home, env: { ...env, PATH: path }, encoding: "utf8" });
  return { status, stdout: stdout ?? "", stderr: `${stderr ?? ""}${error === undefined ? "" : error.message}` };
}

/** @param {string} path @param {string} releases */
function isForeign(path, releases) {
  return existsSync(path) && !leadsInto(releases)(path) && !isWrapper(path);
}

/** The named release, which must be new, or the UTC time; several of one second get a number. @param {Places} places */
function releaseId({ release_id, releases }) {
  if (release_id !== null) {
    if (!RELEASE_ID.test(release_id) || release_id === "installed.json")
      throw new Error(`LOOPX_RELEASE_ID ${JSON.stringify(release_id)} is no name of a release`);
    if (existsSync(join(releases, release_id))) throw new Error(`the release ${release_id} exists already in ${releases}`);
    return release_id;
  }
  const stamp = `${new Date().toISOString().slice(0, 19).replace(/[-:]/g, "")}Z`;
  let id = stamp;
  for (let count = 2; existsSync(join(releases, id)); count++) id = `${stamp}-${count}`;
  return id;
}
