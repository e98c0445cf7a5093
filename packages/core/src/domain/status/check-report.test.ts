import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { goalFacts, runFact, userTodo } from "../../testing/facts.ts";
import { finding, FINDINGS, type Finding, type FindingCode } from "../finding.ts";
import { artifactFindings, gateFindings, privateFileFindings } from "./check-findings.ts";
import { checkReport, type CheckedArea } from "./check-report.ts";

const area = (code: CheckedArea["code"], ...findings: Finding[]): CheckedArea => ({ code, looked_at: "1 goal", findings });
const CODES = Object.keys(FINDINGS) as FindingCode[];

describe("checkReport (CMD-62)", () => {
  it("lists errors and warnings apart, and each area with the worst of it", () => {
    const report = checkReport(
      [
        area("registry"),
        area("goals", finding("state_file_large", "large"), finding("section_duplicate", "twice")),
        area("boundary", finding("boundary_hit", "a.md:1: credential", { file: "a.md", line: 1 })),
      ],
      5,
    );
    expect(report.summary).toEqual({ errors: 1, warnings: 1, checks: 3 });
    expect(report.errors).toEqual([
      { code: "boundary_hit", severity: "error", message: "a.md:1: credential", file: "a.md", line: 1, fix: "remove it from the file" },
    ]);
    expect(report.checks.map((each) => each.severity)).toEqual(["ok", "warning", "error"]);
  });

  it("says a shared state file once, in whatever words it was found", () => {
    const shared = (path: string) => finding("state_file_shared", `shared -> ${path}`, { goal_ids: ["a", "b"], file: path });
    const { summary, errors } = checkReport([area("registry", shared("/p/x.md")), area("goals", shared("/p/./x.md"))], 5);
    expect([summary.errors, errors.length]).toEqual([1, 1]);
  });

  it("gives no repair where there is none", () => {
    expect(checkReport([area("history", finding("timestamp_invalid", "line 3"))], 5).warnings).toEqual([
      { code: "timestamp_invalid", severity: "warning", message: "line 3" },
    ]);
  });

  it("counts all, lists at most the limit, and never loses a severity", () => {
    const found = fc.tuple(fc.constantFrom(...CODES), fc.nat(50)).map(([code, at]) => finding(code, `${code} at ${at}`));
    fc.assert(
      fc.property(fc.array(found, { maxLength: 40 }), fc.integer({ min: 1, max: 10 }), (findings, limit) => {
        const { summary, errors, warnings, checks } = checkReport([area("goals", ...findings)], limit);
        const distinct = new Map(findings.map((each) => [each.message, each.severity]));
        const count = (severity: string) => [...distinct.values()].filter((each) => each === severity).length;
        expect(summary).toEqual({ errors: count("error"), warnings: count("warning"), checks: 1 });
        expect([errors.length, warnings.length]).toEqual([Math.min(limit, summary.errors), Math.min(limit, summary.warnings)]);
        expect(checks[0]?.severity === "error").toBe(summary.errors > 0);
      }),
    );
  });
});

describe("what only a check looks for (CMD-65)", () => {
  it("names a gate whose link leads nowhere, with its line", () => {
    const [found, ...others] = gateFindings(
      goalFacts({ user: [userTodo({ todo_id: "todo_gate01", metadata: { unblocks_todo_id: "todo_gone01" } })] }),
    );
    expect(others).toEqual([]);
    expect(found).toMatchObject({ code: "gate_link_dangling", severity: "warning", goal_id: "project-goal", line: 10 });
    expect(gateFindings(goalFacts({ user: [userTodo({ todo_id: "todo_gate01" })] }))).toEqual([]);
  });

  it("names a newest run whose artifact is gone", () => {
    const status_run = runFact();
    expect(artifactFindings(goalFacts({ runs: { status_run, status_run_artifact_missing: true } }))[0]).toMatchObject({
      code: "run_artifact_missing",
    });
    expect(artifactFindings(goalFacts({ runs: { status_run, status_run_artifact_missing: false } }))).toEqual([]);
  });

  it.each([
    [{ tracked: true, ignored: false }, ["private_state_tracked"]],
    [{ tracked: true, ignored: true }, ["private_state_tracked"]],
    [{ tracked: false, ignored: false }, ["private_state_not_ignored"]],
    [{ tracked: false, ignored: true }, []],
  ])("a private file that git sees as %o", (seen, codes) => {
    expect(privateFileFindings([{ repo: "/srv/project", path: "STATE.md", goal_id: "atlas", ...seen }]).map((each) => each.code)).toEqual(
      codes,
    );
  });
});
