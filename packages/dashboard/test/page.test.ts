/**
 * The operator's page in real Chromium, served by the built `loopx serve-status` over real goals: what it shows, what it
 * writes, that it keeps up, and that everybody can use it (issue "The operator's window").
 */
import { readdirSync, readFileSync, renameSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import type { Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { makeWorkspace } from "../../../scripts/bench/workspace.mjs";
import { serveOver } from "../../../scripts/window/serve.mjs";
import { scrolledInTurns, type Scroll } from "./frames.ts";
import { startWalk, type Walk } from "./rig.ts";

let walk: Walk;
let page: Page;
const { open, card, note } = {
  open: (...words: Parameters<Walk["open"]>) => walk.open(...words),
  card: (name: string) => walk.card(name),
  note: (classification: string) => walk.note("parser-rewrite", classification),
};
beforeAll(async () => {
  walk = await startWalk();
  page = walk.page;
  await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
});
afterAll(async () => {
  expect(await walk.end()).toEqual({ code: 0, token_before: true, token_after: false });
});
afterEach(() => expect(walk.complaints()).toEqual([]));

const copied = () => page.evaluate<string>("navigator.clipboard.readText()");
const filesOf = (goal_id: string) => readFileSync(join(walk.project, `.codex/goals/${goal_id}/ACTIVE_GOAL_STATE.md`), "utf8");

describe("reading", () => {
  test("the queue names who, what, why, how urgent and one command; a filter stands in the address and comes back with it", async () => {
    await open();
    await card("handbook-refresh").getByText("Blocked").waitFor();
    expect(await page.getByRole("article").first().getAttribute("aria-label")).toContain("handbook-refresh");
    expect(await card("parser-rewrite").locator("code").innerText()).toMatch(/todo complete --goal-id parser-rewrite --todo-id todo_\w+/);
    await card("parser-rewrite")
      .getByText(/1 open user todo stops this work/)
      .waitFor();
    await page.getByLabel("Everybody").selectOption("codex");
    await page.getByText("1 of 4").waitFor();
    expect(new URL(page.url()).search).toBe("?who=codex");
    await page.reload();
    await page.getByText("1 of 4").waitFor();
    await card("error-messages").waitFor();
    await page.getByRole("button", { name: "Controller 2", exact: true }).click();
    await page.getByText("2 of 4").waitFor();
    expect(page.url()).not.toContain(walk.served.token);
  });

  test("a copied command is the one that runs here, with this machine's paths, for whoever has the token", async () => {
    await open();
    await card("handbook-refresh")
      .getByRole("button", { name: /Copy the command/ })
      .click();
    await card("handbook-refresh").getByText("Copied").waitFor();
    expect(await copied()).toContain(join(walk.home, "work/handbook"));
    expect(await card("handbook-refresh").locator("code").innerText()).not.toContain(walk.home);
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

  test("an entry leads to what a person needs to decide: the question, the files to read, the packet, which is copied whole", async () => {
    await open();
    await card("parser-rewrite").getByRole("link", { name: "Answer" }).click();
    await page.getByText("A person is asked").waitFor();
    await page.locator("summary", { hasText: "ACTIVE_GOAL_STATE.md" }).click();
    await page.locator(".document", { hasText: "owner_mode: goal" }).waitFor();
    await page.getByText("The whole packet").click();
    const packet = page.locator(".paper .document").first();
    expect(await packet.innerText()).toContain('--registry "$LOOPX_REGISTRY"');
    expect(await packet.innerText()).not.toContain(walk.home);
    await page.getByRole("button", { name: "Copy the packet" }).click();
    await page.getByText("Copied").waitFor();
    const registry = join(walk.home, ".codex/loopx/registry.global.json");
    expect(await copied()).toContain(`loopx --registry ${registry} todo complete --goal-id parser-rewrite`);
    // From a run to its judgement, with what it recorded.
    await open("?view=goals&goal=error-messages&tab=runs");
    await page.getByRole("link", { name: "Judge" }).nth(3).click();
    await page.getByText("What the run recorded").click();
    await page.locator(".document", { hasText: "delivery_outcome: outcome_progress" }).waitFor();
    expect(new URL(page.url()).searchParams.get("run")).toMatch(/^run_/);
  });

  test("loops show how far they are: a cycle, a run of Looper, an item of a forge", async () => {
    await open("?view=loops");
    for (const [name, sign] of [
      [/Worktree cycle f3a9be20c714/, "attempt 2 of 4"],
      [/Looper run auto/, "running"],
      [/Forge item Round prices once/, "running: work"],
    ] as const)
      await page.getByRole("article", { name }).getByText(sign).waitFor();
  });

  test("it keeps up with a run by itself, and says so when the server falls silent", async () => {
    await open("?view=runs");
    await page.getByRole("cell", { name: "errors_named" }).first().waitFor();
    await note("read_live");
    await page.getByRole("cell", { name: "read_live" }).waitFor();
    await page.route("**/*", (route) => route.abort());
    await note("not_seen");
    await page.getByText(/The server does not answer/).waitFor();
    await page.unroute("**/*");
    await page.getByRole("cell", { name: "not_seen" }).waitFor();
    expect(walk.complaints().filter((text) => !text.includes("ERR_FAILED"))).toEqual([]);
  });

  test("it speaks Chinese, sentences of goals included, and keeps the choice", async () => {
    await open("?goal=search-ranking");
    await page.getByLabel("Language").selectOption("zh");
    await page.getByText("判定是怎样得出的").waitFor();
    await page.getByText("目标已暂停").first().waitFor();
    await page.reload();
    await page.getByRole("link", { name: "所有目标" }).waitFor();
    expect(await page.locator("html").getAttribute("lang")).toBe("zh-CN");
    await page.getByLabel("语言").selectOption("en");
  });
});

describe("everybody", () => {
  const of = (tab: string) => `?view=goals&goal=error-messages&tab=${tab}`;
  test.each([
    [
      "light",
      [
        "",
        "?view=goals",
        "?view=gates",
        "?view=loops",
        of("verdict"),
        of("review"),
        of("runs"),
        of("todos"),
        of("rewards"),
        of("settings"),
      ],
      {},
    ],
    // The other colours are the only difference.
    ["dark", ["", "?view=gates", of("runs"), of("settings")], { runOnly: ["color-contrast"] }],
  ] as const)("finds no serious fault by axe, %s", async (colorScheme, searches, rules) => {
    await page.emulateMedia({ colorScheme });
    for (const search of searches) {
      await open(search);
      expect([search, await walk.faults(rules)]).toEqual([search, []]);
    }
    await page.emulateMedia({ colorScheme: null });
  });

  test("stays as wide as the page where that is narrow, or shown at four times its size, with words that never end", async () => {
    await note("unending_".repeat(13));
    await page.setViewportSize({ width: 320, height: 640 });
    const views = ["", "?view=goals", "?view=gates", "?view=runs", "?view=loops", ...["review", "runs", "quota", "settings"].map(of)];
    for (const search of views) {
      await open(search);
      expect([search, await page.evaluate("document.documentElement.scrollWidth")]).toEqual([search, 320]);
    }
    await page.setViewportSize({ width: 1280, height: 860 });
  });

  test("walks by keyboard: past the navigation, down the list, into a goal, and keeps its place in a form", async () => {
    await page.reload();
    await open("?view=goals");
    await page.getByRole("link", { name: /parser-rewrite/ }).waitFor();
    await page.keyboard.press("Tab");
    expect(await page.evaluate("document.activeElement.textContent")).toBe("Skip to the content");
    await page.getByRole("link", { name: /parser-rewrite/ }).focus();
    await page.keyboard.press("ArrowDown");
    await page.locator("a:focus", { hasText: "error-messages" }).waitFor();
    await page.keyboard.press("Enter");
    await page.getByRole("tab", { name: "Verdict" }).focus();
    await page.keyboard.press("ArrowRight");
    await page.getByText("The whole packet").waitFor();
    await open("?view=gates");
    await card("payments-eu").getByLabel("Reason").fill("later");
    await page.keyboard.press("Enter");
    await page.getByRole("region", { name: "This will be recorded" }).waitFor();
    await page.locator(".preview:focus").waitFor();
  });

  test("has a page that is at most 250 kB of script, and asks nobody but its own server", async () => {
    const assets = join(import.meta.dirname, "../dist/assets");
    const scripts = readdirSync(assets).filter((name) => name.endsWith(".js"));
    expect(scripts.reduce((sum, name) => sum + gzipSync(readFileSync(join(assets, name))).length, 0)).toBeLessThan(250_000);
    const origins = new Set(walk.asked.filter((url) => !url.startsWith("data:")).map((url) => new URL(url).origin));
    expect([...origins]).toEqual([walk.served.origin]);
    expect(walk.asked.filter((url) => url.split("#")[0]?.includes(walk.served.token))).toEqual([]);
  });
});

describe("writing", () => {
  test("a gate is answered by a preview and one more click, and is gone", async () => {
    await open("?view=gates");
    const gate = card("parser-rewrite");
    await gate.getByLabel("Reason").fill("an error, with a hint to write a range");
    await gate.getByRole("button", { name: "Preview" }).click();
    await gate.getByText("This will be recorded").waitFor();
    await gate.getByRole("button", { name: "Give this answer" }).click();
    await gate.waitFor({ state: "detached" });
    expect(filesOf("parser-rewrite")).toMatch(/- \[x\] Decide: do numbers with two dots/);
  });

  test("a judgement with its lesson is drafted, seen and appended; one that came too late is refused and can be seen again", async () => {
    await open("?view=goals&goal=parser-rewrite&tab=rewards");
    await page.getByLabel("Decision").fill("continue_route");
    await page.getByLabel("Reason").fill("the tables read well");
    await page.getByText("Add a lesson").click();
    await page.getByLabel("The lesson in one sentence").fill("Write the table before the code");
    await page.getByLabel(/^Prefer/).fill("tables\nsmall steps");
    await page.getByLabel(/Also note it/).check();
    await page.getByRole("button", { name: "Preview" }).click();
    await page.getByText("This will be recorded").waitFor();
    await note("came_in_between");
    await page.getByRole("button", { name: "Record the judgement" }).click();
    await page.getByText("It changed after the preview").waitFor();
    // The refusal itself is what the browser reports: 409.
    expect(walk.complaints().join()).toContain("409");
    await page.getByRole("button", { name: "Preview" }).click();
    await page.getByText("This will be recorded").waitFor();
    await page.getByRole("button", { name: "Record the judgement" }).click();
    await page.getByText("The judgement is recorded.").waitFor();
    await page.getByText("Write the table before the code").waitFor();
    await page.getByText("Prefer: tables; small steps").waitFor();
    expect(filesOf("parser-rewrite")).toContain("the tables read well");
  });

  test("settings are changed field by field, seen before, refused when they changed meanwhile; what nobody touched follows the goal (CMD-129)", async () => {
    await open("?view=goals&goal=error-messages&tab=settings");
    expect(await page.getByRole("button", { name: "Preview" }).isDisabled()).toBe(true);
    await page.getByLabel(/^Share of the window/).fill("0.5");
    await page.getByLabel(/^Paths it may write/).fill("src/**\ntests/**");
    await page.getByLabel(/^Agents/).fill("claude-review");
    expect(await page.getByLabel("Who reviews and merges").inputValue()).toBe("");
    await page.getByRole("button", { name: "Preview" }).click();
    const row = (field: string) => page.getByRole("row", { name: field });
    await row("quota.compute").waitFor();
    expect(await row("coordination.write_scope").innerText()).toMatch(/src\/\*\*, docs\/\*\*\s+src\/\*\*, tests\/\*\*/);
    expect(await row("coordination.primary_agent").innerText()).toMatch(/codex-main\s+None/);
    await walk.configure({ goal_id: "error-messages", quota_compute: 0.75 });
    await page.getByRole("button", { name: "Change the settings" }).click();
    await page.getByText("It changed after the preview").waitFor();
    expect(walk.complaints().join()).toContain("409");
    await page.getByRole("button", { name: "Undo the changes" }).click();
    await expect.poll(() => page.getByLabel(/^Share of the window/).inputValue()).toBe("0.75");
    await page.getByLabel("Status").selectOption("paused");
    await page.getByRole("button", { name: "Preview" }).click();
    await page.getByRole("button", { name: "Change the settings" }).click();
    await page.getByText("The settings are changed.").waitFor();
    await page.locator(".goal-head").getByText("Paused").waitFor();
    const { goals } = JSON.parse(readFileSync(join(walk.project, ".loopx/registry.json"), "utf8")) as { goals: { id: string }[] };
    expect(goals.find(({ id }) => id === "error-messages")).toMatchObject({
      status: "paused",
      quota: { compute: 0.75 },
      coordination: { write_scope: ["src/**", "docs/**"], registered_agents: ["codex-main", "claude-review"] },
    });
  });

  test("without the flags, or the token, what stands there is shown and the command takes the form's place", async () => {
    const quiet = await serveOver({ home: walk.home, cwd: walk.project, words: ["--global-registry"] });
    await open("?view=gates", quiet);
    await page.getByText("started without --enable-gate-write-api").waitFor();
    await page.getByText(/loopx operator-gate --goal-id payments-eu/).waitFor();
    await open("?view=goals&goal=error-messages&tab=settings", quiet);
    await page.getByText("started without --enable-control-plane-write-api").waitFor();
    await page.getByText("codex-main claude-review").waitFor();
    expect(await page.getByRole("textbox").count()).toBe(0);
    await page.goto("about:blank");
    expect(await quiet.stop()).toBe(0);
    const other = await walk.browser.newPage();
    await other.goto(`${walk.served.origin}/?view=gates`);
    await other.getByText("To write from here, open the address with #token=").first().waitFor();
    await other.close();
  });
});

describe("other days", () => {
  test("a thousand goals scroll as smoothly as a bare list, only what is near stands in the page, and the last one is one key away", async () => {
    const { project: cwd } = makeWorkspace(join(walk.home, "many"), {
      goals: 1000,
      runs: 1,
      todos: 1,
      overlays: 0,
      spends: 0,
      seed: 9,
      now: Date.now(),
    });
    const many = await serveOver({ home: join(walk.home, "many"), cwd });
    await open("?view=goals", many);
    const first = page.getByRole("link", { name: /goal-0000/ });
    await first.waitFor();
    await page.getByText("1000 in all").waitFor();
    const bare = await walk.browser.newPage({ viewport: { width: 1280, height: 860 } });
    await bare.setContent(`<ul>${'<li style="height:76px">goal</li>'.repeat(1000)}</ul>`);
    const isSmooth = ([list, goals]: readonly [Scroll, Scroll]): boolean =>
      goals.middle_ms <= 1.5 * list.middle_ms && goals.late <= list.late + 0.2 && goals.longest_ms <= 4 * list.longest_ms;
    const [list, goals] = await scrolledInTurns([bare, page], isSmooth);
    process.stdout.write(`a thousand goals, scrolled: ${JSON.stringify({ goals, bare_list: list })}\n`);
    expect({ list, goals }).toSatisfy(() => isSmooth([list, goals]));
    expect(goals.elements).toBeLessThan(2_000);
    expect(await page.getByRole("listitem").count()).toBeLessThan(60);
    await bare.close();
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
    const registry = join(walk.home, ".codex/loopx/registry.global.json");
    renameSync(registry, `${registry}.away`);
    const fresh = await serveOver({ home: walk.home, cwd: walk.project, words: ["--global-registry"] });
    await open("", fresh);
    await page.getByText("This cannot be shown now").waitFor();
    await page.getByText("registry_not_found").waitFor();
    await page.getByRole("button", { name: "Try again" }).waitFor();
    renameSync(`${registry}.away`, registry);
    await card("handbook-refresh").waitFor();
    await page.goto("about:blank");
    // What the browser says of the 500s.
    expect(walk.complaints().filter((text) => !text.includes("500"))).toEqual([]);
    expect(await fresh.stop()).toBe(0);
  });
});
