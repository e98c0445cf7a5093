/** Whole cycles on real repositories, with real processes (section 13 of the loop). */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { CHECK, loopRig, scriptedAgent, stateText, type LoopRig } from "../rig/loop.ts";
import { realGround, type RealGround } from "../rig/keeper.ts";

let real: RealGround;
let rig: LoopRig;
beforeAll(async () => {
  real = await realGround();
});
afterAll(() => real.remove());
afterEach(() => rig.remove());

const PLAIN = `worktree:\n  fast_gate: [${CHECK}]\n`;
const NODE = JSON.stringify(process.execPath);

/** Repair by a program of kind `command` that may change `value.txt` and what is below `src`. */
const repairing = (agent: string, more = ""): string => `worktree:
  fast_gate: [${CHECK}]
  fix:
    enabled: true
    driver: command
    argv: [${NODE}, ${JSON.stringify(agent)}]
    paths: [value.txt, src]
${more}`;

/** A rig whose agent does this; its program lies outside of the repository. */
function withAgent(body: string, more = ""): LoopRig {
  const made = loopRig(real, "");
  const agent = scriptedAgent(made, body);
  made.repo.commit({ "loopx-loop.yaml": repairing(agent, more), "value.txt": "bad\n" }, "Break it");
  return made;
}

describe("a good commit", () => {
  test("is validated; nothing is merged, and each line is told in order (WTL-87)", async () => {
    rig = loopRig(real, PLAIN);
    const before = rig.repo.head();
    expect(await rig.cycle()).toMatchObject({ result: "validated", phase: "done", attempt: 1, agent_runs: 0, candidate_sha: before });
    expect(rig.repo.head()).toBe(before);
    expect(rig.told).toEqual([
      "[cycle 1/5] Building...",
      "[cycle 1] Running tests...",
      "[cycle 1] Tests passed. Restarting primary...",
      "Primary restarted. Ready.",
    ]);
    const memory = JSON.parse(stateText(await rig.open(), "watch.json")) as Record<string, unknown>;
    expect(memory).toMatchObject({ last_validated_sha: before, last: { result: "validated", sha: before } });
    expect(rig.repo.git("status", "--porcelain")).toBe("");
  });

  test("is told in Chinese to whom it is wanted", async () => {
    rig = loopRig(real, PLAIN);
    await rig.cycle({}, undefined, { locale: "zh" });
    expect(rig.told[1]).toBe("[第 1 轮] 正在运行测试……");
  });

  test("is built once, into a folder of its own; the artifact says what it is (WTL-74)", async () => {
    rig = loopRig(real, `${PLAIN}  build: {argv: [cp, value.txt, "{artifact_dir}"]}\n`);
    await rig.cycle();
    const site = await rig.open();
    const artifact = join(site.state_dir, "artifacts", rig.repo.head());
    expect(readFileSync(join(artifact, "value.txt"), "utf8")).toBe("good\n");
    expect(JSON.parse(readFileSync(join(artifact, "artifact.json"), "utf8"))).toMatchObject({
      sha: rig.repo.head(),
      files: [{ path: "value.txt" }],
    });
  });
});

describe("a failing commit without repair", () => {
  test("is gate_failed: no commit, no agent, and the step's own log is kept for people", async () => {
    rig = loopRig(real, PLAIN, { "value.txt": "bad\n" });
    const before = rig.repo.head();
    expect(await rig.cycle()).toMatchObject({ result: "gate_failed", failure: { tier: "fast", step: "unit", exit_code: 3 } });
    expect([rig.repo.head(), rig.repo.git("for-each-ref", "refs/loopx/")]).toEqual([before, ""]);
    expect(rig.told.at(-1)).toBe("[cycle 1] Tests failed. Auto-fix is off. Manual fix needed.");
    expect(readFileSync(join(rig.repo.dir, "logs/lark-loop.fail.txt"), "utf8")).toContain("value is wrong");
  });
});

