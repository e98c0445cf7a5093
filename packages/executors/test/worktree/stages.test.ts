/** Single stages of a cycle on one real worktree: what a gate answers, and what a repair may change. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { writeRecord } from "../../src/drivers/agents/record.ts";
import { parseSha } from "../../src/drivers/git/names.ts";
import { resetWorktree } from "../../src/drivers/git/linked-worktree.ts";
import { readConfig } from "../../src/worktree/config.ts";
import { newCycle, type Cycle, type CycleEvent } from "../../src/worktree/cycle.ts";
import { runGate } from "../../src/worktree/gates.ts";
import { fix } from "../../src/worktree/repair.ts";
import { agentGround, type Site } from "../../src/worktree/site.ts";
import { ensure, prepare } from "../../src/worktree/stages.ts";
import { testCheckout } from "../../src/worktree/tree.ts";
import { CHECK, loopRig, scriptedAgent, type LoopRig } from "../rig/loop.ts";
import { realGround, type RealGround } from "../rig/keeper.ts";
import { repository } from "../rig/repository.ts";

let real: RealGround;
let rig: LoopRig;
let site: Site;
let cycle: Cycle;
const never = new AbortController().signal;
const NODE = JSON.stringify(process.execPath);

beforeAll(async () => {
  real = await realGround();
  rig = loopRig(real, `worktree: {fast_gate: [${CHECK}]}\n`, { "src/a.test.ts": "export {};\n" });
  site = await rig.open();
  const limits = { max_cycles: 5, max_retries: 3, max_slow_fixes: 2 };
  const start = { cycle_id: "cycle_1", profile: "worktree" as const, base_sha: rig.repo.head(), started_at: "", limits, fix_enabled: true };
  cycle = { ...newCycle({ ...start, starts_test: false, has_slow_gate: false, tested_candidate: null }), attempt: 1 };
  await ensure(site, cycle);
});
afterAll(() => {
  rig.remove();
  real.remove();
});
afterEach(async () => {
  const sha = parseSha(cycle.base_sha);
  if (sha === null) throw new Error("no base");
  await resetWorktree(site.git, await testCheckout(site), site.root, { branch: "test", sha });
});

/** The same site by another configuration. */
const configured = (yaml: string): Site => ({ ...site, config: readConfig("loopx-loop.yaml", yaml, "worktree", {}) });

describe("the test worktree", () => {
  test("takes the place of a file that stands there, which is kept (WTL-21)", async () => {
    rmSync(site.worktree, { recursive: true });
    writeFileSync(site.worktree, "mine\n");
    expect(await ensure(site, cycle)).toEqual({ kind: "ok" });
    const [orphan = ""] = readdirSync(dirname(site.worktree)).filter((name) => name.includes("-orphan-"));
    expect(readFileSync(join(dirname(site.worktree), orphan), "utf8")).toBe("mine\n");
  });
});

