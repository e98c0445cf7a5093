/** Launches of the primary and what stands around them: configuration, goal, notices, instructions (000; WTL-79, WTL-84). */
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { configureGoal, connect, openHost } from "@loopx/core";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { noticeVariables } from "../../src/dual-agent/config.ts";
import { launchPrimary } from "../../src/dual-agent/run-launch.ts";
import { readInstructions, writeInstructions } from "../../src/drivers/instruction-files.ts";
import { freePort } from "../rig/two-bots.ts";
import { loopRig, scriptedAgent, type LoopRig } from "../rig/loop.ts";
import { realGround, type RealGround } from "../rig/keeper.ts";
import { stopServer } from "../../src/worktree/serve.ts";
import type { Site } from "../../src/worktree/site.ts";

const NODE = JSON.stringify(process.execPath);
const never = new AbortController().signal;

let real: RealGround;
let rig: LoopRig;
let ports: readonly [number, number];

beforeAll(async () => {
  real = await realGround();
  ports = [await freePort(), await freePort()];
});
afterAll(() => real.remove());
afterEach(async () => {
  const site = await open().catch(() => null);
  if (site !== null) for (const name of ["main", "test"] as const) await stopServer(site, name);
  rig.remove();
});

const open = (): Promise<Site> => rig.open({ profile: "lark" });
/** Answers with its instance; a `value.txt` of `dies` ends it at once. */
const BOT = `import { createServer } from "node:http";
import { readFileSync } from "node:fs";
if (readFileSync(process.argv[2], "utf8") === "dies\\n") process.exit(1);
createServer((asked, answer) => answer.setHeader("x-loopx-instance", process.env.LOOPX_INSTANCE_ID).end("ok")).listen(process.env.PORT, "127.0.0.1");
`;
const bot = (port: number, more = ""): string =>
  `{argv: [sh, -c, 'exec "$0" "$1/bot.mjs" "$1/value.txt"', ${NODE}, "{artifact_dir}"], port: ${port}, health: {ready_seconds: 5}${more}}`;

function project(fix: string, more: { readonly main?: string; readonly test?: string; readonly top?: string } = {}): LoopRig {
  const components = `    main: ${more.main ?? bot(ports[0])}\n${more.test === "" ? "" : `    test: ${more.test ?? bot(ports[1])}\n`}`;
  const gate = `{id: unit, argv: [${NODE}, -e, "process.exit(0)"]}`;
  const config = `${more.top ?? ""}lark:
  build: {argv: [cp, bot.mjs, value.txt, "{artifact_dir}"]}
  fast_gate: [${gate}]
  fix: ${fix}
  components:
${components}`;
  return loopRig(real, config, { "bot.mjs": BOT });
}

const launch = async (keep_running = true) => launchPrimary(await open(), { keep_running }, never);

describe("a launch of the primary", () => {
  test("builds and starts it, leaves one that is well alone, and starts it anew when that is wished", async () => {
    rig = project("{enabled: false}");
    expect(await launch()).toMatchObject({ result: "ready", starts: 1, repairs: 0 });
    expect(await launch()).toMatchObject({ result: "already_running", starts: 0 });
    expect(await launch(false)).toMatchObject({ result: "ready", starts: 1 });
    expect(rig.told).toEqual([`Primary healthy on :${ports[0]}`, `Primary healthy on :${ports[0]}`]);
  });

  test("that fails with repair off tells a person and starts no agent", async () => {
    rig = project("{enabled: false}");
    rig.repo.commit({ "value.txt": "dies\n" });
    expect(await launch()).toMatchObject({ result: "not_ready", repairs: 0, failure: { stage: "start" } });
    expect(rig.told).toEqual([expect.stringMatching(/^Startup failed\. Auto-fix is off\. Manual fix needed\. \(it ended\)$/)]);
  });

  test("that fails is repaired by a cycle, which asks the goal and may be refused by it: then nothing is touched (WTL-84)", async () => {
    rig = project(`{enabled: true, driver: command, argv: [${NODE}, ../../../agent.mjs], paths: [value.txt]}`, {
      top: "goal_id: bots\n",
    });
    scriptedAgent(rig, 'fs.writeFileSync("value.txt", "good\\n"); fs.writeFileSync("../../../called", "");');
    const host = openHost({ cwd: rig.repo.dir, env: rig.env, home: rig.env["HOME"] ?? "", project: "." });
    await connect(host, { cwd: rig.repo.dir, project: ".", goal_id: "bots", objective: "Keep the bots answering" });
    rig.repo.commit({ "value.txt": "dies\n" });
    await configureGoal(host, { goal_id: "bots", quota_compute: 0 });
    expect(await launch()).toMatchObject({ result: "skipped_quota", repairs: 1 });
    expect(existsSync(join(rig.repo.outside, "called"))).toBe(false);
    await configureGoal(host, { goal_id: "bots", quota_compute: 1 });
    expect(await launch()).toMatchObject({ result: "ready", repairs: 1 });
    expect([existsSync(join(rig.repo.outside, "called")), rig.told.at(-1)]).toEqual([true, "Auto-fix succeeded"]);
  });
});

