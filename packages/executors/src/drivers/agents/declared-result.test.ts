import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseDeclared } from "./declared-result.ts";

const good = { schema_version: "loopx_agent_result_v1", outcome: "done", summary: "It works." };
const parse = (more: object) => parseDeclared(JSON.stringify({ ...good, ...more }));

describe("a declared result (AGT-33)", () => {
  test("is read with its message split", () => {
    expect(
      parse({ commit_message: "fix: x\n\nBecause.", findings: [{ severity: "minor", path: "a/b.ts", line: 3, message: "m" }] }),
    ).toEqual({
      kind: "declared",
      result: {
        ...good,
        commit_message: { subject: "fix: x", body: "Because." },
        findings: [{ severity: "minor", path: "a/b.ts", line: 3, message: "m" }],
      },
    });
  });

  test.each([
    ["an unknown key", { merge_now: 1 }, /unknown key "merge_now"/],
    ["an outcome of its own", { outcome: "merge" }, /outcome/],
    ["no summary", { summary: " \u0000 " }, /summary is empty/],
    ["a path that leaves", { findings: [{ severity: "minor", path: "../x", message: "m" }] }, /findings\.0\.path/],
    ["an absolute path", { findings: [{ severity: "minor", path: "/etc/passwd", message: "m" }] }, /findings\.0\.path/],
    ["51 findings", { findings: Array.from({ length: 51 }, () => ({ severity: "minor", path: "a", message: "m" })) }, /findings/],
    ["no reason why it is blocked", { outcome: "blocked" }, /blocker is required/],
    ["an abbreviated sha", { reviewed_sha: "abc" }, /reviewed_sha/],
    ["another version", { schema_version: "v2" }, /schema_version/],
  ])("with %s is invalid, and the rule is named", (_what, more, reason) => {
    const answer = parse(more);
    expect(answer).toMatchObject({ kind: "invalid", reason: expect.stringMatching(reason) });
  });

  test("that is invalid never shows its own words", () => {
    const answer = parse({ "\u001b[2Jsecret words": "more secret words", outcome: "secret outcome" });
    expect(JSON.stringify(answer)).not.toMatch(/more secret|secret outcome|\\u001b/);
  });

  test("loses control and direction characters, and is cut (AGT-34)", () => {
    const answer = parse({ summary: `a\u001b[31m\u202eb\tc\nd${"x".repeat(3_000)}`, commit_message: `${"s".repeat(100)}\nbody\u0000` });
    if (answer.kind !== "declared") throw new Error(answer.reason);
    expect(answer.result.summary.startsWith("a[31mb\tc\nd")).toBe(true);
    expect(Array.from(answer.result.summary)).toHaveLength(2_000);
    expect(answer.result.commit_message).toEqual({ subject: "s".repeat(72), body: "body" });
  });

  test("of any JSON is a value", () => {
    fc.assert(
      fc.property(fc.oneof(fc.json(), fc.string()), (json) => {
        expect(parseDeclared(json).kind).toBe("invalid");
      }),
    );
  });
});
