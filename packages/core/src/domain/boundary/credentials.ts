/**
 * The `credential` rule (DEC-76): known token shapes, headers, URL passwords, assignments and private keys.
 * A value without a digit is no credential, so a sentence about secrets or tokens passes; neither is a placeholder.
 * Every look-ahead is bounded: a text costs time in proportion to its length, whatever stands in it.
 */
import { isBlankCode, isDigitCode, isWordStart } from "./hit.ts";
import type { Hit } from "./hit.ts";

/** How far into a value a digit is looked for; longer runs without one are prose or data. */
const VALUE_PROBE = 100;
const MIN_ASSIGNED = 8;
const PASSWORD_LIMIT = 256;

/** True when some credential rule could match; a clean text is dismissed by this one pass. */
const HINT =
  /bearer\s|authorization|akia[a-z0-9]{16}|[sa]k-[a-z0-9_-]{16}|gh[pousr]_[a-z0-9]{20}|github_pat_|xox[abprs]-|:\/\/|-----begin|(?:token|passw(?:or)?d|secret|(?:api|access)[_-]?key)["'`]?\s{0,3}[=:]/i;

const TOKEN_SHAPE =
  /akia[a-z0-9]{16,}|[sa]k-[a-z0-9_-]{16,}|gh[pousr]_[a-z0-9_]{20,}|github_pat_[a-z0-9_]{20,}|xox[abprs]-[a-z0-9-]{10,}/gi;
const HEADER =
  /bearer[ \t]{1,3}|authorization["'`]?[ \t]{0,3}[=:][ \t]{0,3}["'`]?(?:(?:basic|bearer|digest|negotiate|token|apikey)[ \t]{1,3})?/gi;
const ASSIGNMENT = /(?:token|passw(?:or)?d|secret|(?:api|access)[_-]?key)["'`]?[ \t]{0,3}[=:][ \t]{0,3}/gi;
const PRIVATE_KEY = /-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY/gi;
const PRIVATE_KEY_END = /-----END [A-Z0-9 ]{0,40}KEY-{0,5}/gi;

/** Calls `visit` for each credential; a `true` answer stops the search. */
export function findCredentials(text: string, visit: (hit: Hit) => boolean): boolean {
  if (!HINT.test(text)) return false;
  return (
    findTokenShapes(text, visit) ||
    findHeaders(text, visit) ||
    findAssignments(text, visit) ||
    findUrlPasswords(text, visit) ||
    findPrivateKeys(text, visit)
  );
}

function findTokenShapes(text: string, visit: (hit: Hit) => boolean): boolean {
  for (const match of text.matchAll(TOKEN_SHAPE)) {
    const end = match.index + match[0].length;
    if (isWordStart(text, match.index) && hasDigit(text, match.index, end) && visit(credential(match.index, end))) return true;
  }
  return false;
}

function findHeaders(text: string, visit: (hit: Hit) => boolean): boolean {
  for (const match of text.matchAll(HEADER)) {
    if (!isWordStart(text, match.index)) continue;
    const start = match.index + match[0].length;
    const isBearer = !match[0].toLowerCase().startsWith("authorization");
    const probe = isBearer ? tokenEnd(text, start) : valueEnd(text, start, VALUE_PROBE);
    if (probe - start < (isBearer ? 16 : MIN_ASSIGNED)) continue;
    if (!hasDigit(text, start, probe) || isPlaceholder(text, start, probe)) continue;
    if (visit(credential(start, valueEnd(text, start, text.length)))) return true;
  }
  return false;
}

function findAssignments(text: string, visit: (hit: Hit) => boolean): boolean {
  for (const match of text.matchAll(ASSIGNMENT)) {
    if (!isWordStart(text, match.index)) continue;
    const start = match.index + match[0].length;
    const quoted = quotedEnd(text, start);
    const from = quoted === null ? start : start + 1;
    const probe = quoted ?? valueEnd(text, start, VALUE_PROBE);
    if (probe - from < MIN_ASSIGNED || !hasDigit(text, from, probe) || isPlaceholder(text, from, probe)) continue;
    if (visit(credential(from, quoted ?? valueEnd(text, start, text.length)))) return true;
  }
  return false;
}

/** `scheme://user:password@`; the password alone is the hit, so that the rest of the address stays readable. */
function findUrlPasswords(text: string, visit: (hit: Hit) => boolean): boolean {
  for (let at = text.indexOf("://"); at !== -1; at = text.indexOf("://", at + 3)) {
    if (at === 0 || isWordStart(text, at)) continue;
    const colon = stopOf(text, at + 3, PASSWORD_LIMIT, ":/@");
    if (text[colon] !== ":") continue;
    const stop = stopOf(text, colon + 1, PASSWORD_LIMIT, "/@");
    if (text[stop] !== "@" || stop === colon + 1) continue;
    if (!hasDigit(text, colon + 1, stop) || isPlaceholder(text, colon + 1, stop)) continue;
    if (visit(credential(colon + 1, stop))) return true;
  }
  return false;
}

/** The whole key block; without its end line, the key characters that follow. */
function findPrivateKeys(text: string, visit: (hit: Hit) => boolean): boolean {
  let closing: RegExpMatchArray | undefined;
  let from = 0;
  const closings = text.matchAll(PRIVATE_KEY_END);
  for (const match of text.matchAll(PRIVATE_KEY)) {
    if (match.index < from) continue;
    while (closing === undefined || (closing.index ?? 0) < match.index) {
      const next = closings.next();
      if (next.done === true) break;
      closing = next.value;
    }
    const closed = closing !== undefined && (closing.index ?? 0) > match.index;
    from = closed ? (closing?.index ?? 0) + (closing?.[0].length ?? 0) : keyTextEnd(text, match.index + match[0].length);
    if (visit(credential(match.index, from))) return true;
  }
  return false;
}

function credential(start: number, end: number): Hit {
  return { rule: "credential", start, end };
}

function hasDigit(text: string, start: number, end: number): boolean {
  for (let at = start; at < end; at++) if (isDigitCode(text.charCodeAt(at))) return true;
  return false;
}

/** `<…>`, `${…}`, `$(…)`, `$NAME`, `***`, `example…`, `changeme…`: what stands where a value would. */
function isPlaceholder(text: string, start: number, end: number): boolean {
  const value = text.slice(start, Math.min(end, start + VALUE_PROBE));
  return /^(?:<[^<>]*>?["'`.,;:!?)\]}]*$|\$\{|\$\(|\$[A-Za-z_][A-Za-z0-9_]*["'`.,;:!?)\]}]*$|\*\*\*|example|changeme)/i.test(value);
}

/** The end of a run of token characters, looked at no further than the probe. */
function tokenEnd(text: string, start: number): number {
  const limit = Math.min(text.length, start + VALUE_PROBE);
  let at = start;
  while (at < limit && /[A-Za-z0-9._~+/=-]/.test(text.charAt(at))) at++;
  return at;
}

/** The end of an unquoted value: the next blank, quote or `&`. */
function valueEnd(text: string, start: number, probe: number): number {
  return stopOf(text, start, probe, "\"'`&");
}

/** The closing quote when a quote opens at `start` and closes on the same line within the probe. */
function quotedEnd(text: string, start: number): number | null {
  const quote = text[start];
  if (quote !== '"' && quote !== "'" && quote !== "`") return null;
  const limit = Math.min(text.length, start + 1 + VALUE_PROBE);
  for (let at = start + 1; at < limit; at++) {
    const char = text[at];
    if (char === quote) return at;
    if (char === "\n") break;
  }
  // An unclosed or very long quotation is read as an unquoted value behind its quote.
  return stopOf(text, start + 1, VALUE_PROBE, quote);
}

/** The first blank or stop character from `start` on, at most `probe` characters away. */
function stopOf(text: string, start: number, probe: number, stops: string): number {
  const limit = Math.min(text.length, start + probe);
  let at = start;
  while (at < limit && !isBlankCode(text.charCodeAt(at)) && !stops.includes(text.charAt(at))) at++;
  return at;
}

function keyTextEnd(text: string, start: number): number {
  let at = start;
  while (at < text.length && /[A-Za-z0-9+/=\r\n\\-]/.test(text.charAt(at))) at++;
  return at;
}
