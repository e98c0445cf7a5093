/**
 * On which line each element of a top-level list begins, so that a finding about one entry can name it (FIL-17).
 * One pass over the characters of a text that `JSON.parse` accepted; done only when there is something to report.
 */

/** 1-based lines, in the order of the list; none when the document has no such list. Of a key that stands twice the last counts, as in `JSON.parse`. */
export function entryLines(text: string, key: string): readonly number[] {
  const name = JSON.stringify(key);
  let lines: number[] = [];
  let line = 1;
  let depth = 0;
  let list: "none" | "named" | "open" = "none";
  let expected = false;
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at] ?? "";
    if (character === "\n") line += 1;
    if (/[\s:\uFEFF]/.test(character)) continue;
    if (list === "open" && depth === 2 && expected && character !== "]") {
      lines.push(line);
      expected = false;
    }
    if (character === '"') {
      const end = stringEnd(text, at);
      if (depth === 1) list = text.slice(at, end) === name ? "named" : "none";
      at = end - 1;
    } else if (character === "{" || character === "[") {
      depth += 1;
      if (depth === 2 && list === "named" && character === "[") {
        [list, lines, expected] = ["open", [], true];
      }
    } else if (character === "}" || character === "]") {
      depth -= 1;
      if (depth === 1) list = "none";
    } else if (character === ",") {
      if (depth === 1) list = "none";
      else if (depth === 2) expected = list === "open";
    }
  }
  return lines;
}

/** Behind the closing quote of the string that opens at `start`. */
function stringEnd(text: string, start: number): number {
  let at = start + 1;
  while (at < text.length && text[at] !== '"') at += text[at] === "\\" ? 2 : 1;
  return at + 1;
}
