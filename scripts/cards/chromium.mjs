// A real browser for previews and tests: the one that an npm package carries, with a font for Chinese beside it. Whatever
// a page asks for that is not a file of this checkout or the font is refused.
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import chromium from "@sparticuz/chromium";
import { chromium as playwright } from "playwright-core";
import { ROOT } from "../steps.mjs";

const FONT = join(ROOT, "node_modules", "@fontsource-variable", "noto-sans-sc");
const UNWANTED = /^--(?:single-process|use-gl|use-angle|enable-unsafe-swiftshader|ignore-gpu-blocklist)/;
const FONT_HOST = "https://font.invalid/";

/** Opens the browser. @returns {Promise<import("playwright-core").Browser>} */
export async function openBrowser() {
  // In one process, as these arguments mean it for a function that ends at once, closing a page ends the browser.
  // A graphics card played by the processor draws everything ten times slower than the processor itself does.
  const args = [...chromium.args.filter((argument) => !UNWANTED.test(argument)), "--disable-gpu", "--disable-software-rasterizer"];
  return playwright.launch({ executablePath: await chromium.executablePath(), args, headless: true });
}

/**
 * A file of this checkout as a page, its fonts loaded.
 * @param {import("playwright-core").Browser} browser
 * @param {string} path from the root
 */
export async function openPage(browser, path) {
  const page = await browser.newPage({ viewport: { width: 1744, height: 900 }, javaScriptEnabled: true });
  await page.route("**/*", async (route) => {
    const url = route.request().url();
    if (url.startsWith(FONT_HOST))
      await route.fulfill({
        body: await readFile(join(FONT, url.slice(FONT_HOST.length))),
        headers: { "access-control-allow-origin": "*" },
      });
    else if (url.startsWith(pathToFileURL(ROOT).href)) await route.continue();
    else await route.abort();
  });
  await page.goto(pathToFileURL(join(ROOT, path)).href);
  await page.addStyleTag({ url: `${FONT_HOST}index.css` });
  await page.evaluate("document.fonts.ready");
  return page;
}
