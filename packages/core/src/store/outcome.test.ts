import { describe, expect, it } from "vitest";
import { LoopxError } from "../domain/errors.ts";
import type { Unreadable } from "../ports/unreadable.ts";
import { expectWritten, registryOutcomeError, type StoreTrouble, unreadableError } from "./outcome.ts";

const OWNER = { pid: 7, pid_start: "1", boot_id: "b", pid_ns: "n", host: "h", command: "todo add", at: "2026-01-01T00:00:00Z", nonce: "x" };

function codeOf(outcome: StoreTrouble): string {
  try {
    expectWritten(outcome, "/r/file");
    return "none";
  } catch (error) {
    return error instanceof LoopxError ? error.code : "bug";
  }
}

describe("a write that did not happen (REL-52)", () => {
  it.each<[StoreTrouble, string]>([
    [{ kind: "conflict" }, "conflict"],
    [{ kind: "fenced", current: null }, "lease_fenced"],
    [{ kind: "busy", owner: OWNER, waited_ms: 10, record: null }, "lock_timeout"],
    [{ kind: "busy", owner: null, waited_ms: 10, record: null }, "lock_timeout"],
    [{ kind: "unreadable", reason: "denied", where: "/r/file" }, "write_denied"],
    [{ kind: "unreadable", reason: "too_large", where: "/r/file", size: 5, limit: 4 }, "too_large"],
    [{ kind: "unreadable", reason: "not_a_regular_file", where: "/r/file" }, "not_a_regular_file"],
    [{ kind: "unreadable", reason: "path_outside_root", where: "/r/file" }, "path_outside_root"],
    [{ kind: "unreadable", reason: "not_utf8", where: "/r/file" }, "state_file_unreadable"],
    [{ kind: "unreadable", reason: "io", where: "/r/file" }, "write_failed"],
  ])("%o ends as %s", (outcome, code) => {
    expect(codeOf(outcome)).toBe(code);
  });

  it("that happened is handed on, narrowed", () => {
    const outcome = { kind: "written", value: 3 } as { kind: "written"; value: number } | StoreTrouble;
    expect(expectWritten(outcome, "/r/file").value).toBe(3);
  });

  it("names the process that holds the lock, and says to end it or wait (REL-37)", () => {
    expect(() => expectWritten({ kind: "busy", owner: OWNER, waited_ms: 10, record: null }, "/r/file")).toThrow(/process 7 \(todo add/);
  });
});

it("content that cannot be read is never a denied write", () => {
  const denied: Unreadable = { kind: "unreadable", reason: "denied", where: "/r/state.md" };
  expect(unreadableError(denied, { goal_id: "g1" })).toMatchObject({
    code: "state_file_unreadable",
    details: { goal_id: "g1", file: "/r/state.md" },
  });
  expect(unreadableError(denied, { unreadable: "history_unreadable" }).code).toBe("history_unreadable");
  expect(unreadableError(denied, { writing: true }).code).toBe("write_denied");
});

it("an invalid registry is named by its finding", () => {
  const finding = { code: "registry_invalid", severity: "error", message: "/r/registry.json:7: bad", line: 7 } as const;
  expect(registryOutcomeError({ kind: "invalid", finding, unreadable: null }, "/r/registry.json")).toMatchObject({
    code: "registry_invalid",
    details: { line: 7 },
  });
  const denied = { kind: "unreadable", reason: "denied", where: "/r/registry.json" } as const;
  expect(registryOutcomeError({ kind: "invalid", finding, unreadable: denied }, "/r/registry.json").code).toBe("write_denied");
  expect(registryOutcomeError({ kind: "conflict" }, "/r/registry.json").code).toBe("conflict");
});
