/**
 * The boundary detector: one set of named rules, and which of them each surface asks (design D16, DEC-76).
 * It reads a text and says which rule objects where. It never guesses from words: an innocent sentence about a
 * secret, a token or a password passes. Time is linear in the text; a clean short text costs about a microsecond.
 */
import { findPrivateDocs, findPrivateIps, findTaskIds } from "./addresses.ts";
import { findCredentials } from "./credentials.ts";
import { BOUNDARY_RULES } from "./hit.ts";
import type { BoundaryRule, Hit } from "./hit.ts";
import { findPaths } from "./paths.ts";

export type { BoundaryRule, Hit } from "./hit.ts";

/** Where a text comes from or goes to. */
export type BoundarySurface = "scan" | "record" | "projection" | "handoff" | "next_action";

/** What a registry adds to the rules. */
export interface BoundaryOptions {
  /** `public_boundary.private_hosts` of the registry; none by default. */
  readonly privateHosts?: readonly string[];
}

const RECORD: ReadonlySet<BoundaryRule> = new Set(["credential", "local_private_path", "internal_task_id", "private_doc_url"]);
const PROJECTION: ReadonlySet<BoundaryRule> = new Set([...RECORD, "temporary_path", "private_ip"]);

/** The rules each surface asks (DEC-76). */
export const SURFACE_RULES: Readonly<Record<BoundarySurface, ReadonlySet<BoundaryRule>>> = {
  scan: new Set([...RECORD, "private_ip"]),
  record: RECORD,
  projection: PROJECTION,
  handoff: new Set([...PROJECTION, "absolute_path"]),
  next_action: RECORD,
};

const PATH_RULES: ReadonlySet<BoundaryRule> = new Set(["local_private_path", "temporary_path", "absolute_path"]);
const NO_HOSTS: readonly string[] = [];
/** Rounds of redaction before a text is given up as a whole; a second round is rare, a third unknown. */
const REDACTION_ROUNDS = 4;

/** Every place a rule of the surface objects to, left to right; none lies inside another. */
export function detect(text: string, surface: BoundarySurface, options: BoundaryOptions = {}): Hit[] {
  const hits: Hit[] = [];
  search(text, surface, options.privateHosts ?? NO_HOSTS, (hit) => {
    hits.push(hit);
    return false;
  });
  return hits.length < 2 ? hits : outermost(hits);
}

/** The leftmost hit, or null. */
export function firstHit(text: string, surface: BoundarySurface, options: BoundaryOptions = {}): Hit | null {
  return detect(text, surface, options)[0] ?? null;
}

/** True when no rule of the surface objects. */
export function isSafe(text: string, surface: BoundarySurface, options: BoundaryOptions = {}): boolean {
  return !search(text, surface, options.privateHosts ?? NO_HOSTS, () => true);
}

/**
 * The text with each hit replaced by `<redacted:rule>`; on the handoff surface a path becomes `<local-path>`.
 * What comes back has no hit on that surface. A clean text comes back as it was.
 */
export function redact(text: string, surface: BoundarySurface, options: BoundaryOptions = {}): string {
  let current = text;
  for (let round = 0; round < REDACTION_ROUNDS; round++) {
    const hits = detect(current, surface, options);
    if (hits.length === 0) return current;
    current = replaceHits(current, hits, surface);
  }
  const left = firstHit(current, surface, options);
  return left === null ? current : replacement(left.rule, surface);
}

function replaceHits(text: string, hits: readonly Hit[], surface: BoundarySurface): string {
  const parts: string[] = [];
  let done = 0;
  for (const hit of hits) {
    // Overlapping hits become one place: the earlier one names it.
    if (hit.start >= done) parts.push(text.slice(done, hit.start), replacement(hit.rule, surface));
    done = Math.max(done, hit.end);
  }
  parts.push(text.slice(done));
  return parts.join("");
}

function replacement(rule: BoundaryRule, surface: BoundarySurface): string {
  return surface === "handoff" && PATH_RULES.has(rule) ? "<local-path>" : `<redacted:${rule}>`;
}

/** Calls `visit` for each hit of each rule; true when a visit ended the search. */
function search(text: string, surface: BoundarySurface, hosts: readonly string[], visit: (hit: Hit) => boolean): boolean {
  const rules = SURFACE_RULES[surface];
  const marks = marksOf(text);
  if (marks.value && findCredentials(text, visit)) return true;
  if (marks.path && findPaths(text, pathRulesOf(surface), visit)) return true;
  if (marks.digit) {
    if (rules.has("private_ip") && findPrivateIps(text, visit)) return true;
    if (findTaskIds(text, visit)) return true;
  }
  return hosts.length > 0 && findPrivateDocs(text, hosts, visit);
}

const STRICT_PATHS = { local_private_path: true, temporary_path: true, absolute_path: true };
const PROJECTION_PATHS = { local_private_path: true, temporary_path: true, absolute_path: false };
const RECORD_PATHS = { local_private_path: true, temporary_path: false, absolute_path: false };

function pathRulesOf(surface: BoundarySurface): typeof STRICT_PATHS {
  return surface === "handoff" ? STRICT_PATHS : surface === "projection" ? PROJECTION_PATHS : RECORD_PATHS;
}

/** What a text has at all; most texts of a verdict end here. */
function marksOf(text: string): { digit: boolean; path: boolean; value: boolean } {
  let digit = false;
  let path = false;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code >= 48 && code <= 57) digit = true;
    else if (code === 47 || code === 92) path = true;
    if (digit && path) break;
  }
  return { digit, path, value: digit || text.includes("-----") };
}

/** Left to right; a hit inside another goes, and at one place the rule that stands first in the list stays. */
function outermost(hits: readonly Hit[]): Hit[] {
  const order = (hit: Hit) => BOUNDARY_RULES.indexOf(hit.rule);
  const sorted = hits.toSorted((a, b) => a.start - b.start || b.end - a.end || order(a) - order(b));
  const kept: Hit[] = [];
  let reach = -1;
  for (const hit of sorted) {
    if (hit.end <= reach) continue;
    kept.push(hit);
    reach = hit.end;
  }
  return kept;
}
