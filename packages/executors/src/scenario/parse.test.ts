import fc from "fast-check";
import { expect, test } from "vitest";
import { readableText } from "./content.ts";
import { parseScenario } from "./parse.ts";

test("a file's stem is the name where none is written; what is absent is off", () => {
  const parsed = parseScenario("s/p2p_basic.yml", "turns: [{content: x, assertions: {no_call: [R]}}]");
  expect(parsed).toMatchObject({
    kind: "scenario",
    scenario: {
      name: "p2p_basic",
      setup: { llm_mode: "mock", config: { allow_direct: false } },
      turns: [{ chat_type: "p2p", delay_ms: 0 }],
    },
  });
});

test("no text at all makes reading throw", () => {
  const hostile = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.json(),
    fc.constantFrom(
      "--- !!js/function >\n  x",
      "!!binary x",
      "%YAML 9.9\n---\n",
      "turns: !!set {a, b}",
      "? [a]\n: b",
      "<<: *x",
      "a: &a [*a]",
      "\0",
      "- - - - -",
      "{{{{",
    ),
  );
  fc.assert(
    fc.property(hostile, (text) => {
      const parsed = parseScenario("a.yaml", text);
      expect(parsed.kind === "scenario" || parsed.faults.every(({ line }) => line >= 1)).toBe(true);
    }),
    { numRuns: 1_000 },
  );
});

test("no content of a bot makes reading it throw", () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.json({ maxDepth: 8 }), fc.constant(`${"[".repeat(2_000)}${"]".repeat(2_000)}`)), (content) => {
      expect(typeof readableText(content)).toBe("string");
    }),
    { numRuns: 1_000 },
  );
});
