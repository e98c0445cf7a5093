import { mkdirSync, realpathSync, symlinkSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { canonicalPath, confine } from "../../src/node/confine.ts";
import { nodeFs } from "../../src/node/fs-calls.ts";
import { readRegular } from "../../src/node/open-file.ts";
import { writerOf } from "../../src/node/temporary-file.ts";
import { errnoError, harmed } from "./harmed-calls.ts";
import { yards } from "./rig.ts";

const fresh = yards();

describe("confinement (REL-80, REL-10)", () => {
  const segment = fc.oneof(
    fc.constantFrom("..", ".", "", "a", "b", "in", "out", "dangling", "new", "..a", "..."),
    fc.string({ maxLength: 6 }),
  );

  it("never answers a path outside of the root, whatever is asked for (REL-160)", () => {
    const yard = fresh();
    const root = realpathSync(yard.project);
    for (const name of ["a", "b"]) mkdirSync(join(root, name));
    symlinkSync("a", join(root, "in"));
    symlinkSync("..", join(root, "out"));
    symlinkSync("../../nowhere", join(root, "dangling"));
    writeFileSync(join(root, "a/b"), "");
    fc.assert(
      fc.property(fc.array(segment, { maxLength: 6 }), (segments) => {
        const target = [root, ...segments].join("/");
        const answer = confine(root, target);
        if (answer.kind === "unreadable")
          return ["path_outside_root", "not_a_regular_file", "io"].includes(answer.reason) && answer.where === target;
        const rest = relative(root, canonicalPath(answer.path));
        return answer.path === canonicalPath(answer.path) && rest !== "" && rest !== ".." && !rest.startsWith("../");
      }),
      { numRuns: 1_000 },
    );
  });

  it.each([
    ["the root itself", "", "path_outside_root"],
    ["its parent", "..", "path_outside_root"],
    ["a sibling whose name begins alike", "../project-b/x", "path_outside_root"],
    ["a name that is too long", "x".repeat(300), "io"],
  ])("%s is refused", (_, path, reason) => {
    const yard = fresh();
    expect(confine(yard.project, join(yard.project, path))).toMatchObject({ kind: "unreadable", reason });
  });

  it.each([
    ["a name that begins with two dots", "..a/b"],
    ["a name that does not exist yet", "new/deep/er"],
    ["a name below a file, which whoever opens it refuses", "file/x"],
  ])("%s is inside", (_, path) => {
    const yard = fresh();
    writeFileSync(join(yard.project, "file"), "");
    expect(confine(yard.project, join(yard.project, path))).toEqual({ kind: "confined", path: join(realpathSync(yard.project), path) });
  });

  it("a place below a file is inside; whoever opens it says that a file stands where a folder belongs", () => {
    const yard = fresh();
    writeFileSync(join(yard.project, "file"), "");
    const inside = confine(yard.project, join(yard.project, "file/x"));
    expect(inside).toEqual({ kind: "confined", path: join(yard.project, "file/x") });
    expect(readRegular(nodeFs, join(yard.project, "file/x"), 10)).toMatchObject({ kind: "unreadable", reason: "not_a_regular_file" });
  });

  it("holds below a root that does not exist yet, and below none at all", () => {
    const yard = fresh();
    expect(confine(yard.runtime, join(yard.runtime, "x"))).toEqual({
      kind: "confined",
      path: join(realpathSync(yard.directory), "runtime/x"),
    });
    const nothing = harmed((name, run) => {
      if (name === "realpath") throw errnoError("ENOENT", "realpath");
      return run();
    });
    expect(canonicalPath("/a/b", nothing)).toBe("/a/b");
  });

  it("what may not be looked at is denied", () => {
    const calls = harmed((name, run) => {
      if (name === "realpath") throw errnoError("EACCES", "realpath");
      return run();
    });
    expect(confine("/a", "/a/b", calls)).toEqual({ kind: "unreadable", reason: "denied", where: "/a/b" });
  });
});

describe("temporary siblings", () => {
  it.each([
    [".state.md.123.0a1b.loopx-tmp", 123],
    [".state.md.loopx-tmp", null],
    [".state.md.123.0a1b", null],
    [".other.md.123.0a1b.loopx-tmp", null],
    ["state.md.123.0a1b.loopx-tmp", null],
    [".state.md.123.xyz.loopx-tmp", null],
    [".state.md.12345678901.0a.loopx-tmp", null],
  ])("%s", (name, pid) => {
    expect(writerOf(name, "state.md")).toBe(pid);
  });
});
