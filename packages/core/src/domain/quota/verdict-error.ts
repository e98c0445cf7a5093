/** The error that stands beside an `ok:false` verdict (DEC-35). Every other verdict is a sound answer and has none. */
import type { ErrorCode } from "../errors.ts";
import type { JsonObject } from "../json.ts";
import { byRule } from "./decision.ts";
import type { ByRule, Decision, FindingFact } from "./decision.ts";
import type { Facts } from "./facts.ts";
import { agentWords, goalCommand } from "./printed-commands.ts";
import { reasonOf } from "./reason.ts";
import { remedyOf } from "./remedy.ts";

/** The `error` of a verdict that is not ok. */
export interface VerdictError {
  readonly code: ErrorCode;
  readonly message: string;
  /** The command that changes the verdict (DEC-40). */
  readonly hint: string;
  readonly details: JsonObject;
}

/** The error beside the verdict, or null where the verdict is a sound answer. */
export function errorOf(decision: Decision): VerdictError | null {
  const code = byRule(CODES, decision);
  const { facts, now } = decision.context;
  return code === null
    ? null
    : {
        code,
        message: reasonOf(decision, "en"),
        hint: hintOf(remedyOf(decision, facts, now, "en").command, facts),
        details: { goal_id: facts.goal_id, rule: decision.rule },
      };
}

/** Room for a command with two long paths; the verdict beside it has to stay small (DEC-51). */
const HINT_LIMIT = 600;

/** A command that names a place as long as a page is told by `why` alone; a cut one would run something else. */
function hintOf(command: string, facts: Facts): string {
  return command.length <= HINT_LIMIT ? command : goalCommand(facts, ["why"], agentWords(facts));
}

const CODES: Partial<ByRule<[], ErrorCode>> = {
  registry_unreadable: ({ fault }) => registryCode(fault),
  goal_not_found: () => "goal_not_found",
  agent_not_registered: () => "agent_not_registered",
  contract_broken: () => "goal_unhealthy",
  boundary_scan_hit: () => "goal_unhealthy",
};

/** `registry_invalid` and its kin (FIL-16). */
function registryCode(fault: FindingFact): ErrorCode {
  if (fault.code === "registry_missing") return "registry_not_found";
  return fault.code === "too_large" || fault.code === "not_a_regular_file" ? fault.code : "registry_invalid";
}
