/** Skills in an agent's own folder: put there whole, known again, and a person's never lost (CMD-143). */
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { openSandbox, type Sandbox } from "./rig/sandbox.ts";
import { readTree } from "./rig/tree.ts";

const NAMES = ["loopx-project", "loopx-self-repair"];
let sandbox: Sandbox;
let codex: string;

beforeEach(() => {
  sandbox = openSandbox();
  codex = join(sandbox.home, ".codex", "skills");
});

afterEach(() => sandbox.remove());

interface Row {
  readonly name: string;
  readonly target: string;
  readonly path: string;
  readonly state: string;
  readonly action: string;
  readonly kept_as: string | null;
}

async function skills(words: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<readonly Row[]> {
  const { code, stdout } = await sandbox.run(["skills", ...words, "--json"], { env });
  expect(code).toBe(0);
  return (JSON.parse(stdout) as { skills: Row[] }).skills;
}

const states = async (...words: string[]): Promise<readonly string[]> => (await skills(["list", ...words])).map(({ state }) => state);
const actions = (rows: readonly Row[]): readonly string[] => rows.map(({ action }) => action);
const skillFile = (name: string): string => join(codex, name, "SKILL.md");

describe("skills", () => {
  test("are absent, then created as they are shipped, then unchanged, then gone without a trace", async () => {
    const before = readTree(sandbox.home);
    expect(await states()).toEqual(["absent", "absent"]);
    expect(actions(await skills(["install"]))).toEqual(["created", "created"]);
    for (const name of NAMES)
      expect(readFileSync(skillFile(name), "utf8")).toBe(
        readFileSync(new URL(`../../../skills/${name}/SKILL.md`, import.meta.url), "utf8"),
      );
    expect(readdirSync(codex).sort()).toEqual(NAMES);
    expect(await states()).toEqual(["current", "current"]);
    expect(actions(await skills(["install"]))).toEqual(["unchanged", "unchanged"]);
    expect(actions(await skills(["remove"]))).toEqual(["removed", "removed"]);
    rmSync(join(sandbox.home, ".codex"), { recursive: true });
    expect(readTree(sandbox.home)).toEqual(before);
  });

  test("of an earlier LoopX are replaced, because nobody edited them", async () => {
    await skills(["install"]);
    const note = join(codex, "loopx-project", ".loopx-skill.json");
    const older = {
      schema_version: "loopx_skill_v1",
      version: "0.0.1",
      files: { "SKILL.md": sha256("older\n"), "more/a.md": sha256("a") },
    };
    writeFileSync(skillFile("loopx-project"), "older\n");
    mkdirSync(join(codex, "loopx-project", "more"));
    writeFileSync(join(codex, "loopx-project", "more", "a.md"), "a");
    writeFileSync(note, JSON.stringify(older));
    expect(await states()).toEqual(["outdated", "current"]);
    expect((await skills(["install"]))[0]).toMatchObject({ action: "replaced", kept_as: null });
    expect(await states()).toEqual(["current", "current"]);
    expect(readdirSync(codex).sort()).toEqual(NAMES);
  });

  test.each<[string, (copy: string) => void]>([
    ["one changed line", (copy) => writeFileSync(join(copy, "SKILL.md"), "mine\n")],
    ["one file more", (copy) => writeFileSync(join(copy, "notes.md"), "mine\n")],
    [
      "a note that cannot be read",
      (copy) => [writeFileSync(join(copy, "SKILL.md"), "x"), writeFileSync(join(copy, ".loopx-skill.json"), "{")],
    ],
    ["a note that names a prototype", (copy) => [writeFileSync(join(copy, "constructor"), "x")]],
  ])("a person edited (%s) are kept beside on installing, and stay on removing", async (_how, edit) => {
    await skills(["install"]);
    edit(join(codex, "loopx-project"));
    const mine = readTree(join(codex, "loopx-project"));
    expect(await states()).toEqual(["edited", "current"]);
    expect(actions(await skills(["remove", "--dry-run"]))).toEqual(["kept", "removed"]);
    const kept = join(codex, "loopx-project.before-20261121T090000Z");
    expect((await skills(["install"]))[0]).toMatchObject({ state: "edited", action: "replaced", kept_as: kept });
    expect(readTree(kept)).toEqual(mine);
    expect(await states()).toEqual(["current", "current"]);
  });

  test("edited twice within a second are both kept", async () => {
    await skills(["install"]);
    for (const text of ["first", "second"]) {
      writeFileSync(skillFile("loopx-project"), text);
      await skills(["install"]);
    }
    const kept = readdirSync(codex).filter((name) => name.includes(".before-"));
    expect(kept.map((name) => readFileSync(join(codex, name, "SKILL.md"), "utf8")).sort()).toEqual(["first", "second"]);
  });

  test("that are a link elsewhere are a person's: the link is set aside and what it leads to is untouched", async () => {
    mkdirSync(codex, { recursive: true });
    const own = join(sandbox.outside, "own");
    mkdirSync(own);
    writeFileSync(join(own, "SKILL.md"), "own\n");
    symlinkSync(own, join(codex, "loopx-project"));
    expect((await skills(["install"]))[0]?.action).toBe("replaced");
    expect(readFileSync(join(own, "SKILL.md"), "utf8")).toBe("own\n");
    expect(existsSync(join(codex, "loopx-project.before-20261121T090000Z", "SKILL.md"))).toBe(true);
  });

  test("go to Claude's folder too where ~/.claude is in use, and only there when it is named", async () => {
    expect((await skills(["list"])).map(({ target }) => target)).toEqual(["codex", "codex"]);
    mkdirSync(join(sandbox.home, ".claude"));
    expect((await skills(["install"])).map(({ target }) => target)).toEqual(["codex", "claude", "codex", "claude"]);
    expect(existsSync(join(sandbox.home, ".claude", "skills", "loopx-project", "SKILL.md"))).toBe(true);
    expect((await skills(["remove", "--target", "claude"])).map(({ target }) => target)).toEqual(["claude", "claude"]);
    expect(await states("--target", "codex")).toEqual(["current", "current"]);
  });

  test("go where CODEX_HOME or LOOPX_SKILLS_DIR say (CMD-142)", async () => {
    const paths = async (env: Record<string, string>): Promise<readonly string[]> => (await skills(["list"], env)).map(({ path }) => path);
    expect(await paths({ CODEX_HOME: sandbox.outside })).toEqual(NAMES.map((name) => join(sandbox.outside, "skills", name)));
    expect(await paths({ CODEX_HOME: sandbox.outside, LOOPX_SKILLS_DIR: "own" })).toEqual(
      NAMES.map((name) => join(sandbox.project, "own", name)),
    );
  });

  test("that cannot be written are an error that names the place, and leave nothing half done", async () => {
    mkdirSync(join(sandbox.home, ".codex"));
    writeFileSync(codex, "a file\n");
    const { code, stdout } = await sandbox.run(["skills", "install", "--json"]);
    expect(code).toBe(2);
    expect(JSON.parse(stdout)).toMatchObject({ ok: false, error: { code: "write_failed", message: expect.stringContaining(codex) } });
    expect(readFileSync(codex, "utf8")).toBe("a file\n");
  });
});

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
