/**
 * The operator's page in real Chromium, served by the built `loopx serve-status` over real goals: what it shows, what it
 * writes, that it keeps up, and that everybody can use it (issue "The operator's window").
 */
import { existsSync, mkdtempSync, readdirSync, readFileSync, realpathSync, renameSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import axe from "axe-core";
import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { openHost, refreshState } from "../../core/src/index.ts";
import { makeWorkspace } from "../../../scripts/bench/workspace.mjs";
import { openBrowser } from "../../../scripts/cards/chromium.mjs";
import { serveOver } from "../../../scripts/window/serve.mjs";
import { makeWorld } from "../../../scripts/window/world.mjs";

type Served = Awaited<ReturnType<typeof serveOver>>;
const WORDS = ["--global-registry", "--limit", "40", "--enable-reward-write-api", "--enable-gate-write-api"];

let home: string;
let project: string;
let served: Served;
let browser: Browser;
let page: Page;
const asked: string[] = [];
const said: string[] = [];

beforeAll(async () => {
  home = realpathSync(mkdtempSync(join(tmpdir(), "loopx-page-")));
  ({ project } = await makeWorld(home, Date.now()));
  [served, browser] = await Promise.all([serveOver({ home, cwd: project, words: WORDS }), openBrowser()]);
});
afterAll(async () => {
  await browser.close();
  const token = join(home, ".codex/loopx/serve-status", `${new URL(served.origin).port}.token`);
  expect(existsSync(token)).toBe(true);
  // CMD-132: a signal ends it well, and its token with it.
  expect(await served.stop()).toBe(0);
  expect(existsSync(token)).toBe(false);
  rmSync(home, { recursive: true, force: true });
});
beforeEach(async () => {
  page = await browser.newPage({ viewport: { width: 1280, height: 860 }, locale: "en-US" });
  page.on("request", (request) => asked.push(request.url()));
  page.on("console", (message) => message.type() === "error" && said.push(message.text()));
  page.on("pageerror", (error) => said.push(error.message));
});
afterEach(async () => {
  await page.close();
  expect(said.splice(0)).toEqual([]);
});

const open = (search = "", at = served) => page.goto(`${at.origin}/${search}#token=${at.token}`);
const entry = (name: string) => page.getByRole("article", { name: new RegExp(`^${name}`) });
const note = (classification: string) => {
  const host = openHost({ cwd: project, home, env: { PATH: process.env["PATH"] } });
  return refreshState(host, {
    goal_id: "parser-rewrite",
    classification,
    delivery_outcome: "outcome_progress",
    artifact: ["a"],
    validation: "ok",
  });
};

describe("reading", () => {
  test("the queue names who, what, how urgent and one command; a filter stands in the address and comes back with it", async () => {
    await open();
    const blocked = entry("handbook-refresh");
    await blocked.getByText("Blocked").waitFor();
    expect(await page.getByRole("article").first().getAttribute("aria-label")).toContain("handbook-refresh");
    expect(await entry("parser-rewrite").locator("code").innerText()).toMatch(/todo complete --goal-id parser-rewrite --todo-id todo_\w+/);
    await page.getByLabel("Everybody").selectOption("codex");
    await page.getByText("1 of 4").waitFor();
    expect(new URL(page.url()).search).toBe("?who=codex");
    await page.reload();
    await page.getByText("1 of 4").waitFor();
    await entry("error-messages").waitFor();
    expect(page.url()).not.toContain(served.token);
  });

  test("a copied command is the one that runs here, with this machine's paths, for whoever has the token", async () => {
    await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
    await open();
    await entry("handbook-refresh")
      .getByRole("button", { name: /Copy the command/ })
      .click();
    await entry("handbook-refresh").getByText("Copied").waitFor();
    const copied = await page.evaluate<string>("navigator.clipboard.readText()");
    expect(copied).toContain(join(home, "work/handbook"));
    expect(await entry("handbook-refresh").locator("code").innerText()).not.toContain(home);
  });

  test("a goal shows its verdict with the rules behind it, its runs, quota, todos and judgements; every tab has an address", async () => {
    await open("?view=goals");
    await page.getByRole("link", { name: /error-messages/ }).click();
    await page.getByText("advance_todo").first().waitFor();
    await page.getByText(/rules were asked before it/).waitFor();
    for (const [tab, sign] of [
      ["Runs", /11 newest runs/],
      ["Quota", /of 24 slots spent in the last 24 hours/],
      ["Todos", /leased to codex-main/],
      ["Judgements", /Replay the corpus before touching the wording/],
    ] as const) {
      await page.getByRole("tab", { name: tab }).click();
      await page.getByText(sign).first().waitFor();
      expect(new URL(page.url()).searchParams.get("tab")).toBe(tab === "Judgements" ? "rewards" : tab.toLowerCase());
    }
    await page.goBack();
    await page.getByText(/leased to codex-main/).waitFor();
  });

  test("loops show how far they are: a cycle, a run of Looper, an item of a forge", async () => {
    await open("?view=loops");
    await page
      .getByRole("article", { name: /Worktree cycle f3a9be20c714/ })
      .getByText("attempt 2 of 4")
      .waitFor();
    await page
      .getByRole("article", { name: /Looper run auto/ })
      .getByText("running")
      .waitFor();
    await page
      .getByRole("article", { name: /Forge item Round prices once/ })
      .getByText("running: work")
      .waitFor();
  });

  test("it keeps up with a run by itself, and says so when the server falls silent", async () => {
    await open("?view=runs");
    await page.getByRole("cell", { name: "errors_named" }).first().waitFor();
    await note("read_live");
    await page.getByRole("cell", { name: "read_live" }).waitFor();
    await page.route("**/*", (route) => route.abort());
    await note("not_seen");
    await page.getByText(/The server does not answer/).waitFor();
    said.splice(0);
    await page.unroute("**/*");
    await page.getByRole("cell", { name: "not_seen" }).waitFor();
    said.splice(0);
  });

  test("it speaks Chinese, sentences of goals included, and keeps the choice", async () => {
    await open("?goal=search-ranking");
    await page.getByLabel("Language").selectOption("zh");
    await page.getByText("判定是怎样得出的").waitFor();
    await page.getByText("目标已暂停").first().waitFor();
    await page.reload();
    await page.getByRole("link", { name: "所有目标" }).waitFor();
    expect(await page.locator("html").getAttribute("lang")).toBe("zh-CN");
  });
});

describe("writing", () => {
  test("a gate is answered by a preview and one more click, and is gone", async () => {
    await open("?view=gates");
    const gate = entry("parser-rewrite");
    await gate.getByLabel("Reason").fill("an error, with a hint to write a range");
    await gate.getByRole("button", { name: "Preview" }).click();
    await gate.getByText("This will be recorded").waitFor();
    await gate.getByRole("button", { name: "Give this answer" }).click();
    await gate.waitFor({ state: "detached" });
    const state = readFileSync(join(project, ".codex/goals/parser-rewrite/ACTIVE_GOAL_STATE.md"), "utf8");
    expect(state).toMatch(/- \[x\] Decide: do numbers with two dots/);
  });

  test("a judgement with its lesson is drafted, seen and appended; one that came too late is refused and can be seen again", async () => {
    await open("?view=goals&goal=parser-rewrite&tab=rewards");
    const draft = async () => {
      await page.getByLabel("Decision").fill("continue_route");
      await page.getByLabel("Reason").fill("the tables read well");
      await page.getByText("Add a lesson").click();
      await page.getByLabel("The lesson in one sentence").fill("Write the table before the code");
      await page.getByLabel(/^Prefer/).fill("tables\nsmall steps");
      await page.getByRole("button", { name: "Preview" }).click();
      await page.getByText("This will be recorded").waitFor();
    };
    await draft();
    await note("came_in_between");
    await page.getByRole("button", { name: "Record the judgement" }).click();
    await page.getByText("It changed after the preview").waitFor();
    // The refusal itself is what the browser reports: 409.
    expect(said.splice(0).join()).toContain("409");
    await page.getByRole("button", { name: "Preview" }).click();
    await page.getByText("This will be recorded").waitFor();
    await page.getByRole("button", { name: "Record the judgement" }).click();
    await page.getByText("The judgement is recorded.").waitFor();
    await page.getByText("Write the table before the code").waitFor();
    await page.getByText("Prefer: tables; small steps").waitFor();
  });

  test("without the flags, or the token, the command stands in the form's place", async () => {
    const quiet = await serveOver({ home, cwd: project, words: ["--global-registry"] });
    await open("?view=gates", quiet);
    await page.getByText("started without --enable-gate-write-api").waitFor();
    await page.getByText(/loopx operator-gate --goal-id payments-eu/).waitFor();
    await page.goto("about:blank");
    expect(await quiet.stop()).toBe(0);
    await page.close();
    page = await browser.newPage();
    await page.goto(`${served.origin}/?view=gates`);
    await page.getByText("To write from here, open the address with #token=").first().waitFor();
  });
});

describe("everybody", () => {
  const TABS = ["verdict", "runs", "rewards"].map((tab) => `?view=goals&goal=error-messages&tab=${tab}`);
  test.each([
    ["light", ["", "?view=goals", "?view=gates", "?view=loops", ...TABS], {}],
    // The other colours are the only difference.
    ["dark", ["?view=gates", TABS[1]], { runOnly: ["color-contrast"] }],
  ] as const)("finds no serious fault by axe, %s", async (colorScheme, searches, rules) => {
    await page.emulateMedia({ colorScheme });
    await open();
    // Not as a script of the page, which its policy would refuse.
    await page.evaluate(axe.source);
    for (const search of searches) {
      await page.evaluate(`history.pushState(null, "", "/${search}"); dispatchEvent(new PopStateEvent("popstate"))`);
      await page.locator(".loading").waitFor({ state: "detached" });
      const options = JSON.stringify({ resultTypes: ["violations"], ...rules });
      const { violations } = await page.evaluate<axe.AxeResults>(`axe.run(document, ${options})`);
      const serious = violations.filter(({ impact }) => impact === "serious" || impact === "critical");
      expect([search, serious.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)])]).toEqual([search, []]);
    }
  });

  test("walks by keyboard: past the navigation, down the list, into a goal", async () => {
    await open("?view=goals");
    await page.getByRole("link", { name: /parser-rewrite/ }).waitFor();
    await page.keyboard.press("Tab");
    expect(await page.evaluate("document.activeElement.textContent")).toBe("Skip to the content");
    await page.getByRole("link", { name: /parser-rewrite/ }).focus();
    await page.keyboard.press("ArrowDown");
    expect(await page.evaluate("document.activeElement.textContent")).toContain("error-messages");
    await page.keyboard.press("Enter");
    await page.getByRole("tab", { name: "Verdict" }).focus();
    await page.keyboard.press("ArrowRight");
    await page.getByText(/newest runs/).waitFor();
  });

  test("has a page that is at most 250 kB of script, and asks nobody but its own server", async () => {
    const assets = join(import.meta.dirname, "../dist/assets");
    const scripts = readdirSync(assets).filter((name) => name.endsWith(".js"));
    expect(scripts.reduce((sum, name) => sum + gzipSync(readFileSync(join(assets, name))).length, 0)).toBeLessThan(250_000);
    await open();
    await entry("handbook-refresh").waitFor();
    const origins = new Set(asked.filter((url) => !url.startsWith("data:")).map((url) => new URL(url).hostname));
    expect([...origins]).toEqual(["127.0.0.1"]);
    expect(asked.filter((url) => url.split("#")[0]?.includes(served.token))).toEqual([]);
  });
});

