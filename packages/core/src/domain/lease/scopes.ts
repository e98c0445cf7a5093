/**
 * Whether two write scopes could cover one path. A scope is a relative path or glob; a plain path covers itself and
 * everything below it. In doubt two scopes overlap: a wrong "no" would let two agents write one file (REL-49).
 */

/** The pairs of patterns that could match a common path, first patterns outermost. */
export function overlappingScopes(mine: readonly string[], theirs: readonly string[]): readonly (readonly [string, string])[] {
  const left = mine.map(scope);
  const right = theirs.map(scope);
  return left.flatMap((a) => right.filter((b) => meet(a.segments, b.segments)).map((b) => [a.text, b.text] as const));
}

/** True for a scope that is no relative path, or leads out of the project: nothing could tell what it overlaps. */
export function isStrayScope(scope: string): boolean {
  return /^[/~\\]|^[A-Za-z]:|(?:^|[\\/])\.\.(?:[\\/]|$)|[\x00-\x1f\x7f]/.test(scope.trim());
}

interface Scope {
  readonly text: string;
  readonly segments: readonly string[];
}

const EVERYTHING_BELOW = "**";
/** Braces, extended globs and negations may hold or hide a slash; from there on anything may match. */
const UNDECIDED = /[{}()!|\\]/;
/** One character of a class; which one does not matter when in doubt. */
const CHARACTER_CLASS = /\[[^\]/]*\]/g;

/** Case and composition are folded, because some file systems fold them. */
function scope(text: string): Scope {
  const segments: string[] = [];
  for (const raw of text.normalize("NFC").toLowerCase().split("/")) {
    const segment = raw.trim();
    if (segment === "" || segment === ".") continue;
    if (UNDECIDED.test(segment)) {
      segments.push(EVERYTHING_BELOW);
      break;
    }
    if (segment === EVERYTHING_BELOW && segments.at(-1) === EVERYTHING_BELOW) continue;
    segments.push(segment.includes(EVERYTHING_BELOW) ? EVERYTHING_BELOW : segment.replace(CHARACTER_CLASS, "?"));
  }
  return { text, segments };
}

/** Some path is matched by both. A scope that has run out covers whatever the other still names. */
function meet(a: readonly string[], b: readonly string[]): boolean {
  // Row by row: could the rest of `a` from i meet the rest of `b` from j?
  let below: boolean[] = Array.from({ length: b.length + 1 }, () => true);
  for (let i = a.length - 1; i >= 0; i -= 1) {
    const row: boolean[] = Array.from({ length: b.length + 1 }, () => true);
    for (let j = b.length - 1; j >= 0; j -= 1) {
      const [left, right] = [a[i] ?? "", b[j] ?? ""];
      if (left === EVERYTHING_BELOW || right === EVERYTHING_BELOW) row[j] = below[j] === true || row[j + 1] === true;
      else row[j] = below[j + 1] === true && segmentsMeet(left, right);
    }
    below = row;
  }
  return below[0] === true;
}

/** Some name is matched by both segments; `*` is any run of characters, `?` any one. */
function segmentsMeet(a: string, b: string): boolean {
  if (a === b) return true;
  let below: boolean[] = emptyMatches(b);
  for (let i = a.length - 1; i >= 0; i -= 1) {
    const row: boolean[] = Array.from({ length: b.length + 1 }, () => false);
    row[b.length] = onlyStars(a, i);
    for (let j = b.length - 1; j >= 0; j -= 1) {
      const [left, right] = [a[i], b[j]];
      if (left === "*" || right === "*") row[j] = below[j] === true || row[j + 1] === true;
      else row[j] = below[j + 1] === true && (left === right || left === "?" || right === "?");
    }
    below = row;
  }
  return below[0] === true;
}

function emptyMatches(pattern: string): boolean[] {
  return Array.from({ length: pattern.length + 1 }, (_, from) => onlyStars(pattern, from));
}

function onlyStars(pattern: string, from: number): boolean {
  for (let at = from; at < pattern.length; at += 1) if (pattern[at] !== "*") return false;
  return true;
}
