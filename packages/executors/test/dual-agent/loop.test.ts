/** The loop of two bots as people run it: real scripts, real processes, a real repository, a Lark on loopback (000; issue of the two loops). */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { history } from "@loopx/core";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
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

test("a commit that breaks the test is repaired, tested again and served; people read each step in Lark; no secret is anywhere", async () => {
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
  const ended = await bots.script("lark2.sh", "restart", "--wait", "--json");
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
}, 60_000);
