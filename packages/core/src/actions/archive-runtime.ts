/** Moves a goal's runtime directory, history and leases included, out of the way (CMD-115). Nothing in it changes or is lost. */
import { LoopxError } from "../domain/errors.ts";
import type { Registry } from "../domain/goal/registry.ts";
import type { GoalId } from "../domain/ids.ts";
import type { ArchiveRuntimeResult } from "../domain/payload/archive-runtime.ts";
import { isLive } from "../domain/lease/rules.ts";
import { formatStamp } from "../domain/time.ts";
import type { ArchiveSight } from "../ports/archive.ts";
import type { Host } from "../ports/host.ts";
import type { Lease } from "../ports/leases.ts";
import { expectWritten, unreadableError } from "../store/outcome.ts";
import { loadRegistry } from "../store/registry.ts";
import { readGoals, registryError, validGoalId } from "./goals.ts";
import { momentOf } from "./moment.ts";
import { observed } from "./observed.ts";

/** The flags of `archive-runtime` (CMD-115). */
export interface ArchiveRuntimeInput {
  readonly goal_id?: string | undefined;
  readonly archive_root?: string | undefined;
  /** Also a goal that a registry still names; it then begins with an empty history. */
  readonly allow_registered?: boolean | undefined;
  readonly dry_run?: boolean | undefined;
  readonly cwd: string;
}

export type { ArchiveRuntimeResult } from "../domain/payload/archive-runtime.ts";

/** Where the directory went, or with `dry_run` would go. Errors: `goal_registered`, `lease_conflict`, `goal_not_found`, `path_outside_root` for a link. */
export const archiveRuntime = observed("archive_runtime", async (host, input: ArchiveRuntimeInput): Promise<ArchiveRuntimeResult> => {
  if (input.goal_id === undefined) throw new LoopxError("usage", "--goal-id is needed: a write never guesses its goal");
  const goalId = validGoalId(input.goal_id);
  const registered = await isRegistered(host, goalId);
  if (registered && input.allow_registered !== true) {
    throw new LoopxError("goal_registered", `a registry still names ${goalId}; its runtime stays where it is`, {
      hint: `loopx disconnect --goal-id ${goalId} --execute, or add --allow-registered`,
      details: { goal_id: goalId },
    });
  }
  const now = momentOf(host.clock);
  const request = { goal_id: goalId, root: input.archive_root ?? null, cwd: input.cwd, stamp: formatStamp(now) };
  const seen = expectFound(goalId, await host.archive.look(request));
  await requireNoLease(host, goalId);
  const history = await host.histories.read(goalId, { spends_since_ms: now.ms, keep: 1 });
  const result = (moved: boolean, { source, destination }: { source: string; destination: string }): ArchiveRuntimeResult => ({
    dry_run: !moved,
    applied: moved,
    goal_id: goalId,
    source,
    destination,
    registered,
    run_count: history.kind === "history" ? history.history.run_count : null,
    moved,
  });
  if (input.dry_run === true) return result(false, seen);
  const outcome = expectWritten(await host.archive.move(request, async () => (await liveLease(host, goalId)) === null), seen.source, {
    goal_id: goalId,
  });
  if (outcome.kind === "not_allowed") {
    await requireNoLease(host, goalId);
    throw new LoopxError("conflict", `somebody else works in ${seen.source}; nothing was moved`, { details: { goal_id: goalId } });
  }
  return result(true, expectFound(goalId, outcome));
});

/** A registry that cannot be read may name the goal, so it is an error; one that is not there names nobody. */
async function isRegistered(host: Host, goalId: GoalId): Promise<boolean> {
  const names = (registry: Registry) => registry.items.some((item) => item.id?.toLowerCase() === goalId.toLowerCase());
  const goals = await readGoals(host);
  if (goals.kind === "fault" && goals.finding.code !== "registry_missing") throw registryError(goals.finding);
  if (goals.kind === "goals" && names(goals.registry)) return true;
  const global = await loadRegistry(host.documents, { kind: "global_registry" }, host.places.global_registry);
  if (global.kind === "invalid") throw registryError(global.finding);
  return global.kind === "registry" && names(global.registry);
}

type Refusal = Exclude<ArchiveSight, { kind: "found" }>;

/** The places, or the error of a directory that cannot move. */
function expectFound<Found extends { readonly kind: "found" | "moved" }>(goalId: GoalId, outcome: Found | Refusal): Found {
  switch (outcome.kind) {
    case "absent":
      throw new LoopxError("goal_not_found", `${goalId} has no runtime directory: there is no ${outcome.source}`, {
        hint: "loopx history",
        details: { goal_id: goalId, file: outcome.source },
      });
    case "linked":
      throw new LoopxError("path_outside_root", `${outcome.source} is a link; a linked directory is not moved`, {
        hint: "move what it leads to yourself, then remove the link",
        details: { goal_id: goalId, file: outcome.source },
      });
    case "inside_itself":
      throw new LoopxError("invalid_value", `--archive-root lies in ${outcome.source}, which is to be moved`, {
        hint: "name a folder elsewhere",
        details: { goal_id: goalId, key: "archive_root" },
      });
    case "unreadable":
      throw unreadableError(outcome, { goal_id: goalId, writing: true });
    case "found":
    case "moved":
      return outcome;
  }
}

async function requireNoLease(host: Host, goalId: GoalId): Promise<void> {
  const lease = await liveLease(host, goalId);
  if (lease === null) return;
  throw new LoopxError("lease_conflict", `${lease.holder} holds a lease of ${goalId} until ${lease.expires_at}`, {
    details: { goal_id: goalId, todo_id: lease.todo_id ?? null, holder: lease.holder, expires_at: lease.expires_at },
  });
}

async function liveLease(host: Host, goalId: GoalId): Promise<Lease | null> {
  const now = momentOf(host.clock);
  const { leases } = await host.leases.list({ goal_id: goalId });
  return leases.find((lease) => isLive(lease, now)) ?? null;
}
