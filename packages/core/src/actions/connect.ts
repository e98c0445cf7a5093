/** Connects a project: goal state, registry entry, global registry; each atomic, in that order, safe to run again (design D12). */
import { loopxCommand } from "../domain/command-line.ts";
import { LoopxError } from "../domain/errors.ts";
import { DEFAULT_OBJECTIVE } from "../domain/locale/goal.ts";
import { newGoalState } from "../domain/goal-state/template.ts";
import { executionProfileLine, readExecutionProfile } from "../domain/goal/execution-profile.ts";
import type { ConnectResult } from "../domain/payload/connect.ts";
import { textAt } from "../domain/json.ts";
import type { Moment } from "../domain/time.ts";
import type { DocumentKey, UpdateOptions } from "../ports/documents.ts";
import type { Host } from "../ports/host.ts";
import { replaceWithBackup } from "../store/backup.ts";
import { expectWritten, registryOutcomeError } from "../store/outcome.ts";
import { updateRegistryGoals } from "../store/registry-update.ts";
import { planConnect, type ConnectInput, type ConnectPlan } from "./connect-plan.ts";
import { privateStateStep, type IgnoreStep } from "./git-ignore.ts";
import { syncGoals, type GlobalSync, type SyncRequest } from "./global-sync.ts";
import { requireGoals } from "./goals.ts";
import { momentOf } from "./moment.ts";
import { noteOf, type Note } from "./note.ts";
import { observed } from "./observed.ts";

export type { ConnectInput } from "./connect-plan.ts";
export type { ConnectResult } from "../domain/payload/connect.ts";

/**
 * What was, or with `dry_run` would be, written. Every check comes before the first write; a rerun completes what an
 * interrupted one left and keeps what stands. `force` copies old state and registry to `backups/` first.
 */
export const connect = observed("connect", async (host, input: ConnectInput): Promise<ConnectResult> => {
  const now = momentOf(host.clock);
  const plan = await planConnect(host, input, now);
  const ignore = await privateStateStep(host, plan, { append: input.gitignore ?? false, dry_run: input.dry_run ?? false });
  if (input.dry_run === true) return resultOf(host, input, plan, { applied: false, backups: [], sync: null, ignore });
  const backups = [...(await writeState(host, input, plan, now)), ...(await writeEntry(host, plan, now))];
  const sync = plan.sync === null ? null : await synced(host, plan, plan.sync, now);
  return resultOf(host, input, plan, { applied: true, backups, sync, ignore });
});

/** The plan saw no collision. One that another project made since comes too late to write nothing, so the error says what stands. */
async function synced(host: Host, plan: ConnectPlan, request: SyncRequest, now: Moment): Promise<GlobalSync> {
  try {
    return await syncGoals(host, await requireGoals(host), request, now);
  } catch (error) {
    if (!(error instanceof LoopxError) || (error.code !== "route_collision" && error.code !== "goal_id_collision")) throw error;
    const remains = [
      ...(plan.state_action === "created" ? [plan.state_path] : []),
      ...(plan.registry_action === "appended" ? [host.places.registry] : []),
    ];
    if (remains.length === 0) throw error;
    const invocation = { cli_bin: host.cli_bin, ...host.places.invocation(plan.project) };
    const undo = ["disconnect", "--goal-id", plan.goal_id, "--archive-state", "--remove-empty-registry", "--execute"];
    throw new LoopxError(error.code, `${error.message}. It was taken while this project was connected: ${remains.join(" and ")} stand`, {
      hint: `${loopxCommand(invocation, undo)} takes them out; then connect under another --goal-id`,
      details: { ...error.details, remains },
      cause: error,
    });
  }
}

/** Answers the copies of what it replaced. */
async function writeState(host: Host, input: ConnectInput, plan: ConnectPlan, now: Moment): Promise<readonly string[]> {
  if (plan.state_action === "kept-existing") return [];
  const text = newGoalState({
    goal_id: plan.goal_id,
    objective: input.objective ?? DEFAULT_OBJECTIVE[host.locale](),
    goal_doc: plan.goal_doc?.shown ?? null,
    execution_profile_line: executionProfileLine(readExecutionProfile(plan.entry["execution_profile"], () => {})),
    now,
    locale: host.locale,
    todo_id: host.ids.next("todo_"),
  });
  const key = { kind: "goal_state", goal_id: plan.goal_id } as const;
  const { outcome, copies } = await replaced(host, plan, plan.state_action, { key, name: "ACTIVE_GOAL_STATE.md", now }, (options) =>
    host.documents.update(
      key,
      (current) =>
        // Somebody else may have made the file since the plan: what stands is kept unless it is to be replaced.
        current !== null && plan.state_action === "created" ? { keep: true, value: null } : { write: text, value: null },
      options,
    ),
  );
  expectWritten(outcome, plan.state_path);
  return copies;
}

