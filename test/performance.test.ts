/** The page that `npm run bench -- --write` fills: every budget stands on it, and what it is made of tells the truth. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { chart } from "../scripts/bench/chart.mjs";
import { atLeast, atMost, exactly, overStart, ratio, table } from "../scripts/bench/rows.mjs";
import { firstColumn } from "./markdown.ts";
import { ROOT } from "./sources.ts";

const docs = (name: string): string => readFileSync(join(ROOT, "docs", name), "utf8");

describe("the page on performance", () => {
  it("has a row for every budget, PRF-10 to PRF-24", () => {
    const budgets = Array.from({ length: 15 }, (_each, n) => `PRF-${n + 10}`);
    const rows = firstColumn(docs("performance.md"), "The figures");
    expect(budgets.filter((id) => !rows.includes(id))).toEqual([]);
  });

  it("shows the plot that the bench draws", () => {
    expect(docs("performance.md")).toContain("](performance.svg)");
    expect(docs("performance.svg")).toMatch(/^<svg [^>]+>\n[\s\S]+<\/svg>\n$/);
  });
});

describe("a row", () => {
  it("is held at its budget and not beyond it", () => {
    const held = [ratio("a", "a", 1.15, 1.15), atMost("b", "b", 3, 3, "s"), atLeast("c", "c", 800, 800, "/s"), exactly("d", "d", 0, 0)];
    const broken = [
      ratio("a", "a", 1.16, 1.15),
      atMost("b", "b", 3.01, 3, "s"),
      atLeast("c", "c", 799, 800, "/s"),
      exactly("d", "d", 1, 0),
    ];
    expect([held, broken].map((rows) => rows.map((row) => row.held))).toEqual([Array(4).fill(true), Array(4).fill(false)]);
    expect(ratio("e", "e", Number.NaN, 2).held).toBe(false);
    expect(table([...held, ...broken]).match(/\| (?:yes|\*\*no\*\*) \|$/gm)).toHaveLength(8);
  });

  it("says what a time is above the start of Node", () => {
    expect(overStart("PRF-11", "should-run", 33.5, 20, 1.35)).toMatchObject({
      figure: "1.68 x, +13.5 ms",
      what: "should-run / bare node",
      held: false,
    });
  });
});

it("the plot draws every point and writes each curve's last value", () => {
  const drawn = chart(
    [{ title: "One", x: "runs", curves: [{ name: "should-run", points: [10, 100, 1000].map((x) => ({ x, y: 1.5 })) }] }],
    "a machine",
  );
  expect(drawn.match(/<circle /g)).toHaveLength(3);
  expect(drawn).toContain("should-run 1.50 x");
  expect(drawn).not.toContain("NaN");
});
