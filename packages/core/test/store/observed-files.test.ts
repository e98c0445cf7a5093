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

  it("is another thing when a directory above a real path becomes a link to what it was, whether it was looked at or not", () => {
    for (const known of [[], [at("above")], [at("above"), at("above/f")]]) {
      mkdirSync(at("above"));
      writeFileSync(at("above/f"), "");
      const look = files.observe();
      for (const path of known) files.calls.lstat(path);
      files.calls.realpath(at("above/f"));
      const sources = look.close();
      writeFileSync(at("other"), "");
      expect([known, sources.stand()]).toEqual([known, true]);
      renameSync(at("above"), at("moved"));
      symlinkSync(at("moved"), at("above"));
      expect([known, sources.stand()]).toEqual([known, false]);
      for (const name of ["above", "moved", "other"]) rmSync(at(name), { recursive: true, force: true });
    }
  });

  it("is another thing when what was missing comes, below a directory whose entries count and behind a link to one", () => {
    for (const way of ["whole", "link"]) {
      mkdirSync(at("whole"));
      symlinkSync(at("whole"), at("link"));
      const sources = looked(at(way), at(`${way}/f`));
      expect([way, sources.stand()]).toEqual([way, true]);
      writeFileSync(at("whole/f"), "");
      expect([way, sources.stand()]).toEqual([way, false]);
      for (const name of ["whole", "link"]) rmSync(at(name), { recursive: true });
    }
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
