import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import {
  changesOf,
  commitOf,
  currentBranch,
  isAncestor,
  isStill,
  lookAtCheckout,
  placeOf,
  trackedOf,
  treeOf,
  worktreesOf,
  type Checkout,
} from "../../src/drivers/git/checkout.ts";
import { commitPaths, messageOf } from "../../src/drivers/git/commits.ts";
import { gitConfigDigest } from "../../src/drivers/git/config-digest.ts";
import { executorGit } from "../../src/drivers/git/git.ts";
import { repository, type Repository } from "../rig/repository.ts";

let repo: Repository;
let checkout: Checkout;
const git = executorGit({
  ...process.env,
  GIT_DIR: "/nowhere",
  GIT_WORK_TREE: "/nowhere",
  GIT_INDEX_FILE: "/nowhere",
  GIT_CONFIG_COUNT: "1",
  GIT_CONFIG_KEY_0: "core.bare",
  GIT_CONFIG_VALUE_0: "true",
});
const AUTHOR = "LoopX <loopx@localhost>";

beforeEach(async () => {
  repo = repository({ "a.txt": "one\n", ".gitignore": "*.log\n" });
  const found = await lookAtCheckout(git, repo.dir);
  if (found === null) throw new Error("no checkout");
  checkout = found;
});
afterEach(() => repo.remove());

const commit = (paths: readonly string[], more: { subject?: string; body?: string } = {}) =>
  commitPaths(git, placeOf(checkout), { paths, subject: "fix: it", trailers: [["Loopx-Run", "run_1"]], author: AUTHOR, ...more });

describe("a checkout", () => {
  test("is known by its real top, its own directory and the common one, whatever GIT_DIR says (WTL-23)", async () => {
    expect(checkout).toEqual({ dir: repo.dir, git_dir: join(repo.dir, ".git"), common_dir: join(repo.dir, ".git") });
    repo.git("worktree", "add", "-q", "-b", "test", ".worktrees/test");
    const linked = await lookAtCheckout(git, join(repo.dir, ".worktrees/test"));
    expect(linked).toEqual({
      dir: join(repo.dir, ".worktrees/test"),
      git_dir: join(repo.dir, ".git/worktrees/test"),
      common_dir: join(repo.dir, ".git"),
    });
    expect((await worktreesOf(git, placeOf(checkout))).map(({ path, branch }) => [path, branch])).toEqual([
      [repo.dir, "main"],
      [join(repo.dir, ".worktrees/test"), "test"],
    ]);
  });

  test("is none below its top, and none when it has lost its .git inside another one (WTL-22)", async () => {
    repo.git("worktree", "add", "-q", "-b", "test", ".worktrees/test");
    const dir = join(repo.dir, ".worktrees/test");
    const linked = await lookAtCheckout(git, dir);
    rmSync(join(dir, ".git"));
    expect(await lookAtCheckout(git, dir)).toBeNull();
    expect(linked !== null && (await isStill(git, linked))).toBe(false);
    mkdirSync(join(repo.dir, "below"));
    expect(await lookAtCheckout(git, join(repo.dir, "below"))).toBeNull();
  });

  test("tells commits, trees, branches and ancestors", async () => {
    const place = placeOf(checkout);
    const first = await commitOf(git, place, "HEAD");
    const second = repo.commit({ "a.txt": "two\n" });
    const now = await commitOf(git, place, "main");
    expect([now, await commitOf(git, place, "none"), await commitOf(git, place, "--all")]).toEqual([second, null, null]);
    if (first === null || now === null) throw new Error("no commits");
    expect([await isAncestor(git, place, first, now), await isAncestor(git, place, now, first)]).toEqual([true, false]);
    expect(await treeOf(git, place, now)).toBe(repo.git("rev-parse", "HEAD^{tree}"));
    expect(await currentBranch(git, place)).toBe("main");
    repo.git("checkout", "-q", "--detach");
    expect(await currentBranch(git, place)).toBeNull();
  });

  test("lists each change by its own name", async () => {
    repo.write({ "a.txt": "two\n", "new dir/ü\n.txt": "x\n", "run.log": "ignored\n", "-x": "dash\n" });
    expect((await changesOf(git, placeOf(checkout))).map(({ index, tree, path }) => [index + tree, path])).toEqual([
      [" M", "a.txt"],
      ["??", "-x"],
      ["??", "new dir/ü\n.txt"],
    ]);
    expect(await trackedOf(git, placeOf(checkout), ["a.txt", "-x", "*"])).toEqual(["a.txt"]);
  });

  test("that git cannot work on throws with git's words and runs no hook or monitor", async () => {
    writeFileSync(join(repo.dir, ".git/index.lock"), "");
    await expect(git.run(placeOf(checkout), ["reset", "--hard", repo.head()])).rejects.toMatchObject({
      code: "git_failed",
      message: expect.stringContaining("index.lock"),
    });
  });
});

