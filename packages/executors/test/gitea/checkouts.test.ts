/** The host's git against real bare repositories over HTTP (DSP-46, DSP-55 to DSP-57): what it does, and what it never lets out. */
import { execFileSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { executorGit } from "../../src/drivers/git/git.ts";
import { mirrorCheckouts } from "../../src/drivers/mirrors/checkouts.ts";
import { removeOld } from "../../src/drivers/mirrors/checkout.ts";
import type { MirrorGround } from "../../src/drivers/mirrors/ground.ts";
import { secretsOf } from "../../src/drivers/process/secrets.ts";
import type { Checkouts, RunPlace } from "../../src/gitea/checkouts.ts";
import { realGround, type RealGround } from "../rig/keeper.ts";
import { rig, valueOf, type Rig } from "./rig.ts";

const REPO = "human/project";
const FILES = { "a.txt": "one\ntwo\nthree\n", "src/b.txt": "b\n", ".gitignore": "ignored/\n", "gate.sh": "#!/bin/sh\nexit 0\n" };
const MESSAGE = { subject: "Do it", body: "", trailers: [["Loopx-Run", "run_1"]] as const };

let keeper: RealGround;
let all: Rig;
let state: string;
let calls: string;
let git: Checkouts;
let ground: MirrorGround;
let base: string;
let turn = 0;

const place = (run_id = "run_1", number = 1): RunPlace => ({ repo: REPO, number, run_id });
const repository = () => ({
  repo: REPO,
  owner: "human",
  owner_is_organisation: false,
  archived: false,
  default_branch: "main",
  clone_url: "http://elsewhere.invalid/x.git",
  can_write: true,
});
const remote = () => all.gitea.world.git ?? expect.fail();
const bare = () => all.repo.git_dir ?? "";

beforeAll(async () => {
  keeper = await realGround();
});
afterAll(() => keeper.remove());

beforeEach(async () => {
  turn += 1;
  all = await rig({ git: true });
  state = join(keeper.folder, `state-${turn}`);
  mkdirSync(join(state, "work"), { recursive: true });
  calls = join(keeper.folder, `calls-${turn}.log`);
  const env = { PATH: process.env["PATH"] ?? "", HOME: keeper.folder };
  ground = {
    git: executorGit(env),
    url: all.gitea.url,
    account: { username: "clawbot", token: all.token },
    state_dir: state,
    author: () => "LoopX <loopx@localhost>",
    branch_prefix: () => "agent/",
    env: { ...env, GITEA_TOKEN: all.token },
    secrets: secretsOf([all.token]),
    launch: keeper,
    signal: new AbortController().signal,
  };
  git = mirrorCheckouts(ground);
  base = remote().commit(bare(), "main", FILES);
  valueOf(await git.fetch(repository()));
});
afterEach(() => all.gitea.close());

/** A `git` before the real one that writes down how it was called. */
function shim(): string {
  const folder = join(keeper.folder, `bin-${turn}`);
  mkdirSync(folder);
  const real = execFileSync("sh", ["-c", "command -v git"], { encoding: "utf8" }).trim();
  writeFileSync(join(folder, "git"), `#!/bin/sh\n{ printf '%s\\n' "$@"; env; } >> '${calls}'\nexec '${real}' "$@"\n`, { mode: 0o755 });
  return folder;
}

async function opened(of = place(), at = base, beside?: string): Promise<string> {
  return valueOf(await git.open(of, at, beside)).dir;
}

async function committed(files: Readonly<Record<string, string>>, of = place(), at = base): Promise<string> {
  const dir = await opened(of, at);
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(dir, path)), { recursive: true });
    writeFileSync(join(dir, path), text);
  }
  valueOf(await git.diff(of));
  return valueOf(await git.commit(of, { ...MESSAGE, trailers: [["Loopx-Run", of.run_id]] })).sha;
}

/** Every file below, as Latin-1 text. */
function everything(folder: string): string {
  return readdirSync(folder, { withFileTypes: true })
    .map((entry) => {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) return everything(path);
      return entry.isFile() ? readFileSync(path, "latin1") : "";
    })
    .join("\n");
}

