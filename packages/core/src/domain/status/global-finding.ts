/**
 * Attention that belongs to no single decision: the registry file itself, a scan, the global registry, runtime
 * directories nobody registered (DEC-71, DEC-74). None of it blocks a goal.
 */
import type { FindingFact, VerdictSeverity } from "../quota/decision.ts";
import { placed } from "../quota/reason.ts";
import { cutText } from "../quota/shown-text.ts";
import type { AttentionItem } from "./attention.ts";

export interface GlobalFinding {
  readonly kind: string;
  readonly severity: VerdictSeverity | "info";
  readonly message: string;
}

const ACTION_LIMIT = 300;
const CONTRACT_ITEM = "loopx-contract";
/** The item of a finding that names no goal. */
const GLOBAL_ITEM = "loopx-global";

/** DEC-74. A kind that is not listed is only information. */
const SEVERITIES: Readonly<Record<string, VerdictSeverity>> = {
  duplicate_goal_id: "high",
  source_registry_missing: "action",
  stale_source_registry: "action",
  source_entry_missing: "action",
  state_file_missing: "action",
  state_file_not_declared: "action",
  unregistered_runtime_goal: "action",
};

export function globalFinding(finding: FindingFact): GlobalFinding {
  return { kind: finding.code, severity: SEVERITIES[finding.code] ?? "info", message: cutText(placed(finding), ACTION_LIMIT) };
}

/** The item `loopx-contract`, or null when neither a scan of this call nor the registry file has a finding. */
export function contractItem(findings: readonly FindingFact[]): AttentionItem | null {
  const [first] = findings;
  return first === undefined ? null : bareItem(CONTRACT_ITEM, "contract_check_failed", "high", placed(first));
}

/** Items of the global view: findings about a live goal hang on its item, the others stand for themselves. */
export function withGlobalFindings(items: readonly AttentionItem[], findings: readonly FindingFact[]): AttentionItem[] {
  const byGoal = new Map(items.map((item) => [item.goal_id, [] as GlobalFinding[]]));
  const own: AttentionItem[] = [];
  for (const finding of findings) {
    const shown = globalFinding(finding);
    if (shown.severity === "info") continue;
    const named = new Set([finding.goal_id, ...(finding.goal_ids ?? [])]);
    const live = [...byGoal].filter(([goalId]) => named.has(goalId));
    for (const [, list] of live) list.push(shown);
    if (live.length === 0) own.push(bareItem(finding.goal_id ?? GLOBAL_ITEM, finding.code, shown.severity, shown.message));
  }
  return [...items.map((item) => hang(item, byGoal.get(item.goal_id) ?? [])), ...own];
}

function hang(item: AttentionItem, global_findings: readonly GlobalFinding[]): AttentionItem {
  return global_findings.length === 0 ? item : { ...item, global_findings };
}

/** A controller looks at it; there is no decision behind it. */
function bareItem(goal_id: string, status: string, severity: VerdictSeverity, message: string): AttentionItem {
  return {
    goal_id,
    status,
    waiting_on: "controller",
    severity,
    recommended_action: cutText(message, ACTION_LIMIT),
    rule: null,
    state: null,
    should_run: false,
    requires_user_action: true,
    source: "contract",
    lifecycle_phase: null,
    lifecycle_flags: [],
    quota: null,
    project_asset: null,
    handoff_readiness: null,
  };
}