describe("a failing commit with repair", () => {
  test("is repaired, tested again and promoted by fast-forward, as one commit with trailers (WTL-65, WTL-70)", async () => {
    rig = withAgent(
      'if (!prompt.includes("value is wrong")) process.exit(1);\nfs.writeFileSync("value.txt", "good\\n"); fs.mkdirSync("src"); fs.writeFileSync("src/new.txt", "n\\n");',
    );
    const base = rig.repo.head();
    const cycle = await rig.cycle();
    expect(cycle).toMatchObject({ result: "promoted", attempt: 2, agent_runs: 1, base_sha: base });
    expect(rig.repo.head()).toBe(cycle.candidate_sha);
    expect(rig.repo.git("log", "--format=%s|%an|%(trailers:key=Loopx-Base,valueonly,separator=)", `${base}..`)).toBe(
      `fix: auto-fix from test (attempt 1)|LoopX|${base}`,
    );
    expect(rig.repo.git("show", "--name-only", "--format=", "HEAD").split("\n")).toEqual(["src/new.txt", "value.txt"]);
    expect([readFileSync(join(rig.repo.dir, "value.txt"), "utf8"), rig.repo.git("status", "--porcelain")]).toEqual(["good\n", ""]);
    expect(rig.told).toEqual([
      "[cycle 1/5] Building...",
      "[cycle 1] Running tests...",
      "[cycle 1] Tests failed, auto-fixing...",
      "[cycle 2/5] Building...",
      "[cycle 2] Running tests...",
      "[cycle 2] Tests passed. Restarting primary...",
      "Primary restarted. Ready.",
    ]);
  });

  test("is not promoted when no run of the agent is taken; nothing of it stays (WTL-66)", async () => {
    rig = withAgent('fs.writeFileSync("other.txt", "x")', "  max_retries: 2\n");
    const before = rig.repo.head();
    expect(await rig.cycle()).toMatchObject({
      result: "fix_exhausted",
      agent_runs: 2,
      attempt: 1,
      reason: expect.stringContaining("other.txt"),
    });
    expect([rig.repo.head(), rig.repo.git("status", "--porcelain")]).toEqual([before, ""]);
    expect(rig.repo.git("-C", ".worktrees/test", "status", "--porcelain")).toBe("");
    expect(rig.told.at(-1)).toBe("Auto-fix exhausted (5 cycles). Manual fix needed.");
  });

  test("is given up after its attempts when the gate stays red: as many gates as attempts, one repair less", async () => {
    rig = withAgent('fs.writeFileSync("value.txt", "bad " + Math.random() + "\\n");', "  max_cycles: 3\n");
    expect(await rig.cycle()).toMatchObject({ result: "fix_exhausted", attempt: 3, agent_runs: 2 });
    expect(rig.told.filter((line) => line.includes("Running tests")).length).toBe(3);
  });

  test("is given up for the day when agents have run often enough (WTL-60)", async () => {
    rig = withAgent("", "    max_runs_per_day: 1\n");
    expect(await rig.cycle()).toMatchObject({ result: "fix_exhausted", reason: expect.stringContaining("24 hours") });
  });

  test("is not promoted, and a person is told, when the agent touched git's configuration (AGT-36)", async () => {
    rig = withAgent(
      `fs.writeFileSync("value.txt", "good\\n"); fs.writeFileSync(fs.readFileSync(".git", "utf8").slice(8).trim() + "/../../hooks/pre-commit", "#!/bin/sh\\ntouch ran\\n", { mode: 0o755 });`,
    );
    const before = rig.repo.head();
    expect(await rig.cycle()).toMatchObject({ result: "fix_exhausted", reason: expect.stringContaining("git_config_changed") });
    expect([rig.repo.head(), existsSync(join(rig.repo.dir, "ran"))]).toEqual([before, false]);
  });

  test("shows the agent no environment file and no secret, and gives it back afterwards; no log, record, line or commit has one (WTL-26, WTL-61, WTL-137)", async () => {
    const secret = ["planted", "4f7a9c2e1b", "value"].join("-");
    const token = ["chat", "9c1d7e2f55", "value"].join("-");
    rig = withAgent(
      'fs.writeFileSync(process.env.LOOPX_RESULT_FILE + ".seen", JSON.stringify([fs.existsSync(".env"), prompt, process.argv, process.env])); fs.writeFileSync("value.txt", "good\\n");',
    );
    rig.repo.commit({
      "check.mjs": `${readFileSync(join(rig.repo.dir, "check.mjs"), "utf8")}`.replace(
        'console.error("value is wrong")',
        'console.error("value is wrong", readFileSync(".env", "utf8"), JSON.stringify(process.env))',
      ),
    });
    writeFileSync(join(rig.repo.dir, ".env"), `APP_TOKEN=${secret}\n`);
    Object.assign(rig.env, { LARK_APP_SECRET: token });
    const cycle = await rig.cycle();
    expect(cycle.result).toBe("promoted");
    expect(readFileSync(rig.worktree(".env"), "utf8")).toContain(secret);
    expect(statSync(rig.worktree(".env")).mode & 0o777).toBe(0o600);
    const site = await rig.open();
    const places = [site.state_dir, join(rig.repo.dir, "logs"), join(rig.repo.dir, ".git")];
    const holds = (text: Buffer | string): boolean => text.includes(secret) || text.includes(token);
    expect(places.flatMap(filesBelow).filter((path) => holds(readFileSync(path)))).toEqual([]);
    // Objects of git are compressed: every commit as text.
    expect(holds(rig.repo.git("log", "--all", "-p"))).toBe(false);
    expect(rig.told.filter(holds)).toEqual([]);
  });
});

