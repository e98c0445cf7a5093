/** The loop of two bots as people run it: real scripts, real processes, a real repository, a Lark on loopback (000; issue of the two loops). */
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { history } from "@loopx/core";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { fakeCommand } from "../rig/fake-command.ts";
import { larkDouble, type LarkDouble } from "../rig/lark-double.ts";
import { scriptedAgent } from "../rig/loop.ts";
import { realGround, type RealGround } from "../rig/keeper.ts";
import { historyText, PLANTED, twoBots, type TwoBots } from "../rig/two-bots.ts";

const BROKEN = "export const greeting = (name) => `Bye from ${name}.`;\n";

let real: RealGround;
let lark: LarkDouble;
let bots: TwoBots;

beforeAll(async () => {
  real = await realGround();
});
afterAll(() => real.remove());
beforeEach(async () => {
  lark = await larkDouble();
});
afterEach(async () => {
  await bots.remove();
  await lark.close();
});

const told = (): string[] => lark.delivered.map((content) => (JSON.parse(content) as { text: string }).text);

test("a commit that breaks the test is repaired, tested again and served; people read each step in Lark; no secret is anywhere (WTL-14)", async () => {
  bots = await twoBots(real, lark, `{enabled: true, driver: command, argv: [node, ../../../agent.mjs], paths: [greeting.mjs]}`);
  const { rig } = bots;
  scriptedAgent(
    rig,
    `fs.writeFileSync(${JSON.stringify(join(rig.repo.outside, "seen.json"))}, JSON.stringify({ prompt, env: process.env, argv: process.argv, dotenv: fs.existsSync(".env") }));
     fs.writeFileSync("greeting.mjs", fs.readFileSync("greeting.mjs", "utf8").replace("Bye", "Hello"));`,
  );
  expect(await bots.script("lark.sh")).toMatchObject({ code: 0 });
  expect(await bots.says("main")).toBe("Hello from primary.");
  rig.repo.commit({ "greeting.mjs": BROKEN });
  // Only commits are tested, and whoever has more is told: here the goal's own two files and this one (WTL-14).
  rig.repo.write({ "half.txt": "half done\n" });
  expect((await bots.script("lark2.sh", "test")).code).toBe(1);
  const ended = await bots.script("lark2.sh", "restart", "--wait", "--json");
  expect(ended.stderr).toContain("3 uncommitted changes are not tested");
  expect([ended.code, JSON.parse(ended.stdout)]).toMatchObject([0, { ok: true, result: "promoted" }]);
  await bots.script("lark2.sh", "stop");
  expect(told()).toEqual([
    `Primary healthy on :${bots.ports.main}`,
    "[cycle 1/5] Building...",
    "[cycle 1] Starting test server...",
    "[cycle 1] Running tests...",
    "[cycle 1] Tests failed, auto-fixing...",
    "[cycle 2/5] Building...",
    "[cycle 2] Starting test server...",
    "[cycle 2] Running tests...",
    "[cycle 2] Tests passed. Restarting primary...",
    "Primary restarted. Ready.",
  ]);
  // The second bot speaks, to the people's chat.
  expect(new Set(lark.tokens.map(({ body }) => body["app_id"]))).toEqual(new Set(["cli_secondary"]));
  expect(new Set(lark.messages.map(({ body }) => body["receive_id"]))).toEqual(new Set(["oc_people"]));
  expect([await bots.says("main"), rig.repo.git("log", "-1", "--format=%s")]).toEqual([
    "Hello from primary.",
    "fix: auto-fix from test (attempt 1)",
  ]);
  const { runs } = await history(bots.host(), { goal_id: "bots", limit: 20 });
  expect(runs.map(({ classification }) => classification)).toEqual(["quota_slot_spent", "loop_cycle_promoted"]);
  const seen = JSON.parse(readFileSync(join(rig.repo.outside, "seen.json"), "utf8")) as { prompt: string; dotenv: boolean };
  expect([seen.prompt.startsWith("Build/test failed. Fix only this error."), seen.dotenv]).toEqual([true, false]);
  expect(bots.leaks()).toEqual([]);
  expect(Object.values(PLANTED).filter((value) => historyText(rig.repo.dir).includes(value))).toEqual([]);
});

