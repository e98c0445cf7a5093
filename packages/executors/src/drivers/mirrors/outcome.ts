/** What git's refusals mean for the dispatcher: a short word and one line, without a secret. */
import { LoopxError } from "@loopx/core/domain";
import type { GitFailure, GitOutcome } from "../../gitea/checkouts.ts";
import type { Secrets } from "../process/secrets.ts";

const LONGEST = 300;
const REFUSED =
  /Authentication failed|error: 40[13]|Permission denied|denied to|could not read (?:Username|Password)|terminal prompts disabled/i;
const MISSING =
  /error: 404|repository .* not found|Repository not found|couldn't find remote ref|not our ref|bad object|unknown revision|Needed a single revision/i;
const UNREACHABLE =
  /Could not resolve host|Failed to connect|Connection (?:refused|reset|timed out)|unable to access|timed_out|RPC failed|early EOF|hung up|Empty reply/i;

/** The value, or the failure that an exception of git or the disk stands for. Anything else is a bug and goes on. */
export async function outcomeOf<Value>(secrets: Secrets, act: () => Promise<Value>): Promise<GitOutcome<Value>> {
  try {
    return { kind: "value", value: await act() };
  } catch (error) {
    if (error instanceof LoopxError && error.code !== "internal") return failed(secrets, error.message);
    if (error instanceof Error && "code" in error && typeof error.code === "string" && /^E[A-Z]+$/.test(error.code))
      return { kind: "failed", fault: "io", message: `the disk answered ${error.code}` };
    throw error;
  }
}

/** A failure by git's own words. */
export function failed(secrets: Secrets, words: string): GitFailure {
  const message = secrets.redact(words).replaceAll(/\s+/g, " ").trim().slice(0, LONGEST);
  const fault = REFUSED.test(words) ? "refused" : MISSING.test(words) ? "missing" : UNREACHABLE.test(words) ? "unreachable" : "io";
  return { kind: "failed", fault, message };
}
