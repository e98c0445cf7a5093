/**
 * The path rules of the boundary detector (DEC-76): home directories, temporary places, and any absolute path.
 * Only texts are read; no path is resolved or looked at.
 */
import { isAlphanumericCode, isBlankCode } from "./hit.ts";
import type { BoundaryRule, Hit } from "./hit.ts";

/** Which path rules a surface wants. */
export interface PathRules {
  readonly local_private_path: boolean;
  readonly temporary_path: boolean;
  readonly absolute_path: boolean;
}

const SLASH = 47;
const BACKSLASH = 92;
/** Characters before a slash that make it the middle of a relative path or of an expansion, beside letters and digits. */
const CONTINUES_PATH = "._-~>}])*%@$\\";
/** What ends a path besides a blank: quotes, brackets, shell signs and CJK punctuation. */
const ENDS_PATH = "\"'`<>|;,(){}[]，。；：！？、）（】【》《」「…";
const TEMPORARY = ["/private/tmp/", "/private/var/folders/", "/var/folders/", "/tmp/", "/volumes/"];
const HOMES = ["/users/", "/home/"];
/** In two parts, so that a scan of this file stays clean. */
const SUPERUSER_HOME = ["", "root"].join("/");

/** Calls `visit` for each path, left to right; a `true` answer stops the search. */
export function findPaths(text: string, rules: PathRules, visit: (hit: Hit) => boolean): boolean {
  let at = 0;
  while (at < text.length) {
    const code = text.charCodeAt(at);
    const rule = code === SLASH ? ruleAt(text, at, rules) : code === BACKSLASH ? windowsRuleAt(text, at, rules) : null;
    if (rule === null) {
      at++;
      continue;
    }
    const start = code === BACKSLASH || text[at - 1] === ":" ? driveStart(text, at) : at;
    at = pathEnd(text, at);
    if (visit({ rule, start, end: at })) return true;
  }
  return false;
}

function ruleAt(text: string, at: number, rules: PathRules): BoundaryRule | null {
  if (rules.local_private_path && isPrivateHome(text, at)) return "local_private_path";
  if (!beginsPath(text, at)) return null;
  if (rules.temporary_path && TEMPORARY.some((place) => startsWith(text, at, place) && nameEnd(text, at + place.length) !== null))
    return "temporary_path";
  if (rules.absolute_path && text[at - 1] !== "<" && nameEnd(text, at + 1) !== null) return "absolute_path";
  return null;
}

/** `/Users/<u>/`, `/home/<u>/` and the superuser's home, also below a WSL drive mount. */
function isPrivateHome(text: string, at: number): boolean {
  const mounted = at >= 6 && /^\/mnt\/[a-z]$/i.test(text.slice(at - 6, at));
  if (!mounted && !beginsPath(text, at)) return false;
  if (startsWith(text, at, SUPERUSER_HOME)) {
    const next = at + SUPERUSER_HOME.length;
    return next === text.length || !isNameCode(text.charCodeAt(next)) || (text[next] === "." && !isNameCode(text.charCodeAt(next + 1)));
  }
  const home = HOMES.find((place) => startsWith(text, at, place));
  return home !== undefined && namesUser(text, at, home);
}

/** A lower-cased `/users/…` is usually a web route, so there the name needs its slash and must not be a number or `me`. */
function namesUser(text: string, at: number, home: string): boolean {
  const start = at + home.length;
  const end = nameEnd(text, start);
  if (end === null) return false;
  const closed = text.charCodeAt(end) === SLASH;
  const name = text.slice(start, end);
  if (home === "/users/" && text.slice(at, start) !== "/Users/") return closed && !/^(?:\d+|me)$/.test(name);
  return closed || !hasNonAscii(name);
}

/** `C:\Users\<u>\` with single or doubled backslashes, any drive; on the strict surface any `C:\` path or share. */
function windowsRuleAt(text: string, at: number, rules: PathRules): BoundaryRule | null {
  const drive = driveStart(text, at) < at;
  const name = skipBackslashes(text, at);
  if (drive && rules.local_private_path && startsWith(text, name, "users") && text.charCodeAt(name + 5) === BACKSLASH) {
    if (nameEnd(text, skipBackslashes(text, name + 5)) !== null) return "local_private_path";
  }
  const share = name - at >= 2 && (at === 0 || !isNameCode(text.charCodeAt(at - 1)));
  return rules.absolute_path && (drive || share) && nameEnd(text, name) !== null ? "absolute_path" : null;
}

/** Where the drive letter of `C:` before `at` stands, or `at` itself. */
function driveStart(text: string, at: number): number {
  if (at < 2 || text[at - 1] !== ":" || !/[a-z]/i.test(text.charAt(at - 2))) return at;
  return at === 2 || !isAlphanumericCode(text.charCodeAt(at - 3)) ? at - 2 : at;
}

function skipBackslashes(text: string, at: number): number {
  let next = at;
  while (next < at + 4 && text.charCodeAt(next) === BACKSLASH) next++;
  return next;
}

/** True when an absolute path may begin at this slash: not inside a relative path, nor as the authority of a URL. */
function beginsPath(text: string, at: number): boolean {
  if (at === 0) return true;
  const before = text.charCodeAt(at - 1);
  if (before === SLASH) return at < 2 || text[at - 2] !== ":";
  return !isAlphanumericCode(before) && !CONTINUES_PATH.includes(text.charAt(at - 1));
}

/** The end of the path segment at `start`, or null when there is none: it needs a letter, a digit or a non-ASCII character. */
function nameEnd(text: string, start: number): number | null {
  let at = start;
  let named = false;
  while (at < text.length && isNameCode(text.charCodeAt(at)) && !ENDS_PATH.includes(text.charAt(at))) {
    named ||= text[at] !== "." && text[at] !== "-" && text[at] !== "_";
    at++;
  }
  return named ? at : null;
}

function pathEnd(text: string, start: number): number {
  let at = start;
  while (at < text.length && !isBlankCode(text.charCodeAt(at)) && !ENDS_PATH.includes(text.charAt(at))) at++;
  while (at > start && ".:!?".includes(text.charAt(at - 1))) at--;
  return at;
}

function isNameCode(code: number): boolean {
  return isAlphanumericCode(code) || code === 45 || code === 46 || code === 95 || (code >= 0x80 && !isBlankCode(code));
}

function hasNonAscii(name: string): boolean {
  for (let at = 0; at < name.length; at++) if (name.charCodeAt(at) >= 0x80) return true;
  return false;
}

/** ASCII case ignored; `lower` is lower case. */
function startsWith(text: string, at: number, lower: string): boolean {
  if (at + lower.length > text.length) return false;
  for (let index = 0; index < lower.length; index++) {
    const code = text.charCodeAt(at + index);
    if ((code >= 65 && code <= 90 ? code + 32 : code) !== lower.charCodeAt(index)) return false;
  }
  return true;
}