const show = (sha: string, format: string): string => remote().run(bare(), "log", "-1", `--format=${format}`, sha);

describe("a checkout (DSP-46)", () => {
  test("has the files of its commit and a git of its own, without a remote, a credential or a hook", async () => {
    const dir = await opened(place(), base, base);
    expect(readFileSync(join(dir, "a.txt"), "utf8")).toBe(FILES["a.txt"]);
    const own = (...args: string[]): string => execFileSync("git", ["-C", dir, ...args], { encoding: "utf8" }).trim();
    expect([own("status", "--porcelain"), own("remote"), own("rev-parse", "HEAD", "base")]).toEqual(["", "", `${base}\n${base}`]);
    expect(existsSync(join(dir, ".git/hooks"))).toBe(false);
    expect(readFileSync(join(dir, ".git/config"), "utf8")).not.toMatch(/url|http|credential/);
    expect(dirname(realpathSync(dir))).toBe(realpathSync(join(state, "work")));
  });

  test("of another item, run or look-alike name is another folder, whatever they are called", async () => {
    const one = await opened(place("run_1", 1));
    const other = await opened(place("run_2", 1));
    const third = await opened(place("../../run\u202e 1", 1));
    expect(new Set([one, other, third]).size).toBe(3);
    for (const dir of [one, other, third]) expect(dir.slice(join(state, "work").length + 1)).toMatch(/^[a-z0-9-]{1,60}-[0-9a-f]{8}$/);
    // Made by git or written down again, it is the same, and none shares an object with the mirror or with another.
    writeFileSync(join(other, ".git/config"), "[core]\n\thooksPath = /\n");
    const fourth = await opened(place("run_4", 4));
    expect(readFileSync(join(fourth, ".git/config"), "utf8")).toBe(readFileSync(join(one, ".git/config"), "utf8"));
    for (const dir of [one, third, fourth]) {
      expect(execFileSync("git", ["-C", dir, "fsck", "--full", "--strict"], { encoding: "utf8" })).toBe("");
      expect(existsSync(join(dir, ".git/objects/info/alternates"))).toBe(false);
      const pack = join(dir, ".git/objects/pack");
      expect(readdirSync(pack).map((name) => lstatSync(join(pack, name)).nlink)).toEqual([1, 1]);
    }
  });

  test("comes from a mirror that is made anew when it was left half made, and from names that git has packed", async () => {
    const [mirror = ""] = readdirSync(join(state, "repos")).map((name) => join(state, "repos", name));
    const tip = remote().commit(bare(), "main", { "c.txt": "c\n" });
    truncateSync(join(mirror, "HEAD"), 0);
    valueOf(await git.fetch(repository()));
    expect(valueOf(await git.branchSha(REPO, "main"))).toBe(tip);
    execFileSync("git", [`--git-dir=${mirror}`, "pack-refs", "--all"]);
    expect(existsSync(join(mirror, "refs/forge/heads/main"))).toBe(false);
    expect(valueOf(await git.branchSha(REPO, "main"))).toBe(tip);
    expect(existsSync(join(await opened(place(), tip), "c.txt"))).toBe(true);
  });

  test("of a name that is no repository asks the server nothing and makes nothing", async () => {
    const before = all.gitea.journal.length;
    for (const repo of ["../../x", "a/b/c", "human/..", "a b/c", `${"x".repeat(300)}/y`, "häuser/größe"])
      expect([repo, (await git.fetch({ ...repository(), repo })).kind]).toEqual([repo, "failed"]);
    expect(all.gitea.journal.length).toBe(before);
    expect(readdirSync(join(state, "repos"))).toHaveLength(1);
  });

  test("is removed whole, although its maker locked it, and a link in it is not followed", async () => {
    const dir = await opened();
    const outside = join(keeper.folder, `outside-${turn}`);
    mkdirSync(outside);
    writeFileSync(join(outside, "kept.txt"), "kept");
    symlinkSync(outside, join(dir, "link"));
    mkdirSync(join(dir, "locked/deep"), { recursive: true });
    chmodSync(join(dir, "locked"), 0o000);
    expect(await git.remove(place())).toEqual({ kind: "value", value: null });
    expect(await git.remove(place())).toEqual({ kind: "value", value: null });
    expect([existsSync(dir), existsSync(join(outside, "kept.txt"))]).toEqual([false, true]);
    expect(readdirSync(join(state, "work"))).toEqual([]);
  });

  test("stays as the agent left it when it is opened again, is made anew at another commit (PSM-7), and goes after a week", async () => {
    const dir = await opened();
    writeFileSync(join(dir, "mine.txt"), "work");
    expect(await opened()).toBe(dir);
    expect(existsSync(join(dir, "mine.txt"))).toBe(true);
    const next = remote().commit(bare(), "main", { "c.txt": "c\n" });
    valueOf(await git.fetch(repository()));
    await opened(place(), next);
    expect([existsSync(join(dir, "mine.txt")), existsSync(join(dir, "c.txt"))]).toEqual([false, true]);
    const day = 24 * 3_600_000;
    expect(removeOld(ground, Date.now() + 6 * day)).toEqual([]);
    expect(removeOld(ground, Date.now() + 8 * day)).toHaveLength(1);
    expect(existsSync(dir)).toBe(false);
  });
});

