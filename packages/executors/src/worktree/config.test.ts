import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readConfig, worktreePlace } from "./config.ts";

const MINIMAL = `worktree:
  fast_gate:
    - id: unit
      argv: [npm, test]
`;
const read = (text: string, env: Readonly<Record<string, string>> = {}) => readConfig("loopx-loop.yaml", text, "worktree", env);
const refusal = (text: string, env: Readonly<Record<string, string>> = {}): { code: string; message: string } => {
  try {
    read(text, env);
    return { code: "none", message: "" };
  } catch (error) {
    return error as { code: string; message: string };
  }
};

describe("the configuration of a loop (WTL-110)", () => {
  test("has a default for everything but the fast gate", () => {
    const config = read(MINIMAL);
    expect(config).toMatchObject({ goal_id: null, main_branch: "main", poll_seconds: 2 });
    expect(config.profile).toMatchObject({
      max_cycles: 5,
      max_retries: 3,
      max_slow_fixes: 2,
      slow_gate: [],
      fix: { enabled: false, driver: "codex", timeout_seconds: 1800, max_runs_per_day: 20 },
      promotion: { require_approval: false },
      worktree: { env_files: [".env"] },
    });
    expect(config.profile.fast_gate[0]).toEqual({
      id: "unit",
      argv: ["npm", "test"],
      cwd: ".",
      env: {},
      timeout_seconds: 1800,
      required: true,
      retries: 0,
      env_files: false,
    });
    expect(worktreePlace(config)).toEqual({ path: ".worktrees/test", branch: "test" });
    expect(worktreePlace({ ...config, name: "lark" })).toEqual({ path: ".worktrees/lark-test", branch: null });
  });

  test("gives the two profiles a place of their own; only one looks for commits, and neither has a slow gate by itself (WTL-10)", () => {
    const both = `${MINIMAL}lark:\n  fast_gate: [{id: unit, argv: [npm, test]}]\n`;
    const [worktree, lark] = (["worktree", "lark"] as const).map((name) => readConfig("loopx-loop.yaml", both, name, {}));
    expect([worktree, lark].map((config) => config && [config.name, worktreePlace(config), config.profile.slow_gate])).toEqual([
      ["worktree", { path: ".worktrees/test", branch: "test" }, []],
      ["lark", { path: ".worktrees/lark-test", branch: null }, []],
    ]);
    const main = "main: {argv: [a]}, test: {argv: [a]}";
    const bots = readConfig("f", both.replace("lark:\n", `lark:\n  components: {${main}}\n`), "lark", {});
    expect(Object.values(bots.profile.components).map(({ port }) => port)).toEqual([8080, 8081]);
  });

  test.each([
    ["[loopx-loop, scenario, run, --dir, s]", false],
    ["[sh, x.sh]", true],
    ['[loopx-loop, scenario, run, --gateway, "module:b.mjs"]', true],
    ['[loopx-loop, scenario, run, "--gateway=module:b.mjs"]', true],
    ["[npx, loopx-loop, scenario, run]", false],
  ])("a gate of %s is taken: %s; one that plays with the reference bot tests nothing (WTL-45)", (argv, taken) => {
    const text = `worktree:\n  fast_gate: [{id: a, argv: [b]}]\n  slow_gate: [{id: play, argv: ${argv}}]\n`;
    expect(refusal(text).code).toBe(taken ? "none" : "config_invalid");
    expect(refusal(`${text}  scenario: {gateway: "module:b.mjs"}\n`).code).toBe("none");
  });

  test.each<[string, string, RegExp]>([
    ["an empty fast gate", "worktree: {fast_gate: []}\n", /loopx-loop\.yaml:1: .*fast_gate/],
    ["no section", "lark: {fast_gate: [{id: a, argv: [x]}]}\n", /no section worktree/],
    [
      "a misspelt key",
      MINIMAL.replace("fast_gate", "max_cicles: 3\n  fast_gate"),
      /loopx-loop\.yaml:2: unknown key worktree\.max_cicles; did you mean max_cycles\?/,
    ],
    ["a command as one text", MINIMAL.replace("[npm, test]", "npm test"), /:4: .*argv.*array is expected/],
    ["a place outside", MINIMAL.replace("argv:", "cwd: ../x\n      argv:"), /inside the project/],
    ["a key that stands twice", `main_branch: a\nmain_branch: b\n${MINIMAL}`, /:2: /],
    ["a limit out of range", `worktree:\n  max_cycles: 1000\n  fast_gate: [{id: a, argv: [x]}]\n`, /:2: .*at most 50/],
  ])("with %s is refused with its place", (_what, text, message) => {
    expect(refusal(text)).toMatchObject({ code: "config_invalid", message: expect.stringMatching(message) });
  });

  test("is overruled by variables, which are checked too (WTL-111)", () => {
    const text = `${MINIMAL}  components:\n    main: {argv: [node, a.js], port: 9000}\n    test: {argv: [node, a.js]}\n`;
    const config = read(text, {
      MAIN_PORT: "1234",
      TEST_PORT: "1235",
      MAX_CYCLES: "2",
      MAX_RETRIES: "0",
      SLEEP_SECONDS: "9",
      LOOPX_LOOP_AUTOFIX: "1",
    });
    expect(config).toMatchObject({
      poll_seconds: 9,
      profile: { max_cycles: 2, max_retries: 0, fix: { enabled: true }, components: { main: { port: 1234 }, test: { port: 1235 } } },
    });
    expect(read(text).profile.components).toMatchObject({ main: { port: 9000 } });
    for (const [name, value] of [
      ["MAX_CYCLES", "many"],
      ["MAX_CYCLES", "0"],
      ["MAIN_PORT", "99999"],
      ["SLEEP_SECONDS", "-1"],
    ] as const)
      expect(refusal(text, { [name]: value })).toMatchObject({ code: "invalid_value", message: expect.stringContaining(name) });
  });

  test("of any text is a value or one refusal", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
        expect(refusal(text).code).toBe("config_invalid");
      }),
    );
  });
});