describe("a stage before the gates", () => {
  const again = async (): Promise<void> => {
    const sha = parseSha(rig.repo.head());
    if (sha === null) throw new Error("no base");
    await resetWorktree(site.git, await testCheckout(site), site.root, { branch: "test", sha });
  };

  test("leaves exactly the commit and what git ignores: new files, folders of other repositories and edits go (WTL-25)", async () => {
    mkdirSync(join(site.worktree, "other/.git"), { recursive: true });
    rig.repo.git("init", "-q", join(site.worktree, "other"));
    mkdirSync(join(site.worktree, "logs"), { recursive: true });
    for (const name of ["new.txt", "-n.txt", "value.txt", "logs/cache", "other/file"]) writeFileSync(join(site.worktree, name), "x");
    rig.repo.git("-C", site.worktree, "rm", "-q", "--cached", "check.mjs");
    await again();
    expect(rig.repo.git("-C", site.worktree, "status", "--porcelain", "--ignored")).toBe("!! logs/");
    expect(readFileSync(join(site.worktree, "logs/cache"), "utf8")).toBe("x");
  });

  test("touches nothing in another repository that took the worktree's place (WTL-22)", async () => {
    const aside = `${site.worktree}.aside`;
    renameSync(site.worktree, aside);
    rig.repo.git("init", "-q", site.worktree);
    writeFileSync(join(site.worktree, "theirs.txt"), "theirs\n");
    await expect(again()).rejects.toMatchObject({ code: "git_failed", message: expect.stringContaining("nothing in it is touched") });
    expect(readFileSync(join(site.worktree, "theirs.txt"), "utf8")).toBe("theirs\n");
    rmSync(site.worktree, { recursive: true });
    renameSync(aside, site.worktree);
  });

  test("is a fault where git shows another tree than the commit, however often it is reset (WTL-25)", async () => {
    const before = rig.repo.head();
    rig.repo.commit({ "crlf.txt": "one\r\n" });
    rig.repo.commit({ ".gitattributes": "*.txt text eol=lf\n" });
    // Git looks into a file only where its time leaves a doubt, which is most of the time: a touched one is reset once more.
    let refused: unknown = null;
    for (let turn = 0; turn < 20 && refused === null; turn += 1) {
      refused = await again().then(
        () => null,
        (error: unknown) => error,
      );
      if (refused === null) utimesSync(join(site.worktree, "crlf.txt"), turn, turn);
    }
    expect(refused).toMatchObject({ code: "git_failed", message: expect.stringContaining("crlf.txt") });
    rig.repo.git("reset", "-q", "--hard", before);
    await again();
  });

  test("takes away modules of another commit, keeps edits in them, and leaves those of the main folder alone (WTL-24, WTL-25)", async () => {
    const before = rig.repo.head();
    const lib = repository({ "l.txt": "one\n" });
    const allow = ["-c", "protocol.file.allow=always"];
    rig.repo.git(...allow, "submodule", "--quiet", "add", lib.dir, "lib");
    rig.repo.git("commit", "-q", "-m", "With a module");
    await again();
    rig.repo.git("-C", site.worktree, ...allow, "submodule", "--quiet", "update", "--init");
    writeFileSync(join(site.worktree, "lib/mine.txt"), "mine\n");
    const newer = lib.commit({ "l.txt": "two\n" });
    rig.repo.git("-C", "lib", ...allow, "pull", "-q");
    rig.repo.git("commit", "-q", "-a", "-m", "A newer module");
    await again();
    expect(rig.repo.git("-C", site.worktree, "status", "--porcelain")).toBe("");
    const [orphan = ""] = readdirSync(dirname(site.worktree)).filter((name) => name.endsWith("-orphan-lib"));
    expect(readFileSync(join(dirname(site.worktree), orphan, "mine.txt"), "utf8")).toBe("mine\n");
    // `prepare` brings it again, and the main folder has what it had.
    rig.repo.git("-C", site.worktree, ...allow, "submodule", "--quiet", "update", "--init");
    expect(rig.repo.git("-C", join(site.worktree, "lib"), "rev-parse", "HEAD")).toBe(newer);
    expect([rig.repo.git("submodule", "status").slice(0, 41), rig.repo.git("config", "submodule.lib.url")]).toEqual([` ${newer}`, lib.dir]);
    rig.repo.git("reset", "-q", "--hard", before);
    rig.repo.git("clean", "-qffd");
    await again();
    expect(readdirSync(site.worktree)).not.toContain("lib");
    lib.remove();
  });

  test("is a fault when what git does not hold cannot be brought; it comes with the environment files (WTL-27)", async () => {
    writeFileSync(join(rig.repo.dir, ".env"), "A=1\n");
    const prepared = (steps: string) => prepare(configured(`worktree:\n  fast_gate: [${CHECK}]\n  prepare: ${steps}\n`), cycle, never);
    expect(await prepared(`[{id: deps, argv: [sh, -c, "test -f .env && touch logs-of-deps"]}]`)).toEqual({ kind: "ok" });
    expect(await prepared(`[{id: deps, argv: [sh, -c, "exit 7"]}]`)).toEqual({ kind: "fault", reason: "prepare deps: exit code 7" });
    expect(await prepared(`[{id: deps, argv: [no-such-program]}]`)).toMatchObject({ kind: "fault" });
    rmSync(join(rig.repo.dir, ".env"));
  });

  test("is not begun beside a run that could not be ended, and is when its processes are gone (AGT-25)", async () => {
    const run_id = "run_00000000000000aa";
    const stuck = spawn("sleep", ["1000"], { env: { LOOPX_RUN_ID: run_id, PATH: process.env["PATH"] }, stdio: "ignore" });
    const gone = once(stuck, "exit");
    mkdirSync(join(site.state_dir, "agent-runs", run_id), { recursive: true });
    await writeRecord(agentGround(site), {
      schema_version: "loopx_agent_run_v1",
      run_id,
      driver: "command",
      goal_id: null,
      workspace: site.worktree,
      shown_command: "sleep",
      prompt_sha256: "",
      prompt_bytes: 1,
      state: "ended",
      end: "stop_failed",
      process: null,
      client_version: null,
      confinement: "none",
      started_at: "2026-01-01T00:00:00Z",
      result: "optional",
      limits: { max_seconds: 1, silence_seconds: 0, max_output_bytes: 1 },
    });
    expect(await ensure(site, cycle)).toEqual({ kind: "fault", reason: expect.stringContaining(`processes of ${run_id} are still alive`) });
    stuck.kill("SIGKILL");
    await gone;
    expect(await ensure(site, cycle)).toEqual({ kind: "ok" });
  });
});