describe("a damaged test worktree (WTL-21, WTL-22)", () => {
  test("that lost its .git is kept and made anew; edits in the main folder survive (WTL-122)", async () => {
    rig = loopRig(real, PLAIN);
    await rig.cycle();
    rmSync(rig.worktree(".git"));
    writeFileSync(rig.worktree("precious.txt"), "mine\n");
    rig.repo.write({ "value.txt": "edited by a person\n" });
    expect((await rig.cycle()).result).toBe("validated");
    expect(readFileSync(join(rig.repo.dir, "value.txt"), "utf8")).toBe("edited by a person\n");
    const [orphan = ""] = rig.repo
      .git("status", "--porcelain", "--ignored")
      .split("\n")
      .filter((line) => line.includes(".worktrees"));
    expect(orphan).toContain(".worktrees");
    expect(rig.told.some((line) => line.includes("-orphan-"))).toBe(true);
  });

  test("that is gone is made anew; a locked one is an error with the command", async () => {
    rig = loopRig(real, PLAIN);
    await rig.cycle();
    rmSync(rig.worktree(), { recursive: true });
    expect((await rig.cycle()).result).toBe("validated");
    rig.repo.git("worktree", "lock", ".worktrees/test");
    expect(await rig.cycle()).toMatchObject({ result: "infra_error", reason: expect.stringContaining("is locked") });
  });

  test("with commits and edits of a person is reset only after both were kept (WTL-24)", async () => {
    rig = loopRig(real, PLAIN);
    const { cycle_id } = await rig.cycle();
    rig.repo.git("-C", ".worktrees/test", "commit", "-q", "--allow-empty", "-m", "mine");
    writeFileSync(rig.worktree("value.txt"), "edited\n");
    writeFileSync(rig.worktree("-new file.txt"), "untracked\n");
    const next = await rig.cycle();
    expect([next.result, next.cycle_id > cycle_id]).toEqual(["validated", true]);
    expect(rig.repo.git("log", "-1", "--format=%s", `refs/loopx/rescue/${next.cycle_id}`)).toBe("mine");
    const site = await rig.open();
    expect(stateText(site, `logs/${next.cycle_id}/rescue.patch`)).toContain("+edited");
    expect(statSync(join(site.state_dir, `logs/${next.cycle_id}/rescue.tar`)).size).toBeGreaterThan(0);
  });

  test("that git cannot reset is never tested: index.lock is a fault, and nothing is called validated (WTL-120)", async () => {
    rig = loopRig(real, PLAIN);
    await rig.cycle();
    const good = rig.repo.head();
    rig.repo.commit({ "other.txt": "x\n" });
    writeFileSync(join(rig.repo.dir, ".git/worktrees/test/index.lock"), "");
    expect(await rig.cycle()).toMatchObject({ result: "infra_error", reason: expect.stringContaining("index.lock") });
    expect(JSON.parse(stateText(await rig.open(), "watch.json"))).toMatchObject({ last_validated_sha: good });
  });
});

