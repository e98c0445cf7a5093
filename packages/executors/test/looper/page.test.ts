/** Looper's page in real Chromium: what lives, what ended, and the one button (issue "Looper", LPR-10). */
import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { openBrowser } from "../../../../scripts/cards/chromium.mjs";
import { realGround, type RealGround } from "../rig/keeper.ts";
import { COMPLETED, openYard, TOKEN, type Yard } from "./rig.ts";

let real: RealGround;
let browser: Browser;
let yard: Yard;
let page: Page;
const asked: string[] = [];

beforeAll(async () => {
  real = await realGround();
  browser = await openBrowser();
});
afterAll(async () => {
  await browser.close();
  real.remove();
});
beforeEach(async () => {
  yard = await openYard(real.keeper);
  await yard.serve();
  page = await browser.newPage();
  page.on("request", (request) => asked.push(request.url()));
});
afterEach(async () => {
  await page.close();
  await yard.remove();
});

const open = (token: string) => page.goto(`http://127.0.0.1:${yard.served.listening.port}/#token=${token}`);

describe("the page", () => {
  test("shows the live run with its log, stops it, and lists how runs ended; the token is in no address", async () => {
    const first = yard.post({ zulip_message: "1", codex_prompt: "p" });
    const run = await yard.nextRun();
    await run.stdout("<b>three of five steps</b>\n");
    const { body } = await first;
    await open(TOKEN);
    await page.getByText("Running", { exact: true }).waitFor();
    // Markup of an agent is text.
    await page.locator("pre", { hasText: "<b>three of five steps</b>" }).waitFor();
    await page.getByRole("button", { name: "Stop this run" }).click();
    await page.getByText("Nothing is running.").waitFor();
    await page.getByRole("cell", { name: "stopped: stopped by request" }).waitFor();
    await page.getByRole("cell", { name: String(body["run_id"]) }).waitFor();
    expect(asked.filter((url) => new URL(url).search.includes(TOKEN) || new URL(url).pathname.includes(TOKEN))).toEqual([]);
  });

  test("shows a run that ended well, without a reload", async () => {
    await open(TOKEN);
    await page.getByText("Idle", { exact: true }).waitFor();
    const first = yard.post({ zulip_message: "1", codex_prompt: "p" });
    const run = await yard.nextRun();
    await first;
    await run.stdout(COMPLETED);
    await run.exit(0);
    await page.getByRole("cell", { name: "ok", exact: true }).waitFor();
  });

  test("says what is missing without the token", async () => {
    await open("");
    await page.getByText("unauthorized: open this page with #token=… behind its address").waitFor();
  });
});