describe("the tree that a worker left (DSP-57)", () => {
  test("is told change by change: links with their target, programs, nested repositories, sizes, credentials", async () => {
    const dir = await opened();
    const secret = ["ghp", "A1b2C3d4E5f6G7h8I9j0K1l2M3n4O5p6Q7r8"].join("_");
    writeFileSync(join(dir, "a.txt"), `one\ntwo\n${secret}\n`);
    execFileSync("rm", [join(dir, "src/b.txt")]);
    symlinkSync("/etc", join(dir, "out"));
    writeFileSync(join(dir, "run.sh"), "x", { mode: 0o755 });
    writeFileSync(join(dir, "leak.txt"), `first\n++ ${all.token}\n`);
    writeFileSync(join(dir, "big.bin"), "");
    truncateSync(join(dir, "big.bin"), 33 * 1024 * 1024);
    mkdirSync(join(dir, "ignored"));
    writeFileSync(join(dir, "ignored/x"), "x");
    execFileSync("git", ["init", "-q", join(dir, "nested")]);
    execFileSync("git", [
      "-C",
      join(dir, "nested"),
      "-c",
      "user.name=x",
      "-c",
      "user.email=x@y",
      "commit",
      "-q",
      "--allow-empty",
      "-m",
      "x",
    ]);
    const diff = valueOf(await git.diff(place()));
    const told = diff.changes.map(({ path, kind, type, bytes, target }) => [path, kind, type, type === "submodule" ? 0 : bytes, target]);
    expect(told).toEqual([
      ["a.txt", "modified", "file", 9 + secret.length, null],
      ["leak.txt", "added", "file", 10 + all.token.length, null],
      ["nested", "added", "submodule", 0, null],
      ["out", "added", "symlink", 4, "/etc"],
      ["run.sh", "added", "executable", 1, null],
      ["src/b.txt", "deleted", "file", 0, null],
      ["big.bin", "added", "file", 33 * 1024 * 1024, null],
    ]);
    expect(diff.credentials).toEqual([
      { path: "a.txt", line: 3, rule: "credential" },
      { path: "leak.txt", line: 2, rule: "secret of this host" },
    ]);
    expect(diff.diff_bytes).toBeGreaterThan(100);
  });

  test("with what git would choke on is told all the same: pipes, locked files, names of git directories, links to other runs", async () => {
    const dir = await opened();
    execFileSync("mkfifo", [join(dir, "pipe")]);
    execFileSync("sh", ["-c", "rm a.txt && mkfifo a.txt"], { cwd: dir });
    for (const name of [".GIT", "git~1"]) {
      mkdirSync(join(dir, name));
      writeFileSync(join(dir, name, "config"), "x");
    }
    writeFileSync(join(dir, "locked.txt"), "x", { mode: 0o000 });
    const { changes } = valueOf(await git.diff(place()));
    expect(changes.map(({ path, type }) => [path, type])).toEqual([
      ["locked.txt", "file"],
      [".GIT/config", "other"],
      ["git~1/config", "other"],
      ["a.txt", "other"],
    ]);
    const other = await opened(place("run_2", 2));
    execFileSync("sh", ["-c", `rm -rf '${other}' && ln -s '${dir}' '${other}'`]);
    const gone = { changes: [{ path: ".", kind: "deleted", type: "other" }] };
    expect(valueOf(await git.diff(place("run_2", 2)))).toMatchObject(gone);
    execFileSync("rm", ["-rf", dir]);
    expect(valueOf(await git.diff(place()))).toMatchObject(gone);
    expect((await git.commit(place(), MESSAGE)).kind).toBe("failed");
  });

  test("that is as it was has no change, and there is nothing to commit", async () => {
    await opened();
    expect(valueOf(await git.diff(place())).changes).toEqual([]);
    expect((await git.commit(place(), MESSAGE)).kind).toBe("failed");
  });
});

