/** Where a side agent stands, asked of a real git (DEC-84). */
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { systemClock } from "../../src/node/clock.ts";
import { nodeCommands } from "../../src/node/commands.ts";
import { readingGit } from "../../src/node/git.ts";
import { fileProject } from "../../src/node/project.ts";

let root: string;
const at = (...parts: string[]) => join(root, ...parts);

function git(folder: string, ...args: string[]): void {
  const env = { PATH: process.env["PATH"], HOME: root, GIT_CONFIG_NOSYSTEM: "1" };
  execFileSync("git", ["-c", "user.name=a", "-c", "user.email=a@b.invalid", ...args], { cwd: folder, env, stdio: "pipe" });
}

beforeAll(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), "loopx-workspace-")));
  for (const folder of ["repo/packages/parser", "plain/deep", "bare", "other", "broken"]) mkdirSync(at(folder), { recursive: true });
  git(at("repo"), "init", "--quiet");
  git(at("repo"), "commit", "--quiet", "--allow-empty", "-m", "start");
  git(at("repo"), "worktree", "add", "--quiet", at("beside"), "-b", "beside");
  git(at("repo"), "worktree", "add", "--quiet", at("repo/.worktrees/inside"), "-b", "inside");
  mkdirSync(at("beside/src"));
  symlinkSync(at("beside"), at("link"));
  git(at(), "clone", "--quiet", at("repo"), at("clone"));
  git(at(), "clone", "--quiet", "--bare", at("repo"), at("bare/.bare"));
  writeFileSync(at("bare/.git"), "gitdir: ./.bare\n");
  git(at("bare"), "worktree", "add", "--quiet", at("bare/side"), "-b", "side");
  writeFileSync(at("broken/.git"), "gitdir: ./gone\n");
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

test.each([
  ["the registered checkout", "repo", "repo", "primary_checkout"],
  ["a folder of it", "repo", "repo/packages/parser", "primary_checkout"],
  ["a linked worktree beside it", "repo", "beside", "independent_worktree"],
  ["a folder of that", "repo", "beside/src", "independent_worktree"],
  ["a link to that", "repo", "link", "independent_worktree"],
  ["a linked worktree within it", "repo", "repo/.worktrees/inside", "independent_worktree"],
  ["its directory of git", "repo", "repo/.git", "not_git_worktree"],
  ["a clone of it", "repo", "clone", "foreign_git_worktree"],
  ["no repository at all", "repo", "plain", "not_git_worktree"],
  ["the checkout of a project that is one folder of it", "repo/packages/parser", "repo", "primary_checkout"],
  ["the worktree of such a project", "repo/packages/parser", "beside", "independent_worktree"],
  ["a project without git", "plain", "plain/deep", "repository_without_git"],
  ["the worktree of a bare repository", "bare", "bare/side", "independent_worktree"],
  ["the bare repository itself", "bare", "bare", "not_git_worktree"],
  ["a project whose git cannot be asked", "broken", "broken", "not_git_worktree"],
])("%s", async (_, repo, folder, expected) => {
  const project = fileProject(readingGit(nodeCommands(systemClock), { PATH: process.env["PATH"], HOME: root }), root, new Map());
  expect(await project.workspace(at(repo), at(folder))).toBe(expected);
});
