/** What may stand in the root and what may not be used as a name: litter and vague words are refused here. */
import { execFileSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { detect } from "../packages/core/src/domain/boundary/detector.ts";
import { LONGEST } from "../scripts/longest-first.mjs";
import { ROOT } from "./sources.ts";

const ROOT_ENTRIES = new Set([
  ".ci",
  ".gitignore",
  ".npmrc",
  ".oxfmtrc.json",
  ".oxlintrc.json",
  "ARCHITECTURE.md",
  "CHANGELOG.md",
  "CONTRIBUTING.md",
  "LICENSE",
  "README.md",
  "docs",
  "examples",
  "knip.json",
  "package-lock.json",
  "package.json",
  "packages",
  "schemas",
  "scripts",
  "skills",
  "test",
  "tsconfig.base.json",
  "tsconfig.check.json",
  "tsconfig.json",
  "vitest.config.ts",
]);
const BANNED_WORDS = ["manager", "helper", "helpers", "util", "utils", "common", "misc", "data", "info"];

const files = execFileSync("git", ["ls-files", "--cached", "--others", "--exclude-standard"], { cwd: ROOT, encoding: "utf8" })
  .split("\n")
  .filter(Boolean);

describe("the tree", () => {
  it("holds only the root entries of the list", () => {
    const entries = new Set(files.map((file) => file.split("/")[0] ?? ""));
    expect([...entries].filter((entry) => !ROOT_ENTRIES.has(entry))).toEqual([]);
  });

  it("holds no text that `loopx check` would find; tests put such texts together from parts (core/src/testing/private-texts.ts)", () => {
    const found = files.flatMap((file) => {
      const text = readFileSync(join(ROOT, file), "utf8");
      return detect(text, "scan").map(({ rule, start }) => `${file}:${text.slice(0, start).split("\n").length}: ${rule}`);
    });
    expect(found).toEqual([]);
  });

  it("holds every file that the order of the tests names", () => {
    expect(LONGEST.filter((path) => !files.includes(path))).toEqual([]);
  });

  it("names no file by a word that says nothing", () => {
    const vague = files.filter((file) =>
      file.split("/").some((part) =>
        part
          .replace(/\..*$/, "")
          .split("-")
          .some((word) => BANNED_WORDS.includes(word)),
      ),
    );
    expect(vague).toEqual([]);
  });
});
