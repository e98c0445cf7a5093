/** The address rules of the boundary detector (DEC-76): RFC 1918 addresses, internal task ids, private documents. */
import { isBlankCode, isWordStart } from "./hit.ts";
import type { Hit } from "./hit.ts";

const PRIVATE_IP = /(?:10\.\d{1,3}|172\.(?:1[6-9]|2\d|3[01])|192\.168)\.\d{1,3}\.\d{1,3}/g;
const TASK_ID = /t-20\d{12}-[a-z0-9]/gi;

/** RFC 1918 addresses; a version number with a `v`, a longer dotted row or an octet above 255 is none. */
export function findPrivateIps(text: string, visit: (hit: Hit) => boolean): boolean {
  for (const match of text.matchAll(PRIVATE_IP)) {
    const end = match.index + match[0].length;
    if (!isWordStart(text, match.index) || (text[match.index - 1] === "." && isDigit(text[match.index - 2]))) continue;
    if (isDigit(text[end]) || (text[end] === "." && isDigit(text[end + 1]))) continue;
    if (match[0].split(".").some((octet) => Number(octet) > 255)) continue;
    if (visit({ rule: "private_ip", start: match.index, end })) return true;
  }
  return false;
}

/** `t-20` and 12 digits, a dash and at least one more character. */
export function findTaskIds(text: string, visit: (hit: Hit) => boolean): boolean {
  for (const match of text.matchAll(TASK_ID)) {
    if (!isWordStart(text, match.index)) continue;
    let end = match.index + match[0].length;
    while (end < text.length && /[a-z0-9-]/i.test(text.charAt(end))) end++;
    if (visit({ rule: "internal_task_id", start: match.index, end })) return true;
  }
  return false;
}

/** Addresses on the hosts a registry names private, and on names below them. */
export function findPrivateDocs(text: string, hosts: readonly string[], visit: (hit: Hit) => boolean): boolean {
  const lower = asciiLower(text);
  for (const host of hosts) {
    const wanted = asciiLower(host.trim());
    if (wanted === "") continue;
    let floor = 0;
    for (let at = lower.indexOf(wanted); at !== -1; at = lower.indexOf(wanted, Math.max(at + 1, floor))) {
      const after = at + wanted.length;
      if (!isHostEdge(text, at, after)) continue;
      const start = runStart(text, at, floor);
      floor = runEnd(text, after);
      if (visit({ rule: "private_doc_url", start, end: floor })) return true;
    }
  }
  return false;
}

function isHostEdge(text: string, at: number, after: number): boolean {
  if (text[at - 1] === "-" || !isWordStart(text, at)) return false;
  const next = text[after] ?? "";
  return !/[A-Za-z0-9-]/.test(next) && !(next === "." && /[A-Za-z0-9]/.test(text[after + 1] ?? ""));
}

function runStart(text: string, at: number, floor: number): number {
  let start = at;
  while (start > floor && !endsAddress(text, start - 1)) start--;
  return start;
}

function runEnd(text: string, at: number): number {
  let end = at;
  while (end < text.length && !endsAddress(text, end)) end++;
  return end;
}

function endsAddress(text: string, at: number): boolean {
  return isBlankCode(text.charCodeAt(at)) || "\"'`<>()[]{}|，。；：、".includes(text.charAt(at));
}

function isDigit(char: string | undefined): boolean {
  return char !== undefined && char >= "0" && char <= "9";
}

function asciiLower(text: string): string {
  return text.replace(/[A-Z]+/g, (run) => run.toLowerCase());
}
