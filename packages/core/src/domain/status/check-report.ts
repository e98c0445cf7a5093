/**
 * What `check` answers (CMD-62): every finding once, errors and warnings apart, and one line per area that was looked
 * at. It judges: one error makes the whole answer an honest no.
 */
import { FINDINGS, type Finding, type Severity } from "../finding.ts";
import type { CheckArea, CheckLine, CheckReport } from "../payload/check.ts";

/** One area: what was looked at, and what was found there. */
export interface CheckedArea {
  readonly code: CheckArea;
  readonly looked_at: string;
  readonly findings: readonly Finding[];
}

/** The report of all areas; each list holds at most `limit` findings, the summary counts all. */
export function checkReport(areas: readonly CheckedArea[], limit: number): Pick<CheckReport, "summary" | "errors" | "warnings" | "checks"> {
  const once = withoutRepeats(areas);
  const all = once.flatMap((area) => area.findings);
  const errors = all.filter((found) => found.severity === "error");
  const warnings = all.filter((found) => found.severity === "warning");
  return {
    summary: { errors: errors.length, warnings: warnings.length, checks: areas.length },
    errors: errors.slice(0, limit).map(findingLine),
    warnings: warnings.slice(0, limit).map(findingLine),
    checks: once.map(({ code, looked_at, findings }) => ({ code, severity: worst(findings), message: looked_at })),
  };
}

/** Found in two ways, said once: these are about a goal, whatever their words are. */
const ONCE_A_GOAL: ReadonlySet<string> = new Set(["state_file_shared", "state_file_missing", "repo_missing"]);

function withoutRepeats(areas: readonly CheckedArea[]): readonly CheckedArea[] {
  const seen = new Set<string>();
  const isNew = (found: Finding) => {
    const about = found.goal_ids?.join(" ") ?? found.goal_id;
    const key = ONCE_A_GOAL.has(found.code) && about !== undefined ? `${found.code} ${about}` : `${found.code} ${found.message}`;
    return !seen.has(key) && seen.add(key);
  };
  return areas.map((area) => ({ ...area, findings: area.findings.filter(isNew) }));
}

function findingLine({ code, severity, message, goal_id, file, line }: Finding): CheckLine {
  const { fix } = FINDINGS[code];
  return {
    code,
    severity,
    message,
    ...(goal_id === undefined ? {} : { goal_id }),
    ...(file === undefined ? {} : { file }),
    ...(line === undefined ? {} : { line }),
    ...(fix === "nothing" ? {} : { fix }),
  };
}

const SEVERITIES: readonly Severity[] = ["error", "warning", "info"];

function worst(findings: readonly Finding[]): Severity | "ok" {
  return SEVERITIES.find((severity) => findings.some((found) => found.severity === severity)) ?? "ok";
}