describe("a commit (AGT-36, AGT-37)", () => {
  test("is of the tree that was judged, has our name and trailers, and is the same a second time", async () => {
    const dir = await opened();
    writeFileSync(join(dir, "a.txt"), "changed\n");
    valueOf(await git.diff(place()));
    writeFileSync(join(dir, "later.txt"), "after the judging");
    const { sha } = valueOf(await git.commit(place(), { ...MESSAGE, body: "Loopx-Run: forged\nwords" }));
    expect(valueOf(await git.commit(place(), MESSAGE)).sha).toBe(sha);
    const [commit] = valueOf(await git.range(REPO, base, sha));
    expect(commit).toEqual({ sha, subject: "Do it", run_id: "run_1" });
    expect(await git.push(place(), repository(), { branch: "agent/1-x", sha, expected: null, ours: ["run_1"] })).toEqual({
      kind: "value",
      value: { kind: "pushed" },
    });
    expect(show(sha, "%an <%ae> %P")).toBe(`LoopX <loopx@localhost> ${base}`);
    expect(remote().run(bare(), "ls-tree", "--name-only", sha).split("\n")).toEqual([".gitignore", "README.md", "a.txt", "gate.sh", "src"]);
  });

  test("is made and pushed past everything that an agent configured in its checkout", async () => {
    const dir = await opened();
    const trap = join(keeper.folder, `trap-${turn}`);
    const script = `#!/bin/sh\ntouch '${trap}'\ncat\n`;
    mkdirSync(join(dir, ".git/hooks"), { recursive: true });
    for (const name of ["pre-commit", "post-checkout", "pre-push", "post-rewrite", "reference-transaction", "post-index-change"])
      writeFileSync(join(dir, ".git/hooks", name), script, { mode: 0o755 });
    writeFileSync(join(dir, "trap.sh"), script, { mode: 0o755 });
    const hostile = [
      ["core.fsmonitor", "./trap.sh"],
      ["core.sshCommand", "./trap.sh"],
      ["filter.trap.clean", "./trap.sh"],
      ["diff.external", "./trap.sh"],
      ["credential.helper", "!./trap.sh"],
      [`url.http://127.0.0.2:9/.insteadOf`, all.gitea.url],
    ] as const;
    for (const [key, value] of hostile) execFileSync("git", ["-C", dir, "config", key, value]);
    writeFileSync(join(dir, ".gitattributes"), "* filter=trap diff=trap merge=trap\n");
    writeFileSync(join(dir, "a.txt"), "changed\n");
    valueOf(await git.diff(place()));
    const { sha } = valueOf(await git.commit(place(), MESSAGE));
    remote().commit(bare(), "main", { "other.txt": "o\n" });
    valueOf(await git.fetch(repository()));
    const moved = valueOf(await git.rebase(place(), "main", ["run_1"]));
    expect(moved).toMatchObject({ kind: "moved", how: "rebased", tree_changed: true });
    const pushed = moved.kind === "moved" ? moved.sha : sha;
    expect(valueOf(await git.push(place(), repository(), { branch: "agent/1-x", sha: pushed, expected: null, ours: ["run_1"] }))).toEqual({
      kind: "pushed",
    });
    expect(existsSync(trap)).toBe(false);
    expect(existsSync(join(dir, "other.txt"))).toBe(true);
    expect(lstatSync(join(dir, ".git/hooks/pre-commit")).isFile()).toBe(true);
  });
});