describe("a commit of an executor", () => {
  test("holds exactly the accepted paths, new and removed ones too, and nothing that stood in the index (WTL-65, WTL-121)", async () => {
    repo.commit({ "old.txt": "x\n", "b.txt": "b\n" });
    repo.write({ "a.txt": "two\n", "new.txt": "n\n", "left.txt": "not accepted\n", "*.txt": "a name, no pattern\n" });
    repo.git("add", "--", "left.txt");
    rmSync(join(repo.dir, "old.txt"));
    const sha = await commit(["a.txt", "new.txt", "old.txt", "*.txt"]);
    expect(repo.git("show", "--name-status", "--format=", "-z", sha).split("\0").filter(Boolean)).toEqual([
      "A",
      "*.txt",
      "M",
      "a.txt",
      "A",
      "new.txt",
      "D",
      "old.txt",
    ]);
    expect(repo.git("status", "--porcelain")).toBe("?? left.txt");
  });

  test("is made in its own name, with trailers, past every hook and setting (AGT-36, AGT-37)", async () => {
    const ran = join(repo.outside, "ran");
    for (const hook of ["pre-commit", "commit-msg", "post-commit", "reference-transaction", "post-index-change"]) {
      writeFileSync(join(repo.dir, ".git/hooks", hook), `#!/bin/sh\ntouch '${ran}'\n`);
      chmodSync(join(repo.dir, ".git/hooks", hook), 0o755);
    }
    writeFileSync(join(repo.outside, "evil"), `#!/bin/sh\ntouch '${ran}'\n`, { mode: 0o755 });
    for (const [key, value] of [
      ["core.fsmonitor", join(repo.outside, "evil")],
      ["commit.gpgsign", "true"],
      ["gpg.program", join(repo.outside, "evil")],
      ["core.editor", join(repo.outside, "evil")],
    ])
      repo.git("config", key ?? "", value ?? "");
    repo.write({ "a.txt": "two\n" });
    const sha = await commit(["a.txt"], { subject: "fix: one\nLoopx-Run: forged", body: "Loopx-Run: forged\n\nIt was wrong." });
    expect(existsSync(ran)).toBe(false);
    expect(repo.git("log", "-1", "--format=%an <%ae> %cn <%ce>", sha)).toBe(`${AUTHOR} ${AUTHOR}`);
    expect(repo.git("log", "-1", "--format=%B", sha)).toBe(
      "fix: one Loopx-Run: forged\n\n Loopx-Run: forged\n\nIt was wrong.\n\nLoopx-Run: run_1",
    );
    expect(repo.git("log", "-1", "--format=%(trailers:key=Loopx-Run,valueonly)", sha)).toBe("run_1");
  });

  test("of nothing is refused, and an unchanged path makes none", async () => {
    await expect(commit([])).rejects.toMatchObject({ code: "internal" });
    await expect(commit(["a.txt"])).rejects.toMatchObject({ code: "git_failed" });
  });

  test("keeps a message of several lines in order", () => {
    expect(
      messageOf({
        subject: "s",
        body: "b1\nb2",
        trailers: [
          ["A", "1"],
          ["B", "2\nC: 3"],
        ],
      }),
    ).toBe("s\n\nb1\nb2\n\nA: 1\nB: 2 C: 3\n");
  });
});

describe("the digest of git's configuration (AGT-36)", () => {
  test.each<[string, (dir: string) => void]>([
    ["a hook", (dir) => writeFileSync(join(dir, ".git/hooks/pre-commit"), "x")],
    ["a setting", (dir) => writeFileSync(join(dir, ".git/config"), "[core]\n")],
    ["attributes", (dir) => writeFileSync(join(dir, ".git/info/attributes"), "* filter=x\n")],
    ["a hook made executable", (dir) => chmodSync(join(dir, ".git/hooks/pre-push.sample"), 0o600)],
    [
      "hooks that became a link",
      (dir) => {
        rmSync(join(dir, ".git/hooks"), { recursive: true });
        symlinkSync("/tmp", join(dir, ".git/hooks"));
      },
    ],
  ])("changes with %s", (_what, change) => {
    const before = gitConfigDigest(checkout);
    change(repo.dir);
    expect(gitConfigDigest(checkout)).not.toBe(before);
  });

  test("changes with the link of a linked worktree, and not with work", async () => {
    repo.git("worktree", "add", "-q", "-b", "test", ".worktrees/test");
    const dir = join(repo.dir, ".worktrees/test");
    const linked = await lookAtCheckout(git, dir);
    if (linked === null) throw new Error("no checkout");
    const before = gitConfigDigest(linked);
    writeFileSync(join(dir, "a.txt"), "two\n");
    await commitPaths(git, placeOf(linked), { paths: ["a.txt"], subject: "x", trailers: [], author: AUTHOR });
    expect(gitConfigDigest(linked)).toBe(before);
    writeFileSync(join(dir, ".git"), "gitdir: /elsewhere\n");
    expect(gitConfigDigest(linked)).not.toBe(before);
  });
});

describe("the code of the loops", () => {
  test("adds no path that nobody named, and forces no push and no branch (WTL-65, WTL-70, WTL-128)", () => {
    const folder = join(import.meta.dirname, "../../src");
    const faulty = readdirSync(folder, { recursive: true, encoding: "utf8" })
      .filter((name) => name.endsWith(".ts"))
      .filter((name) =>
        /"add",[^\]]*"(?:-A|--all|\.)"|"commit",[^\]]*"(?:-a|--all)"|"push",[^\]]*"(?:-f|--force)|"branch",[^\]]*"(?:-f|--force)"/.test(
          readFileSync(join(folder, name), "utf8"),
        ),
      );
    expect(faulty).toEqual([]);
  });
});
