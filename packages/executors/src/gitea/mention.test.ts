import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { plainText, spokenTo } from "./mention.ts";

const BOT = "clawbot";

describe("a mention (DSP-26, DSP-96)", () => {
  it.each([
    ["@clawbot please", "said"],
    ["please, @ClawBot", "said"],
    ["(@clawbot)", "said"],
    ["@clawbot.", "said"],
    ["@clawbot's turn", "said"],
    ["**@clawbot**", "said"],
    ["- @clawbot: look", "said"],
    ["a\n\n@clawbot\n", "said"],
    ["[see](https://example.org) @clawbot", "said"],
    ["`code` @clawbot", "said"],
    ["``a ` b`` @clawbot", "said"],
    ["<!-- x --> @clawbot", "said"],
    ["> quoted\n\n@clawbot", "said"],
    ["```\ncode\n```\n@clawbot", "said"],
    ["@clawbot2 please", "none"],
    ["@clawbot-two", "none"],
    ["@clawbot_x", "none"],
    ["x@clawbot", "none"],
    ["mail me at x.@clawbot", "none"],
    ["https://host/@clawbot", "none"],
    ["@@clawbot", "none"],
    ["clawbot", "none"],
    ["é@clawbot", "none"],
    ["`@clawbot`", "hidden"],
    ["``@clawbot ` x``", "hidden"],
    ["```\n@clawbot\n```", "hidden"],
    ["~~~ts\n@clawbot\n~~~", "hidden"],
    ["```\n@clawbot", "hidden"],
    ["text\n\n    @clawbot", "hidden"],
    ["\t@clawbot", "hidden"],
    ["> @clawbot please", "hidden"],
    ["> quoted\n@clawbot goes on lazily", "hidden"],
    ["<!-- @clawbot -->", "hidden"],
    ["<!-- never ends @clawbot", "hidden"],
    ["[text](https://host/ @clawbot)", "hidden"],
    ["[id]: https://host/ @clawbot", "hidden"],
  ] as const)("%j is %s", (text, mention) => {
    expect(spokenTo(text, BOT).mention).toBe(mention);
  });

  it.each([
    ["@clawbot retry", ["retry"]],
    ["  @Clawbot   STOP  ", ["stop"]],
    ["Thanks.\n@clawbot review\n", ["review"]],
    ["@clawbot status", ["status"]],
    ["@clawbot retry now", []],
    ["please @clawbot retry", []],
    ["@clawbot dance", []],
    ["> @clawbot stop\n\n@clawbot hello", []],
    ["```\n@clawbot stop\n```\n@clawbot hello", []],
  ] as const)("%j commands %j (DSP-29)", (text, commands) => {
    expect(spokenTo(text, BOT).commands).toEqual(commands);
  });

  it("is found in any text without an error and without hanging", () => {
    const parts = fc.constantFrom("@clawbot", "`", "```", "<!--", "-->", "> ", "\n", "    ", "](", ")", "[", "x", " ", "~~~", "https://a/");
    fc.assert(
      fc.property(fc.array(parts, { maxLength: 60 }), (words) => {
        const text = words.join("");
        expect(["said", "hidden", "none"]).toContain(spokenTo(text, BOT).mention);
        expect(plainText(text).length).toBeLessThanOrEqual(text.length + words.length);
      }),
      { numRuns: 500 },
    );
  });

  it.each(["`", "<!--", "](", "> ", "@clawbot`", "[x]: "])("takes no time to speak of over 200,000 characters of %j", (part) => {
    expect(spokenTo(part.repeat(200_000 / part.length), BOT).commands).toEqual([]);
  });
});
