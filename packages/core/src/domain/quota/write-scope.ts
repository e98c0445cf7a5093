/**
 * Whether a granted write scope covers a wanted one (DEC-11). Both may be globs: `*` and `?` stay inside one path
 * segment, `**` spans any number. A grant never covers something wider than itself. Linear per segment, so that no
 * pattern from a file can make a verdict slow.
 */

/** True when some granted scope equals the wanted one or matches all of it. */
export function isGranted(wanted: string, granted: readonly string[]): boolean {
  return granted.some((scope) => scope === wanted || coversPath(segmentsOf(scope), segmentsOf(wanted)));
}

function segmentsOf(scope: string): string[] {
  return scope.replace(/^\.\//, "").split("/");
}

/** Row by row over the granted segments: `reached[i]` says that the first `i` wanted segments are matched. */
function coversPath(granted: readonly string[], wanted: readonly string[]): boolean {
  let reached = wanted.map(() => false);
  reached.unshift(true);
  for (const segment of granted) {
    const next = wanted.map(() => false);
    next.unshift(segment === "**" && reached[0] === true);
    for (let at = 0; at < wanted.length; at++) {
      const part = wanted[at] ?? "";
      if (segment === "**") next[at + 1] = reached[at + 1] === true || next[at] === true;
      else next[at + 1] = reached[at] === true && part !== "**" && coversSegment(segment, part);
    }
    reached = next;
  }
  return reached.at(-1) === true;
}

/** Wildcard match with one point of return; `?` takes no `*` of the wanted side, for that would be wider. */
function coversSegment(pattern: string, text: string): boolean {
  let p = 0;
  let t = 0;
  let star = -1;
  let resume = 0;
  while (t < text.length) {
    const want = pattern[p];
    if (want === "*") {
      star = p++;
      resume = t;
    } else if (want !== undefined && (want === text[t] || (want === "?" && text[t] !== "*"))) {
      p++;
      t++;
    } else if (star >= 0) {
      p = star + 1;
      t = ++resume;
    } else return false;
  }
  while (pattern[p] === "*") p++;
  return p === pattern.length;
}
