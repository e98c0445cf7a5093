/**
 * Puts back what one `disconnect` changed, byte for byte (CMD-41). Every file has to be as the disconnect left it; one
 * that somebody changed since refuses the whole restore, and nothing is written.
 */
import { LoopxError } from "../domain/errors.ts";
import { MANIFEST_NAME, parseManifest, type DisconnectedFile, type DisconnectManifest } from "../domain/goal/disconnect-manifest.ts";
import { readRegistry } from "../domain/goal/read-registry.ts";
import type { Registry } from "../domain/goal/registry.ts";
import { parseGoalId } from "../domain/ids.ts";
import type { DisconnectResult } from "../domain/payload/disconnect.ts";
import { isStamp } from "../domain/time.ts";
import type { DocumentKey, Revision } from "../ports/documents.ts";
import type { Host } from "../ports/host.ts";
import { expectWritten, storeError, unreadableError } from "../store/outcome.ts";
import { parseJson } from "../store/registry.ts";
import { bindState } from "./bind-state.ts";
import { ignoreFile } from "./disconnect.ts";
import { archiveKeys, HIDES_ALL } from "./disconnect-states.ts";
import { observed } from "./observed.ts";

/** The flags of `disconnect --restore` (CMD-41). */
export interface RestoreInput {
  readonly stamp: string;
  readonly dry_run?: boolean | undefined;
}

/** One file and what has to be done; `revision` null: nothing stands there now. */
interface Step {
  readonly file: DisconnectedFile;
  readonly key: DocumentKey;
  /** As it was before the disconnect. */
  readonly text: string;
  readonly revision: Revision | null;
  /** It is as it was before already: an earlier restore was interrupted, or the disconnect was. */
  readonly done: boolean;
  /** What lies in the archive of a state, and goes once the state is back. */
  readonly archived: readonly { readonly key: DocumentKey; readonly path: string; readonly revision: Revision }[];
}

/** A goal whose registry entry is back has its state, and the global registry leads to nothing that is missing. */
const ORDER = ["goal_state", "registry", "global_registry"] as const;

/** What came back, or with `dry_run` would come back. Errors: `restore_refused` names the file; an unknown stamp is `invalid_value`. */
export const restoreDisconnected = observed("restore_disconnected", async (opened, input: RestoreInput): Promise<DisconnectResult> => {
  const manifest = await readManifest(opened, input.stamp);
  const { host, steps, registry } = await planRestore(opened, manifest);
  const applied = input.dry_run !== true && steps.some((step) => !step.done || step.archived.length > 0);
  if (applied) {
    for (const step of steps) await putBack(host, step);
    for (const { archived } of steps) await removeArchived(host, archived);
  }
  return resultOf(host, input, manifest, steps, { applied, registry });
});

/** How the files of a disconnect stand now: `interrupted` when only some of them changed, `changed` when a restore is refused. */
export async function standingOf(
  opened: Host,
  manifest: DisconnectManifest,
): Promise<"disconnected" | "interrupted" | "restored" | "changed"> {
  try {
    const { steps } = await planRestore(opened, manifest);
    if (steps.every(({ done, archived }) => done && archived.length === 0)) return "restored";
    return steps.some(({ done }) => done) ? "interrupted" : "disconnected";
  } catch (error) {
    if (error instanceof LoopxError && error.code === "restore_refused") return "changed";
    throw error;
  }
}

interface RestorePlan {
  readonly host: Host;
  readonly steps: readonly Step[];
  readonly registry: Registry | null;
}

