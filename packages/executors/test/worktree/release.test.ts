/** What happens to a repair that passed: approval, promotion beside a moving main, push (WTL-70 to WTL-73). */
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { connect, listTodos, openHost, operatorGate, type FileHost } from "@loopx/core";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { CHECK, loopRig, scriptedAgent, type LoopRig } from "../rig/loop.ts";
import { realGround, type RealGround } from "../rig/keeper.ts";

let real: RealGround;
let rig: LoopRig;
beforeAll(async () => {
  real = await realGround();
});
afterAll(() => real.remove());
afterEach(() => rig.remove());

const NODE = JSON.stringify(process.execPath);
const AS_PERSON = "-c user.name=p -c user.email=p@x";

/** A broken commit on main, and an agent that does this about it. */
function broken(body: string, more: string, goal = ""): void {
  rig = loopRig(real, "");
  const agent = scriptedAgent(rig, body);
  const fix = `{enabled: true, driver: command, argv: [${NODE}, ${JSON.stringify(agent)}], paths: [value.txt, src]}`;
  rig.repo.commit(
    {
      "loopx-loop.yaml": `${goal}worktree:\n  fast_gate: [${CHECK}]\n  fix: ${fix}\n${more}`,
      "value.txt": "bad\n",
      ".gitignore": ".env\nlogs/\n.worktrees/\n.loopx/\n.codex/\n",
    },
    "Break it",
  );
}

const HEALS = 'fs.writeFileSync("value.txt", "good\\n");';

describe("a push", () => {
  test("is made only where the configuration says, of exactly the commit, and its failure is told and changes nothing (WTL-73, WTL-128)", async () => {
    broken(HEALS, "  promotion: {push: {remote: origin, branch: trunk}}\n");
    const bare = join(rig.repo.outside, "bare.git");
    for (const name of ["origin", "backup"]) {
      mkdirSync(`${bare}-${name}`);
      rig.repo.git("init", "-q", "--bare", `${bare}-${name}`);
      rig.repo.git("remote", "add", name, `${bare}-${name}`);
    }
    const { result, candidate_sha } = await rig.cycle();
    expect(result).toBe("promoted");
    expect(rig.repo.git("ls-remote", "origin")).toBe(`${candidate_sha}\trefs/heads/trunk`);
    expect(rig.repo.git("ls-remote", "backup")).toBe("");
    // The remote went its own way: nothing is forced.
    const theirs = rig.repo.git("commit-tree", "-p", "HEAD~1", "-m", "theirs", "HEAD^{tree}");
    rig.repo.git("push", "-q", "origin", `+${theirs}:refs/heads/trunk`);
    rig.repo.commit({ "value.txt": "bad\n" }, "Break it again");
    expect((await rig.cycle()).result).toBe("promoted");
    expect(rig.repo.git("ls-remote", "origin")).toBe(`${theirs}\trefs/heads/trunk`);
    expect(rig.told.some((line) => line.startsWith("push to origin failed"))).toBe(true);
    // A remote's name that git would read as something else is no fault of the commit.
    rig.repo.commit({
      "loopx-loop.yaml": readFileSync(join(rig.repo.dir, "loopx-loop.yaml"), "utf8").replace("remote: origin", 'remote: "--mirror"'),
      "value.txt": "bad once more\n",
    });
    expect((await rig.cycle()).result).toBe("promoted");
    expect(rig.told.some((line) => line.startsWith("push to --mirror failed"))).toBe(true);
  });
});

