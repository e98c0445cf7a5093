import fc from "fast-check";
import { expect, it } from "vitest";
import { isGranted } from "./write-scope.ts";

it.each([
  ["src/a.ts", "src/a.ts", true],
  ["src/**", "src/a.ts", true],
  ["src/**", "src/deep/er/a.ts", true],
  ["src/**", "src/**", true],
  ["src/**", "src/*.ts", true],
  ["**", "anything/at/all", true],
  ["**/*.md", "docs/a/b.md", true],
  ["**/*.md", "b.md", true],
  ["./src/*", "src/a.ts", true],
  ["src/*", "src/deep/a.ts", false],
  ["src/*", "src/**", false],
  ["src/?.ts", "src/*.ts", false],
  ["src/*.ts", "src/*", false],
  ["src/a.ts", "src/*", false],
  ["src", "src/a.ts", false],
  ["docs/**", "src/a.ts", false],
])("a grant of %s for %s: %s (DEC-11)", (granted, wanted, covered) => {
  expect(isGranted(wanted, [granted])).toBe(covered);
});

it("an empty list grants nothing", () => {
  expect(isGranted("src/a.ts", [])).toBe(false);
});

it("answers any pattern quickly, whatever its stars", () => {
  const pattern = fc.array(fc.constantFrom("*", "**", "a", "b", "/", "?", "*a"), { maxLength: 60 }).map((parts) => parts.join(""));
  fc.assert(
    fc.property(pattern, pattern, (granted, wanted) => {
      expect(isGranted(granted, [granted])).toBe(true);
      expect(typeof isGranted(wanted, [granted])).toBe("boolean");
    }),
    { numRuns: 1_000 },
  );
  expect(isGranted(`${"a".repeat(159)}c`, ["*a".repeat(80) + "b"])).toBe(false);
});

it("a grant never covers a path that a wider wish could name", () => {
  const segment = fc.constantFrom("a", "b", "ab", "*", "a*");
  const glob = fc.array(fc.oneof(segment, fc.constant("**")), { minLength: 1, maxLength: 4 }).map((parts) => parts.join("/"));
  const path = fc.array(fc.constantFrom("a", "b", "ab"), { minLength: 1, maxLength: 4 }).map((parts) => parts.join("/"));
  fc.assert(
    fc.property(glob, glob, path, (granted, wanted, place) => {
      // Whatever a covered wish matches, the grant matches too.
      if (isGranted(wanted, [granted]) && isGranted(place, [wanted])) expect(isGranted(place, [granted])).toBe(true);
    }),
    { numRuns: 5_000 },
  );
});
