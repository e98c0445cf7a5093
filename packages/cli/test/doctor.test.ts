/** Each check of `doctor` sees its own fault, names a repair and is content afterwards; nothing is written (CMD-68). */
import { chmodSync, mkdirSync, renameSync, symlinkSync, utimesSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Patient } from "../src/doctor/check.ts";
import { networkFileSystem } from "../src/doctor/ground.ts";
import { openSandbox, START_MS, writeFile, type Sandbox } from "./rig/sandbox.ts";
import { readTree } from "./rig/tree.ts";

interface Answer {
  readonly ok: boolean;
  readonly canary: string | null;
  readonly checks: readonly { id: string; required: boolean; ok: boolean; detail: string; fix: string | null }[];
  readonly fix: readonly string[];
}

let sandbox: Sandbox;
beforeEach(() => {
  sandbox = openSandbox();
});
afterEach(() => sandbox.remove());

const home = (...parts: string[]) => join(sandbox.home, ...parts);
const LOCK = ".codex/goals/atlas/ACTIVE_GOAL_STATE.md.lock";

async function doctor(): Promise<Answer> {
  const before = readTree(sandbox.root);
  const { stdout, stderr } = await sandbox.run(["doctor", "--json"], { env: { PATH: home(".local/bin") } });
  expect(stderr).toBe("");
  expect(readTree(sandbox.root)).toEqual(before);
  return JSON.parse(stdout) as Answer;
}

async function fault(id: string): Promise<string | null> {
  const found = (await doctor()).checks.find((each) => each.id === id);
  expect(found?.fix === null).toBe(found?.ok);
  return found?.ok === true ? null : (found?.fix ?? "");
}

function program(path: string): string {
  writeFile(path, "#!/bin/sh\n");
  chmodSync(path, 0o755);
  return path;
}

function link(target: string, path: string): void {
  mkdirSync(dirname(path), { recursive: true });
  symlinkSync(target, path);
}

const release = () => {
  writeFile(home("share/loopx/20261121T080000Z/loopx-release.json"), "{}\n");
  return program(home("share/loopx/20261121T080000Z/packages/cli/bin/loopx.cjs"));
};
/** As `scripts/install-local.sh` writes it. */
const wrapper = (file: string) => {
  program(home(".local/bin/loopx-canary"));
  writeFile(home(".local/bin/loopx-canary"), `#!/bin/sh\n# note\nexec node '${file.replaceAll("'", "'\\''")}' "$@"\n`);
};

test.each([
  ["a release", () => link(release(), home(".local/bin/loopx")), null],
  ["an npm package", () => link(program(home("lib/node_modules/@loopx/cli/bin/loopx.cjs")), home(".local/bin/loopx")), null],
  ["a checkout", () => link(program(home("loopx/bin/loopx.cjs")), home(".local/bin/loopx")), "scripts/install-local.sh in the checkout"],
  ["nothing", () => link(home("gone"), home(".local/bin/loopx")), "scripts/install-local.sh in the checkout"],
])("default_command_is_release_snapshot where loopx leads to %s", async (_what, prepare, fix) => {
  prepare();
  expect(await fault("default_command_is_release_snapshot")).toBe(fix);
});

test.each([
  [0xef53, "a local disk", true],
  [0x6969, "NFS", false],
  [0xff534d42, "CIFS", false],
  [0x65735546, "FUSE", false],
  [null, "what cannot be told", true],
])("network_file_system: %i is %s (REL-85)", (type, _name, ok) => {
  const seen: string[] = [];
  const fileSystemOf = (folder: string): number | null => {
    seen.push(folder);
    return type;
  };
  const patient = {
    io: { home: sandbox.home, fileSystemOf } as Patient["io"],
    cwd: sandbox.project,
    runtime_root: home(".codex/loopx"),
    global_registry: home(".codex/loopx/registry.global.json"),
  };
  const found = networkFileSystem(patient);
  expect([found.ok, found.required, seen]).toEqual([ok, false, [sandbox.home, sandbox.project]]);
  if (!ok) expect(found.fix).toContain("local disk");
});

test("a canary that is the default command is no canary", async () => {
  link(release(), home(".local/bin/loopx"));
  link(home(".local/bin/loopx"), home(".local/bin/loopx-canary"));
  expect(await fault("canary_separate_from_default")).toBe("scripts/install-local.sh in the checkout");
  expect((await doctor()).canary).toBe(home(".local/bin/loopx-canary"));
});