describe("a rebase (DSP-55, DSP-56)", () => {
  test("of a commit on the newest base changes nothing", async () => {
    const sha = await committed({ "new.txt": "n\n" });
    expect(valueOf(await git.rebase(place(), "main", ["run_1"]))).toEqual({ kind: "current", sha });
  });

  test("that does not apply names the paths, and leaves the run's commit and its checkout as they were", async () => {
    const sha = await committed({ "a.txt": "one\nmine\nthree\n" });
    remote().commit(bare(), "main", { "a.txt": "one\ntheirs\nthree\n" });
    valueOf(await git.fetch(repository()));
    expect(valueOf(await git.rebase(place(), "main", ["run_1"]))).toEqual({ kind: "conflicts", paths: ["a.txt"] });
    expect(readFileSync(join(await opened(), "a.txt"), "utf8")).toContain("mine");
    expect(valueOf(await git.push(place(), repository(), { branch: "agent/1-x", sha, expected: null, ours: [] }))).toEqual({
      kind: "pushed",
    });
  });

  test("of a branch with a person's commit merges the base in, and the commit keeps its id", async () => {
    const theirs = remote().commit(bare(), "agent/1-x", { "person.txt": "p\n" }, { message: "By hand" });
    remote().commit(bare(), "main", { "other.txt": "o\n" });
    valueOf(await git.fetch(repository()));
    await committed({ "new.txt": "n\n" }, place("run_2"), theirs);
    const moved = valueOf(await git.rebase(place("run_2"), "main", ["run_1", "run_2"]));
    expect(moved).toMatchObject({ kind: "moved", how: "merged" });
    const sha = moved.kind === "moved" ? moved.sha : "";
    const ids = valueOf(await git.range(REPO, base, sha)).map((commit) => commit.sha);
    expect(ids).toContain(theirs);
    const order = { branch: "agent/1-x", sha, expected: theirs, ours: ["run_1", "run_2"] };
    expect(valueOf(await git.push(place("run_2"), repository(), order))).toEqual({ kind: "pushed" });
  });
});

