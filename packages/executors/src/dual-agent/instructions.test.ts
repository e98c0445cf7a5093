import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { install, isInstalled, remove, type Workflow } from "./instructions.ts";

const FLOW: Workflow = { checks: "npm test", push: true, hand_over: "./lark2.sh restart" };
const textOf = (edited: ReturnType<typeof install>): string | null => (edited.kind === "changed" ? edited.text : "unchanged");

describe("the instructions for a coding agent", () => {
  test("say what the source document says, with the project's own checks", () => {
    expect(textOf(install(null, FLOW))).toBe(`<!-- loopx lark-loop begin 0 lf made -->
## Deployment workflow

Every time you finish code changes:

1. Run lint and tests: \`npm test\`
2. git add + commit + push
3. Run: \`./lark2.sh restart\`

Never skip step 3. This triggers automated validation and deployment.
<!-- loopx lark-loop end -->
`);
  });

  test("leave no trace when they are taken out, in any text", () => {
    const line = fc.oneof(fc.string({ unit: "grapheme", maxLength: 20 }), fc.constantFrom("", "# Rules", "\t", "<!-- note -->"));
    const texts = fc
      .tuple(fc.array(line, { maxLength: 6 }), fc.constantFrom("\n", "\r\n"), fc.constantFrom("", "\n", "\r\n", "\n\n", "\r"))
      .map(([lines, eol, tail]) => lines.join(eol) + tail);
    fc.assert(
      fc.property(fc.option(texts), (text) => {
        const installed = textOf(install(text, FLOW));
        expect(isInstalled(installed)).toBe(true);
        expect(textOf(remove(installed))).toBe(text);
      }),
      { numRuns: 1_000 },
    );
  });

  test("stand there once, and are brought up to date in place", () => {
    const once = textOf(install("# Rules\n", FLOW)) ?? "";
    expect(install(once, FLOW)).toEqual({ kind: "unchanged" });
    const twice = textOf(install(`${once}\nMore.\n`, { ...FLOW, checks: "go test ./..." })) ?? "";
    expect(twice).toContain("`go test ./...`");
    expect(twice).not.toContain("npm test");
    expect(textOf(remove(twice))).toBe("# Rules\n\nMore.\n");
  });

  test("that a person wrote around, or moved, take nothing of his along", () => {
    const installed = textOf(install("# Rules\nBe kind.", FLOW)) ?? "";
    const edited = installed.replace("Be kind.\n\n", "Be kind.");
    expect(textOf(remove(edited))).toBe("# Rules\nBe kind.");
    expect(textOf(remove(`${textOf(install(null, FLOW)) ?? ""}Mine.\n`))).toBe("Mine.\n");
  });

  test.each([
    "<!-- loopx lark-loop begin 0 lf -->\n",
    "<!-- loopx lark-loop end -->\n",
    "<!-- loopx lark-loop end -->\n<!-- loopx lark-loop begin 0 lf -->\n",
    `${textOf(install(null, FLOW)) ?? ""}${textOf(install(null, FLOW)) ?? ""}`,
  ])("whose marks do not belong together are left alone: %j", (text) => {
    expect([install(text, FLOW).kind, remove(text).kind]).toEqual(["damaged", "damaged"]);
  });

  test("are none in a text without them", () => {
    expect([remove("# Rules\n"), remove(null)]).toEqual([{ kind: "unchanged" }, { kind: "unchanged" }]);
  });
});
