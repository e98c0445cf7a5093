/** What happens to texts on their way into a card. Properties over hostile Markdown stand in `test/fuzz.test.ts`. */
import { describe, expect, it } from "vitest";
import { LarkCardError } from "../input.ts";
import { compactMarkdown, compactPlainText } from "./compact.ts";
import { blocksOf, inDialect } from "./dialects.ts";
import { escapeText, unescapeText } from "./escape.ts";
import { fenced } from "./fences.ts";
import { withRealNewlines } from "./newlines.ts";
import { sanitizeMarkdown } from "./sanitize.ts";

const JOINER = "\u2060";

describe("plain text", () => {
  it("is one line, cut with three dots (LRK-21)", () => {
    expect(compactPlainText("  one\n\n two  ", { max_chars: 20 })).toBe("one two");
    expect(compactPlainText("x".repeat(100), { max_chars: 12 })).toBe("xxxxxxxxx...");
    expect(compactPlainText("x".repeat(100), { max_chars: 2 })).toBe("..");
    expect(compactPlainText(null)).toBe("");
  });

  it("is cut between what a reader calls characters (LRK-111)", () => {
    const family = "👨‍👩‍👧‍👦";
    expect(compactPlainText(family.repeat(3), { max_chars: 12 })).toBe(`${family}...`);
    expect(compactPlainText("e\u0301".repeat(10), { max_chars: 6 })).toBe("e\u0301...");
  });

  it("loses controls, direction marks and half characters (LRK-40)", () => {
    expect(compactPlainText("a\u0000b\u202ec\u2066d\ud83de\r")).toBe("abcd\uFFFDe");
  });
});

describe("Markdown", () => {
  it("is cut with a sentence; a limit not longer than that is its end (LRK-21)", () => {
    const cut = compactMarkdown("x".repeat(100), { max_chars: 32 });
    expect([cut.length, cut.endsWith("...truncated.")]).toEqual([32, true]);
    expect(compactMarkdown("x".repeat(100), { max_chars: 5 })).toBe("ated.");
  });

  it("has its open fence closed before the sentence, and no empty fence left", () => {
    expect(compactMarkdown("a\n```js\n" + "let x;\n".repeat(20), { max_chars: 50 })).toBe(
      "a\n```js\nlet x;\nlet x;\nlet x;\nle\n```\n\n...truncated.",
    );
    expect(compactMarkdown("some text\n```js\nlet x; let y; let z;", { max_chars: 34 })).toBe("some text\n\n...truncated.");
  });

  it("is not cut inside an entity, a tag or a link", () => {
    const at = (text: string) => compactMarkdown(text + "y".repeat(60), { max_chars: 30 });
    expect(at("abcdefghijk&#60;")).toBe("abcdefghijk\n\n...truncated.");
    expect(at("abcdefghijkl<br>")).toBe("abcdefghijkl\n\n...truncated.");
    expect(at("abcd [x](https://example.com)")).toBe("abcd\n\n...truncated.");
  });

  it("refuses a limit that is none (LRK-2)", () => {
    expect(() => compactMarkdown("x", { max_chars: 0 })).toThrow(LarkCardError);
    expect(() => compactMarkdown("x", JSON.parse('{"max":1}') as object)).toThrow("max: is not known");
  });
});

describe("sanitised Markdown (LRK-42)", () => {
  it.each([
    ["<at id=all></at>", "&#60;at id=all>&#60;/at>"],
    ["a < b, 1<2", "a < b, 1<2"],
    ["```\n<at id=all></at>\n```", `\`\`\`\n<${JOINER}at id=all><${JOINER}/at>\n\`\`\``],
    ["```\n<div>", "```\n<div>\n```"],
    ["[x](javascript:1)", "x"],
    ['[x](https://example.com "t")', "[x](https://example.com)"],
    ["[docs](./README.md)", "docs"],
    ["![a](img_key)", "a"],
    ["[![a](img)](https://example.com)", "[a](https://example.com)"],
    ["<[](javascript:1)at id=all>", "&#60;at id=all>"],
    ["[x][](j:0)(javascript:1)", `[x]${JOINER}(javascript:1)`],
    ["[x]: javascript:1", `[x]${JOINER}: javascript:1`],
    ["list[0]: 5", "list[0]: 5"],
    ["![](j:0)[a](https://example.com/a.png)", "[a](https://example.com/a.png)"],
    ["![[](j:0)](j:1)", ""],
    ["[a](https://example.com/(b))", "[a](https://example.com/(b))"],
    ["`<at id=all>`", "`&#60;at id=all>`"],
  ])("%j becomes %j in 1.0", (given, expected) => {
    expect(sanitizeMarkdown(given, { mentions: "none", links: "web" })).toBe(expected);
  });

  it.each([
    ["a<br>b<hr>", "a<br>b<hr>"],
    ["`<at id=all>` <at>", `\`<${JOINER}at id=all>\` &#60;at>`],
    ["`x](javascript:1)`", `\`x]${JOINER}(javascript:1)\``],
    ["[`x`](https://example.com)", "[`x`](https://example.com)"],
    ["`handlers[name](event)`", "`handlers[name](event)`"],
  ])("%j becomes %j in 2.0, which has inline code", (given, expected) => {
    expect(sanitizeMarkdown(given, { dialect: "2.0" })).toBe(expected);
  });
});

