/** What the dispatcher says on the server about a step, in a few lines. Pure. */
import type { DeclaredResult } from "../drivers/agents/declared-result.ts";
import type { Item } from "./item.ts";
import { findingsText } from "./texts.ts";

const BLOCKED: Readonly<Record<string, string>> = {
  max_rounds: "The review still found something after the last round. A person has the next turn.",
  broken_chain: "The work stopped several times without a result. A person has the next turn.",
  blocked: "The agent is stuck. A person has the next turn.",
  missing_tool: "A tool is missing. A person has the next turn.",
  gate_missing: "The gate cannot be run. A person has the next turn.",
  label_missing: "A label is missing in this repository. A person has the next turn.",
  policy_violation: "The work broke a rule twice. A person has the next turn.",
  stop_failed: "An agent could not be stopped. A person has the next turn.",
};

/** Heading and parts of a step's one comment. */
export function summaryOf(item: Item, declared: DeclaredResult | null): { readonly heading: string; readonly parts: readonly string[] } {
  const { after, round, head_sha, notes, pull } = item;
  const sha = head_sha === null ? "" : ` at ${head_sha.slice(0, 12)}`;
  if (after?.state === "blocked_human" && after.reason !== "merge_ready") {
    const heading = BLOCKED[after.reason] ?? `This did not succeed (${after.reason.replaceAll("_", " ")}). A person has the next turn.`;
    const findings = after.reason === "max_rounds" ? findingsText(declared?.findings ?? []) : "";
    return { heading, parts: [declared?.blocker ?? "", findings, notes] };
  }
  if (item.step === "review") {
    if (after?.reason === "merge_ready")
      return { heading: `Reviewed${sha}: ready to be merged by a person.`, parts: [declared?.summary ?? ""] };
    return { heading: `Reviewed${sha}: it needs another round (${round + 1}).`, parts: [declared?.summary ?? ""] };
  }
  const where = item.is_pull || pull === null ? "" : ` It continues in #${pull}.`;
  return { heading: `Work is done${sha} and waits for a review.${where}`, parts: [declared?.summary ?? ""] };
}
