/** Rules about a goal that is not well: broken contract, scan hit, missing artifact, a safety stop. */
import { FINDINGS } from "../../finding.ts";
import type { Context } from "../context.ts";
import { some } from "../decision.ts";
import type { FindingFact } from "../decision.ts";
import type { Facts } from "../facts.ts";
import type { RuleOf } from "./rule.ts";

/** Rule 5: an error finding, an unreadable state, or a bad history line nobody accepted (DEC-42). */
export const contractBroken: RuleOf<"contract_broken"> = {
  name: "contract_broken",
  looksAt: ({ facts }) => ({
    errors: facts.health.filter((finding) => finding.severity === "error").length,
    unaccepted_bad_lines: facts.runs.unaccepted_bad_lines.length,
  }),
  answer: ({ facts }) => {
    const faults = some(faultsOf(facts));
    return faults === null ? null : { rule: "contract_broken", faults };
  },
};

/** Rule 6: this call asked for a scan, and it found something. */
export const boundaryScanHit: RuleOf<"boundary_scan_hit"> = {
  name: "boundary_scan_hit",
  looksAt: ({ facts }) => ({ hits: facts.scan.length }),
  answer: ({ facts }) => {
    const hits = some(facts.scan);
    return hits === null ? null : { rule: "boundary_scan_hit", hits };
  },
};

/** Rule 7: the status run's artifact is gone, or its run was stopped for safety. */
export const healthBlocked: RuleOf<"health_blocked"> = {
  name: "health_blocked",
  looksAt: ({ facts, statusRun }) => ({ artifact_missing: isArtifactMissing(facts), classification: statusRun?.classification ?? null }),
  answer: ({ facts, statusRun }: Context) => {
    const fault = facts.health.find((finding) => finding.code === "run_artifact_missing") ?? null;
    if (isArtifactMissing(facts)) return { rule: "health_blocked", cause: "artifact_missing", fault };
    return statusRun?.classification === "blocked_by_safety" ? { rule: "health_blocked", cause: "safety", fault: null } : null;
  },
};

function isArtifactMissing(facts: Facts): boolean {
  return (
    facts.runs.status_run_artifact_missing ||
    facts.health.some((finding) => finding.code === "run_artifact_missing" && finding.severity === "error")
  );
}

/** Every reason why the goal's files cannot be relied on; a missing artifact is rule 7's. */
function faultsOf(facts: Facts): FindingFact[] {
  const faults = facts.health.filter((finding) => finding.severity === "error" && finding.code !== "run_artifact_missing");
  faults.push(...facts.runs.unaccepted_bad_lines.map((bad) => badLineFault(facts, bad.line)));
  if (faults.length > 0) return faults;
  // Both say "unreadable" without a finding; permission is never read out of silence.
  if (facts.goal === null)
    return [{ code: "goal_entry_invalid", severity: "error", message: FINDINGS.goal_entry_invalid.meaning, file: facts.registry_file }];
  if (facts.state === null)
    return [{ code: "state_file_missing", severity: "error", message: FINDINGS.state_file_missing.meaning, file: facts.goal.state_file }];
  return [];
}

function badLineFault(facts: Facts, line: number): FindingFact {
  const known = facts.health.find((finding) => finding.code === "history_line_bad" && finding.line === line);
  return (
    known ?? { code: "history_line_bad", severity: "error", message: FINDINGS.history_line_bad.meaning, file: facts.runs.index_file, line }
  );
}