describe("the main branch", () => {
  test("that moved during the gates is not touched; the repair is kept (WTL-71)", async () => {
    rig = withAgent(
      'fs.writeFileSync("value.txt", "good\\n"); const { execFileSync } = await import("node:child_process"); execFileSync("git", ["-C", "../..", "-c", "user.name=p", "-c", "user.email=p@x", "commit", "-q", "--allow-empty", "-m", "meanwhile"]);',
    );
    const cycle = await rig.cycle();
    expect(cycle.result).toBe("base_moved");
    expect(rig.repo.git("log", "-1", "--format=%s")).toBe("meanwhile");
    expect(rig.repo.git("rev-parse", `refs/loopx/candidate/${cycle.cycle_id}`)).toBe(cycle.candidate_sha);
  });

  test("with local changes in the way is main_dirty, and they survive; tidied, it is promoted with the verdicts it has", async () => {
    rig = withAgent('fs.writeFileSync("value.txt", "good\\n");');
    const base = rig.repo.head();
    rig.repo.write({ "value.txt": "a person's work\n" });
    expect(await rig.cycle()).toMatchObject({ result: "main_dirty", reason: expect.stringContaining("value.txt") });
    expect([rig.repo.head(), readFileSync(join(rig.repo.dir, "value.txt"), "utf8")]).toEqual([base, "a person's work\n"]);
    rig.repo.git("checkout", "--", "value.txt");
    const told = rig.told.length;
    expect(await rig.cycle({ go_on: true })).toMatchObject({ result: "promoted", agent_runs: 0, attempt: 0 });
    expect(rig.told.slice(told)).toEqual(["Primary restarted. Ready."]);
    expect(readFileSync(join(rig.repo.dir, "value.txt"), "utf8")).toBe("good\n");
  });

  test("that is not checked out where it was is wrong_branch, and no ref moves (WTL-124)", async () => {
    rig = withAgent(
      'fs.writeFileSync("value.txt", "good\\n"); const { execFileSync } = await import("node:child_process"); execFileSync("git", ["-C", "../..", "checkout", "-q", "-b", "elsewhere"]);',
    );
    const base = rig.repo.head();
    expect((await rig.cycle()).result).toBe("wrong_branch");
    expect([rig.repo.git("rev-parse", "main"), rig.repo.git("rev-parse", "elsewhere")]).toEqual([base, base]);
  });
});

describe("two cycles at once", () => {
  test("one is busy and leaves no byte behind (WTL-136)", async () => {
    const folder = mkdtempSync(join(tmpdir(), "loopx-two-cycles-"));
    const [begun, go] = [join(folder, "begun"), join(folder, "go")];
    const gate = ["sh", "-c", `touch ${begun}; until [ -e ${go} ]; do sleep 0.02; done`];
    rig = loopRig(real, `worktree:\n  fast_gate: [{id: a, argv: ${JSON.stringify(gate)}}]\n`);
    const first = rig.cycle();
    while (!existsSync(begun)) await new Promise((resolve) => setImmediate(resolve));
    expect((await rig.cycle()).result).toBe("busy");
    writeFileSync(go, "");
    expect((await first).result).toBe("validated");
    rmSync(folder, { recursive: true });
  });
});

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    return entry.isDirectory() ? filesBelow(path) : entry.isFile() ? [path] : [];
  });
}
