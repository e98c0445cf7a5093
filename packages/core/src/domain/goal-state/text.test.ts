import fc from "fast-check";
import { expect, test } from "vitest";
import { characterCount, collapse, cutText, isBlankCode, oneLine } from "./text.ts";

test("white space collapses to one blank, wide and odd blanks included", () => {
  expect(collapse(" a\t\tb \u3000c\u2028d\u00a0\u0085e\x1cf  ")).toBe("a b c d e f");
  expect(collapse("plain text")).toBe("plain text");
  expect(collapse("\u3000")).toBe("");
});

test("a collapsed text stays as it is", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      expect(collapse(collapse(text))).toBe(collapse(text));
    }),
  );
});

test("every blank that collapse knows is a blank between words", () => {
  for (let code = 0; code < 0x3100; code += 1)
    expect(isBlankCode(code), String(code)).toBe(collapse(`a${String.fromCharCode(code)}${String.fromCharCode(code)}b`) === "a b");
});

test("a cut text counts characters, not UTF-16 units, and has no blank before the ellipsis", () => {
  expect(characterCount("a😀b")).toBe(3);
  expect(characterCount("\ud83d")).toBe(1);
  expect(cutText("😀😀😀", 3)).toBe("😀😀😀");
  expect(cutText("ab cd", 4)).toBe("ab…");
  expect(cutText("abc", 3)).toBe("abc");
});

test.each([
  ["nothing", "", "at least one character"],
  ["blanks", "  \t ", "at least one character"],
  ["a line feed", "a\nb", "one line, without line breaks"],
  ["a line break", "a\r\nb", "one line, without line breaks"],
  ["a comment", "a <!-- b", "a text without `<!--`"],
  ["a null character", "a\u0000b", "a text without control characters"],
  ["an escape", "a\u001bb", "a text without control characters"],
  ["half a character", "a\ud800b", "well-formed Unicode"],
  ["4,001 characters", "x".repeat(4001), "at most 4000 characters"],
])("%s is no text for one line (FIL-48)", (_, text, fault) => {
  expect(oneLine(text)).toEqual({ fault });
});

test("4,000 characters are one line, also of Chinese (FIL-48)", () => {
  expect(oneLine("验".repeat(4000))).toEqual({ text: "验".repeat(4000) });
  expect(oneLine("  two  words \n")).toEqual({ text: "two words" });
});
