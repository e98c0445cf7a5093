/** A project that LoopX leaves is as it was before, for git and for the file system; a restore brings every byte back (CMD-40, CMD-41). */
import { execFileSync } from "node:child_process";
import { chmodSync, existsSync, statSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { openSandbox, writeFile, type Sandbox } from "./rig/sandbox.ts";
import { readTree } from "./rig/tree.ts";

let sandbox: Sandbox;

beforeEach(() => {
  sandbox = openSandbox();
  git("init", "--quiet");
  sandbox.write({ "README.md": "# Project\n" });
  git("add", "README.md");
  git("-c", "user.name=t", "-c", "user.email=t@example.org", "commit", "--quiet", "--message", "start");
});
afterEach(() => sandbox.remove());

function git(...words: string[]): string {
  return execFileSync("git", words, { cwd: sandbox.project, encoding: "utf8", env: { PATH: process.env["PATH"], HOME: sandbox.home } });
}

const projectTree = () => readTree(sandbox.project, (path) => path === ".git");
const isArchive = (path: string) => path === ".git" || path === ".loopx";
const registryOf = () => join(sandbox.project, ".loopx", "registry.json");

async function loopx(argv: readonly string[], env: Record<string, string> = {}): Promise<string> {
  const { code, stdout, stderr } = await sandbox.run(["--runtime-root", sandbox.runtime, ...argv], { env });
  expect(`${code} ${stderr}`).toBe("0 ");
  return stdout;
}

async function leave(...flags: string[]): Promise<string> {
  const answer = JSON.parse(await loopx(["disconnect", ...flags, "--execute", "--json"])) as { stamp: string };
  return answer.stamp;
}

describe("a project without any ignore rule", () => {
  test("has no file, no folder and no line of git status that it did not have", async () => {
    const [before, status] = [projectTree(), git("status", "--porcelain")];
    await loopx(["connect", "-g", "atlas"]);
    const connected = projectTree();
    const stamp = await leave("--archive-state", "--remove-empty-registry");
    expect(git("status", "--porcelain")).toBe(status);
    // The archived state alone is left, and git does not see it.
    expect(readTree(sandbox.project, isArchive)).toEqual(before);
    expect(Object.keys(readTree(join(sandbox.project, ".loopx"))).filter((path) => !path.endsWith("/"))).toEqual([
      `archived-project-state/atlas-${stamp}/.gitignore`,
      `archived-project-state/atlas-${stamp}/ACTIVE_GOAL_STATE.md`,
    ]);
    await loopx(["disconnect", "--restore", stamp, "--execute"]);
    expect(projectTree()).toEqual(connected);
  });

  test("keeps what else lies in the folders", async () => {
    await loopx(["connect", "-g", "atlas"]);
    sandbox.write({ ".codex/goals/atlas/notes.md": "mine\n", ".loopx/mine.json": "{}\n" });
    const connected = projectTree();
    const stamp = await leave("--archive-state", "--remove-empty-registry");
    expect(projectTree()).toMatchObject({
      ".codex/goals/atlas/notes.md": connected[".codex/goals/atlas/notes.md"],
      ".loopx/mine.json": connected[".loopx/mine.json"],
    });
    await loopx(["disconnect", "--restore", stamp, "--execute"]);
    expect(projectTree()).toEqual(connected);
  });
});

test("keeps who may read a file, where it goes and when it comes back", async () => {
  await loopx(["connect", "-g", "atlas"]);
  const state = join(sandbox.project, ".codex/goals/atlas/ACTIVE_GOAL_STATE.md");
  chmodSync(state, 0o600);
  chmodSync(registryOf(), 0o640);
  const stamp = await leave("--archive-state", "--remove-empty-registry");
  const mode = (path: string) => (statSync(path).mode & 0o777).toString(8);
  expect(mode(join(sandbox.project, `.loopx/archived-project-state/atlas-${stamp}/ACTIVE_GOAL_STATE.md`))).toBe("600");
  await loopx(["disconnect", "--restore", stamp, "--execute"]);
  expect([mode(state), mode(registryOf())]).toEqual(["600", "640"]);
});

test("where git ignores the private folders, no ignore file is added", async () => {
  sandbox.write({ ".gitignore": ".loopx/\n.codex/goals/\n" });
  await loopx(["connect", "-g", "atlas"]);
  const stamp = await leave("--archive-state", "--remove-empty-registry");
  expect(existsSync(join(sandbox.project, `.loopx/archived-project-state/atlas-${stamp}/.gitignore`))).toBe(false);
});

test("a registry outside the project keeps its folder, and the state is archived in its own repository", async () => {
  const registry = join(sandbox.outside, "registries", "mine.json");
  await loopx(["connect", "--registry", registry, "-g", "atlas"]);
  const tree = readTree(sandbox.root, (path) => path.startsWith("runtime") || path === "project/.git");
  const answer = JSON.parse(
    await loopx(["disconnect", "--registry", registry, "--archive-state", "--remove-empty-registry", "--execute", "--json"]),
  ) as { stamp: string; state_actions: { archived_to: string }[] };
  expect(answer.state_actions[0]?.archived_to.startsWith(join(sandbox.project, ".loopx/archived-project-state/atlas-"))).toBe(true);
  expect(existsSync(answer.state_actions[0]?.archived_to ?? "")).toBe(true);
  expect(readTree(sandbox.outside)).toEqual({ "registries/": expect.any(String) as string });
  await loopx(["disconnect", "--restore", answer.stamp, "--execute"]);
  expect(readTree(sandbox.root, (path) => path.startsWith("runtime") || path === "project/.git")).toEqual(tree);
});

describe("a registry that is named and gone", () => {
  test.each([
    ["LOOPX_REGISTRY", []],
    ["--registry", ["--registry", "<registry>"]],
  ])("%s: list and restore work", async (_how, flags) => {
    const named = flags.map((word) => word.replace("<registry>", registryOf()));
    const env: Record<string, string> = named.length === 0 ? { LOOPX_REGISTRY: registryOf() } : {};
    await loopx(["connect", "-g", "atlas"]);
    const connected = projectTree();
    const stamp = await leave("--remove-empty-registry");
    expect(await loopx(["disconnect", "--list", ...named], env)).toContain(stamp);
    await loopx(["disconnect", "--restore", stamp, "--execute", ...named], env);
    expect(projectTree()).toEqual(connected);
  });

  test("any other call still says that it is missing", async () => {
    const { code, stderr } = await sandbox.run(["disconnect"], { env: { LOOPX_REGISTRY: join(sandbox.outside, "none.json") } });
    expect([code, stderr]).toEqual([2, expect.stringContaining("does not exist")]);
  });
});

test("a file that changed meanwhile refuses the restore and is named with its copy", async () => {
  await loopx(["connect", "-g", "atlas"]);
  const stamp = await leave("--archive-state");
  writeFile(registryOf(), "{}\n");
  const before = readTree(sandbox.root, (path) => path === "runtime/locks");
  const { code, stderr } = await sandbox.run(["--runtime-root", sandbox.runtime, "disconnect", "--restore", stamp, "--execute"]);
  expect(code).toBe(1);
  expect(stderr).toBe(
    `error: ${registryOf()} changed after the disconnect; nothing was restored\n` +
      `hint: compare it with ${sandbox.runtime}/disconnected/${stamp}/registry.json\n`,
  );
  expect(readTree(sandbox.root, (path) => path === "runtime/locks")).toEqual(before);
});
