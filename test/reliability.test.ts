/**
 * Every rule of the store, of local servers and of child processes (the REL numbers) is named by a test, or the page on
 * reliability says why it has none.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { ROOT, sources } from "./sources.ts";

/** The numbers that name a rule; the others were never given. */
const RULES: readonly (readonly [from: number, to: number])[] = [
  [1, 11],
  [20, 24],
  [26, 28],
  [30, 38],
  [40, 53],
  [60, 63],
  [65, 66],
  [70, 73],
  [80, 85],
  [90, 91],
  [100, 110],
  [120, 134],
  [140, 142],
  [144, 145],
  [147, 148],
  [160, 175],
  [180, 188],
];

test("each has a test that names it, or a reason on the page", () => {
  const page = readFileSync(join(ROOT, "docs", "reliability.md"), "utf8");
  const reasons = page.slice(page.indexOf("## Rules without a test of their own"));
  const tests = ["packages", "test"]
    .flatMap((folder) => sources(folder, ".ts"))
    .filter(({ path }) => path.endsWith(".test.ts") || /(?:^|\/)test(?:ing)?\//.test(path));
  const named = new Set([...tests.map(({ text }) => text), reasons].flatMap(namedIn));
  const rules = RULES.flatMap(([from, to]) => Array.from({ length: to - from + 1 }, (_each, n) => from + n));
  expect(rules.filter((rule) => !named.has(rule)).map((rule) => `REL-${rule}`)).toEqual([]);
});

/** A rule by itself, and all rules of a range. */
function namedIn(text: string): number[] {
  const found: number[] = [];
  for (const [, from = "", to] of text.matchAll(/REL-(\d+)(?: to REL-(\d+))?/g))
    for (let rule = Number(from); rule <= Number(to ?? from); rule += 1) found.push(rule);
  return found;
}
