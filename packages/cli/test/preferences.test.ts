/** Flag, environment, registry, the user's file, default: in that order, for every command (CMD-4, CMD-5, CMD-8). */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { openYard } from "./processes/built.ts";
import { openSandbox, writeFile, type Sandbox } from "./rig/sandbox.ts";

let sandbox: Sandbox;

beforeEach(() => {
  sandbox = openSandbox();
});

afterEach(() => sandbox.remove());

const userFile = (value: unknown): void =>
  writeFile(join(sandbox.home, ".config", "loopx", "config.json"), typeof value === "string" ? value : JSON.stringify(value));
const isJson = (text: string): boolean => text.startsWith("{");

describe("the form of an answer", () => {
  test("is the user file's for commands with and without a registry, for help and for errors", async () => {
    await sandbox.run(["connect", "-g", "parser", "--runtime-root", sandbox.runtime]);
    userFile({ format: "json" });
    for (const words of [
      ["status"],
      ["version"],
      ["config"],
      ["exit-codes"],
      ["skills"],
      ["doctor"],
      ["--help"],
      ["no-such"],
      ["status", "--no-such"],
    ]) {
      expect([words, isJson((await sandbox.run(words)).stdout)]).toEqual([words, true]);
      expect([words, isJson((await sandbox.run([...words, "--format", "markdown"])).stdout)]).toEqual([words, false]);
      expect([words, isJson((await sandbox.run(words, { env: { LOOPX_FORMAT: "markdown" } })).stdout)]).toEqual([words, false]);
    }
  });

  test("of what another program reads is asked for by flag alone", async () => {
    userFile({ format: "json", color: "always" });
    for (const words of [["completion", "bash"], ["man"], ["completion", "bash", "--current="]]) {
      const { stdout } = await sandbox.run(words, { env: { LOOPX_FORMAT: "json", FORCE_COLOR: "1" } });
      expect([words, isJson(stdout), stdout.includes("\u001b")]).toEqual([words, false, false]);
      expect(isJson((await sandbox.run([...words, "--json"])).stdout)).toBe(true);
    }
  });

  test("is Markdown where the user's file cannot be read, and its fault is told by whoever needs it", async () => {
    userFile('{\n  "format": "json",\n  "lokale": "zh"\n}\n');
    expect((await sandbox.run(["version"])).stdout).toMatch(/^# LoopX Version/);
    const { code, stdout, stderr } = await sandbox.run(["status"]);
    expect([code, stdout]).toEqual([2, ""]);
    expect(stderr).toContain('config.json:3: unknown key "lokale"');
  });
});

describe("colour", () => {
  test("follows flag, NO_COLOR, FORCE_COLOR, then the user's file, for every command (CMD-8)", async () => {
    userFile({ color: "always" });
    const coloured = async (words: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<boolean> =>
      (await sandbox.run(words, { env })).stdout.includes("\u001b");
    expect(await coloured(["version"])).toBe(true);
    expect(await coloured(["config"])).toBe(true);
    expect(await coloured(["version", "--no-color"])).toBe(false);
    expect(await coloured(["version"], { NO_COLOR: "1" })).toBe(false);
    expect(await coloured(["version"], { NO_COLOR: "", FORCE_COLOR: "0" })).toBe(false);
    expect(await coloured(["version", "--json"], { FORCE_COLOR: "1" })).toBe(false);
  });
});

describe("the language of the environment", () => {
  test("is one of ours, in any spelling of a shell, or is refused", async () => {
    for (const named of ["zh", "zh_CN.UTF-8", "EN", ""])
      expect((await sandbox.run(["version"], { env: { LOOPX_LOCALE: named } })).code).toBe(0);
    const { code, stderr } = await sandbox.run(["version"], { env: { LOOPX_LOCALE: "fr" } });
    expect([code, stderr]).toEqual([2, expect.stringContaining('LOOPX_LOCALE is one of en, zh, not "fr"')]);
    expect((await sandbox.run(["version", "--locale", "en"], { env: { LOOPX_LOCALE: "fr" } })).code).toBe(0);
  });
});

test("a registry that is missing is named with a command that can be pasted", async () => {
  const { code, stderr } = await sandbox.run(["status", "--registry", "no $(such) one.json"]);
  expect([code, stderr]).toEqual([
    2,
    expect.stringContaining(`loopx connect --registry '${join(sandbox.project, "no $(such) one.json")}'`),
  ]);
});

if (existsSync("/dev/full")) {
  test("an answer that finds no room is a failed write, not a bug", () => {
    const yard = openYard();
    try {
      const { stdout, stderr } = yard.shell(yard.root, "loopx version > /dev/full; echo $?");
      expect([stdout, stderr]).toEqual(["2\n", expect.stringMatching(/^error: a write failed: ENOSPC.*\nhint: /)]);
    } finally {
      yard.remove();
    }
  });
}