describe("the configuration of two bots", () => {
  test.each<[string, Parameters<typeof project>[1], RegExp]>([
    ["one bot only", { test: "" }, /the secondary bot is missing/],
    [
      "a secret that git would keep",
      { main: bot(1, `, env: {${["LARK_APP_SECRET", '"0123456789abc"'].join(": ")}}`) },
      /main\.env holds LARK_APP_SECRET/,
    ],
    ["a file that is not there", { test: bot(2, ", config_file: ~/no-such.yaml") }, /secondary bot's file ~\/no-such.yaml is missing/],
    ["one port", { main: bot(4_711), test: bot(4_711) }, /the same port 4711/],
    ["one file", { main: bot(1, ", config_file: bot.mjs"), test: bot(2, ", config_file: ./bot.mjs") }, /the same config_file/],
    ["one app", { main: bot(1, ", env_from: [LARK_APP_ID]"), test: bot(2, ", env_from: [LARK_APP_ID]") }, /the same value of LARK_APP_ID/],
  ])("is refused with %s, and no value is told", async (_, more, message) => {
    rig = project("{enabled: false}", more);
    rig.env["LARK_APP_ID"] = "cli_0123456789";
    await expect(open()).rejects.toMatchObject({ code: "config_invalid", message: expect.stringMatching(message) });
    await expect(open()).rejects.not.toMatchObject({ message: expect.stringMatching(/0123456789/) });
  });

  test("lets the second bot speak where it has an app, and the first where it has none", () => {
    const first = { LARK_APP_ID: "a", LARK_APP_SECRET: "b" };
    expect(noticeVariables({ ...first, SECONDARY_LARK_APP_ID: "c", SECONDARY_LARK_APP_SECRET: "d" })).toMatchObject({
      LARK_APP_ID: "c",
      LARK_APP_SECRET: "d",
    });
    expect(noticeVariables({ ...first, SECONDARY_LARK_APP_ID: " " })).toMatchObject(first);
  });
});

describe("the pages for agents", () => {
  test("are written and removed as they are named, one file once, and none outside of the project", () => {
    rig = project("{enabled: false}");
    const { dir, outside } = rig.repo;
    writeFileSync(join(dir, "AGENTS.md"), "# Rules\n", { mode: 0o640 });
    symlinkSync("AGENTS.md", join(dir, "CLAUDE.md"));
    expect(readInstructions(dir, "CLAUDE.md")).toEqual({ path: join(dir, "AGENTS.md"), text: "# Rules\n" });
    writeInstructions(readInstructions(dir, "CLAUDE.md"), "# More\n");
    expect(readFileSync(join(dir, "AGENTS.md"), "utf8")).toBe("# More\n");
    writeInstructions(readInstructions(dir, "NEW.md"), "x");
    writeInstructions(readInstructions(dir, "NEW.md"), null);
    expect(existsSync(join(dir, "NEW.md"))).toBe(false);
    writeFileSync(join(outside, "other.md"), "x");
    symlinkSync(join(outside, "other.md"), join(dir, "link.md"));
    mkdirSync(join(dir, "folder"));
    writeFileSync(join(dir, "bytes.md"), Buffer.from([0xff, 0xfe]));
    for (const name of ["../other.md", "link.md", "folder", "bytes.md", "no/where.md"])
      expect(() => readInstructions(dir, name)).toThrow(expect.objectContaining({ code: "invalid_value" }));
  });
});
