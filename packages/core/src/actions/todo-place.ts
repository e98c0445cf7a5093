/** Where a todo verb works, and what the pure verbs have to know of it beside the state. It reads and writes nothing. */
import { LoopxError } from "../domain/errors.ts";
import type { TodoContext, TodoLease } from "../domain/goal-state/todo-outcome.ts";
import { isLive } from "../domain/lease/rules.ts";
import type { Moment } from "../domain/time.ts";
import type { Host } from "../ports/host.ts";
import type { LeaseListing } from "../ports/leases.ts";
import type { OpenGoal } from "./goals.ts";

/** Flags of every todo verb. `project` and `state_file` may only repeat what is registered (CMD-90). */
export interface TodoPlace {
  readonly goal_id?: string | undefined;
  readonly project?: string | undefined;
  readonly state_file?: string | undefined;
  /** The SHA-256 of the goal state that the caller decided on; another one is `preview_stale`, and nothing is written. */
  readonly expected_state?: string | undefined;
  readonly dry_run?: boolean | undefined;
  readonly cwd: string;
}

/** What the pure verbs have to know beside the state. */
export function todoContext(host: Host, goal: OpenGoal, listing: LeaseListing | null, now: Moment): TodoContext {
  const { coordination } = goal.entry;
  return {
    now,
    newTodoId: () => host.ids.next("todo_"),
    agents: {
      registered: coordination.registered_agents,
      primary: coordination.primary_agent,
      handoff: coordination.side_agent_handoff_agent,
    },
    claim_ttl_minutes: coordination.claim_ttl_minutes,
    leases: todoLeases(listing, now),
  };
}

function todoLeases(listing: LeaseListing | null, now: Moment): TodoLease[] {
  return (listing?.leases ?? []).flatMap((lease) => {
    const { todo_id, holder, token, expires_at } = lease;
    return todo_id === undefined ? [] : [{ todo_id, holder, token, expires_at, live: isLive(lease, now) }];
  });
}

/** A path that names another state than the registered one is a mistake, not a wish. */
export function requireRegisteredPlace(host: Host, goal: OpenGoal, input: Pick<TodoPlace, "project" | "state_file" | "cwd">): void {
  if (input.project !== undefined && host.project.canonical(input.project) !== goal.repo) {
    throw new LoopxError("invalid_value", `--project ${input.project} is not the registered repository ${goal.repo} of ${goal.goal_id}`, {
      details: { key: "project", registered: goal.repo },
    });
  }
  if (input.state_file === undefined) return;
  const { shown } = host.project.locate(goal.repo, input.state_file, goal.repo);
  const registered = host.project.locate(goal.repo, goal.state_path, goal.repo).shown;
  if (shown !== registered)
    throw new LoopxError("invalid_value", `--state-file ${input.state_file} is not the registered ${registered} of ${goal.goal_id}`, {
      details: { key: "state_file", registered },
    });
}