describe("a gate", () => {
  const gate = (steps: string): Promise<CycleEvent> => runGate(configured(`worktree:\n  fast_gate: ${steps}\n`), cycle, "fast", never);

  test.each([
    ["a failing step before a passing one", `[{id: a, argv: ["false"]}, {id: b, argv: ["true"]}]`, "a"],
    ["a failing step after a passing one", `[{id: a, argv: ["true"]}, {id: b, argv: ["false"]}]`, "b"],
    ["a failure inside a pipe", `[{id: a, argv: [bash, -o, pipefail, -c, "false | cat"]}]`, "a"],
    ["a failing step that later steps do not hide", `[{id: a, argv: ["false"]}, {id: b, argv: ["true"]}]\n  keep_going: true`, "a"],
    ["a step ended by a signal", `[{id: a, argv: [bash, -c, "kill -9 $$"]}]`, "a"],
    ["output that lacks what must be there", `[{id: a, argv: [echo, "no tests found"], must_match: "\\\\d+ passed"}]`, "a"],
    ["an expression that never ends", `[{id: a, argv: [bash, -c, "printf a%.0s {1..40}"], must_match: "^(a+)+b"}]`, "a"],
    ["a step that writes a tracked file", `[{id: a, argv: [bash, -c, "echo x >> value.txt"]}]`, "gate_mutated_tree"],
    ["a step that leaves a file", `[{id: a, argv: [touch, left.txt]}]`, "gate_mutated_tree"],
    [
      "a step that commits",
      `[{id: a, argv: [git, -c, user.name=p, -c, user.email=p@x, commit, -q, --allow-empty, -m, x]}]`,
      "gate_mutated_tree",
    ],
  ])("fails with %s (WTL-41, WTL-43, WTL-123)", async (_what, steps, failed) => {
    expect(await gate(steps)).toMatchObject({ kind: "gate", verdict: { passed: false, failed_step: failed } });
  });

  test("fails past its limit, and a grandchild in another session does not hold it up (WTL-42)", async () => {
    const event = await gate(`[{id: a, argv: [bash, -c, "setsid sleep 1000 & exec sleep 1000"], timeout_seconds: 1}]`);
    expect(event).toMatchObject({ kind: "gate", failure: { step: "a", reason: expect.stringContaining("time") } });
  });

  test("passes when only a step that is not required fails", async () => {
    expect(await gate(`[{id: a, argv: ["false"], required: false}, {id: b, argv: ["true"]}]`)).toMatchObject({
      kind: "gate",
      failure: null,
    });
  });

  test("with a missing program is no answer, but a fault (WTL-41)", async () => {
    expect(await gate(`[{id: a, argv: [no-such-program-anywhere]}]`)).toMatchObject({
      kind: "fault",
      reason: expect.stringContaining("ENOENT"),
    });
  });

  test("that passes only on a second try is flaky (WTL-44)", async () => {
    const once = join(rig.repo.outside, "once");
    const event = await gate(`[{id: a, argv: [bash, -c, "test -e ${once} || { touch ${once}; exit 1; }"], retries: 1}]`);
    expect(event).toMatchObject({ kind: "gate", verdict: { passed: true, flaky: true } });
  });

  test("gets a small environment, the commits, and the environment file only where it is wanted (WTL-40)", async () => {
    writeFileSync(join(rig.repo.dir, ".env"), "FROM_FILE=yes\n");
    const names = `env: {MORE: m}, argv: [${NODE}, -e, "process.exitCode = Object.keys(process.env).filter((n) => !/^(PATH|HOME|LANG|LC_ALL|TMPDIR|CI|NO_COLOR|MORE|LOOPX_BASE_SHA|LOOPX_CANDIDATE_SHA|LOOPX_RUN_ID)$/.test(n)).length"]`;
    expect(await gate(`[{id: a, ${names}}]`)).toMatchObject({ verdict: { passed: true } });
    rmSync(join(rig.repo.dir, ".env"));
  });
});

