/**
 * White space and one-line texts. The set of blanks is that of the older Python LoopX, so that collapsed texts,
 * and the ids derived from them, come out equal (FIL-46).
 */

const UNUSUAL_BLANK = /[\t-\r\x1c-\x1f\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]/;
const BLANK_RUN = /[\t-\r\x1c- \x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+/g;
const CONTROL = /[\x00-\x08\x0e-\x1f\x7f]/;
const LONE_SURROGATE = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/;

/** True for white space; only the first two tests matter in ordinary files. */
export function isBlankCode(code: number): boolean {
  if (code === 32 || code === 9) return true;
  if (code < 0x85) return (code >= 10 && code <= 13) || (code >= 0x1c && code <= 0x1f);
  return code === 0x85 || code === 0xa0 || (code >= 0x1680 && isWideBlank(code));
}

function isWideBlank(code: number): boolean {
  if (code >= 0x2000 && code <= 0x200a) return true;
  return code === 0x1680 || code === 0x2028 || code === 0x2029 || code === 0x202f || code === 0x205f || code === 0x3000;
}

/** The text with every run of white space as one blank and none at its ends. */
export function collapse(text: string): string {
  if (isCollapsed(text)) return text;
  return text.replace(BLANK_RUN, " ").replace(/^ | $/g, "");
}

function isCollapsed(text: string): boolean {
  if (text.charCodeAt(0) === 32 || text.charCodeAt(text.length - 1) === 32) return false;
  return !text.includes("  ") && !UNUSUAL_BLANK.test(text);
}

/** Characters as a person counts them: code points, not UTF-16 units. */
export function characterCount(text: string): number {
  let count = 0;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code >= 0xd800 && code <= 0xdbff && at + 1 < text.length) at += 1;
    count += 1;
  }
  return count;
}

/** At most `limit` characters; a longer text ends in `…` and has no blank before it. */
export function cutText(text: string, limit: number): string {
  if (text.length <= limit) return text;
  const characters = Array.from(text);
  if (characters.length <= limit) return text;
  return collapse(characters.slice(0, limit - 1).join("")) + "…";
}

export const ONE_LINE_LIMIT = 4_000;

/** The collapsed text, or what is wrong with it: one line, 1 to 4,000 characters, no `<!--`, no control characters (FIL-48). */
export function oneLine(text: string): { text: string } | { fault: string } {
  if (/[\n\r]/.test(text.trim())) return { fault: "one line, without line breaks" };
  const collapsed = collapse(text);
  if (collapsed === "") return { fault: "at least one character" };
  if (characterCount(collapsed) > ONE_LINE_LIMIT) return { fault: `at most ${ONE_LINE_LIMIT} characters` };
  if (collapsed.includes("<!--")) return { fault: "a text without `<!--`" };
  if (CONTROL.test(collapsed)) return { fault: "a text without control characters" };
  if (LONE_SURROGATE.test(collapsed)) return { fault: "well-formed Unicode" };
  return { text: collapsed };
}
