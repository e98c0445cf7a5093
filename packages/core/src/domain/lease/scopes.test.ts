import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { cpuMs } from "../../../../../test/cpu-time.ts";
import { isStrayScope, overlappingScopes } from "./scopes.ts";

const overlap = (a: string, b: string) => overlappingScopes([a], [b]).length > 0;

describe("write scopes", () => {
  it.each([
    ["src/**", "src/a.ts"],
    ["src", "src/a.ts"],
    ["src/", "src"],
    ["./src//a.ts", "src/a.ts"],
    ["**/*.ts", "src/deep/a.ts"],
    ["src/**/x.ts", "src/x.ts"],
    ["src/*.ts", "src/a*"],
    ["src/?.ts", "src/a.ts"],
    ["src/[ab].ts", "src/b.ts"],
    ["src/{a,b}.ts", "src/c.ts"],
    ["**", "docs"],
    [".", "docs"],
    ["a/**/b/**/c", "a/x/b/c"],
    ["SRC/a.ts", "src/A.ts"],
    ["caf\u00e9", "cafe\u0301"],
    ["src/a**", "src/ab"],
    // The second may be a directory, and then hold an `a.ts` somewhere below.
    ["**/a.ts", "src/b"],
  ])("%s and %s overlap", (a, b) => {
    expect(overlap(a, b)).toBe(true);
    expect(overlap(b, a)).toBe(true);
  });

  it.each(["/etc", "~/notes", "C:/x", "\\\\host\\x", "..", "../src", "src/../docs", "src/..", "a\\..\\b", "a\nb", " /etc"])(
    "%j is no scope: it leads out of the project or is no path",
    (scope) => expect(isStrayScope(scope)).toBe(true),
  );

  it.each(["src", "./src", "src/**", "..src", "a..b", "src/...", "*.ts", "my file.txt", "docs/a:b"])("%j is one", (scope) =>
    expect(isStrayScope(scope)).toBe(false),
  );

  it.each([
    ["src/**", "docs/**"],
    ["src/a.ts", "src/b.ts"],
    ["src", "src2"],
    ["src/*.ts", "src/*.js"],
    ["src/?.ts", "src/ab.ts"],
    ["a/**/b", "a2/x/b"],
  ])("%s and %s do not", (a, b) => {
    expect(overlap(a, b)).toBe(false);
    expect(overlap(b, a)).toBe(false);
  });

  it("two patterns made from one path always overlap (REL-49)", () => {
    const segment = fc.string({ unit: fc.constantFrom("a", "b", "."), minLength: 1, maxLength: 4 }).filter((text) => !/^\.+$/.test(text));
    const path = fc.array(segment, { minLength: 1, maxLength: 5 });
    const blur = (segments: readonly string[], seed: readonly number[]) =>
      segments
        .map(
          (text, index) =>
            [text, "*", "**", `${text[0] ?? ""}*`, text.replace(/./, "?"), `*${text.at(-1) ?? ""}`][(seed[index] ?? 0) % 6] ?? text,
        )
        .join("/");
    const seeds = fc.array(fc.nat(5), { minLength: 5, maxLength: 5 });
    fc.assert(
      fc.property(path, seeds, seeds, (segments, one, two) => overlap(blur(segments, one), blur(segments, two))),
      { numRuns: 2000 },
    );
  });

  it("names the patterns that meet, as they were written", () => {
    expect(overlappingScopes(["src/**", "docs"], ["Src/a.ts", "test"])).toEqual([["src/**", "Src/a.ts"]]);
    expect(overlappingScopes([], ["src"])).toEqual([]);
  });

  it("a hostile pair of 160 characters is compared at once", () => {
    const started = cpuMs();
    overlap("*a".repeat(80), `${"a*".repeat(79)}b`);
    overlap("**/".repeat(53), "a/".repeat(80));
    expect(cpuMs() - started).toBeLessThan(1000);
  });
});
