/** Paths that lead out of the project, or to something that is no goal state (FIL-5, FIL-115, CMD-31). */
import { mkdirSync, readFileSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { openSandbox, type Sandbox } from "../rig/sandbox.ts";
import { ask, connected, editRegistry, refused, REGISTRY, stateOf, told, worksOn } from "./rig.ts";

let sandbox: Sandbox;
beforeEach(async () => {
  sandbox = await connected();
  writeFileSync(join(sandbox.outside, "kept.md"), "# Not ours\n");
});
afterEach(async () => {
  await worksOn(sandbox);
  expect(readFileSync(join(sandbox.outside, "kept.md"), "utf8")).toBe("# Not ours\n");
  sandbox.remove();
});

describe("--state-file of connect", () => {
  test.each([
    ["../../x", "path_outside_root"],
    ["../outside/kept.md", "path_outside_root"],
    ["a/../../outside/kept.md", "path_outside_root"],
    ["/etc/passwd", "path_outside_root"],
    [".", "path_outside_root"],
    ["", "invalid_value"],
    [" ", "invalid_value"],
    ["a\nb.md", "invalid_value"],
    [".git/STATE.md", "invalid_value"],
    [".codex/goals", "not_a_regular_file"],
    ["notes.md/STATE.md", "not_a_regular_file"],
    [REGISTRY, "path_outside_root"],
    ["by-link/kept.md", "path_outside_root"],
    ["registry-link.md", "path_outside_root"],
    ["notes.txt", "path_outside_root"],
    ["Makefile", "path_outside_root"],
  ] as const)("%j is refused", async (path, code) => {
    symlinkSync(sandbox.outside, join(sandbox.project, "by-link"));
    symlinkSync(REGISTRY, join(sandbox.project, "registry-link.md"));
    writeFileSync(join(sandbox.project, "notes.md"), "");
    await refused(sandbox, ["connect", "-g", "new", `--state-file=${path}`], code);
    if (code !== "not_a_regular_file") await refused(sandbox, ["connect", "-g", "g", "--force", `--state-file=${path}`], code);
  });

  test("inside the project is taken, from another folder too", async () => {
    mkdirSync(join(sandbox.project, "docs"));
    await told(sandbox, ["connect", "-g", "new", "--state-file", "docs/./STATE.md"]);
    await told(sandbox, ["todo", "add", "-g", "new", "--role", "agent", "--text", "more"]);
    expect(readFileSync(join(sandbox.project, "docs/STATE.md"), "utf8")).toContain("more");
  });
});

describe("--project of connect is an existing folder; it is never created", () => {
  test.each([
    ["missing", "nowhere"],
    ["a file", "outside/kept.md"],
    ["below a file", "outside/kept.md/deeper"],
  ])("%s", async (_name, path) => {
    const error = await refused(sandbox, ["connect", "-g", "new", "--project", join(sandbox.root, path)], "project_missing");
    expect(error.message).toContain(join(sandbox.root, path));
  });
});

describe("an entry that leads out blocks its goal; nothing there is opened", () => {
  test.each([
    ["../../x", "path_outside_root", /lies outside the goal's repository/],
    ["../outside/kept.md", "path_outside_root", /lies outside the goal's repository/],
    ["/etc/passwd", "path_outside_root", /lies outside the goal's repository/],
    [REGISTRY, "path_outside_root", /is the registry itself/],
    ["link.md", "path_outside_root", /is the registry itself/],
    ["notes.txt", "path_outside_root", /notes\.txt is no Markdown file/],
    [".bashrc", "path_outside_root", /\.bashrc is no Markdown file/],
    ["link-to-bashrc.md", "path_outside_root", /\.bashrc is no Markdown file/],
  ] as const)("state_file %j", async (state_file, code, message) => {
    symlinkSync(REGISTRY, join(sandbox.project, "link.md"));
    for (const name of ["notes.txt", ".bashrc"]) writeFileSync(join(sandbox.project, name), "kept\n");
    symlinkSync(".bashrc", join(sandbox.project, "link-to-bashrc.md"));
    editRegistry(sandbox, (goals) => Object.assign(goals[0] ?? {}, { state_file }));
    const before = readFileSync(join(sandbox.project, REGISTRY), "utf8");
    const error = await refused(sandbox, ["should-run", "-g", "g"], "goal_unhealthy");
    expect(error.message).toMatch(message);
    expect(error.hint).toBe(`loopx connect --project ${sandbox.project} --goal-id g --force`);
    for (const command of [
      ["todo", "add", "-g", "g", "--role", "agent", "--text", "more"],
      ["todo", "list", "-g", "g"],
      ["refresh-state", "-g", "g"],
      ["heartbeat-prompt", "-g", "g"],
    ])
      await refused(sandbox, command, code);
    await refused(sandbox, ["quota", "spend-slot", "-g", "g", "--execute"], code);
    expect(readFileSync(join(sandbox.project, REGISTRY), "utf8")).toBe(before);
    await told(sandbox, ["connect", "--project", sandbox.project, "-g", "g", "--force"]);
    await worksOn(sandbox, "g");
  });

  test.each(["nowhere", "outside/kept.md"])("repo %j is no directory", async (path) => {
    const repo = join(sandbox.root, path);
    editRegistry(sandbox, (goals) => Object.assign(goals[0] ?? {}, { repo }));
    expect((await refused(sandbox, ["should-run", "-g", "g"], "goal_unhealthy")).message).toBe(
      `the repository ${repo} is no existing directory`,
    );
    await refused(sandbox, ["todo", "add", "-g", "g", "--role", "agent", "--text", "more"], "goal_unhealthy");
  });

  test.each([".", "project", "~/project"])("repo %j would be another directory for every caller: it is none", async (repo) => {
    editRegistry(sandbox, (goals) => Object.assign(goals[0] ?? {}, { repo }));
    for (const cwd of [sandbox.project, sandbox.root]) {
      const { code, stdout } = await sandbox.run(["should-run", "-g", "g", "--registry", join(sandbox.project, REGISTRY)], { cwd });
      expect([code, stdout]).toEqual([13, `skip g [contract_broken] the repository ${repo} is no existing directory\n`]);
    }
  });

  test("a state file that is a link out of the project, dangling or not", async () => {
    const file = join(sandbox.project, stateOf("g"));
    for (const target of [join(sandbox.outside, "kept.md"), join(sandbox.outside, "nothing.md")]) {
      rmSync(file);
      symlinkSync(target, file);
      expect((await refused(sandbox, ["should-run", "-g", "g"], "goal_unhealthy")).message).toContain("lies outside the goal's repository");
      await refused(sandbox, ["todo", "add", "-g", "g", "--role", "agent", "--text", "more"], "path_outside_root");
      await refused(sandbox, ["connect", "-g", "g"], "path_outside_root");
      await refused(sandbox, ["connect", "-g", "g", "--force"], "path_outside_root");
    }
  });

  test("a state file that is a link inside the project is followed, and the link stays", async () => {
    const file = join(sandbox.project, stateOf("g"));
    const target = join(sandbox.project, "STATE.md");
    writeFileSync(target, readFileSync(file));
    rmSync(file);
    symlinkSync(target, file);
    const { changed } = await ask(sandbox, ["todo", "add", "-g", "g", "--role", "agent", "--text", "more"]);
    expect(changed).toEqual(["project/STATE.md"]);
    expect(realpathSync(file)).toBe(target);
  });
});

test("a folder of goals that is a link out of the project is not written through", async () => {
  symlinkSync(sandbox.outside, join(sandbox.project, ".codex/goals/new"));
  await refused(sandbox, ["connect", "-g", "new"], "path_outside_root");
  expect(dirname(join(sandbox.project, stateOf("new")))).toBe(join(sandbox.project, ".codex/goals/new"));
});

describe("a file stands where the runtime root, or a folder above it, belongs (CMD-6)", () => {
  test.each([".codex", ".codex/loopx"])("~/%s", async (path) => {
    const blocked = openSandbox();
    const file = join(blocked.home, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, "a note\n");
    for (const command of [
      ["connect", "-g", "g"],
      ["connect", "-g", "g", "--no-global-sync"],
      ["sync-global"],
      ["status"],
      ["should-run"],
    ]) {
      const error = await refused(blocked, command, "invalid_value");
      expect(error.message).toContain(`${file} is no folder`);
      expect(error.hint).toContain("--runtime-root");
    }
    const doctor = await blocked.run(["doctor", "--json"]);
    expect(doctor.code).toBe(1);
    expect(doctor.stdout).toContain(`${file} is no folder`);
    await told(blocked, ["connect", "-g", "g", "--runtime-root", join(blocked.root, "elsewhere")]);
    expect(readFileSync(file, "utf8")).toBe("a note\n");
    blocked.remove();
  });
});