async function planRestore(opened: Host, manifest: DisconnectManifest): Promise<RestorePlan> {
  // The registry may be gone, so the call may have found another one.
  const host = opened.at(manifest.registry, { missing: true });
  const own = manifest.files.find(({ role }) => role === "registry");
  const registry = own === undefined ? null : registryOf((await planStep(host, manifest, own, { kind: "registry" })).text, manifest);
  const steps: Step[] = [];
  for (const role of ORDER)
    for (const file of manifest.files.filter((each) => each.role === role))
      steps.push(await planStep(host, manifest, file, keyOf(host, file, registry)));
  return { host, steps, registry };
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

/** The project's registry as it was: it says where each state belongs. */
function registryOf(text: string, manifest: DisconnectManifest): Registry | null {
  const read = readRegistry(parseJson(text), manifest.registry);
  return read.kind === "registry" ? read.registry : null;
}

/** The place of a state follows from the goal's entry, never from the manifest's path. */
function keyOf(host: Host, file: DisconnectedFile, registry: Registry | null): DocumentKey {
  if (file.role !== "goal_state") return { kind: file.role };
  const goal_id = parseGoalId(file.goal_id ?? "");
  const entry = registry?.items.find((item) => item.id === goal_id)?.entry ?? null;
  const bound = goal_id === null || entry === null ? null : bindState(host, goal_id, entry);
  if (goal_id === null || bound?.kind !== "bound" || bound.state_path !== file.path)
    throw refused(file.path, "is not where the goal's entry says its state lies");
  return { kind: "goal_state", goal_id };
}

async function planStep(host: Host, manifest: DisconnectManifest, file: DisconnectedFile, key: DocumentKey): Promise<Step> {
  const current = await host.documents.read(key);
  if (current.kind === "unreadable") throw refused(file.path, "cannot be read");
  const [text, revision] = current.kind === "found" ? [current.text, current.revision] : [null, null];
  const hash = text === null ? null : host.digest("sha256", text);
  if (text !== null && hash === file.before_sha256) {
    return { file, key, text, revision, done: true, archived: await archiveOf(host, manifest, file, key, true) };
  }
  if (hash !== file.after_sha256) throw refused(file.path, "changed after the disconnect", copyPath(host, manifest, file));
  const before = await copyOf(host, manifest, file);
  return { file, key, text: before, revision, done: false, archived: await archiveOf(host, manifest, file, key, false) };
}

/** A file that stands as it was needs no copy: a disconnect may have been killed before it kept one. */
async function copyOf(host: Host, manifest: DisconnectManifest, file: DisconnectedFile): Promise<string> {
  const found = await host.documents.read({ kind: "disconnected", stamp: manifest.stamp, name: file.copy });
  const path = copyPath(host, manifest, file);
  if (found.kind !== "found") throw refused(path, "is gone or cannot be read");
  if (host.digest("sha256", found.text) !== file.before_sha256) throw refused(path, "is not the copy that was kept");
  return found.text;
}

function copyPath(host: Host, { stamp }: DisconnectManifest, { copy }: DisconnectedFile): string {
  return `${host.places.runtime_root}/disconnected/${stamp}/${copy}`;
}

async function archiveOf(
  host: Host,
  manifest: DisconnectManifest,
  file: DisconnectedFile,
  key: DocumentKey,
  done: boolean,
): Promise<Step["archived"]> {
  if (key.kind !== "goal_state" || file.moved_to === null) return [];
  const { state, ignore } = archiveKeys(key.goal_id, manifest.stamp);
  const [kept, hidden] = [await host.documents.read(state), await host.documents.read(ignore)];
  const intact = kept.kind === "found" && host.digest("sha256", kept.text) === file.before_sha256;
  if (!intact && !(done && kept.kind === "absent")) throw refused(file.moved_to, "changed after the disconnect");
  return [
    ...(kept.kind === "found" ? [{ key: state, path: file.moved_to, revision: kept.revision }] : []),
    ...(hidden.kind === "found" && hidden.text === HIDES_ALL
      ? [{ key: ignore, path: ignoreFile(file.moved_to), revision: hidden.revision }]
      : []),
  ];
}

async function putBack(host: Host, { file, key, text, revision, done }: Step): Promise<void> {
  if (done) return;
  const mode = file.mode === undefined ? {} : { mode: Number.parseInt(file.mode, 8) };
  const outcome = await host.documents.update(key, () => ({ write: text, value: null }), { expected: revision, ...mode });
  if (outcome.kind === "conflict")
    throw new LoopxError("conflict", `${file.path} changed while it was restored; the rest was not looked at`, {
      details: { file: file.path },
    });
  expectWritten(outcome, file.path);
}

/** Only when everything stands again: until then the archive is one more place where a state is safe. */
async function removeArchived(host: Host, archived: Step["archived"]): Promise<void> {
  for (const { key, path, revision } of archived) {
    const removed = await host.documents.remove(key, { expected: revision });
    if (removed.kind === "busy" || removed.kind === "unreadable" || removed.kind === "conflict")
      throw storeError(removed, path, { writing: true });
  }
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
    actions: [
      ...steps.flatMap(({ file, done, revision }) =>
        done ? [] : [{ path: file.path, action: revision === null ? ("created" as const) : ("restored" as const) }],
      ),
      ...steps.flatMap(({ archived }) => archived.map(({ path }) => ({ path, action: "removed" as const }))),
    ],
    warnings: [],
    restore_command: null,
  };
}

/** `copy`: what it was before, for a person to compare. */
function refused(file: string, why: string, copy?: string): LoopxError {
  return new LoopxError("restore_refused", `${file} ${why}; nothing was restored`, {
    ...(copy === undefined ? {} : { hint: `compare it with ${copy}` }),
    details: { file, ...(copy === undefined ? {} : { copy }) },
  });
}
