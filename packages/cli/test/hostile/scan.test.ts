/** A scan of odd folders ends, follows no link, and says what it could not look into (CMD-65, DEC-76). */
import { execFileSync } from "node:child_process";
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { CREDENTIAL, PRIVATE_PATH } from "@loopx/core/testing";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Sandbox } from "../rig/sandbox.ts";
import { connected } from "./rig.ts";

interface Report {
  readonly scanned_files: number;
  readonly errors: readonly { code: string; message: string; file?: string; line?: number }[];
  readonly warnings: readonly { code: string; message: string }[];
}

let sandbox: Sandbox;
beforeEach(async () => {
  sandbox = await connected();
});
afterEach(() => sandbox.remove());

const at = (...parts: string[]) => join(sandbox.project, ...parts);

async function scan(...flags: string[]): Promise<{ code: number; report: Report }> {
  const { code, stdout } = await sandbox.run(["check", "--json", "--limit", "100", ...flags]);
  return { code, report: JSON.parse(stdout) as Report };
}

test("every rule is named with file and line, whatever the line ends and file names are", async () => {
  sandbox.write({
    "docs/a.md": `one\r\ntwo ${CREDENTIAL}\r\n${PRIVATE_PATH}\r\n`,
    "docs/of two\nlines.md": CREDENTIAL,
    "docs/deep/er/b.py": `\n\n${["10", "1", "2", "3"].join(".")}\n`,
    "docs/innocent.md": 'token = "<your-token>", password: changeme123, secret=${SECRET}; the secret of the chapter is its end.\n',
  });
  const { code, report } = await scan("--scan-root", "docs");
  expect([code, report.scanned_files]).toEqual([1, 4]);
  expect(report.errors.map((each) => each.message)).toEqual([
    "docs/a.md:2: credential",
    "docs/a.md:3: local_private_path",
    "docs/deep/er/b.py:3: private_ip",
    "docs/of two\nlines.md:1: credential",
  ]);
});

test("private folders, other kinds of files and links are not looked into, but for a file that is named", async () => {
  for (const folder of [".git", ".loopx", ".local", ".venv", "build", "dist", "node_modules/x", "runtime", "caches"])
    sandbox.write({ [`tree/${folder}/a.md`]: CREDENTIAL });
  sandbox.write({ "tree/a.bin": CREDENTIAL, "tree/settings.local.json": CREDENTIAL, "outside/b.md": CREDENTIAL });
  symlinkSync(at("outside"), at("tree", "linked"));
  symlinkSync(at("outside", "b.md"), at("tree", "link.md"));
  symlinkSync(".", at("tree", "round"));
  expect((await scan("--scan-root", "tree")).report).toMatchObject({ scanned_files: 0, errors: [], warnings: [] });
  const named = await scan("--scan-path", "tree/a.bin", "--scan-path", "tree/settings.local.json");
  expect(named.report.errors.map((each) => each.message)).toEqual(["tree/a.bin:1: credential", "tree/settings.local.json:1: credential"]);
});

test("what cannot be read is a warning with its reason: it is not clean, it is unknown", async () => {
  mkdirSync(at("odd"));
  writeFileSync(at("odd", "bytes.txt"), Uint8Array.of(0xff, 0xfe));
  writeFileSync(at("odd", "big.json"), new Uint8Array(5 * 1024 * 1024));
  execFileSync("mkfifo", [at("odd", "pipe.md")]);
  expect((await scan("--scan-root", "odd")).report.warnings.map((each) => each.message)).toEqual([
    "odd/big.json: too large to scan",
    "odd/bytes.txt: no valid UTF-8",
  ]);
  const { report } = await scan("--scan-path", "odd/pipe.md");
  expect(report).toMatchObject({ scanned_files: 0, warnings: [{ code: "scan_file_unreadable", message: "odd/pipe.md: no regular file" }] });
  const status = await sandbox.run(["status", "--scan-path", "odd/pipe.md", "--scan-path", "odd/bytes.txt"]);
  expect(status.stdout).toContain("- health: ok, 2 warnings");
});