/** What is replaced is copied first, byte for byte as it stands at that moment; what is new has nothing to copy. */
async function replaced<Outcome extends { readonly kind: string }>(
  host: Host,
  { goal_id }: ConnectPlan,
  action: ConnectPlan["state_action"] | ConnectPlan["registry_action"],
  { key, name, now }: { key: DocumentKey; name: string; now: Moment },
  write: (options: UpdateOptions) => Promise<Outcome>,
): Promise<{ readonly outcome: Outcome; readonly copies: readonly string[] }> {
  if (action !== "replaced") return { outcome: await write({}), copies: [] };
  return replaceWithBackup(host.documents, key, { folder: goal_id, now, name }, host.places.runtime_root, (expected) =>
    write({ expected }),
  );
}

async function writeEntry(host: Host, plan: ConnectPlan, now: Moment): Promise<readonly string[]> {
  if (plan.registry_action === "kept-existing") return [];
  const key = { kind: "registry" } as const;
  const { outcome, copies } = await replaced(host, plan, plan.registry_action, { key, name: "registry.json", now }, (options) =>
    updateRegistryGoals(host.documents, {
      key,
      file: host.places.registry,
      now,
      common_runtime_root: host.places.runtime_root,
      options,
      decide: (current) => {
        const standing = current?.items.find((item) => item.id === plan.goal_id) ?? null;
        // A second connect of the same goal that ran beside this one has already written its entry.
        const keep = standing !== null && plan.registry_action === "appended";
        return { edits: keep ? [] : [{ kind: "put", goal_id: plan.goal_id, entry: plan.entryOver(standing) }], value: null };
      },
    }),
  );
  if (outcome.kind !== "written" && outcome.kind !== "unchanged") throw registryOutcomeError(outcome, host.places.registry);
  return copies;
}

function resultOf(
  host: Host,
  input: ConnectInput,
  plan: ConnectPlan,
  done: { applied: boolean; backups: readonly string[]; sync: GlobalSync | null; ignore: IgnoreStep },
): ConnectResult {
  const invocation = {
    cli_bin: host.cli_bin,
    ...(done.applied ? host.places.invocation(plan.project) : { registry: null, runtime_root: null }),
  };
  const next = (words: readonly string[]) => loopxCommand(invocation, [...words, "--goal-id", plan.goal_id]);
  return {
    dry_run: input.dry_run ?? false,
    applied: done.applied,
    project: plan.project,
    goal_id: plan.goal_id,
    state_file: plan.state_path,
    goal_doc: plan.goal_doc?.shown ?? null,
    goal_doc_exists: plan.goal_doc?.exists ?? null,
    runtime_root: host.places.runtime_root,
    registry_goal_action: plan.registry_action,
    state_action: plan.state_action,
    execution_profile: plan.entry["execution_profile"] ?? null,
    global_sync: done.sync,
    actions: [
      { path: plan.state_path, action: plan.state_action, goal_id: plan.goal_id },
      { path: host.places.registry, action: plan.registry_action, goal_id: plan.goal_id },
      ...(plan.sync === null ? [] : [{ path: host.places.global_registry, action: "synced", goal_id: plan.goal_id }]),
      ...done.ignore.actions,
    ],
    backups: done.backups,
    ignored_flags: plan.ignored_flags,
    warnings: warningsOf(host, plan, done.sync, done.ignore),
    next_commands: [next(["status"]), next(["quota", "should-run"]), next(["heartbeat-prompt", "--thin"])],
  };
}

function warningsOf(host: Host, plan: ConnectPlan, sync: GlobalSync | null, ignore: IgnoreStep): readonly Note[] {
  const notes: Note[] = [];
  if (plan.goal_doc?.exists === false) notes.push(noteOf("goal_doc_missing", host.locale, plan.goal_doc.shown));
  if (!plan.parent_known) notes.push(noteOf("parent_goal_unknown", host.locale, textAt(plan.entry, "parent_goal_id")));
  if (plan.ignored_flags.length > 0) notes.push(noteOf("flags_ignored", host.locale, plan.ignored_flags.join(", ")));
  if (sync?.write_denied === true) notes.push(noteOf("global_registry_write_denied", host.locale, host.places.global_registry));
  return [...notes, ...ignore.warnings];
}
