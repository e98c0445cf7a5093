/**
 * Changes one goal's entry and syncs it (CMD-46, CMD-47). A preview unless told to write: it answers with every field
 * before and after. Keys nobody named keep their bytes.
 */
import { previewId } from "../domain/canonical.ts";
import { LoopxError } from "../domain/errors.ts";
import { registerAgents } from "../domain/goal/agents.ts";
import type { ConfigureChange, ConflictingFlags } from "../domain/goal/configure-change.ts";
import { configureEntry } from "../domain/goal/configure.ts";
import type { ConfiguredEntry } from "../domain/goal/entry-writes.ts";
import type { InvalidValue } from "../domain/goal/limits.ts";
import type { Registry } from "../domain/goal/registry.ts";
import type { GoalId } from "../domain/ids.ts";
import { isJsonObject, type JsonObject } from "../domain/json.ts";
import type { ConfigureGoalResult, RegisterAgentResult } from "../domain/payload/configure-goal.ts";
import type { Moment } from "../domain/time.ts";
import type { Host } from "../ports/host.ts";
import { registryOutcomeError } from "../store/outcome.ts";
import { updateRegistryGoals } from "../store/registry-update.ts";
import { previewSync, type GlobalSync } from "./global-sync.ts";
import { requireGoals, unknownGoal, validGoalId } from "./goals.ts";
import { momentOf } from "./moment.ts";
import { observed } from "./observed.ts";
import { requireSafe } from "./safe-text.ts";
import { staleAnswer } from "./stale-answer.ts";
import { syncAfterRun } from "./sync-after-run.ts";

export type { ConfigureGoalResult, RegisterAgentResult } from "../domain/payload/configure-goal.ts";

/** A value out of range is refused, never clamped; a list replaces the old list. */
export interface ConfigureGoalInput extends ConfigureChange {
  readonly goal_id: string;
  /** What a dry run was seen as (CMD-130): anything else there is `preview_stale`, and nothing is written. */
  readonly preview_id?: string | undefined;
  readonly dry_run?: boolean | undefined;
}

/** Who may work on a goal; ids come back in their stored form. */
export interface RegisterAgentInput {
  readonly goal_id: string;
  readonly agent_id: readonly string[];
  readonly primary_agent?: string | undefined;
  readonly dry_run?: boolean | undefined;
}

/** The changed fields, written unless `dry_run`. Errors: `goal_not_found`, `invalid_value`, `conflicting_flags`, `preview_stale`, `usage` without a change. */
export const configureGoal = observed("configure_goal", async (host, input: ConfigureGoalInput): Promise<ConfigureGoalResult> => {
  const { goal_id, preview_id, dry_run, ...change } = input;
  const asked = Object.fromEntries(Object.entries(change).filter(([, value]) => isGiven(value)));
  if (Object.keys(asked).length === 0)
    throw new LoopxError("usage", "nothing to change was given", { hint: "loopx configure-goal --help" });
  requireSafe("--boundary-authority-source", change.boundary_authority_source);
  const wanted = { goal_id, dry_run: dry_run ?? false, verb: "configure-goal" };
  const { written, configured } = await changeEntry(host, wanted, (raw, id) => {
    const configured = configureEntry(raw, asked);
    const isStale = preview_id !== undefined && configured.kind === "configured" && preview_id !== previewOf(host, id, configured);
    if (isStale) throw staleAnswer(id);
    return configured;
  });
  return payloadOf(written, configured);
});

/** The id of a dry run's answer (CMD-130): the goal, and every named field before and after. */
export function configurePreviewId(host: Pick<Host, "digest">, { goal_id, changed_fields, before, after }: ConfigureGoalResult): string {
  return previewOf(host, goal_id, { changed_fields, before: before as JsonObject, after: after as JsonObject });
}

function previewOf(
  host: Pick<Host, "digest">,
  goal_id: string,
  { changed_fields, before, after }: Pick<ConfiguredEntry, "changed_fields" | "before" | "after">,
): string {
  return previewId({ goal_id, changed: changed_fields.length > 0, changed_fields, before, after }, host.digest);
}

/** The goal's agents with the new ones; ids are lower-cased. Errors: `invalid_value` naming the id, `goal_not_found`. */
export const registerAgent = observed("register_agent", async (host, input: RegisterAgentInput): Promise<RegisterAgentResult> => {
  const wanted = { goal_id: input.goal_id, dry_run: input.dry_run ?? false, verb: "register-agent" };
  const { written, configured } = await changeEntry(host, wanted, (raw) =>
    registerAgents(raw, { agent_ids: input.agent_id, primary_agent: input.primary_agent ?? null }),
  );
  const { registered_agents, added, primary_agent } = configured;
  return { ...payloadOf(written, configured), registered_agents, added, primary_agent };
});

/** An off switch and an empty list are the same as none. `--no-…` says false and is given. */
function isGiven(value: unknown): boolean {
  return value !== undefined && !(Array.isArray(value) && value.length === 0);
}

interface Changed<Entry extends ConfiguredEntry> {
  readonly written: {
    readonly dry_run: boolean;
    readonly applied: boolean;
    readonly goal_id: string;
    readonly registry: string;
    readonly global_sync: GlobalSync | null;
  };
  readonly configured: Entry;
}

