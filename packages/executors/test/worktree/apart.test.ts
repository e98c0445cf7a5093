/** Two servers of one profile have to be two (WTL-79), and a faulty site is told before anything is done (WTL-20). */
import { mkdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { CHECK, loopRig, type LoopRig } from "../rig/loop.ts";
import { realGround, type RealGround } from "../rig/keeper.ts";

let real: RealGround;
let rig: LoopRig;
beforeAll(async () => {
  real = await realGround();
});
afterAll(() => real.remove());
afterEach(() => rig.remove());

const components = (main: string, test: string): string =>
  `worktree:\n  fast_gate: [${CHECK}]\n  components:\n    main: {argv: [node, a.js], ${main}}\n    test: {argv: [node, a.js], ${test}}\n`;

describe("a configuration of two servers", () => {
  test.each([
    ["the same port", "port: 9000", "port: 9000", /same port 9000/],
    [
      "one configuration file, under two names",
      "port: 9000, config_file: a.yaml",
      "port: 9001, config_file: link.yaml",
      /same config_file/,
    ],
    ["one app", "port: 9000, env: {LARK_APP_ID: cli_1}", "port: 9001, env: {LARK_APP_ID: cli_1}", /same value of LARK_APP_ID/],
  ])("is refused with %s", async (_what, main, test, message) => {
    rig = loopRig(real, components(main, test), { "a.yaml": "a: 1\n" });
    symlinkSync("a.yaml", join(rig.repo.dir, "link.yaml"));
    await expect(rig.open()).rejects.toMatchObject({ code: "config_invalid", message: expect.stringMatching(message) });
  });

  test("is taken when they differ", async () => {
    rig = loopRig(real, components("port: 9000, env: {LARK_APP_ID: cli_1}", "port: 9001, env: {LARK_APP_ID: cli_2}"));
    expect((await rig.open()).config.profile.components).toMatchObject({ main: { port: 9000 }, test: { port: 9001 } });
  });
});

describe("the main worktree", () => {
  test("is found from a folder below it and from the test worktree; its own configuration counts", async () => {
    rig = loopRig(real, `worktree: {fast_gate: [${CHECK}]}\n`);
    await rig.cycle();
    mkdirSync(join(rig.repo.dir, "below"));
    for (const cwd of [join(rig.repo.dir, "below"), rig.worktree()])
      expect(await rig.open({ cwd })).toMatchObject({ root: { dir: rig.repo.dir }, config_path: join(rig.repo.dir, "loopx-loop.yaml") });
  });

  test("with another branch checked out is refused, and what is checked out is named", async () => {
    rig = loopRig(real, `worktree: {fast_gate: [${CHECK}]}\n`);
    rig.repo.git("checkout", "-q", "-b", "elsewhere");
    await expect(rig.open()).rejects.toMatchObject({ code: "project_missing", message: expect.stringContaining("elsewhere in") });
  });
});