describe("a repair is not taken when the agent", () => {
  /** One run of an agent with this body, on a failure of the gate. */
  const repaired = (body: string, more = ""): Promise<CycleEvent> => {
    const agent = JSON.stringify(scriptedAgent(rig, body));
    const yaml = `worktree:\n  fast_gate: [${CHECK}]\n  fix: {enabled: true, driver: command, argv: [${NODE}, ${agent}], paths: [value.txt, src]${more}}\n`;
    const failure = { tier: "fast" as const, step: "unit", exit_code: 3, reason: "exit code 3", log: null };
    return fix(configured(yaml), { ...cycle, phase: "fix", failure }, never);
  };

  test.each<[string, string, RegExp]>([
    ["changes nothing", "", /changed nothing/],
    ["edits outside of its paths", 'fs.writeFileSync("other.txt", "x")', /other\.txt is outside/],
    ["edits the gate", 'fs.writeFileSync("check.mjs", "")', /check\.mjs is protected/],
    ["edits the loop's configuration", 'fs.writeFileSync("loopx-loop.yaml", "")', /is protected/],
    ["edits a test", 'fs.writeFileSync("src/a.test.ts", "")', /is a test/],
    ["removes a test", 'fs.rmSync("src/a.test.ts")', /is a test/],
    ["writes an environment file", 'fs.writeFileSync("src/.env.local", "A=1")', /environment file/],
    ["makes a link", 'fs.symlinkSync("/etc/passwd", "src/link")', /is a link/],
    ["writes a large file", 'fs.writeFileSync("src/big", "x".repeat(2e6))', /2000000 bytes/],
    ["writes a credential", 'fs.writeFileSync("src/key", ["gh", "p_", "a1B2".repeat(9)].join(""))', /credential/],
    ["ends with an error", 'fs.writeFileSync("value.txt", "x"); process.exit(1)', /agent_failed/],
  ])("%s; its change is taken back (WTL-64, WTL-66)", async (_what, body, reason) => {
    expect(await repaired(body)).toMatchObject({ kind: "no_progress", reason: expect.stringMatching(reason) });
    expect(rig.repo.git("-C", ".worktrees/test", "status", "--porcelain")).toBe("");
  });

  test("says nothing for too long", async () => {
    expect(await repaired("setInterval(() => {}, 1e6)", ", silence_seconds: 1")).toMatchObject({
      kind: "no_progress",
      reason: expect.stringContaining("stalled"),
    });
  });

  test("says that all is well: what it claims is no verdict, and its gates are run by the loop (AGT-35)", async () => {
    const claim =
      '{schema_version: "loopx_agent_result_v1", outcome: "pass", summary: "all green", validation: [{command: "npm test", exit_code: 0}]}';
    const result = `fs.writeFileSync(process.env.LOOPX_RESULT_FILE, JSON.stringify(${claim}));`;
    expect(await repaired(result)).toMatchObject({ kind: "no_progress", reason: "the agent changed nothing" });
    expect(await repaired(`${result} fs.writeFileSync("value.txt", "worse\\n")`)).toMatchObject({ kind: "changed" });
    const gates = await runGate(site, cycle, "fast", never);
    expect(gates).toMatchObject({ kind: "gate", verdict: { passed: false } });
  });

  test("knows its run and where its result goes, and no goal where there is none (AGT-6)", async () => {
    const names = '["LOOPX_RUN_ID", "LOOPX_RESULT_FILE", "LOOPX_GOAL_ID"].map((name) => process.env[name] ?? "none").join("\\n")';
    const event = await repaired(`fs.writeFileSync("value.txt", ${names});`);
    const [run_id = "", file, goal] = readFileSync(rig.worktree("value.txt"), "utf8").split("\n");
    expect([event, file, goal]).toEqual([
      { kind: "changed", run_id },
      join(site.state_dir, "agent-runs", run_id, "result/result.json"),
      "none",
    ]);
  });

  test("and is taken when it stays within its bounds: the prompt came by standard input, with no instruction to commit (AGT-98)", async () => {
    const event = await repaired(
      'if (!prompt.startsWith("Build/test failed. Fix only this error.") || /git (?:commit|push)/.test(prompt)) process.exit(1); fs.writeFileSync("value.txt", "x\\n");',
    );
    expect(event).toEqual({ kind: "changed", run_id: expect.stringMatching(/^run_[0-9a-f]{16}$/) });
  });

  test("has no path that it may change", async () => {
    const failing = configured(`worktree: {fast_gate: [${CHECK}], fix: {enabled: true, driver: command, argv: ["true"]}}\n`);
    expect(await fix(failing, cycle, never)).toMatchObject({ kind: "over_budget", reason: expect.stringContaining("no_write_scope") });
  });
});
