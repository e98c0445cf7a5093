/** The previews of cards in a real browser: every golden card is shown, whole, and nothing on the pages runs. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openBrowser, openPage } from "../scripts/cards/chromium.mjs";
import { cardPages } from "../scripts/cards/pages.mjs";
import { ROOT } from "./sources.ts";

const pages = [...cardPages(ROOT).keys()];
const goldens = readdirSync(join(ROOT, "packages", "lark-card", "test", "golden")).filter((name) => name.endsWith(".json"));

/** What a person would notice about one card. */
interface Seen {
  readonly name: string;
  readonly title: string;
  readonly buttons: readonly string[];
  /** Elements that are wider than the place they have, or have no size. */
  readonly spilt: readonly string[];
}

const LOOK = `[...document.querySelectorAll("figure")].map((figure) => ({
  name: figure.querySelector("figcaption").textContent,
  title: figure.querySelector("header").textContent,
  buttons: [...figure.querySelectorAll(".button")].map((button) => button.textContent),
  spilt: [...figure.querySelectorAll("header, section, p, pre, .button")]
    .filter((each) => each.scrollWidth > each.clientWidth + 1 && each.clientWidth > 0 || each.getBoundingClientRect().height < 8)
    .map((each) => each.outerHTML.slice(0, 80)),
}))`;

let browser: Browser;
const seen: Seen[] = [];

beforeAll(async () => {
  browser = await openBrowser();
  for (const path of pages) {
    const page = await openPage(browser, path);
    seen.push(...((await page.evaluate(LOOK)) as Seen[]));
    await page.close();
  }
});

afterAll(async () => {
  await browser.close();
});

describe("the previews of cards", () => {
  it("show every golden card once", () => {
    expect(seen.map(({ name }) => `${name}.json`).sort()).toEqual(goldens.sort());
  });

  it("show each of them whole", () => {
    expect(seen.filter(({ spilt, title }) => spilt.length > 0 || title === "")).toEqual([]);
  });

  it("show the three buttons of a gate, and none where nobody hears them", () => {
    const buttons = (name: string) => seen.find((each) => each.name === name)?.buttons;
    expect(buttons("gate-buttons.2.0.en")).toEqual(["Approve", "Reject", "Later"]);
    expect(buttons("gate-buttons.1.0.zh")).toEqual(["同意", "拒绝", "暂缓"]);
    expect(buttons("gate-text.2.0.en")).toEqual([]);
  });

  it("have a picture each, and no script", () => {
    for (const path of pages) {
      expect(existsSync(join(ROOT, path.replace(/html$/, "png")))).toBe(true);
      expect(readFileSync(join(ROOT, path), "utf8")).not.toMatch(/<script|\son\w+=|javascript:/i);
    }
  });
});
