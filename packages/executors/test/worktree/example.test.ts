/** The example project of the loop: every script and word, on a real repository, with the built program (WTL-2). */
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { cpSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readConfig } from "../../src/worktree/config.ts";
import { freePort } from "../rig/loop.ts";
import { repository, type Repository } from "../rig/repository.ts";

const EXAMPLE = fileURLToPath(new URL("../../../../examples/worktree-loop", import.meta.url));
const PROGRAM = fileURLToPath(new URL("../../bin/loopx-loop.mjs", import.meta.url));

let repo: Repository;
let env: Record<string, string>;

beforeAll(async () => {
  repo = repository();
  cpSync(EXAMPLE, repo.dir, { recursive: true });
  repo.git("add", ".");
  repo.git("commit", "-q", "-m", "The example");
  const [MAIN_PORT, TEST_PORT] = [String(await freePort()), String(await freePort())];
  const bin = join(repo.outside, "bin");
  mkdirSync(bin);
  symlinkSync(process.execPath, join(bin, "node"));
  // Only the project's own installation knows the program: the scripts find it there.
  mkdirSync(join(repo.dir, "node_modules/.bin"), { recursive: true });
  symlinkSync(PROGRAM, join(repo.dir, "node_modules/.bin/loopx-loop"));
  writeFileSync(join(repo.dir, ".git/info/exclude"), "node_modules\n");
  env = { PATH: `${bin}:/usr/bin:/bin`, HOME: repo.outside, LOOPX_RUNTIME_ROOT: join(repo.outside, "rt"), MAIN_PORT, TEST_PORT };
  Object.assign(env, { SLEEP_SECONDS: "1", LOOPX_FSYNC: "0" });
});
afterAll(() => {
  for (const name of ["test", "main"]) script(name, "stop");
  repo.remove();
});

interface Said {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** A script from another folder than its own. */
function script(name: string, ...words: readonly string[]): Said {
  const { status, stdout, stderr } = spawnSync(join(repo.dir, `scripts/lark/${name}.sh`), words, { cwd: "/", env, encoding: "utf8" });
  return { code: status, out: stdout, err: stderr };
}

const health = async (port: string | undefined): Promise<number> => (await fetch(`http://127.0.0.1:${port ?? ""}/health`)).status;

describe("the scripts", () => {
  test("have at most 25 lines, and a word they do not know is told with all they do, exit 2", () => {
    for (const name of readdirSync(join(EXAMPLE, "scripts/lark")))
      expect(readFileSync(join(EXAMPLE, "scripts/lark", name), "utf8").split("\n").length).toBeLessThanOrEqual(26);
    expect(script("main", "begin")).toEqual({ code: 2, out: "", err: "Usage: main.sh {start|stop|restart|status|logs|build}\n" });
    expect(script("test", "build")).toEqual({ code: 2, out: "", err: "Usage: test.sh {start|stop|restart|status|logs}\n" });
    expect(script("loop")).toEqual({ code: 2, out: "", err: "Usage: loop.sh {watch|run}\n" });
    expect(script("worktree", "status").err).toBe("Usage: worktree.sh {ensure}\n");
  });

  test("make, test, build, start, show and stop everything, and a commit that fails is not deployed", async () => {
    writeFileSync(join(repo.dir, ".env"), "A=1\n");
    expect(script("worktree", "ensure")).toMatchObject({ code: 0, out: expect.stringContaining(".worktrees/test") });
    expect(readFileSync(join(repo.dir, ".worktrees/test/.env"), "utf8")).toBe("A=1\n");
    expect(script("main", "build")).toMatchObject({ code: 0, out: expect.stringContaining("built") });
    expect(script("main", "start")).toMatchObject({ code: 0, out: expect.stringContaining("healthy") });
    expect(await health(env["MAIN_PORT"])).toBe(200);
    expect(script("test", "start")).toMatchObject({ code: 0, out: expect.stringContaining("Watcher: running") });
    expect(await health(env["TEST_PORT"])).toBe(200);
    const good = repo.head();
    expect(script("loop", "run", "--base-sha", good)).toMatchObject({ code: 0, out: expect.stringContaining("validated") });
    const bad = repo.commit({ "answer.mjs": "// What the bot says.\n// Broken.\nexport const answer = () => 1;\n" });
    expect(script("loop", "run", "--base-sha", bad)).toMatchObject({ code: 1, out: expect.stringContaining("gate failed") });
    expect(script("test", "status")).toMatchObject({ code: 0, out: expect.stringContaining("running") });
    expect(script("main", "status")).toMatchObject({ code: 0, out: expect.stringContaining(good) });
    expect(script("main", "logs", "--no-follow").out).toContain("the bot listens on");
    expect(script("test", "logs", "--no-follow").out).toContain("Tests failed. Auto-fix is off.");
    expect(script("main", "restart")).toMatchObject({ code: 0, out: expect.stringContaining(good) });
    expect(script("test", "stop")).toMatchObject({ code: 0, out: expect.stringContaining("stopped") });
    expect(script("main", "stop")).toMatchObject({ code: 0, out: expect.stringContaining("stopped") });
    await expect(health(env["MAIN_PORT"])).rejects.toThrow("fetch failed");
    const watching = spawn(join(repo.dir, "scripts/lark/loop.sh"), ["watch"], { env, stdio: ["ignore", "pipe", "ignore"] });
    while (!script("test", "status").out.includes("watcher: running")) await new Promise((resolve) => setImmediate(resolve));
    watching.kill("SIGTERM");
    expect(await once(watching, "exit")).toEqual([0, null]);
  });
});

describe("the demo", () => {
  test("heals a commit before one's eyes, shows the history, and leaves nothing", () => {
    const TMPDIR = join(repo.outside, "tmp");
    mkdirSync(TMPDIR);
    const { status, stdout, stderr } = spawnSync(PROGRAM, ["demo", "--json"], {
      cwd: repo.outside,
      env: { ...env, TMPDIR },
      encoding: "utf8",
    });
    const lines = ["[cycle 1] Tests failed, auto-fixing...", "[cycle 2] Tests passed. Restarting primary...", "Primary restarted. Ready."];
    expect([status, lines.filter((line) => stderr.includes(line))]).toEqual([0, lines]);
    expect(JSON.parse(stdout)).toMatchObject({
      cycle: { result: "promoted", attempts: 2, agent_runs: 1 },
      commits: [expect.stringContaining("LoopX: fix: auto-fix"), expect.any(String), expect.any(String)],
      runs: [expect.stringMatching(/^quota_slot_spent/), expect.stringMatching(/^loop_cycle_promoted/)],
      repaired: true,
    });
    expect(readdirSync(TMPDIR)).toEqual([]);
  });
});

describe("the configuration for", () => {
  test.each(readdirSync(join(EXAMPLE, "configs")))("%s is one", (name) => {
    const file = join(EXAMPLE, "configs", name);
    const { profile } = readConfig(name, readFileSync(file, "utf8"), "worktree", {});
    expect(profile.fast_gate.length).toBeGreaterThan(0);
    expect(profile.fix.paths).toBeDefined();
  });
});
