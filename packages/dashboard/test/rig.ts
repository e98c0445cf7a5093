/** One browser, one server over one small company's goals, and one page that all tests walk through, as a person does. */
import { existsSync, mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import axe from "axe-core";
import type { Browser, Locator, Page } from "playwright-core";
import { configureGoal, openHost, refreshState } from "../../core/src/index.ts";
import { openBrowser } from "../../../scripts/cards/chromium.mjs";
import { serveOver } from "../../../scripts/window/serve.mjs";
import { makeWorld } from "../../../scripts/window/world.mjs";

export type Served = Awaited<ReturnType<typeof serveOver>>;
export const WORDS = [
  "--global-registry",
  "--limit",
  "40",
  "--enable-reward-write-api",
  "--enable-gate-write-api",
  "--enable-control-plane-write-api",
];

export interface Walk {
  readonly home: string;
  readonly project: string;
  readonly served: Served;
  readonly browser: Browser;
  readonly page: Page;
  /** Every address that was asked for. */
  readonly asked: readonly string[];
  /** Goes there in the page that is open; a whole new load only where that is another server. */
  open(search?: string, at?: Served): Promise<void>;
  /** A card of the queue or of the gates. */
  card(name: string): Locator;
  /** A run that another process records meanwhile. */
  note(goal_id: string, classification: string): Promise<void>;
  /** A setting that another process changes meanwhile. */
  configure(change: Parameters<typeof configureGoal>[1]): Promise<void>;
  /** Serious faults of what is shown now, as axe finds them. */
  faults(rules?: object): Promise<readonly (readonly [string, readonly string[]])[]>;
  /** What the browser complained of since it was last asked. */
  complaints(): readonly string[];
  /** Ends it all; the server's own end, and whether its token went with it (CMD-132). */
  end(): Promise<{ readonly code: number | null; readonly token_before: boolean; readonly token_after: boolean }>;
}

export async function startWalk(): Promise<Walk> {
  const home = realpathSync(mkdtempSync(join(tmpdir(), "loopx-page-")));
  const [{ project }, browser] = await Promise.all([makeWorld(home, Date.now()), openBrowser()]);
  const served = await serveOver({ home, cwd: project, words: WORDS });
  const page = await browser.newPage({ viewport: { width: 1280, height: 860 }, locale: "en-US" });
  const asked: string[] = [];
  const said: string[] = [];
  page.on("request", (request) => asked.push(request.url()));
  page.on("console", (message) => message.type() === "error" && said.push(message.text()));
  page.on("pageerror", (error) => said.push(error.message));
  const host = openHost({ cwd: project, home, env: { PATH: process.env["PATH"] } });
  return {
    home,
    project,
    served,
    browser,
    page,
    asked,
    open: async (search = "", at = served) => {
      if (new URL(page.url()).origin !== at.origin) await page.goto(`${at.origin}/${search}#token=${at.token}`);
      else await page.evaluate(`history.pushState(null, "", "/${search}"); dispatchEvent(new PopStateEvent("popstate"))`);
      await page.locator(".loading").waitFor({ state: "detached" });
    },
    card: (name) => page.getByRole("article", { name: new RegExp(`^${name}`) }),
    note: async (goal_id, classification) => {
      await refreshState(host, { goal_id, classification, delivery_outcome: "outcome_progress", artifact: ["a"], validation: "ok" });
    },
    configure: async (change) => {
      await configureGoal(host, change);
    },
    faults: async (rules = {}) => {
      // Not as a script of the page, which its policy would refuse.
      if (!(await page.evaluate("'axe' in window"))) await page.evaluate(axe.source);
      const options = JSON.stringify({ resultTypes: ["violations"], ...rules });
      const { violations } = await page.evaluate<axe.AxeResults>(`axe.run(document, ${options})`);
      return violations
        .filter(({ impact }) => impact === "serious" || impact === "critical")
        .map(({ id, nodes }) => [id, nodes.map(({ html }) => html)]);
    },
    complaints: () => said.splice(0),
    end: async () => {
      await browser.close();
      const token = join(home, ".codex/loopx/serve-status", `${new URL(served.origin).port}.token`);
      const token_before = existsSync(token);
      const code = await served.stop();
      const token_after = existsSync(token);
      rmSync(home, { recursive: true, force: true });
      return { code, token_before, token_after };
    },
  };
}
