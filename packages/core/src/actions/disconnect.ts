/** Takes a project's goals out of the registries; `disconnect-restore.ts` puts them back byte for byte (CMD-40 to CMD-42). */
import { loopxCommand } from "../domain/command-line.ts";
import { LoopxError } from "../domain/errors.ts";
import { MANIFEST_NAME, type DisconnectManifest } from "../domain/goal/disconnect-manifest.ts";
import type { DisconnectResult } from "../domain/payload/disconnect.ts";
import { formatInstant, type Moment } from "../domain/time.ts";
import type { Host } from "../ports/host.ts";
import { expectWritten, storeError } from "../store/outcome.ts";
import { planDisconnect, type DisconnectPlan, type DisconnectWish } from "./disconnect-plan.ts";
import { archiveKeys, HIDES_ALL, type FileChange } from "./disconnect-states.ts";
import { momentOf } from "./moment.ts";
import { noteOf, type Note } from "./note.ts";
import { observed } from "./observed.ts";
import { removeStrayRoutes } from "./stray-routes.ts";

/** The flags of `disconnect` (CMD-40); every goal of the project by default. */
export interface DisconnectInput extends DisconnectWish {
  readonly dry_run?: boolean | undefined;
}

export type { DisconnectResult } from "../domain/payload/disconnect.ts";

/**
 * What left, or with `dry_run` would leave. States and run history stay where they are unless `archive_state` moves the
 * states. Copies and a manifest are kept before the first change. Errors: `goal_not_found`, `registry_invalid`, `conflict`.
 */
export const disconnect = observed("disconnect", async (host, input: DisconnectInput): Promise<DisconnectResult> => {
  const now = momentOf(host.clock);
  const plan = await planDisconnect(host, input, now);
  const applied = input.dry_run !== true && plan.changes.length > 0;
  if (applied) {
    await keepCopies(host, plan, now);
    for (const change of plan.changes) await carryOut(host, change, plan.stamp);
    await removeStrayRoutes(host, new Set(plan.departure.goal_ids), now);
  }
  return resultOf(host, input, plan, applied);
});

/** The manifest goes first: whoever writes it owns the stamp, and a crash after it has changed nothing yet. */
async function keepCopies(host: Host, plan: DisconnectPlan, now: Moment): Promise<void> {
  const texts = [
    [MANIFEST_NAME, `${JSON.stringify(manifestOf(host, plan, now), null, 2)}\n`],
    ...plan.changes.map(({ copy, before }) => [copy, before]),
  ];
  for (const [name = "", text = ""] of texts) {
    const outcome = await host.documents.update({ kind: "disconnected", stamp: plan.stamp, name }, () => ({ write: text, value: null }), {
      expected: null,
    });
    expectWritten(outcome, `${host.places.runtime_root}/disconnected/${plan.stamp}/${name}`);
  }
}

function manifestOf(host: Host, { changes, departure, stamp }: DisconnectPlan, now: Moment): DisconnectManifest {
  const hash = (text: string) => host.digest("sha256", text);
  return {
    schema_version: "loopx_disconnect_v1",
    stamp,
    disconnected_at: formatInstant(now, "milliseconds"),
    registry: host.project.canonical(host.places.registry),
    global_registry: host.places.global_registry,
    goal_ids: [...departure.goal_ids],
    files: changes.map(({ role, goal_id, path, copy, before, mode, after, archive }) => ({
      role,
      goal_id,
      path,
      copy,
      before_sha256: hash(before),
      after_sha256: after === null ? null : hash(after),
      ...(mode === undefined ? {} : { mode: mode.toString(8).padStart(4, "0") }),
      moved_to: archive?.path ?? null,
    })),
  };
}

/** Only onto the content that was planned for: a change in between is a conflict, and what was done so far can be put back. */
async function carryOut(host: Host, change: FileChange, stamp: string): Promise<void> {
  const { key, goal_id, after, revision, path, archive } = change;
  if (goal_id !== null && archive !== null) {
    const { state, ignore } = archiveKeys(goal_id, stamp);
    for (const [kept, text] of [...(archive.shown ? [[ignore, HIDES_ALL] as const] : []), [state, change.before] as const])
      expectWritten(
        await host.documents.update(kept, () => ({ write: text, value: null }), { expected: null, ...modeOf(change) }),
        archive.path,
      );
  }
  const outcome =
    after === null
      ? await host.documents.remove(key, { expected: revision })
      : await host.documents.update(key, () => ({ write: after, value: null }), { expected: revision });
  if (outcome.kind === "conflict" || outcome.kind === "absent") {
    throw new LoopxError("conflict", `${path} changed while the project was disconnected; it was left alone`, {
      hint: restoreCommand(host, stamp),
      details: { file: path, stamp },
    });
  }
  if (outcome.kind === "busy" || outcome.kind === "fenced" || outcome.kind === "unreadable")
    throw storeError(outcome, path, { writing: true });
}

/** A state that others may not read stays so where it goes. */
function modeOf({ mode }: FileChange): { mode?: number } {
  return mode === undefined ? {} : { mode };
}

/** The command that puts everything back; it needs no registry, which may be gone. */
export function restoreCommand(host: Host, stamp: string): string {
  const { runtime_root, default_runtime_root } = host.places;
  const invocation = { cli_bin: host.cli_bin, registry: null, runtime_root: runtime_root === default_runtime_root ? null : runtime_root };
  return loopxCommand(invocation, ["disconnect", "--restore", stamp, "--execute"]);
}

function resultOf(host: Host, input: DisconnectInput, plan: DisconnectPlan, applied: boolean): DisconnectResult {
  const { departure, changes, stamp } = plan;
  const some = changes.length > 0;
  const folder = `${host.places.runtime_root}/disconnected/${stamp}`;
  return {
    dry_run: input.dry_run ?? false,
    applied,
    global_registry: host.places.global_registry,
    goal_ids: departure.goal_ids,
    stamp: some ? stamp : null,
    local_goal_count_before: departure.local_before,
    local_goal_count_after: departure.local_after,
    global_removed_goal_ids: [...departure.global_ids],
    global_skipped_route_mismatch_goal_ids: departure.skipped_ids,
    state_actions: plan.state_actions,
    actions: [
      ...changes.map(({ copy }) => ({ path: `${folder}/${copy}`, action: "copied" as const })),
      ...changes.flatMap(({ archive }) =>
        archive?.shown === true ? [{ path: ignoreFile(archive.path), action: "created" as const }] : [],
      ),
      ...changes.map(({ path, after, goal_id }) => ({
        path,
        action: goal_id === null ? (after === null ? ("removed" as const) : ("edited" as const)) : ("moved" as const),
      })),
    ],
    warnings: [...plan.warnings, ...runtimeKept(host, departure.goal_ids)],
    restore_command: some ? restoreCommand(host, stamp) : null,
  };
}

function runtimeKept(host: Host, goalIds: readonly string[]): Note[] {
  const running = new Set(host.histories.goalDirectories());
  const kept = goalIds.filter((id) => running.has(id));
  return kept.length === 0 ? [] : [noteOf("runtime_kept", host.locale, kept.join(", "))];
}

/** Beside the archived state. */
export function ignoreFile(archivedPath: string): string {
  return `${archivedPath.slice(0, archivedPath.lastIndexOf("/"))}/.gitignore`;
}