describe("a push (DSP-56)", () => {
  test("goes to branches with our prefix only, of the run's own commit, and once", async () => {
    const sha = await committed({ "new.txt": "n\n" });
    const push = (branch: string, more = {}) => git.push(place(), repository(), { branch, sha, expected: null, ours: ["run_1"], ...more });
    for (const branch of ["main", "agents/x", "refs/heads/main"]) expect(valueOf(await push(branch))).toMatchObject({ kind: "refused" });
    for (const branch of ["agent/", "agent/../main", "agent/x:main", "agent/x y", "--force"])
      expect((await push(branch)).kind).toBe("failed");
    expect(valueOf(await push("agent/1-x", { sha: base }))).toMatchObject({ kind: "refused" });
    expect(valueOf(await push("agent/1-x"))).toEqual({ kind: "pushed" });
    expect(valueOf(await push("agent/1-x"))).toEqual({ kind: "same" });
    expect(remote().branches(bare())).toEqual(["agent/1-x", "main"]);
  });

  test("over a branch that somebody moved is stale, and a person's commit is never lost", async () => {
    const sha = await committed({ "new.txt": "n\n" });
    const theirs = remote().commit(bare(), "agent/1-x", { "person.txt": "p\n" });
    const push = (expected: string | null) => git.push(place(), repository(), { branch: "agent/1-x", sha, expected, ours: ["run_1"] });
    expect(valueOf(await push(null))).toEqual({ kind: "stale", actual: theirs });
    valueOf(await git.fetch(repository()));
    expect(valueOf(await push(theirs))).toMatchObject({
      kind: "refused",
      reason: `${theirs.slice(0, 12)} on the branch is not ours and would be lost`,
    });
    expect(remote().branch(bare(), "agent/1-x")).toBe(theirs);
  });

  test("of a rebased branch of our own replaces it", async () => {
    const first = await committed({ "new.txt": "n\n" });
    valueOf(await git.push(place(), repository(), { branch: "agent/1-x", sha: first, expected: null, ours: ["run_1"] }));
    remote().commit(bare(), "main", { "other.txt": "o\n" });
    valueOf(await git.fetch(repository()));
    await committed({ "more.txt": "m\n" }, place("run_2"), first);
    const moved = valueOf(await git.rebase(place("run_2"), "main", ["run_1", "run_2"]));
    const sha = moved.kind === "moved" ? moved.sha : "";
    const order = { branch: "agent/1-x", sha, expected: first, ours: ["run_1", "run_2"] };
    expect(valueOf(await git.push(place("run_2"), repository(), order))).toEqual({ kind: "pushed" });
    expect(valueOf(await git.range(REPO, base, sha)).map(({ run_id }) => run_id)).toEqual([null, "run_1", "run_2"]);
  });

  test("that the server's own hook declines is refused with its words", async () => {
    const sha = await committed({ "new.txt": "n\n" });
    mkdirSync(join(bare(), "hooks"), { recursive: true });
    writeFileSync(join(bare(), "hooks/pre-receive"), "#!/bin/sh\nexit 1\n", { mode: 0o755 });
    const end = valueOf(await git.push(place(), repository(), { branch: "agent/1-x", sha, expected: null, ours: [] }));
    expect(end).toEqual({ kind: "refused", reason: "pre-receive hook declined" });
  });
});

describe("fetches of one repository", () => {
  test("that are asked for before one of them has begun are one; one that has begun is too old for whoever asks later", async () => {
    let begun = 0;
    const later: Promise<unknown>[] = [];
    const run: MirrorGround["git"]["run"] = (at, args, options) => {
      if (args[0] === "fetch") begun += 1;
      if (args[0] === "fetch" && begun === 1) later.push(...[1, 2].map(() => git.fetch(repository())));
      return ground.git.run(at, args, options);
    };
    git = mirrorCheckouts({ ...ground, git: { ...ground.git, run } });
    const tip = remote().commit(bare(), "main", { "c.txt": "c\n" });
    const ends = await Promise.all([1, 2, 3].map(() => git.fetch(repository())));
    expect([...ends, ...(await Promise.all(later))]).toEqual(Array.from({ length: 5 }, () => ({ kind: "value", value: null })));
    expect([begun, valueOf(await git.branchSha(REPO, "main"))]).toEqual([2, tip]);
  });
});

describe("heads of pulls", () => {
  test("are fetched by number, from a fork too; one that is not there is null", async () => {
    const theirs = remote().commit(bare(), "feature", { "f.txt": "f\n" });
    remote().setPullHead(bare(), bare(), 7, theirs);
    expect(valueOf(await git.pullSha(REPO, 7))).toBe(theirs);
    expect(valueOf(await git.pullSha(REPO, 8))).toBeNull();
    expect(valueOf(await git.branchSha(REPO, "main"))).toBe(base);
    expect(valueOf(await git.branchSha(REPO, "gone"))).toBeNull();
  });
});