test("the primary hands a commit over and is restarted by it; what fails then reaches nobody, and the secondary is as it was (WTL-131, WTL-138)", async () => {
  bots = await twoBots(real, lark, "{enabled: false}");
  const { rig } = bots;
  // The primary runs lark2.sh as an agent of it would: as its own child.
  const bot = readFileSync(join(rig.repo.dir, "bot.mjs"), "utf8")
    .replace("import { createServer }", 'import { spawnSync } from "node:child_process";\nimport { createServer }')
    .replace(
      "response.setHeader",
      `if (request.url === "/hand-over") return response.end(String(spawnSync(${JSON.stringify(join(rig.repo.dir, "lark2.sh"))}, ["restart"]).status));\n  response.setHeader`,
    );
  const config = readFileSync(join(rig.repo.dir, "loopx-loop.yaml"), "utf8").replaceAll(
    'BOT_CONFIG: "{config_file}"',
    `BOT_CONFIG: "{config_file}", LOOPX_RUNTIME_ROOT: ${rig.env["LOOPX_RUNTIME_ROOT"] ?? ""}, LOOPX_LOOP_BIN: ${rig.env["LOOPX_LOOP_BIN"] ?? ""}, LOOPX_NOTIFY_DRIVER: none`,
  );
  rig.repo.commit({ "bot.mjs": bot, "loopx-loop.yaml": config });
  expect(await bots.script("lark.sh", "up")).toMatchObject({ code: 0 });
  rig.repo.commit({ "greeting.mjs": "export const greeting = (name) => `Hello from ${name}.`; // second\n" });
  expect(await (await fetch(`http://127.0.0.1:${bots.ports.main}/hand-over`)).text()).toBe("0");
  // The watcher that the bot asked for tells the log of the loop; it answers whoever waits for its next cycle.
  const next = await bots.script("lark2.sh", "restart", "--wait", "--json");
  expect([next.code, JSON.parse(next.stdout)]).toMatchObject([0, { result: "validated", watcher: { changed: false } }]);
  const status = JSON.parse((await bots.script("lark.sh", "status", "--json")).stdout) as { component: { sha: string; state: string } };
  expect(status.component).toMatchObject({ sha: rig.repo.head(), state: "healthy" });

  rig.repo.commit({ "greeting.mjs": BROKEN });
  const broken = await bots.script("lark2.sh", "restart", "--wait", "--json");
  expect([broken.code, JSON.parse(broken.stdout)]).toMatchObject([1, { result: "gate_failed" }]);
  expect([await bots.says("main"), await bots.says("test")]).toEqual(["Hello from primary.", "Hello from secondary."]);
});

test("a launch that is killed while an agent repairs goes on where it was, and counts on", async () => {
  const agent = await fakeCommand(real.folder, "fixer");
  bots = await twoBots(real, lark, `{enabled: true, driver: command, argv: [${agent.path}], paths: [greeting.mjs]}`, "max_retries: 1");
  const { rig } = bots;
  rig.repo.commit({ "greeting.mjs": `${BROKEN}throw new Error("no");\n` });
  const first = bots.start("lark.sh", "start");
  const run = await agent.nextInvocation();
  first.child.kill("SIGKILL");
  await first.ended;
  const second = bots.start("lark.sh", "start", "--json");
  await run.gone;
  const again = await agent.nextInvocation();
  await again.write(
    "greeting.mjs",
    readFileSync(join(rig.repo.dir, "greeting.mjs"), "utf8")
      .replace("Bye", "Hello")
      .replace(/throw.*\n/, ""),
  );
  await again.exit(0);
  const ended = await second.ended;
  expect([ended.code, JSON.parse(ended.stdout)]).toMatchObject([0, { result: "ready", repairs: 1 }]);
  expect(await bots.says("main")).toBe("Hello from primary.");
  expect(told()).toEqual(expect.arrayContaining(["Startup failed, auto-fixing...", "Auto-fix attempt 1/1...", "Auto-fix succeeded"]));
  await agent.remove();
});

test("the scripts need no account, know their words, and refuse others (WTL-2)", async () => {
  bots = await twoBots(real, null, "{enabled: false}");
  for (const [name, words] of [
    ["lark.sh", "start|stop|restart|build|logs"],
    ["lark2.sh", "start|stop|restart|test|logs"],
  ] as const) {
    const wrong = await bots.script(name, "dance");
    expect([wrong.code, wrong.stdout, wrong.stderr]).toEqual([2, "", `Usage: ${join(bots.rig.repo.dir, name)} {${words}}\n`]);
    for (const word of ["status", "stop", "down"]) expect([word, (await bots.script(name, word)).code]).toEqual([word, 0]);
  }
  expect(await bots.script("lark.sh", "build")).toMatchObject({ code: 0 });
  expect(await bots.script("lark2.sh", "test")).toMatchObject({ code: 0 });
  expect(await bots.script("lark.sh", "logs", "--no-follow")).toMatchObject({ code: 0 });
  // The block for agents goes in and out, and leaves every byte of a person's page.
  const { dir } = bots.rig.repo;
  bots.rig.repo.write({ "CLAUDE.md": "# Mine\nno line break at the end" });
  const asked = (...words: string[]) =>
    spawnSync(process.execPath, [bots.rig.env["LOOPX_LOOP_BIN"] ?? "", "lark", "instructions", ...words], { cwd: dir, env: bots.rig.env });
  expect(asked("install").status).toBe(0);
  expect(readFileSync(join(dir, "AGENTS.md"), "utf8")).toMatch(/`node --test greeting\.test\.mjs`[^]*`\.\/lark2\.sh restart`/);
  expect([asked("remove", "--dry-run").status, asked("remove").status]).toEqual([0, 0]);
  expect([readFileSync(join(dir, "CLAUDE.md"), "utf8"), existsSync(join(dir, "AGENTS.md"))]).toEqual([
    "# Mine\nno line break at the end",
    false,
  ]);
});