describe("escaped text (LRK-41)", () => {
  it("shows every mark, and leaves what marks nothing", () => {
    expect(escapeText("<a> *b* _c_ ~d~ `e` [f] \\g $h$")).toBe(
      "&#60;a&#62; &#42;b&#42; &#95;c&#95; &sim;d&sim; &#96;e&#96; &#91;f&#93; &#92;g &#36;h&#36;",
    );
    expect(escapeText("# a\n - b\n+ c\nd - e #f")).toBe("&#35; a\n &#45; b\n&#43; c\nd - e #f");
    expect(escapeText(":OK: 09:30:00 a:b")).toBe("&#58;OK&#58; 09:30:00 a:b");
    expect(escapeText("&#60; &amp; AT&T")).toBe("&#38;#60; &#38;amp; AT&T");
    expect(escapeText("a|b\n|-|-|")).toBe("a|b\n|&#45;|&#45;|");
  });

  it("reads back as it was", () => {
    const text = "<at id=all> **x** [y](z) :OK: # ~";
    expect(unescapeText(escapeText(text))).toBe(text);
  });
});

describe("written line feeds (LRK-22)", () => {
  it.each([
    ["first\\nsecond", "first\nsecond"],
    ["first\\r\\nsecond", "first\nsecond"],
    ["C:\\new", "C:\\new"],
    ["\\\\server\\new", "\\\\server\\new"],
    ['printf("\\n")', 'printf("\\n")'],
    ["use `a\\nb` here\\nok", "use `a\\nb` here\nok"],
    ["```\\ncode\\n```", "```\ncode\n```"],
    ["real\nfeed\\nstays", "real\nfeed\\nstays"],
  ])("%j becomes %j by itself", (given, expected) => {
    expect(withRealNewlines(given, "auto")).toBe(expected);
  });

  it("are all taken or all left on request", () => {
    expect(withRealNewlines("C:\\new\n\\n", "always")).toBe("C:\new\n\n");
    expect(withRealNewlines("a\\nb", "never")).toBe("a\\nb");
  });
});

describe("dialects (LRK-24)", () => {
  it("1.0 makes headings bold, quotes barred and tables rows, and leaves code alone", () => {
    const given =
      "## Title ##\n> quoted\n> > twice\n\n| a | b |\n|---|:-:|\n| 1 | **2** |\n\n```md\n# code\n| a | b |\n|---|---|\n```\n- item";
    expect(inDialect(given, "1.0")).toBe(
      "**Title**\n▎ quoted\n▎ ▎ twice\n\n**a | b**\n1 | **2**\n\n```md\n# code\n| a | b |\n|---|---|\n```\n- item",
    );
    expect(inDialect("#\n# **all** of it", "1.0")).toBe("\n**all of it**");
  });

  it("2.0 keeps Markdown, the breaks inside a paragraph, and four stars", () => {
    expect(inDialect("one\ntwo\n\n- a\n- b\nlazy\n# h\nafter\n> q\n> r", "2.0")).toBe(
      "one<br>two\n\n- a\n- b<br>lazy\n# h\nafter\n> q<br>r",
    );
    expect(inDialect("a **** b `****`", "2.0")).toBe("a **\u200B** b `****`");
    expect(inDialect("|a|b|\n|-|-|\n|1|2|\nx | y", "2.0")).toBe("|a|b|\n|-|-|\n|1|2|\nx | y");
  });

  it("2.0 shows five tables in blocks of at most four; the sixth is code (LRK-14)", () => {
    const table = "|a|b|\n|-|-|\n|1|2|\n";
    const blocks = blocksOf(inDialect(`${table}\n`.repeat(6), "2.0"));
    expect(blocks.map((block) => block.split("|-|-|").length - 1)).toEqual([4, 2]);
    expect(blocks[1]).toContain("```\n|a|b|\n|-|-|\n|1|2|\n```");
  });
});

describe("a fence", () => {
  it("is longer than any run of backticks inside (LRK-44)", () => {
    expect(fenced("a ```` b")).toBe("`````\na ```` b\n`````");
    expect(fenced("plain")).toBe("```\nplain\n```");
  });
});
