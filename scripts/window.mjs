// `npm run window`: draws every view and state of the operator's page, light and dark, into docs/window/. The goals are
// those of scripts/window/world.mjs; look at the pictures before you keep them.
import { mkdirSync, mkdtempSync, renameSync, rmSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { makeWorkspace } from "./bench/workspace.mjs";
import { build, install, ROOT } from "./steps.mjs";

const OUT = join(ROOT, "docs", "window");
const FONT = join(ROOT, "node_modules", "@fontsource-variable", "noto-sans-sc");
const FONT_HOST = "https://font.invalid/";
const READING = ["--global-registry", "--limit", "40"];
const WORDS = [...READING, "--enable-reward-write-api", "--enable-gate-write-api", "--enable-control-plane-write-api"];
const GOAL = "view=goals&goal=error-messages";
/** @typedef {"light" | "dark"} Scheme */
const SCHEMES = /** @type {const} */ (["light", "dark"]);
/** @type {Readonly<Record<string, string>>} */
const VIEWS = {
  attention: "",
  goals: "?view=goals",
  gates: "?view=gates",
  runs: "?view=runs",
  loops: "?view=loops",
  verdict: `?${GOAL}`,
  review: "?view=goals&goal=parser-rewrite&tab=review",
  "goal-runs": `?${GOAL}&tab=runs`,
  quota: `?${GOAL}&tab=quota`,
  todos: `?${GOAL}&tab=todos`,
  judgements: `?${GOAL}&tab=rewards`,
  settings: `?${GOAL}&tab=settings`,
};

install();
build();
const { openBrowser } = await import("./cards/chromium.mjs");
const { serveOver } = await import("./window/serve.mjs");
const { makeWorld } = await import("./window/world.mjs");
mkdirSync(OUT, { recursive: true });
const folder = mkdtempSync(join(tmpdir(), "loopx-window-"));
const browser = await openBrowser();
try {
  await drawAll();
} finally {
  await browser.close();
  rmSync(folder, { recursive: true, force: true });
}

/** @typedef {{ served: Awaited<ReturnType<typeof serveOver>>, scheme?: Scheme, lang?: string, width?: number }} Look */

/** @param {Look} look */
async function openPage({ served, scheme = "light", lang = "en", width = 1280 }) {
  // The fonts of a machine differ; these do not. Only for them the page's own policy is left aside.
  const context = await browser.newContext({
    viewport: { width, height: 800 },
    colorScheme: scheme,
    locale: lang === "zh" ? "zh-CN" : "en-US",
    bypassCSP: true,
  });
  const page = await context.newPage();
  await page.route(`${FONT_HOST}**`, async (route) => {
    const body = await readFile(join(FONT, route.request().url().slice(FONT_HOST.length)));
    await route.fulfill({ body, headers: { "access-control-allow-origin": "*" } });
  });
  await page.goto(`${served.origin}/#token=${served.token}`);
  if (lang === "zh") {
    await page.addStyleTag({ url: `${FONT_HOST}index.css` });
    await page.addStyleTag({ content: ":root { font-family: 'Noto Sans SC Variable', sans-serif }" });
  }
  return page;
}

/** @param {import("playwright-core").Page} page @param {string} search */
async function show(page, search) {
  await page.evaluate(`history.pushState(null, "", "/${search}"); dispatchEvent(new PopStateEvent("popstate"))`);
  await page.locator(".loading").waitFor({ state: "detached" });
  await page.evaluate("document.fonts.ready");
}

/** @param {import("playwright-core").Page} page @param {string} name */
async function draw(page, name) {
  await page.screenshot({ path: join(OUT, `${name}.png`), animations: "disabled" });
  process.stdout.write(`window: docs/window/${name}.png\n`);
}

async function drawAll() {
  const { home, project: cwd } = await makeWorld(join(folder, "world"), Date.now());
  const served = await serveOver({ home, cwd, words: WORDS });
  for (const scheme of SCHEMES) {
    const page = await openPage({ served, scheme });
    for (const [name, search] of Object.entries(VIEWS)) {
      await show(page, search);
      await draw(page, `${name}-${scheme}`);
    }
    await page.context().close();
    await drawStates(served, scheme);
    await drawLoading(served, scheme);
  }
  await drawOthers(served);
  await served.stop();
  const reading = await serveOver({ home, cwd, words: READING });
  await drawBoth(reading, "settings-shown", (page) => show(page, VIEWS["settings"] ?? ""));
  await reading.stop();
  await drawDays();
}

/** Another language, a narrow page. @param {Look["served"]} served */
async function drawOthers(served) {
  const chinese = await openPage({ served, lang: "zh" });
  await show(chinese, "");
  await draw(chinese, "attention-zh");
  await show(chinese, VIEWS["verdict"] ?? "");
  await draw(chinese, "verdict-zh");
  await chinese.context().close();
  const narrow = await openPage({ served, width: 420 });
  await show(narrow, "");
  await draw(narrow, "attention-narrow");
  await narrow.context().close();
}

/** A page that waits for its first answer. @param {Look["served"]} served @param {Scheme} scheme */
async function drawLoading(served, scheme) {
  const page = await openPage({ served, scheme });
  await page.route("**/*.json*", () => {});
  await page.reload();
  await page.locator(".loading").waitFor();
  await draw(page, `loading-${scheme}`);
  await page.unrouteAll({ behavior: "ignoreErrors" });
  await page.context().close();
}

/** A preview, a filter that nothing fits, a server that went silent. @param {Look["served"]} served @param {Scheme} scheme */
async function drawStates(served, scheme) {
  const page = await openPage({ served, scheme });
  await show(page, "?view=gates");
  await page.getByLabel("Reason").first().fill("An error, with a hint to write a range");
  await page.getByRole("button", { name: "Preview" }).first().click();
  await page.getByText("This will be recorded").waitFor();
  await draw(page, `gate-preview-${scheme}`);
  await show(page, VIEWS["settings"] ?? "");
  await page.getByLabel(/^Share of the window/).fill("0.5");
  await page.getByLabel(/^Paths it may write/).fill("src/**");
  await page.getByRole("button", { name: "Preview" }).click();
  await page.getByText("This will be changed").waitFor();
  await draw(page, `settings-preview-${scheme}`);
  await show(page, "?q=nothing-like-it");
  await draw(page, `nothing-fits-${scheme}`);
  await page.route("**/*.json*", (route) => route.abort());
  await page.getByLabel("Language").selectOption("zh");
  await page.getByLabel("语言").selectOption("en");
  await show(page, "");
  await page.getByText("The server does not answer").waitFor();
  await draw(page, `stale-${scheme}`);
  await page.context().close();
}

/** The states of a window without goals, without a registry, with a thousand goals. */
async function drawDays() {
  const world = join(folder, "world");
  const registry = join(world, ".codex", "loopx", "registry.global.json");
  renameSync(registry, `${registry}.away`);
  const broken = await serveOver({ home: world, cwd: world, words: WORDS });
  await drawBoth(broken, "error", (page) => page.getByRole("alert").waitFor());
  await broken.stop();
  const { project, registry: wide } = makeWorkspace(join(folder, "huge"), {
    goals: 1000,
    runs: 3,
    todos: 2,
    overlays: 0,
    spends: 1,
    seed: 4,
    now: Date.now(),
  });
  const huge = await serveOver({ home: folder, cwd: project, words: ["--registry", wide] });
  await drawBoth(huge, "huge", async (page) => {
    await page.locator(".loading").waitFor({ state: "detached" });
    await show(page, "?view=goals");
  });
  await huge.stop();
  const { project: none } = makeWorkspace(join(folder, "none"), {
    goals: 0,
    runs: 0,
    todos: 0,
    overlays: 0,
    spends: 0,
    seed: 4,
    now: Date.now(),
  });
  const empty = await serveOver({ home: folder, cwd: none });
  await drawBoth(empty, "empty", (page) => page.locator(".empty").waitFor());
  await empty.stop();
}

/** One picture, light and dark. @param {Look["served"]} served @param {string} name @param {(page: import("playwright-core").Page) => Promise<void>} ready */
async function drawBoth(served, name, ready) {
  for (const scheme of SCHEMES) {
    const page = await openPage({ served, scheme });
    await ready(page);
    await draw(page, `${name}-${scheme}`);
    await page.context().close();
  }
}