test("a canary is followed through its wrapper: to the default's own program, and to a checkout that is gone", async () => {
  const file = release();
  link(file, home(".local/bin/loopx"));
  wrapper(program(home("it's a checkout/loopx.cjs")));
  expect([await fault("canary_separate_from_default"), await fault("wrapper_script_exists")]).toEqual([null, null]);
  wrapper(file);
  expect(await fault("canary_separate_from_default")).toBe("scripts/install-local.sh in the checkout");
  wrapper(home("it's gone/loopx.cjs"));
  const { checks } = await doctor();
  expect(checks.find(({ id }) => id === "wrapper_script_exists")?.detail).toContain("it's gone/loopx.cjs, which is gone");
});

test("a program file that lost its right to run is named", async () => {
  const file = release();
  link(file, home(".local/bin/loopx"));
  expect(await fault("wrapper_script_exists")).toBeNull();
  chmodSync(file, 0o644);
  expect(await fault("wrapper_script_exists")).toBe("install LoopX again");
});

test("a goal state that the older program locked within 10 minutes is named, an older lock is not", async () => {
  sandbox.write({ [LOCK]: "", ".loopx/registry.json": "{ broken" });
  const lock = join(sandbox.project, LOCK);
  const at = (minutes: number) => new Date(START_MS - minutes * 60_000);
  utimesSync(lock, at(9), at(9));
  const { checks } = await doctor();
  expect(checks.find(({ id }) => id === "older_writer_active")?.detail).toContain(lock);
  utimesSync(lock, at(11), at(11));
  expect(await fault("older_writer_active")).toBeNull();
});

test.each([
  ["[]", "its root is not an object"],
  ['{"goals": 7}', "its `goals` is not an array"],
  ['{"goals": [', "is no JSON"],
])("a global registry that reads %s is required to be repaired", async (text, problem) => {
  writeFile(home(".codex/loopx/registry.global.json"), text);
  const { ok, checks } = await doctor();
  const found = checks.find(({ id }) => id === "global_registry_readable");
  expect([ok, found?.required, found?.ok]).toEqual([false, true, false]);
  expect(found?.detail).toContain(problem);
  expect(found?.fix).toContain("registry.global.json");
});

test("a global registry that is a folder is said to be one", async () => {
  mkdirSync(home(".codex/loopx/registry.global.json"), { recursive: true });
  expect(await fault("global_registry_readable")).toContain("mv ");
});

test("goals are never looked at: a registry full of broken entries is readable", async () => {
  writeFile(home(".codex/loopx/registry.global.json"), '{"goals": [1, {"id": "../x"}, {"id": "a", "repo": "/nowhere"}]}');
  expect(await fault("global_registry_readable")).toBeNull();
});

test("skills: absent, there, edited, and there twice", async () => {
  expect(await fault("installed_skill_exists")).toBe("loopx skills install");
  await sandbox.run(["skills", "install"]);
  for (const id of ["installed_skill_exists", "installed_skill_matches_release", "skill_installed_twice"])
    expect(await fault(id)).toBeNull();
  writeFile(home(".codex/skills/loopx-project/SKILL.md"), "---\nname: loopx-project\n---\nMine.\n");
  expect(await fault("installed_skill_matches_release")).toBe("loopx skills install");
  // Installing keeps what a person wrote beside, where the agent would read it too.
  await sandbox.run(["skills", "install"]);
  expect(await fault("installed_skill_matches_release")).toBeNull();
  const fix = await fault("skill_installed_twice");
  const [kept = "", away = ""] = (fix ?? "").split(" && mv ")[1]?.split(" ") ?? [];
  mkdirSync(away, { recursive: true });
  renameSync(kept, join(away, "loopx-project"));
  expect(await fault("skill_installed_twice")).toBeNull();
});

test("a runtime root that others may read is closed by its fix", async () => {
  mkdirSync(home(".codex/loopx"), { recursive: true });
  chmodSync(home(".codex/loopx"), 0o755);
  expect(await fault("runtime_root_private")).toBe(`chmod 700 ${home(".codex/loopx")}`);
  chmodSync(home(".codex/loopx"), 0o700);
  expect(await fault("runtime_root_private")).toBeNull();
});

test("every repair is listed once, in the order of the checks", async () => {
  const { checks, fix } = await doctor();
  expect(fix).toEqual([...new Set(checks.flatMap((each) => each.fix ?? []))]);
  expect(fix.length).toBeGreaterThan(3);
});
