/** Where a goal is in its life (DEC-72): flags from its status run, and the one phase they add up to. */
import { isConnectedAdapter } from "../goal/entry.ts";
import type { GoalEntry } from "../goal/entry.ts";
import { isJsonObject } from "../json.ts";
import type { Run } from "../run/history.ts";

/** In the order in which the first one that applies is the phase. */
export const LIFECYCLE_PHASES = [
  "controller_ready",
  "reward_judged",
  "operator_approved",
  "controller_gated",
  "operator_gated",
  "adapter_inspected",
  "mapped",
  "refreshed",
  "connected",
  "registered",
  "planned",
  "run_recorded",
] as const;
export type LifecyclePhase = (typeof LIFECYCLE_PHASES)[number];

export interface Lifecycle {
  readonly phase: LifecyclePhase;
  /** In the order of {@link LIFECYCLE_PHASES}. */
  readonly flags: readonly LifecyclePhase[];
}

const ADAPTER_FIELDS = ["active_task_count", "active_priorities", "cache_check", "controller_readiness"];

/** The lifecycle of a goal with that status run, or with none. */
export function lifecycleOf(goal: GoalEntry | null, run: Run | null): Lifecycle {
  const flags = run === null ? flagsWithoutRun(goal) : flagsOfRun(run);
  const known = LIFECYCLE_PHASES.filter((phase) => flags.has(phase));
  return { phase: known[0] ?? "registered", flags: known };
}

function flagsWithoutRun(goal: GoalEntry | null): Set<LifecyclePhase> {
  const flags = new Set<LifecyclePhase>(["registered"]);
  if (goal !== null && isConnectedAdapter(goal.adapter.status)) flags.add("connected");
  // A planned goal is registered too; its phase says which.
  if (goal?.adapter.status === "planned") return new Set(["planned"]);
  return flags;
}

function flagsOfRun(run: Run): Set<LifecyclePhase> {
  const { classification, record } = run;
  const flags = new Set<LifecyclePhase>(["run_recorded"]);
  if (classification === "state_refreshed") flags.add("refreshed");
  if (classification === "read_only_project_map" || isJsonObject(record["project_map"])) flags.add("mapped");
  if (ADAPTER_FIELDS.some((field) => record[field] !== undefined && record[field] !== null)) flags.add("adapter_inspected");
  if (run.human_rewards.length > 0) flags.add("reward_judged");
  if (classification === "operator_gate_approved") flags.add("operator_approved");
  if (classification === "operator_gate_rejected" || classification === "operator_gate_deferred") flags.add("operator_gated");
  const readiness = isJsonObject(record["controller_readiness"]) ? record["controller_readiness"] : {};
  const missing = readiness["missing_gates"];
  if (classification.startsWith("controller_opted_in") || readiness["write_controller_ready"] === true) flags.add("controller_ready");
  if (classification.endsWith("controller_opt_in") || (Array.isArray(missing) && missing.length > 0)) flags.add("controller_gated");
  return flags;
}
