/**
 * Puts back what one `disconnect` changed, byte for byte (CMD-41). Every file has to be as the disconnect left it; one
 * that somebody changed since refuses the whole restore, and nothing is written.
 */
import { LoopxError } from "../domain/errors.ts";
import { MANIFEST_NAME, parseManifest, type DisconnectedFile, type DisconnectManifest } from "../domain/goal/disconnect-manifest.ts";
import { readRegistry } from "../domain/goal/read-registry.ts";
import type { Registry } from "../domain/goal/registry.ts";
import { parseGoalId, type GoalId } from "../domain/ids.ts";
import type { DisconnectResult } from "../domain/payload/disconnect.ts";
import { isStamp } from "../domain/time.ts";
import type { DocumentKey, Revision } from "../ports/documents.ts";
import type { Host } from "../ports/host.ts";
import { expectWritten, storeError, unreadableError } from "../store/outcome.ts";
import { parseJson } from "../store/registry.ts";
import { bindState } from "./bind-state.ts";
import { archiveKey } from "./disconnect-plan.ts";

/** The flags of `disconnect --restore` (CMD-41). */
export interface RestoreInput {
  readonly stamp: string;
  readonly dry_run?: boolean | undefined;
}

/** One file and what has to be done; `revision` null: nothing stands there now. */
interface Step {
  readonly file: DisconnectedFile;
  readonly key: DocumentKey;
  readonly text: string;
  readonly revision: Revision | null;
  /** It is as it was before already: an earlier restore was interrupted, or the disconnect was. */
  readonly done: boolean;
  readonly archived: { readonly key: DocumentKey; readonly revision: Revision } | null;
}

/** What came back, or with `dry_run` would come back. Errors: `restore_refused` names the file; an unknown stamp is `invalid_value`. */
export async function restoreDisconnected(opened: Host, input: RestoreInput): Promise<DisconnectResult> {
  const manifest = await readManifest(opened, input.stamp);
  // The registry may be gone, so the call may have found another one.
  const host = opened.at(manifest.registry, { missing: true });
  const copies = await readCopies(host, manifest);
  const registry = registryBefore(manifest, copies);
  const steps = await Promise.all(
    manifest.files.map(async (file) => planStep(host, manifest, file, copies.get(file.copy) ?? "", registry)),
  );
  const applied = input.dry_run !== true && steps.some((step) => !step.done || step.archived !== null);
  // The reverse order: a goal whose registry entry is back has its state.
  if (applied) for (const step of steps.toReversed()) await putBack(host, step);
  return resultOf(host, input, manifest, steps, { applied, registry });
}

async function readManifest(host: Host, stamp: string): Promise<DisconnectManifest> {
  const known = isStamp(stamp)
    ? await host.documents.read({ kind: "disconnected", stamp, name: MANIFEST_NAME })
    : ({ kind: "absent" } as const);
  if (known.kind === "unreadable") throw unreadableError(known);
  if (known.kind === "absent") {
    throw new LoopxError(
      "invalid_value",
      `nothing was disconnected under ${JSON.stringify(stamp.slice(0, 40))} in ${host.places.runtime_root}`,
      { hint: "loopx disconnect --list", details: { key: "restore" } },
    );
  }
  const manifest = parseManifest(known.text);
  if (manifest !== null && manifest.stamp === stamp) return manifest;
  throw refused(`${host.places.runtime_root}/disconnected/${stamp}/${MANIFEST_NAME}`, "is no manifest of that disconnect");
}

async function readCopies(host: Host, manifest: DisconnectManifest): Promise<ReadonlyMap<string, string>> {
  const copies = new Map<string, string>();
  for (const { copy, before_sha256 } of manifest.files) {
    const found = await host.documents.read({ kind: "disconnected", stamp: manifest.stamp, name: copy });
    const path = `${host.places.runtime_root}/disconnected/${manifest.stamp}/${copy}`;
    if (found.kind !== "found") throw refused(path, "is gone or cannot be read");
    if (host.digest("sha256", found.text) !== before_sha256) throw refused(path, "is not the copy that was kept");
    copies.set(copy, found.text);
  }
  return copies;
}

/** The project's registry as it was: it says where each state belongs. */
function registryBefore(manifest: DisconnectManifest, copies: ReadonlyMap<string, string>): Registry | null {
  const file = manifest.files.find(({ role }) => role === "registry");
  const read = file === undefined ? null : readRegistry(parseJson(copies.get(file.copy) ?? ""), manifest.registry);
  return read?.kind === "registry" ? read.registry : null;
}

