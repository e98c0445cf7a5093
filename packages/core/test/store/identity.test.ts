import { spawn } from "node:child_process";
import { once } from "node:events";
import { describe, expect, it } from "vitest";
import { LoopxError } from "../../src/domain/errors.ts";
import { errnoOf, ignoringFaults, readFault, writeFault } from "../../src/node/faults.ts";
import { nodeFs, withoutFsync } from "../../src/node/fs-calls.ts";
import { nodeIdentity, readProcStat } from "../../src/node/process-identity.ts";
import { errnoError } from "./harmed-calls.ts";
import { DEAD_PID } from "./rig.ts";

describe("process identity (REL-32)", () => {
  const identity = nodeIdentity();

  it("is the same each time, and another process is looked at by the same measure", () => {
    const self = identity.self();
    expect(identity.self()).toBe(self);
    expect(self.pid).toBe(process.pid);
    expect(identity.look(process.pid)).toEqual({ kind: "running", started: self.pid_start });
    expect(self.boot_id).not.toBe("");
    expect(identity.user()).toBe(process.geteuid?.() ?? null);
  });

  it("a process that ended is gone", async () => {
    const child = spawn(process.execPath, ["-e", ""]);
    await once(child, "close");
    expect(identity.look(child.pid ?? 0)).toEqual({ kind: "gone" });
    expect(identity.look(DEAD_PID)).toEqual({ kind: "gone" });
  });

  it.each([
    ["12 (node) S 1 12 12 0 -1 4194304 1 2 3 4 5 6 7 8 20 0 11 0 987654 1 2", { kind: "running", started: "987654" }],
    ["12 (a ) b (c) R 1 12 12 0 -1 4194304 1 2 3 4 5 6 7 8 20 0 11 0 55 1 2", { kind: "running", started: "55" }],
    ["12 (node) Z 1 12 12 0 -1 4194304 1 2 3 4 5 6 7 8 20 0 11 0 987654 1 2", { kind: "gone" }],
    ["12 (node) X 1", { kind: "gone" }],
    ["12 (node) S 1", { kind: "running", started: null }],
    ["", { kind: "running", started: null }],
  ])("%j is read from behind the program's name; a zombie never runs again", (stat, look) => {
    expect(readProcStat(stat)).toEqual(look);
  });
});

describe("errors of the system", () => {
  it("include a path that no file can have: the call was never made", () => {
    let thrown: unknown;
    try {
      nodeFs.stat("/a\0b");
    } catch (error) {
      thrown = error;
    }
    expect(errnoOf(thrown)).toBe("EINVAL");
    expect(readFault(thrown, "/a")).toMatchObject({ kind: "unreadable", reason: "io" });
  });

  it("are told from errors of our own", () => {
    expect(errnoOf(errnoError("EIO", "read"))).toBe("EIO");
    for (const other of [
      new LoopxError("conflict", "x"),
      new TypeError("x"),
      Object.assign(new Error("x"), { code: "ERR_X" }),
      "EIO",
      null,
    ])
      expect(errnoOf(other)).toBeNull();
  });

  it("a bug is never taken for one", () => {
    const bug = new TypeError("bug");
    expect(() => readFault(bug, "/x")).toThrow(bug);
    expect(() => writeFault(bug, "/x")).toThrow(bug);
    expect(() =>
      ignoringFaults(() => {
        throw bug;
      }),
    ).toThrow(bug);
  });

  it("of a write are thrown with errno and file, but for a refusal (REL-22, REL-52)", () => {
    expect(writeFault(errnoError("EPERM", "open"), "/x")).toEqual({ kind: "unreadable", reason: "denied", where: "/x" });
    expect(() => writeFault(errnoError("EROFS", "open"), "/x")).toThrow(
      expect.objectContaining({ code: "write_failed", details: { errno: "EROFS", file: "/x" } }) as Error,
    );
  });

  it("without fsync only the syncs are left out (REL-23)", () => {
    const calls = withoutFsync(nodeFs);
    expect(calls.fsync(-1)).toBeUndefined();
    expect(calls.fdatasync(-1)).toBeUndefined();
    expect(calls.rename).toBe(nodeFs.rename);
  });
});
