/** What the server of the operator's window answers beside the status: types that its page shares. */
import type { ExecutionProfile } from "../goal/entry.ts";
import { DEFAULT_EXECUTION_PROFILE } from "../goal/execution-profile.ts";
import type { GoalSettings } from "../goal/settings.ts";
import type { Verdict } from "../quota/verdict.ts";
import type { RunOutcome, RunScale } from "../run/grades.ts";
import type { GoalOverview } from "../status/overview.ts";
import type { ShownRun } from "./history.ts";
import type { LeaseView } from "./lease.ts";
import type { ReviewPacket } from "./review-packet.ts";
import type { StatusResult } from "./status.ts";
import type { ListedTodo } from "./todo.ts";
import type { Why } from "./why.ts";

/** What this server can do, and where (CMD-123); the address of a write that is off is null. */
export interface WindowCapabilities {
  readonly ok: true;
  readonly source: "serve-status";
  readonly status_url: string;
  readonly health_url: string;
  readonly review_material_url: string;
  readonly goals_url: string;
  readonly loops_url: string;
  readonly events_url: string;
  readonly reward_dry_run_url: string;
  readonly reward_append_url: string | null;
  readonly reward_write_enabled: boolean;
  readonly gate_dry_run_url: string;
  readonly gate_answer_url: string | null;
  readonly gate_write_enabled: boolean;
  readonly configure_goal_dry_run_url: string;
  readonly configure_goal_apply_url: string | null;
  readonly control_plane_write_enabled: boolean;
  readonly token_required: boolean;
}

/** `/status.json`: the status, without a path of this machine (CMD-125). */
export interface WindowStatusAnswer extends StatusResult {
  readonly ok: true;
  readonly local_dashboard_api: WindowCapabilities;
}

/** `/goals.json`. */
export interface WindowGoalsAnswer {
  readonly ok: true;
  readonly goals: readonly GoalOverview[];
}

/** One part of a goal, or why it cannot be read. */
export type GoalPart<Value> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly code: string; readonly message: string };

/** A run with its grades, and its Markdown where that is there. */
export type RunPoint = ShownRun & { readonly outcome: RunOutcome; readonly scale: RunScale; readonly material?: MaterialRef };

/** A Markdown file that `/review-material` shows of a goal, by its path below one of the goal's own directories. */
export interface MaterialRef {
  readonly below: "repository" | "state" | "runtime";
  readonly path: string;
}

/** A payment that counts. */
export interface SpendPoint {
  readonly run_id: string;
  readonly generated_at: string;
  readonly slots: number;
  readonly agent_id: string | null;
}

/** `/goals/<goal-id>.json`. */
export interface GoalDetail {
  readonly goal_id: string;
  readonly verdict: GoalPart<Verdict>;
  readonly why: Why;
  readonly runs: GoalPart<readonly RunPoint[]>;
  readonly todos: GoalPart<readonly ListedTodo[]>;
  readonly leases: GoalPart<readonly LeaseView[]>;
  readonly spends: GoalPart<readonly SpendPoint[]>;
  /** What a person decides, and what the agent is handed. */
  readonly packet: GoalPart<ReviewPacket>;
  readonly material: GoalPart<readonly MaterialRef[]>;
  readonly settings: GoalPart<GoalSettings>;
}

/** One loop as its own records show it. */
export interface LoopView {
  readonly kind: "worktree" | "looper" | "gitea" | "loop";
  readonly executor: string;
  readonly id: string;
  readonly title: string;
  readonly phase: string;
  readonly live: boolean;
  readonly since: string | null;
  readonly ended_at: string | null;
  readonly result: string | null;
  readonly goal_id: string | null;
  /** Of so many attempts. */
  readonly attempt: number | null;
  readonly of: number | null;
  readonly detail: string | null;
}

/** `/loops.json`. */
export interface WindowLoopsAnswer {
  readonly ok: true;
  readonly loops: readonly LoopView[];
}

/** The execution profile of a verdict with detail; the default where it shows none. */
export function readGoalProfile(shown: ExecutionProfile | null | undefined): ExecutionProfile {
  return shown ?? DEFAULT_EXECUTION_PROFILE;
}