describe("other days", () => {
  test("a thousand goals: only what is seen stands in the page, and the last one is one key away", async () => {
    const { project: cwd } = makeWorkspace(join(home, "many"), {
      goals: 1000,
      runs: 1,
      todos: 1,
      overlays: 0,
      spends: 0,
      seed: 9,
      now: Date.now(),
    });
    const many = await serveOver({ home: join(home, "many"), cwd });
    await open("?view=goals", many);
    const first = page.getByRole("link", { name: /goal-0000/ });
    await first.waitFor();
    await page.getByText("1000 in all").waitFor();
    expect(await page.getByRole("listitem").count()).toBeLessThan(60);
    await first.focus();
    await page.keyboard.press("End");
    await page.getByRole("link", { name: /goal-0999/ }).waitFor();
    expect(await page.getByRole("listitem").last().getAttribute("aria-posinset")).toBe("1000");
    await page.getByLabel("Search goals").fill("goal-05");
    await page.getByText("100 of 1000").waitFor();
    await page.goto("about:blank");
    expect(await many.stop()).toBe(0);
  });

  test("no goal yet, and a registry that cannot be read until it is repaired", async () => {
    const registry = join(home, ".codex/loopx/registry.global.json");
    renameSync(registry, `${registry}.away`);
    const fresh = await serveOver({ home, cwd: project, words: ["--global-registry"] });
    await open("", fresh);
    await page.getByText("This cannot be shown now").waitFor();
    await page.getByText("registry_not_found").waitFor();
    await page.getByRole("button", { name: "Try again" }).waitFor();
    renameSync(`${registry}.away`, registry);
    await entry("handbook-refresh").waitFor();
    await page.goto("about:blank");
    // What the browser says of the 500s.
    said.splice(0);
    expect(await fresh.stop()).toBe(0);
  });
});
