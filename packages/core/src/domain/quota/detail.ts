/** What `--detail` adds to a verdict (DEC-51): the same facts at full length. Exempt from the size budget. */
import { outcomeOf, scaleOf } from "../run/grades.ts";
import type { Run } from "../run/history.ts";
import type { GoalEntry } from "../goal/entry.ts";
import type { Todo } from "../goal-state/todo.ts";
import { lifecycleOf } from "../status/lifecycle.ts";
import { sourceOf } from "../status/source.ts";
import type { Context } from "./context.ts";
import type { Decision } from "./decision.ts";
import { holdersOf } from "./holders.ts";
import { instantText } from "./reason.ts";
import { missingScopes, writeScopes } from "./selection.ts";
import { shownText } from "./shown-text.ts";
import type { HandoffReadiness, RunView, Verdict } from "./verdict-schema.ts";

const NAME_LIMIT = 200;
/** As many graded runs as a person compares. */
const GRADED_SHOWN = 5;

type DetailKey =
  | "trace"
  | "findings"
  | "source"
  | "lifecycle_phase"
  | "lifecycle_flags"
  | "latest_run"
  | "agent_identity"
  | "workspace_guard"
  | "scoped_user_gate_fallback"
  | "agent_scope_frontier"
  | "holders"
  | "boundary_projection_gap"
  | "handoff_readiness"
  | "execution_profile_object"
  | "quota_ledger";

export function detailOf(decision: Decision): Pick<Verdict, DetailKey> {
  const { context } = decision;
  const { facts, goal, statusRun, now } = context;
  const lifecycle = lifecycleOf(goal, statusRun);
  return {
    trace: decision.trace.map((step) => ({ ...step })),
    findings: [...facts.health, ...facts.scan],
    source: sourceOf(decision.rule),
    lifecycle_phase: lifecycle.phase,
    lifecycle_flags: [...lifecycle.flags],
    latest_run: statusRun === null || goal === null ? null : runView(statusRun, goal),
    ...(facts.agent_id === null
      ? {}
      : {
          agent_identity: { agent_id: facts.agent_id, role: context.caller.role, primary_agent: goal?.coordination.primary_agent ?? null },
        }),
    ...(facts.workspace === null ? {} : { workspace_guard: { current_workspace: facts.workspace } }),
    ...fallbackOf(decision),
    ...frontierOf(context),
    holders: holdersOf(facts, now),
    ...gapOf(context),
    handoff_readiness: handoffReadiness(context),
    execution_profile_object: goal?.execution_profile ?? null,
    quota_ledger: {
      window_start: instantText(facts.quota.window_start_ms, now),
      spend_event_count: facts.quota.spend_event_count,
      void_event_count: facts.quota.void_event_count,
      next_slot_at: instantText(facts.quota.next_slot_at_ms, now),
      spend_source: "runtime_events",
    },
  };
}

/** The streaks since the last approval, with the newest runs they count (DEC-54). */
export function handoffReadiness({ streaks, facts, goal }: Context): HandoffReadiness {
  return {
    post_handoff_small_scale_streak: streaks.small,
    post_handoff_outcome_gap_streak: streaks.gap,
    graded_runs:
      goal === null
        ? []
        : facts.runs.graded
            .slice(0, GRADED_SHOWN)
            .map((run) => ({ run_id: run.run_id, scale: scaleOf(run), outcome: outcomeOf(run, goal.execution_profile) })),
  };
}

function runView(run: Run, goal: GoalEntry): RunView {
  return {
    run_id: run.run_id,
    generated_at: run.generated_at,
    classification: shownText(run.classification, NAME_LIMIT),
    recommended_action: shownText(run.recommended_action, NAME_LIMIT),
    agent_id: run.agent_id,
    scale: scaleOf(run),
    outcome: outcomeOf(run, goal.execution_profile),
  };
}

const name = (todo: Todo) => ({ todo_id: todo.todo_id, text: shownText(todo.text, NAME_LIMIT) });

function fallbackOf(decision: Decision): Pick<Verdict, "scoped_user_gate_fallback"> {
  if (decision.rule !== "gate_fallback") return {};
  const { work } = decision.context;
  const free = new Set(work.ungated);
  return {
    scoped_user_gate_fallback: {
      selected_executable: name(decision.selected.todo),
      blocked_user_gate: name(decision.gates[0]),
      blocked_agent_items: work.executable.filter((todo) => !free.has(todo)).map(name),
    },
  };
}

/** What stands between this agent and the goal's work: reviews of its own work first (DEC-83). */
function frontierOf({ work, caller }: Context): Pick<Verdict, "agent_scope_frontier"> {
  if (caller.registered.length === 0 || caller.agent_id === null) return {};
  return {
    agent_scope_frontier: {
      blocking_review_claimants: [...new Set(work.held.filter((held) => held.reviews_caller).map((held) => held.holder))],
      other_agent_claims: work.held.map((held) => ({ todo_id: held.todo.todo_id, holder: held.holder })),
    },
  };
}

function gapOf({ work, goal, now }: Context): Pick<Verdict, "boundary_projection_gap"> {
  if (work.available.length === work.inBounds.length) return {};
  const scopes = writeScopes(goal, now);
  return { boundary_projection_gap: { missing_write_scopes: [...new Set(work.available.flatMap((todo) => missingScopes(todo, scopes)))] } };
}
