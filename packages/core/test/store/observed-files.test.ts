/** Calls that remember what they were asked about: an answer stands exactly as long as nothing of that is another thing (PRF-7). */
import { mkdirSync, mkdtempSync, realpathSync, renameSync, rmSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { nodeFs } from "../../src/node/fs-calls.ts";
import { observedFiles, type ObservedFiles } from "../../src/node/observed-files.ts";

let folder: string;
let files: ObservedFiles;
beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), "loopx-observed-")));
  // A clock of the far future: whatever was written before is long quiet.
  const later = { now: () => new Date(Date.now() + 60_000), monotonicMs: () => 0, utcOffsetMinutes: () => 0 };
  files = observedFiles(nodeFs, later, (path) => path.startsWith(at("whole")));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const at = (name: string) => join(folder, name);
const looked = (...paths: readonly string[]) => {
  const look = files.observe();
  for (const path of paths) files.calls.lstat(path);
  return look.close();
};

describe("what an answer was made of", () => {
  it.each([
    ["a file that grew", () => writeFileSync(at("a"), "longer")],
    ["a file that was replaced by one of the same size", () => (writeFileSync(at("b"), "one"), renameSync(at("b"), at("a")))],
    ["a file that went", () => rmSync(at("a"))],
    ["a file that came", () => writeFileSync(at("missing"), "")],
    ["a file that was written again and given its old time", () => (writeFileSync(at("a"), "two"), utimesSync(at("a"), 1, 1))],
  ])("is another thing with %s", (_what, change) => {
    writeFileSync(at("a"), "one");
    const sources = looked(at("a"), at("missing"));
    expect(sources.stand()).toBe(true);
    change();
    expect(sources.stand()).toBe(false);
  });

  it("is another thing when a link above leads elsewhere, and not when something else changes", () => {
    for (const name of ["one", "two"]) {
      mkdirSync(at(name));
      writeFileSync(at(`${name}/f`), name);
    }
    symlinkSync(at("one"), at("link"));
    const look = files.observe();
    files.calls.realpath(at("link/f"));
    const sources = look.close();
    writeFileSync(at("two/f"), "changed");
    expect(sources.stand()).toBe(true);
    rmSync(at("link"));
    symlinkSync(at("two"), at("link"));
    expect(sources.stand()).toBe(false);
  });

  it("counts the entries of a directory that was listed, or whose entries always count, and of no other", () => {
    for (const name of ["above", "listed", "whole"]) mkdirSync(at(name));
    const above = looked(at("above"));
    const whole = looked(at("whole"));
    const look = files.observe();
    files.calls.lstat(at("listed"));
    files.calls.readdir(at("listed"));
    const listed = look.close();
    for (const name of ["above", "listed", "whole"]) writeFileSync(at(`${name}/f`), "");
    expect([above.stand(), whole.stand(), listed.stand()]).toEqual([true, false, false]);
    rmSync(at("above"), { recursive: true });
    expect(above.stand()).toBe(false);
  });

  it("never stands when something in it is as young as the look: one tick of a clock may hide a second change", () => {
    const present = observedFiles(nodeFs, { now: () => new Date(), monotonicMs: () => 0, utcOffsetMinutes: () => 0 }, () => false);
    writeFileSync(at("a"), "one");
    const look = present.observe();
    present.calls.lstat(at("a"));
    expect(look.close().stand()).toBe(false);
  });
});
