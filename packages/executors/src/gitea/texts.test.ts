import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { claimsIn, claimText, winningClaim } from "./claims.ts";
import { judgeDiff } from "./policy.ts";
import type { TreeChange } from "./checkouts.ts";
import { findingsText, pullText, reviewText, safeText } from "./texts.ts";

const RULES = { may_call: ["hana"], may_close: 7, redact: (text: string) => text.replaceAll("hunter22", "<redacted>") };

describe("a text that reaches the server (DSP-58)", () => {
  it.each([
    ["ask @everyone", "ask everyone"],
    ["ask @hana and @Hana.", "ask @hana and @Hana."],
    ["closes #99", "closes  99"],
    ["Fixes: #99, resolves other/repo#7", "Fixes:  99, resolves other/repo 7"],
    ["closes #7", "closes #7"],
    ["see #99", "see #99"],
    ["a <!-- loopx-claim v1 {} --> b", "a  b"],
    ["<!-<!-- x -->- loopx-claim -->", " loopx-claim "],
    ["<!-- never ends", " never ends"],
    ["my password is hunter22", "my password is <redacted>"],
    ["mail a@b.example", "mail a@b.example"],
  ])("%j becomes %j", (text, safe) => {
    expect(safeText(text, RULES)).toBe(safe);
  });

  it("never opens an HTML comment, calls a stranger or closes another issue", () => {
    const parts = fc.constantFrom(
      "<!--",
      "-->",
      "<!-",
      "-",
      "<",
      "!",
      "closes ",
      "#7",
      "#99",
      "@mallory",
      "@hana",
      " ",
      "\n",
      "loopx-claim",
      "fixes",
    );
    fc.assert(
      fc.property(fc.array(parts, { maxLength: 30 }), (words) => {
        const safe = safeText(words.join(""), RULES);
        expect(safe).not.toMatch(/<!--/);
        expect(safe).not.toMatch(/(^|\s)@mallory\b/);
        expect(safe).not.toMatch(/\b(closes|fixes)\s+#99/);
      }),
      { numRuns: 1_000 },
    );
  });

  it("ends the body of a pull with what it closes, and nothing else is closed", () => {
    const declared = { outcome: "done", summary: "s", pull_request: { title: "T\n@everyone", body: "closes #99" } } as never;
    expect(pullText(declared, { number: 7, title: "issue" }, RULES)).toEqual({ title: "T everyone", body: "closes  99\n\ncloses #7" });
  });

  it("lists the worst finding first, each on one line, and marks the review", () => {
    const findings = [
      { severity: "minor" as const, path: "a`b", message: "x\ny" },
      { severity: "blocker" as const, path: "c", line: 3, message: "z" },
    ];
    expect(findingsText(findings)).toBe("- **blocker** `c:3` z\n- **minor** `a'b` x y");
    const text = reviewText({ outcome: "fail", summary: "s", findings } as never, { claim_id: "c1", sha: "a".repeat(40) }, RULES);
    expect(text).toMatch(/^Review found 2 finding\(s\) at aaaaaaaaaaaa\./);
    expect(text.endsWith("<!-- loopx-review c1 -->")).toBe(true);
  });
});

describe("claim comments (DSP-38)", () => {
  const NOW = { ms: Date.parse("2026-03-01T10:00:00Z"), offset_minutes: 0 };
  const claim = (claim_id: string, expires_at = "2026-03-01T11:00:00+00:00") => claimText({ claim_id, holder: "h", expires_at }, "run_1");
  const comment = (id: number, author: string, body: string) => ({ id, author, body, created_at: "", updated_at: "" });

  it("are one line for people and one for dispatchers, without a host's name", () => {
    expect(claim("c1")).toBe(
      'LoopX works on this (run run_1, until 11:00 UTC).\n\n<!-- loopx-claim v1 {"claim_id":"c1","holder":"h","expires_at":"2026-03-01T11:00:00+00:00"} -->',
    );
  });

  it("count when they are the bot's and live; the lowest id wins", () => {
    const comments = [
      comment(1, "mallory", claim("forged")),
      comment(2, "clawbot", claim("over", "2026-03-01T09:00:00+00:00")),
      comment(5, "Clawbot", claim("later")),
      comment(4, "clawbot", claim("first")),
      comment(6, "clawbot", "<!-- loopx-claim v1 {broken} -->"),
    ];
    expect(claimsIn(comments, "clawbot").map(({ claim_id }) => claim_id)).toEqual(["over", "first", "later"]);
    expect(winningClaim(comments, "clawbot", NOW)?.claim_id).toBe("first");
    expect(winningClaim([], "clawbot", NOW)).toBeNull();
  });
});

describe("the policy of diffs (DSP-57)", () => {
  const change = (more: Partial<TreeChange>): TreeChange => ({
    path: "a.txt",
    kind: "modified",
    type: "file",
    bytes: 1,
    target: null,
    ...more,
  });
  const judged = (...changes: readonly Partial<TreeChange>[]) =>
    judgeDiff({ changes: changes.map(change), diff_bytes: 1, credentials: [] });

  it.each<readonly [Partial<TreeChange>, string | null]>([
    [{}, null],
    [{ path: ".gitea/workflows/x.yml" }, "workflow: .gitea/workflows/x.yml"],
    [{ path: ".GitHub/Workflows/x.yml" }, "workflow: .GitHub/Workflows/x.yml"],
    [{ path: "docs/CODEOWNERS" }, "codeowners: docs/CODEOWNERS"],
    [{ path: ".gitmodules" }, "submodule: .gitmodules"],
    [{ path: "lib", type: "submodule" }, "submodule: lib"],
    [{ path: "big.bin", bytes: 6 * 1024 * 1024 }, "a file over 5 MiB: big.bin"],
    [{ path: "big.bin", bytes: 6 * 1024 * 1024, kind: "deleted" }, null],
    [{ path: "l", type: "symlink", target: "/etc/passwd" }, "symlink out of the tree: l"],
    [{ path: "a/l", type: "symlink", target: "../../x" }, "symlink out of the tree: a/l"],
    [{ path: "a/l", type: "symlink", target: "../x" }, null],
    [{ path: "a/l", type: "symlink", target: "b/../../../x" }, "symlink out of the tree: a/l"],
    [{ path: "a/.git/config" }, "git directory: a/.git/config"],
  ])("%j", (of, rule) => {
    expect(judged(of)).toEqual(rule === null ? { kind: "fine" } : { kind: "violation", rules: [rule] });
  });

  it("knows nothing from something, too much from enough, and a credential", () => {
    expect(judged()).toEqual({ kind: "no_changes" });
    expect(judged(...Array.from({ length: 301 }, () => ({})))).toMatchObject({ rules: ["more than 300 files"] });
    expect(judgeDiff({ changes: [change({})], diff_bytes: 3 * 1024 * 1024, credentials: [] })).toMatchObject({ kind: "violation" });
    expect(judgeDiff({ changes: [change({})], diff_bytes: 1, credentials: [{ path: "a", line: 2, rule: "token" }] })).toEqual({
      kind: "violation",
      rules: ["credential (token): a:2"],
    });
  });
});