async function changeEntry<Entry extends ConfiguredEntry>(
  asked: Host,
  { goal_id: given, dry_run: dryRun, verb }: { goal_id: string; dry_run: boolean; verb: string },
  change: (raw: JsonObject, goal_id: GoalId) => Entry | InvalidValue | ConflictingFlags,
): Promise<Changed<Entry>> {
  const goalId = validGoalId(given);
  const decide = (raw: JsonObject): Entry => accepted(change(raw, goalId), verb);
  const { host, registry } = await sourceOf(asked, goalId);
  const preview = decide(rawOf(host, registry, goalId));
  const written = { dry_run: dryRun, applied: false, goal_id: goalId, registry: host.places.registry, global_sync: null };
  const now = momentOf(host.clock);
  if (dryRun) return { written, configured: preview };
  if (preview.changed_fields.length === 0) {
    // An earlier call may have ended between the two registries; this one completes it (REL-26).
    const lagging = await isLagging(host, registry, goalId, now);
    return { written: { ...written, global_sync: lagging ? await synced(host, registry, goalId, now) : null }, configured: preview };
  }
  const configured = await writeEntry(host, goalId, decide);
  return { written: { ...written, applied: true, global_sync: await synced(host, await requireGoals(host), goalId, now) }, configured };
}

/** The entry stands whatever happens here: pausing a goal must not hang on the global registry. */
async function synced(host: Host, registry: Registry, goal_id: GoalId, now: Moment): Promise<GlobalSync> {
  return (await syncAfterRun(host, registry, { goal_id }, now, { restamp: true })).global_sync;
}

/** True when the global registry says something else of this goal, or nothing. */
async function isLagging(host: Host, registry: Registry, goalId: GoalId, now: Moment): Promise<boolean> {
  if (isGlobal(host, registry)) return false;
  try {
    const plan = await previewSync(host, registry, { goal_ids: [goalId], replace_state: false, prune: false, dry_run: true }, now);
    return !plan.refused && plan.added.length + plan.replaced.length > 0;
  } catch (error) {
    if (error instanceof LoopxError) return false;
    throw error;
  }
}

function isGlobal(host: Host, registry: Registry): boolean {
  return (
    registry.registry_role === "global-local" ||
    host.project.canonical(host.places.registry) === host.project.canonical(host.places.global_registry)
  );
}

/** A goal that is only listed in the global registry is changed where it comes from. */
export async function sourceOf(host: Host, goalId: GoalId): Promise<{ host: Host; registry: Registry }> {
  const registry = await requireGoals(host);
  if (!isGlobal(host, registry)) return { host, registry };
  const raw = registry.items.find((item) => item.id === goalId)?.raw;
  const source = isJsonObject(raw) && typeof raw["source_registry"] === "string" ? raw["source_registry"] : null;
  if (source === null || host.project.canonical(source) === host.project.canonical(host.places.registry)) return { host, registry };
  const there = host.at(source);
  return { host: there, registry: await requireGoals(there) };
}

function rawOf(host: Host, registry: Registry, goalId: GoalId): JsonObject {
  const raw = registry.items.find((item) => item.id === goalId)?.raw;
  if (isJsonObject(raw)) return raw;
  throw unknownGoal(host, registry, goalId);
}

function accepted<Entry extends ConfiguredEntry>(outcome: Entry | InvalidValue | ConflictingFlags, verb: string): Entry {
  if (outcome.kind === "configured") return outcome;
  const details = outcome.kind === "invalid_value" ? { key: outcome.key } : { keys: outcome.keys };
  throw new LoopxError(outcome.kind, outcome.message, { hint: `loopx ${verb} --help`, details });
}

/** Decided again on the entry as it stands under the lock, so that another writer's change is not undone. */
async function writeEntry<Entry extends ConfiguredEntry>(host: Host, goalId: GoalId, decide: (raw: JsonObject) => Entry): Promise<Entry> {
  const update = await updateRegistryGoals<Entry>(host.documents, {
    key: { kind: "registry" },
    file: host.places.registry,
    now: momentOf(host.clock),
    common_runtime_root: host.places.runtime_root,
    decide: (current) => {
      const raw = current?.items.find((item) => item.id === goalId)?.raw;
      if (!isJsonObject(raw))
        throw new LoopxError("goal_not_found", `the goal ${goalId} was removed meanwhile`, { details: { goal_id: goalId } });
      const configured = decide(raw);
      return { edits: [{ kind: "put", goal_id: goalId, entry: configured.entry }], value: configured };
    },
  });
  if (update.kind === "written" || update.kind === "unchanged") return update.value;
  throw registryOutcomeError(update, host.places.registry);
}

function payloadOf(written: Changed<ConfiguredEntry>["written"], { changed_fields, before, after }: ConfiguredEntry): ConfigureGoalResult {
  const { dry_run, applied, goal_id, registry, global_sync } = written;
  return { dry_run, applied, goal_id, registry, changed: changed_fields.length > 0, changed_fields, before, after, global_sync };
}
