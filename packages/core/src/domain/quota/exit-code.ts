/** What a verdict means to a shell (DEC-36), and the error that stands beside an `ok:false` one (DEC-35). */
import { ERRORS } from "../errors.ts";
import type { ErrorCode } from "../errors.ts";
import { FINDINGS } from "../finding.ts";
import type { RuleName } from "./answers.ts";
import type { Decision, FindingFact } from "./decision.ts";
import { reasonOf } from "./reason.ts";

export type VerdictExitCode = 0 | 1 | 2 | 10 | 11 | 12 | 13;

const LOAD_OR_USAGE: ReadonlySet<RuleName> = new Set(["registry_unreadable", "goal_not_found", "agent_not_registered"]);
const NOT_OK: ReadonlySet<RuleName> = new Set([...LOAD_OR_USAGE, "contract_broken", "boundary_scan_hit"] as const);

/** False where an error stands beside the verdict (DEC-35). */
export function isOk(rule: RuleName): boolean {
  return !NOT_OK.has(rule);
}

/** 0 run, 10 quiet, 11 waits for a person, 12 paused or throttled, 13 unhealthy with the flag; without it 0, 1 or 2. */
export function exitCodeOf(decision: Decision, { exit_code }: { exit_code: boolean }): VerdictExitCode {
  if (LOAD_OR_USAGE.has(decision.rule)) return 2;
  if (!exit_code) return isOk(decision.rule) ? 0 : 1;
  if (decision.should_run) return 0;
  if (decision.rule === "contract_broken" || decision.rule === "boundary_scan_hit" || decision.rule === "health_blocked") return 13;
  if (decision.rule === "paused" || decision.rule === "throttled") return 12;
  return decision.requires_user_action ? 11 : 10;
}

export interface VerdictError {
  readonly code: ErrorCode;
  readonly message: string;
  readonly hint: string;
}

/** The error beside the verdict, or null where the verdict is a sound answer. */
export function errorOf(decision: Decision): VerdictError | null {
  const code = errorCode(decision);
  return code === null ? null : { code, message: reasonOf(decision, "en"), hint: hintOf(decision, code) };
}

function errorCode(decision: Decision): ErrorCode | null {
  switch (decision.rule) {
    case "registry_unreadable":
      return registryCode(decision.fault);
    case "goal_not_found":
      return "goal_not_found";
    case "agent_not_registered":
      return "agent_not_registered";
    case "contract_broken":
    case "boundary_scan_hit":
      return "goal_unhealthy";
    default:
      return null;
  }
}

/** `registry_invalid` and its kin (FIL-16). */
function registryCode(fault: FindingFact): ErrorCode {
  if (fault.code === "registry_missing") return "registry_not_found";
  return fault.code === "too_large" || fault.code === "not_a_regular_file" ? fault.code : "registry_invalid";
}

function hintOf(decision: Decision, code: ErrorCode): string {
  const finding = decision.rule === "contract_broken" ? decision.faults[0] : decision.rule === "boundary_scan_hit" ? decision.hits[0] : null;
  return finding !== null && finding.code in FINDINGS ? FINDINGS[finding.code as keyof typeof FINDINGS].fix : ERRORS[code].next;
}