async function planStep(
  host: Host,
  manifest: DisconnectManifest,
  file: DisconnectedFile,
  text: string,
  registry: Registry | null,
): Promise<Step> {
  const goalId = file.role === "goal_state" ? boundGoal(host, file, registry) : null;
  const key: DocumentKey =
    goalId === null ? { kind: file.role === "registry" ? "registry" : "global_registry" } : { kind: "goal_state", goal_id: goalId };
  const current = await host.documents.read(key);
  if (current.kind === "unreadable") throw refused(file.path, "cannot be read");
  const hash = current.kind === "found" ? host.digest("sha256", current.text) : null;
  const done = hash === file.before_sha256;
  if (!done && hash !== file.after_sha256) throw refused(file.path, "changed after the disconnect");
  const revision = current.kind === "found" ? current.revision : null;
  return { file, key, text, revision, done, archived: goalId === null ? null : await archivedCopy(host, manifest, file, goalId, done) };
}

/** The goal whose state this is; its place follows from the entry, never from the manifest's path. */
function boundGoal(host: Host, file: DisconnectedFile, registry: Registry | null): GoalId {
  const goalId = parseGoalId(file.goal_id ?? "");
  const entry = registry?.items.find((item) => item.id === goalId)?.entry ?? null;
  const bound = goalId === null || entry === null ? null : bindState(host, goalId, entry);
  if (goalId === null || bound?.kind !== "bound" || bound.state_path !== file.path)
    throw refused(file.path, "is not where the goal's entry says its state lies");
  return goalId;
}

async function archivedCopy(
  host: Host,
  manifest: DisconnectManifest,
  file: DisconnectedFile,
  goalId: GoalId,
  done: boolean,
): Promise<Step["archived"]> {
  const key = archiveKey(goalId, manifest.stamp);
  const found = await host.documents.read(key);
  if (found.kind === "found" && host.digest("sha256", found.text) === file.before_sha256) return { key, revision: found.revision };
  if (done && found.kind === "absent") return null;
  throw refused(file.moved_to ?? file.path, "changed after the disconnect");
}

async function putBack(host: Host, { file, key, text, revision, done, archived }: Step): Promise<void> {
  if (!done) {
    const outcome = await host.documents.update(key, () => ({ write: text, value: null }), { expected: revision });
    if (outcome.kind === "conflict") throw refused(file.path, "changed while it was restored");
    expectWritten(outcome, file.path);
  }
  if (archived === null) return;
  const removed = await host.documents.remove(archived.key, { expected: archived.revision });
  if (removed.kind === "busy" || removed.kind === "unreadable" || removed.kind === "conflict")
    throw storeError(removed, file.moved_to ?? file.path, { writing: true });
}

function resultOf(
  host: Host,
  input: RestoreInput,
  manifest: DisconnectManifest,
  steps: readonly Step[],
  { applied, registry }: { applied: boolean; registry: Registry | null },
): DisconnectResult {
  const own = steps.find(({ file }) => file.role === "registry");
  const before = registry?.items.length ?? 0;
  const left = registry?.items.filter((item) => item.id === null || !manifest.goal_ids.includes(item.id)).length ?? 0;
  return {
    dry_run: input.dry_run ?? false,
    applied,
    global_registry: host.places.global_registry,
    goal_ids: manifest.goal_ids,
    stamp: manifest.stamp,
    local_goal_count_before: own === undefined || own.done ? before : left,
    local_goal_count_after: before,
    global_removed_goal_ids: [],
    global_skipped_route_mismatch_goal_ids: [],
    state_actions: steps.flatMap(({ file }) =>
      file.role === "goal_state" ? [{ goal_id: file.goal_id ?? "", action: "restored" as const, path: file.path, archived_to: null }] : [],
    ),
    actions: steps.flatMap(({ file, done, revision }) =>
      done ? [] : [{ path: file.path, action: revision === null ? ("created" as const) : ("restored" as const) }],
    ),
    warnings: [],
    restore_command: null,
  };
}

function refused(file: string, why: string): LoopxError {
  return new LoopxError("restore_refused", `${file} ${why}; nothing was restored`, { details: { file } });
}
