import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { branchName, parseSha, remoteName } from "./names.ts";
import { parseStatus, parseWorktrees } from "./porcelain.ts";

describe("git status -z", () => {
  const path = fc.string({ minLength: 1, unit: "grapheme" }).filter((text) => !text.includes("\0"));
  const letter = fc.constantFrom(" ", "M", "A", "D", "?", "!", "U", "T");

  test("is read whatever the paths hold", () => {
    const plain = fc.record({ index: letter, tree: letter, path, from: fc.constant(null) });
    const renamed = fc.record({ index: fc.constantFrom("R", "C"), tree: letter, path, from: path });
    fc.assert(
      fc.property(fc.array(fc.oneof(plain, renamed)), (entries) => {
        const text = entries
          .map((each) => `${each.index}${each.tree} ${each.path}\0${each.from === null ? "" : `${each.from}\0`}`)
          .join("");
        expect(parseStatus(text)).toEqual(entries);
      }),
    );
  });

  test("takes no other text for an entry", () => {
    fc.assert(fc.property(fc.string(), (text) => void parseStatus(text)));
    expect(parseStatus("")).toEqual([]);
  });
});

describe("git worktree list -z", () => {
  test("is read with its branches, locks and paths of several lines", () => {
    const text =
      "worktree /a b\0HEAD 1111\0branch refs/heads/main\0\0worktree /a\nb/test\0HEAD 2222\0detached\0locked\0\0worktree /c\0HEAD 3\0detached\0locked moving it\0prunable gone\0\0worktree /d\0bare\0\0";
    expect(parseWorktrees(text)).toEqual([
      { path: "/a b", head: "1111", branch: "main", bare: false, locked: null, prunable: false },
      { path: "/a\nb/test", head: "2222", branch: null, bare: false, locked: "", prunable: false },
      { path: "/c", head: "3", branch: null, bare: false, locked: "moving it", prunable: true },
      { path: "/d", head: null, branch: null, bare: true, locked: null, prunable: false },
    ]);
  });
});

describe("names for git (REL-141)", () => {
  test.each(["main", "feature/x-1", "v1.2", "a_b", "中文"])("%s is a branch", (name) => expect(branchName(name)).toBe(name));
  test.each([
    "",
    "-b",
    "--upload-pack=x",
    "a b",
    "a..b",
    "a~1",
    "a^",
    "a:b",
    "a\nb",
    "@",
    "a@{1}",
    "/a",
    "a/",
    "a//b",
    ".a",
    "a/.b",
    "a.lock",
    "a.",
    "a\\b",
    "x".repeat(201),
  ])("%j is none", (name) => expect(() => branchName(name)).toThrow(expect.objectContaining({ code: "invalid_value" })));
  test.each(["", "-o", "--mirror", "https://x/y", "a b", "file:///x"])("%j is no remote", (name) =>
    expect(() => remoteName(name)).toThrow(expect.objectContaining({ code: "invalid_value" })),
  );
  test("an object id is whole and in lower case", () => {
    expect(parseSha("a".repeat(40))).toBe("a".repeat(40));
    expect(["a".repeat(39), "A".repeat(40), `${"a".repeat(40)}\n`, "HEAD"].map(parseSha)).toEqual([null, null, null, null]);
  });
});
