import fc from "fast-check";
import { expect, test } from "vitest";
import { endingAt, endOfLine, isBlankLine, lineAt, lineStarts, startOfLine, utf8Length } from "./lines.ts";

const lined = (text: string) => ({ text, starts: lineStarts(text) });

test("a line ends at LF or CRLF only; U+2028, U+0085, form feed and a lone CR are ordinary (FIL-30)", () => {
  const state = lined("a\u2028b\u0085c\fd\re\r\n\nlast");
  expect(state.starts.map((_, line) => lineAt(state, line))).toEqual(["a\u2028b\u0085c\fd\re", "", "last"]);
  expect(isBlankLine(state, 1)).toBe(true);
});

test("an empty text has no lines, and a final newline makes no further line", () => {
  expect(lineStarts("")).toEqual([]);
  expect(lineStarts("\n")).toEqual([0]);
  expect(lineAt(lined("\r\n"), 0)).toBe("");
  expect(lineAt(lined("x"), 1)).toBe("");
});

test.each([
  ["a\r\nb", 0, "\r\n"],
  ["a\r\nb", 1, "\r\n"],
  ["a\nb\r\n", 0, "\n"],
  ["a\nb\r\nc", 2, "\r\n"],
  ["alone", 0, "\n"],
  ["", 0, "\n"],
])("new lines behind %j, line %i, end as the lines above (FIL-30)", (text, line, ending) => {
  expect(endingAt(lined(text), line)).toBe(ending);
});

test("lines and their endings together are the text", () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom("a", "\r", "\n", "\r\n", " ", "\u2028")), (parts) => {
      const state = lined(parts.join(""));
      const joined = state.starts
        .map((_, line) => lineAt(state, line) + state.text.slice(endOfLine(state, line), startOfLine(state, line + 1)))
        .join("");
      expect(joined).toBe(state.text);
    }),
  );
});

test("bytes are counted as UTF-8 counts them", () => {
  const byteLength = (text: string): number => new TextEncoder().encode(text).length;
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      expect(utf8Length(text)).toBe(byteLength(text));
    }),
  );
});
