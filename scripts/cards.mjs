// `npm run cards`: draws every golden card, as a page and as a picture of it, into docs/cards/.
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { cardPages } from "./cards/pages.mjs";
import { install, ROOT } from "./steps.mjs";

install();
const { openBrowser, openPage } = await import("./cards/chromium.mjs");
mkdirSync(join(ROOT, "docs", "cards"), { recursive: true });
const browser = await openBrowser();
for (const [path, html] of cardPages(ROOT)) {
  writeFileSync(join(ROOT, path), html);
  const page = await openPage(browser, path);
  const picture = path.replace(/\.html$/, ".png");
  await page.screenshot({ path: join(ROOT, picture), fullPage: true });
  await page.close();
  process.stdout.write(`cards: ${path}, ${picture}\n`);
}
await browser.close();
