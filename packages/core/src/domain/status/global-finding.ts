/**
 * Attention that belongs to no single decision: the registry file itself, a scan, the global registry, runtime
 * directories nobody registered (DEC-71, DEC-74). None of it blocks a goal.
 */
import type { GlobalFinding } from "../goal/global-findings.ts";
import type { AttentionItem } from "../payload/attention.ts";
import type { HangingFinding } from "../payload/global-finding.ts";
import type { FindingFact, VerdictSeverity } from "../quota/decision.ts";
import { placed } from "../quota/reason.ts";
import { cutText } from "../quota/shown-text.ts";

const ACTION_LIMIT = 300;
export const CONTRACT_ITEM_ID = "loopx-contract";
/** The item of a finding that names no goal. */
const GLOBAL_ITEM_ID = "loopx-global";

/** The item `loopx-contract`, or null when neither a scan of this call nor the registry file has a finding. */
export function contractItem(findings: readonly FindingFact[]): AttentionItem | null {
  const [first] = findings;
  return first === undefined ? null : bareItem(CONTRACT_ITEM_ID, "contract_check_failed", "high", placed(first), "contract");
}

/** Findings about a live goal hang on its item, the others are items of their own; notes are neither (DEC-74). */
export function withGlobalFindings(items: readonly AttentionItem[], findings: readonly GlobalFinding[]): AttentionItem[] {
  const byGoal = new Map(items.map((item) => [item.goal_id, [] as HangingFinding[]]));
  const own: AttentionItem[] = [];
  for (const { kind, severity, message, recommended_action, goal_id, goal_ids = [] } of findings) {
    if (severity === "info") continue;
    const named = new Set([goal_id, ...goal_ids]);
    const live = [...byGoal].filter(([id]) => named.has(id));
    for (const [, list] of live) list.push({ kind, severity, message: cutText(message, ACTION_LIMIT) });
    if (live.length === 0)
      own.push(bareItem(goal_id ?? goal_ids[0] ?? GLOBAL_ITEM_ID, kind, severity, `${message}: ${recommended_action}`, "registry"));
  }
  return [...items.map((item) => hang(item, byGoal.get(item.goal_id) ?? [])), ...own];
}

function hang(item: AttentionItem, global_findings: readonly HangingFinding[]): AttentionItem {
  return global_findings.length === 0 ? item : { ...item, global_findings };
}

/** A controller looks at it; there is no decision behind it. */
function bareItem(
  goal_id: string,
  status: string,
  severity: VerdictSeverity,
  action: string,
  source: "contract" | "registry",
): AttentionItem {
  return {
    goal_id,
    status,
    waiting_on: "controller",
    severity,
    recommended_action: cutText(action, ACTION_LIMIT),
    rule: null,
    state: null,
    should_run: false,
    requires_user_action: true,
    source,
    lifecycle_phase: null,
    lifecycle_flags: [],
    quota: null,
    project_asset: null,
    handoff_readiness: null,
  };
}