describe("a gate (DSP-55)", () => {
  const gate = (argv: readonly string[], seconds = 30) => git.gate(place(), argv, seconds, new AbortController().signal);

  test("runs in the tree that was judged, without the token, and what it leaves is not committed", async () => {
    const dir = await opened();
    writeFileSync(join(dir, "a.txt"), "judged\n");
    valueOf(await git.diff(place()));
    writeFileSync(join(dir, "a.txt"), "changed behind our back\n");
    writeFileSync(join(dir, "smuggled.txt"), "x");
    const seen = join(keeper.folder, `seen-${turn}`);
    const script = `cat a.txt > '${seen}'; ls >> '${seen}'; env >> '${seen}'; echo made > made.txt`;
    expect(await gate(["sh", "-c", script])).toEqual({ kind: "passed" });
    const told = readFileSync(seen, "utf8");
    expect(told).toContain("judged\n");
    expect(told).not.toContain("smuggled");
    expect(told).not.toContain(all.token);
    expect(told).toContain("LOOPX_RUN_ID=run_1");
    const { sha } = valueOf(await git.commit(place(), MESSAGE));
    valueOf(await git.push(place(), repository(), { branch: "agent/1-x", sha, expected: null, ours: [] }));
    expect(remote().run(bare(), "show", `${sha}:a.txt`)).toBe("judged");
    expect(remote().run(bare(), "ls-tree", "--name-only", sha)).not.toContain("made.txt");
  });

  test("ends as failed with its words, as missing, or at its limit", async () => {
    await opened();
    const leaky = `echo told ${all.token}; exit 3`;
    expect(await gate(["sh", "-c", leaky])).toEqual({ kind: "failed", exit_code: 3, output: "told <redacted>" });
    expect(await gate(["no-such-program-here"])).toEqual({ kind: "missing", program: "no-such-program-here" });
    expect(await gate(["./no-such-script"])).toEqual({ kind: "missing", program: "./no-such-script" });
    expect(await gate(["sleep", "60"], 0.2)).toMatchObject({ kind: "timeout" });
  });
});

describe("a fault of the server", () => {
  test("is said in one word, without the token", async () => {
    const none = await git.fetch({ ...repository(), repo: "human/nothing" });
    expect(none).toMatchObject({ kind: "failed", fault: "missing" });
    for (const token of all.gitea.world.tokens.values()) token.revoked = true;
    all.repo.is_private = true;
    const refused = await git.fetch(repository());
    expect(refused).toMatchObject({ kind: "failed", fault: "refused" });
    const nowhere = mirrorCheckouts({ ...ground, url: "http://127.0.0.1:9" });
    const unreachable = await nowhere.fetch(repository());
    expect(unreachable).toMatchObject({ kind: "failed", fault: "unreachable" });
    expect(JSON.stringify([none, refused, unreachable])).not.toContain(all.token);
  });
});

describe("the token", () => {
  test("is in no argument, no environment, no file and no address; only the server hears it (DSP-46, DSP-56, DSP-98)", async () => {
    all.repo.is_private = true;
    const PATH = `${shim()}${delimiter}${process.env["PATH"] ?? ""}`;
    git = mirrorCheckouts({ ...ground, git: executorGit({ PATH, HOME: keeper.folder }) });
    valueOf(await git.fetch(repository()));
    const sha = await committed({ "new.txt": "n\n" });
    remote().commit(bare(), "main", { "other.txt": "o\n" });
    valueOf(await git.fetch(repository()));
    const moved = valueOf(await git.rebase(place(), "main", ["run_1"]));
    const order = { branch: "agent/1-x", sha: moved.kind === "moved" ? moved.sha : sha, expected: null, ours: ["run_1"] };
    expect(valueOf(await git.push(place(), repository(), order))).toEqual({ kind: "pushed" });
    const coded = Buffer.from(`clawbot:${all.token}`).toString("base64");
    for (const text of [readFileSync(calls, "latin1"), everything(state), all.gitea.journal.map(({ path }) => path).join("\n")])
      for (const spelling of [all.token, coded]) expect(text).not.toContain(spelling);
    expect(new Set(all.gitea.journal.map(({ authorization }) => authorization))).toEqual(new Set(["", `Basic ${coded}`]));
  });
});
