/**
 * Tells a line that a crash cut short from a line that is wrong (FIL-64). A cut line begins an object and ends,
 * without any syntax error, before the object does. It never recurses: a hostile line may nest a million deep.
 */

type Expected = "value" | "value_or_end" | "key" | "key_or_end" | "colon" | "comma_or_end";

const NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;
const NUMBER_BEGUN = /^-?(?:(?:0|[1-9]\d*)(?:\.\d*|(?:\.\d+)?[eE][+-]?\d*)?)?$/;
const LITERALS = ["true", "false", "null"];
const SYNTAX_ERROR = -1;

/** True for a proper prefix of a JSON object. A whole object, or one with a syntax error, is none. */
export function isTornObject(text: string): boolean {
  let at = skipBlanks(text, 0);
  if (text[at] !== "{") return false;
  const open: string[] = ["{"];
  let expected: Expected = "key_or_end";
  at += 1;
  for (;;) {
    at = skipBlanks(text, at);
    if (at >= text.length) return true;
    const step = read(text, at, expected, open);
    if (step === null || open.length === 0) return false;
    at = step.at;
    expected = step.expected;
  }
}

/** Reads one token. Null is a syntax error. */
function read(text: string, at: number, expected: Expected, open: string[]): { at: number; expected: Expected } | null {
  const char = text[at] ?? "";
  if (char === "}" || char === "]") return close(char, at, expected, open);
  switch (expected) {
    case "colon":
      return char === ":" ? { at: at + 1, expected: "value" } : null;
    case "comma_or_end":
      return char === "," ? { at: at + 1, expected: open.at(-1) === "{" ? "key" : "value" } : null;
    case "key":
    case "key_or_end":
      return char === '"' ? then(afterString(text, at), "colon") : null;
    case "value":
    case "value_or_end":
      break;
  }
  if (char === "{" || char === "[") {
    open.push(char);
    return { at: at + 1, expected: char === "{" ? "key_or_end" : "value_or_end" };
  }
  return then(char === '"' ? afterString(text, at) : afterWord(text, at), "comma_or_end");
}

function close(char: string, at: number, expected: Expected, open: string[]): { at: number; expected: Expected } | null {
  const mayEnd = expected === "comma_or_end" || expected === (char === "}" ? "key_or_end" : "value_or_end");
  if (!mayEnd || open.pop() !== (char === "}" ? "{" : "[")) return null;
  return { at: at + 1, expected: "comma_or_end" };
}

function then(at: number, expected: Expected): { at: number; expected: Expected } | null {
  return at === SYNTAX_ERROR ? null : { at, expected };
}

/** Behind the string that begins here; the end of the text when it is cut. */
function afterString(text: string, from: number): number {
  for (let at = from + 1; at < text.length; at += 1) {
    const char = text[at] ?? "";
    if (char === '"') return at + 1;
    if (char < " ") return SYNTAX_ERROR;
    if (char !== "\\") continue;
    const escape = text[at + 1];
    if (escape === undefined) return text.length;
    if (!'"\\/bfnrtu'.includes(escape)) return SYNTAX_ERROR;
    if (escape === "u") {
      if (!/^[0-9a-fA-F]*$/.test(text.slice(at + 2, at + 6))) return SYNTAX_ERROR;
      at += 4;
    }
    at += 1;
  }
  return text.length;
}

/** Behind the number or literal that begins here; a cut one has to be the beginning of one. */
function afterWord(text: string, from: number): number {
  let at = from;
  while (at < text.length && /[-+.0-9A-Za-z]/.test(text[at] ?? "")) at += 1;
  const word = text.slice(from, at);
  const whole = NUMBER.test(word) || LITERALS.includes(word);
  const begun = at === text.length && word !== "" && (NUMBER_BEGUN.test(word) || LITERALS.some((literal) => literal.startsWith(word)));
  return whole || begun ? at : SYNTAX_ERROR;
}

function skipBlanks(text: string, from: number): number {
  let at = from;
  while (text[at] === " " || text[at] === "\t" || text[at] === "\n" || text[at] === "\r") at += 1;
  return at;
}
