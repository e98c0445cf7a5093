/** What a verdict means to a shell (DEC-36), and whether an error stands beside it (DEC-35). */
import type { RuleName } from "./answers.ts";
import type { Decision } from "./decision.ts";

/** The exit codes a verdict can end with. */
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
