/** The last complete JSON object in a program's output: the whole text, a line of its own, or after other output. */

/** Braces that open nothing, in front of an object that does. */
const STRAY_LIMIT = 32;

type JsonRecord = Readonly<Record<string, unknown>>;

/** The object, or null when there is none. */
export function lastObject(text: string): JsonRecord | null {
  const whole = parsed(text);
  if (whole !== null) return whole;
  const line = text
    .split("\n")
    .filter((each) => each.trimStart().startsWith("{"))
    .findLast((each) => parsed(each) !== null);
  // An object of several lines may stand behind the last one that has a line of its own.
  const from = line === undefined ? 0 : text.lastIndexOf(line) + line.length;
  return lastOfMany(text, from) ?? (line === undefined ? null : parsed(line));
}

function lastOfMany(text: string, from: number): JsonRecord | null {
  let found: JsonRecord | null = null;
  let strays = 0;
  for (let at = text.indexOf("{", from); at !== -1 && strays < STRAY_LIMIT;) {
    const end = objectEnd(text, at);
    const value = end === null ? null : parsed(text.slice(at, end));
    if (value === null) strays++;
    else found = value;
    at = text.indexOf("{", value === null || end === null ? at + 1 : end);
  }
  return found;
}

/** Behind the brace that closes the one that stands here; null when none does. */
function objectEnd(text: string, start: number): number | null {
  let depth = 0;
  let quoted = false;
  for (let at = start; at < text.length; at++) {
    const character = text.charAt(at);
    if (quoted && character === "\\") at++;
    else if (character === '"') quoted = !quoted;
    else if (quoted) continue;
    else if (character === "{") depth++;
    else if (character === "}" && --depth === 0) return at + 1;
  }
  return null;
}

function parsed(text: string): JsonRecord | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as JsonRecord) : null;
  } catch {
    return null;
  }
}
