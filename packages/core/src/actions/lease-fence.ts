/** The lease that a write relies on: its holder and token, as the flags name them (FIL-82). */
import { LoopxError } from "../domain/errors.ts";
import { fenceHolds } from "../domain/lease/rules.ts";
import type { Host } from "../ports/host.ts";
import type { OpenGoal } from "./goals.ts";
import { grantOf, staleLease, troubleError, type GoalLeaseRef } from "./lease-answer.ts";
import { momentOf } from "./moment.ts";

/** What a write shows of its lease; `flags` names what has to be said where something is missing. */
export interface LeaseProof {
  readonly todo_id: string | undefined;
  readonly holder: string | undefined;
  readonly token: number | undefined;
  readonly flags: { readonly todo: string; readonly holder: string };
}

/** The fence of a write, or null when it relies on none. A token alone says nothing: `usage` names what is missing. */
export function fenceOf(goal: OpenGoal, { todo_id, holder, token, flags }: LeaseProof): GoalLeaseRef | null {
  if (token === undefined) return null;
  if (todo_id === undefined || holder === undefined) {
    const missing = todo_id === undefined ? flags.todo : flags.holder;
    throw new LoopxError("usage", `--lease-token needs ${missing}: a token is one holder's, of one todo`, { details: { key: missing } });
  }
  return grantOf(goal.goal_id, { goal_id: goal.goal_id, todo_id, holder, token });
}

/** What the write itself would answer now: throws `lease_fenced` unless the lease is live with that holder and token. */
export async function requireFence(host: Host, fence: GoalLeaseRef | null): Promise<void> {
  if (fence === null) return;
  const read = await host.leases.read(fence);
  if (read.kind === "unreadable") throw troubleError(read, fence);
  const current = read.kind === "found" ? read.lease : null;
  if (!fenceHolds(current, fence, momentOf(host.clock))) throw staleLease(current, fence);
}

/** The lease of a write that is about no todo itself. */
export interface LeaseOfRun {
  readonly agent_id?: string | undefined;
  readonly lease_todo_id?: string | undefined;
  readonly lease_token?: number | undefined;
}

/** The fence of a run or a spend: `agent_id` holds the lease of `lease_todo_id`. */
export function runFenceOf(
  goal: OpenGoal,
  { agent_id: holder, lease_todo_id: todo_id, lease_token: token }: LeaseOfRun,
): GoalLeaseRef | null {
  if (todo_id !== undefined && token === undefined)
    throw new LoopxError("usage", "--lease-todo-id needs --lease-token: the token is what is checked", { details: { key: "lease_token" } });
  return fenceOf(goal, { todo_id, holder, token, flags: { todo: "--lease-todo-id", holder: "--agent-id" } });
}