describe("an approval", () => {
  test("is waited for, counts for its commit only, and lets the tested commit go on without another gate (WTL-72)", async () => {
    broken(HEALS, "  promotion: {require_approval: true}\n", "goal_id: parser\n");
    const host: FileHost = openHost({ cwd: rig.repo.dir, env: rig.env, home: rig.env["HOME"] ?? "", project: "." });
    await connect(host, { goal_id: "parser", project: rig.repo.dir, cwd: rig.repo.dir });
    const base = rig.repo.head();
    const waiting = await rig.cycle();
    expect(waiting).toMatchObject({ result: "awaiting_gate", agent_runs: 1 });
    expect(rig.told.at(-1)).toContain(`--gate promote_${waiting.candidate_sha}`);
    const asked = async () => {
      const { todos } = await listTodos(host, { goal_id: "parser", role: "user", cwd: rig.repo.dir });
      return todos.filter(({ text }) => text.includes("Approve the promotion")).map(({ status }) => status);
    };
    expect(await asked()).toEqual(["open"]);
    const answer = (gate: string, decision: "approve" | "reject") =>
      operatorGate(host, { goal_id: "parser", gate, decision, reason_summary: "looked at it" });
    await answer(`promote_${base}`, "approve");
    expect((await rig.cycle({ go_on: true })).result).toBe("awaiting_gate");
    expect([rig.repo.head(), await asked()]).toEqual([base, ["open"]]);
    await answer(`promote_${waiting.candidate_sha}`, "approve");
    expect(await rig.cycle({ go_on: true })).toMatchObject({ result: "promoted", agent_runs: 0, attempt: 0 });
    expect([rig.repo.head(), await asked()]).toEqual([waiting.candidate_sha, ["done"]]);
    // The next one is refused: it is done with, and its question with it.
    rig.repo.commit({ "value.txt": "worse\n" }, "Break it again");
    const second = await rig.cycle();
    await answer(`promote_${second.candidate_sha}`, "reject");
    expect(await rig.cycle({ go_on: true })).toMatchObject({ result: "rejected" });
    expect(await asked()).toEqual(["done", "done"]);
  });
});

describe("a verdict that waited", () => {
  test("holds no longer when an environment file or a program of its gates is another one: the gates run again (WTL-28)", async () => {
    broken(HEALS, "  promotion: {require_approval: true}\n");
    rig.repo.write({ ".env": "MODE=one\n" });
    const gates = (): number => rig.told.filter((line) => line.includes("Running tests")).length;
    expect((await rig.cycle()).result).toBe("awaiting_gate");
    const ran = gates();
    expect((await rig.cycle({ go_on: true })).result).toBe("awaiting_gate");
    expect(gates()).toBe(ran);
    rig.repo.write({ ".env": "MODE=two\n" });
    expect((await rig.cycle({ go_on: true })).result).toBe("awaiting_gate");
    expect(gates()).toBeGreaterThan(ran);
  });
});

describe("a main branch that moves while its commit is tested", () => {
  const moving = (how: string): string =>
    JSON.stringify(["sh", "-c", `test -e ../../moved || { touch ../../moved; cd ../.. && git ${AS_PERSON} ${how}; }`]);

  test("on top of it: what was tested is deployed from its artifact, and main stays where the person put it (WTL-71, WTL-130)", async () => {
    rig = loopRig(
      real,
      `worktree:\n  fast_gate: [{id: a, argv: ${moving("commit -q --allow-empty -m meanwhile")}}]\n  build: {argv: [cp, value.txt, "{artifact_dir}"]}\n`,
      { ".gitignore": "logs/\n.worktrees/\nmoved\n" },
    );
    const base = rig.repo.head();
    expect(await rig.cycle()).toMatchObject({ result: "validated", candidate_sha: base });
    expect(rig.repo.git("log", "--format=%s")).toBe("meanwhile\nFirst");
  });

  test("away from it, or without an artifact, is base_moved; nobody's commit is lost", async () => {
    rig = loopRig(real, `worktree:\n  fast_gate: [{id: a, argv: ${moving("commit -q --amend -m diverged")}}]\n`, {
      ".gitignore": "logs/\n.worktrees/\nmoved\n",
    });
    expect((await rig.cycle()).result).toBe("base_moved");
    expect(rig.repo.git("log", "--format=%s")).toBe("diverged");
    expect((await rig.cycle()).result).toBe("validated");
  });
});

describe("a repair that only adds a file", () => {
  test("is committed and promoted; the next commit without it fails again (WTL-121)", async () => {
    broken('fs.mkdirSync("src", { recursive: true }); fs.writeFileSync("src/new.txt", "n\\n");', "");
    rig.repo.commit({
      "value.txt": "good\n",
      "check.mjs":
        'import { existsSync } from "node:fs";\nif (!existsSync("src/new.txt")) { console.error("src/new.txt is missing"); process.exit(3); }\n',
    });
    expect(await rig.cycle()).toMatchObject({ result: "promoted", attempt: 2 });
    expect(rig.repo.git("show", "--name-status", "--format=", "HEAD")).toBe("A\tsrc/new.txt");
    rig.repo.git("rm", "-q", "src/new.txt");
    rig.repo.git("commit", "-q", "-m", "Take it away");
    expect(await rig.cycle({}, undefined, { env: { ...rig.env, LOOPX_LOOP_AUTOFIX: "0" } })).toMatchObject({ result: "gate_failed" });
  });
});
