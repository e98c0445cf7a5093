/** The run of an item and what is made of it by the host: checkout, prompt, agent, policy, gate, commit, push (DSP-45 to DSP-57). */
import type { DeclaredResult } from "../drivers/agents/declared-result.ts";
import type { RunPlace } from "./checkouts.ts";
import { settingsOf, type RepoSettings } from "./config.ts";
import { guarded } from "./guard.ts";
import type { GiteaGround } from "./ground.ts";
import { itemKey, type Item } from "./item.ts";
import type { ItemEvent } from "./machine.ts";
import { has } from "./labels.ts";
import { judgeDiff } from "./policy.ts";
import { promptFor } from "./prompt-values.ts";
import { decide } from "./records.ts";
import { repositoryOf, rulesOf } from "./rules.ts";
import { readItem, valueOf } from "./server-view.ts";
import { snapshotOf } from "./snapshot.ts";
import { isBot, type ItemView, type TriageRules } from "./triage.ts";
import { git, placeToWork, withAuthors } from "./work-place.ts";
import { safeText } from "./texts.ts";

const HEAD_LOOKS = 20;
const HEAD_LOOK_MS = 1_000;
const SHOWN_OUTPUT = 4_000;

/** Brings the checkout in place; what it stands on is written down before the agent begins. */
export async function prepare(ground: GiteaGround, item: Item): Promise<ItemEvent> {
  if (await isStarted(ground, runOf(item))) return { kind: "done", facts: {} };
  const settings = settingsFor(ground, item.repo);
  const repository = await repositoryOf(ground, item.repo);
  git(await ground.checkouts.fetch(repository));
  const view = await readItem(ground.forge, item);
  const done = item.is_pull ? null : await pullOfIssue(ground, item);
  if (done !== null) return done;
  const place = await placeToWork(ground, item, view, repository, settings);
  if (place.kind === "missing") return { kind: "blocked", reason: "no_commit", notes: place.what };
  git(await ground.checkouts.open(placeOf(item), place.facts.base_sha, place.beside));
  return { kind: "done", facts: place.facts };
}

/** A run that is there already is only found again: its result is still to be applied, or its process outlived ours. */
async function isStarted(ground: GiteaGround, run_id: string): Promise<boolean> {
  const look = await ground.runs.look(run_id);
  if (look.kind === "unknown") throw new Error("nobody can say whether the run is there");
  return look.kind !== "absent";
}

export async function start(ground: GiteaGround, item: Item): Promise<ItemEvent> {
  const run_id = runOf(item);
  if (await isStarted(ground, run_id)) return { kind: "done", facts: {} };
  const settings = settingsFor(ground, item.repo);
  const { dir } = git(await ground.checkouts.open(placeOf(item), item.base_sha ?? ""));
  const runner = item.step === "review" ? ground.config().reviewer_runner : settings.runner;
  const started = await ground.runs.start({
    run_id,
    item: itemKey(item),
    role: item.step === "review" ? "reviewer" : "worker",
    runner,
    goal_id: settings.goal_id,
    workspace: dir,
    prompt: await promptFor(ground, item, await readItem(ground.forge, item)),
  });
  if (started.kind === "started") {
    const { header, workflow } = ground.prompts();
    const detail = { run_id, header_sha256: ground.digest(header.text), workflow_sha256: ground.digest(workflow.text) };
    await decide(ground, { id: ground.randomHex(16), item: itemKey(item), decision: "run", reason: item.step, detail });
    return { kind: "done", facts: {} };
  }
  const reason = `spawn_failed: ${started.reason}`;
  return {
    kind: "run_ended",
    class: "retryable",
    end: "spawn_failed",
    outcome: null,
    findings: 0,
    reason,
    notes: reason,
    reviewed_sha: null,
  };
}

/** An open pull of ours for that issue: the work is done, or it goes on there (PSM-5). */
async function pullOfIssue(ground: GiteaGround, item: Item): Promise<ItemEvent | null> {
  const { branch_prefix, bot_user } = ground.config();
  const { entries } = await valueOf(ground.forge.openPulls(item.repo));
  const own = `${branch_prefix}${item.number}-`;
  const pull = entries.find(({ head, author }) => head.repo === item.repo && head.branch.startsWith(own) && has([author], bot_user));
  return pull === undefined || pull.number === item.pull ? null : { kind: "already_done", reason: "already_done" };
}

export async function inspect(ground: GiteaGround, item: Item): Promise<ItemEvent> {
  const answer = judgeDiff(git(await ground.checkouts.diff(placeOf(item))));
  if (answer.kind === "fine") return { kind: "done", facts: {} };
  if (answer.kind === "no_changes") return { kind: "refused", reason: "no_changes", notes: "The last run changed nothing." };
  return { kind: "violation", reason: "policy_violation", notes: `The last work was refused:\n${answer.rules.join("\n")}` };
}

export async function gate(ground: GiteaGround, item: Item, _effect: unknown, signal: AbortSignal): Promise<ItemEvent> {
  return (await gateTrouble(ground, item, placeOf(item), signal)) ?? { kind: "done", facts: {} };
}

async function gateTrouble(ground: GiteaGround, item: Item, place: RunPlace, signal: AbortSignal): Promise<ItemEvent | null> {
  const argv = settingsFor(ground, item.repo).gate;
  if (argv.length === 0) return null;
  const end = await ground.checkouts.gate(place, argv, ground.config().gate_seconds, signal);
  // Cut off by our own end: it is asked again.
  if (signal.aborted && end.kind !== "passed") throw new Error("the service ends");
  const shown = (output: string): string => `The gate \`${argv.join(" ")}\` did not pass:\n${ground.redact(output).slice(-SHOWN_OUTPUT)}`;
  switch (end.kind) {
    case "passed":
      return null;
    case "failed":
      return { kind: "refused", reason: "gate_failed", notes: shown(end.output) };
    case "timeout":
      return { kind: "refused", reason: "gate_timeout", notes: shown(end.output) };
    case "missing":
      return { kind: "blocked", reason: "gate_missing", notes: `The gate's program ${end.program} is not on this machine.` };
  }
}

export async function commit(ground: GiteaGround, item: Item): Promise<ItemEvent> {
  const run_id = runOf(item);
  const declared = await declaredOf(ground, run_id);
  const settings = settingsFor(ground, item.repo);
  const rules = { may_call: [], may_close: null, redact: ground.redact };
  const subject = safeText(declared?.commit_message?.subject ?? `Work on #${item.issue ?? item.number}`, rules).trim();
  const { sha } = git(
    await ground.checkouts.commit(placeOf(item), {
      subject: subject === "" ? `Work on #${item.number}` : subject,
      body: safeText(declared?.commit_message?.body ?? "", rules).trim(),
      trailers: [
        ["Loopx-Run", run_id],
        ...(settings.goal_id === null ? [] : [["Loopx-Goal", settings.goal_id] as const]),
        ["Loopx-Driver", settings.runner],
      ],
    }),
  );
  return { kind: "done", facts: { head_sha: sha, author_runs: [...new Set([...item.author_runs, run_id])] } };
}

/** The run's commit on top of the base as it is now. */
export async function rebase(ground: GiteaGround, item: Item): Promise<ItemEvent> {
  git(await ground.checkouts.fetch(await repositoryOf(ground, item.repo)));
  const end = git(await ground.checkouts.rebase(placeOf(item), item.base ?? "", item.author_runs));
  switch (end.kind) {
    case "current":
      return { kind: "done", facts: { head_sha: end.sha } };
    case "moved":
      return { kind: "done", facts: { head_sha: end.sha }, gate_again: end.tree_changed };
    case "conflicts":
      return {
        kind: "refused",
        reason: "needs_rebase",
        notes: `The base branch changed the same places: ${end.paths.slice(0, 20).join(", ")}`,
      };
  }
}

export async function push(ground: GiteaGround, item: Item): Promise<ItemEvent> {
  const { branch, head_sha: sha } = item;
  if (branch === null || sha === null) throw new Error("there is nothing to push");
  return guarded(ground, item, { isDone: ({ pull }) => pull?.head.sha === sha }, async () => {
    const to = { branch, sha, expected: item.branch_sha, ours: item.author_runs };
    const end = git(await ground.checkouts.push(placeOf(item), await repositoryOf(ground, item.repo), to));
    // Somebody pushed meanwhile: the work is done again on top of theirs.
    if (end.kind === "stale") return { kind: "refused", reason: "push_stale", notes: `The branch ${branch} moved while you worked.` };
    if (end.kind === "refused") return { kind: "blocked", reason: "push_refused", notes: end.reason };
    if (item.is_pull) await untilHead(ground, item, sha);
    return { kind: "done", facts: { branch_sha: sha, gated_sha: sha } };
  });
}

/** The server moves a pull's head a moment after the push (PSM-11). */
async function untilHead(ground: GiteaGround, item: Item, sha: string): Promise<void> {
  for (let looks = 0; looks < HEAD_LOOKS; looks += 1) {
    if ((await valueOf(ground.forge.pull(item))).head.sha === sha) return;
    await ground.wait(HEAD_LOOK_MS);
  }
  throw new Error("the pull does not show the commit that was pushed");
}

/** Everything a pass has to rest on, looked at by us (PSM-12, PSM-3). */
export async function verify(ground: GiteaGround, item: Item, _effect: unknown, signal: AbortSignal): Promise<ItemEvent> {
  const view = await readItem(ground.forge, item);
  const head = view.pull?.head.sha ?? null;
  if (head === null || head !== item.head_sha) return { kind: "head_moved", head_sha: head ?? "" };
  if (item.reviewed_sha !== head)
    return { kind: "refused", reason: "wrong_reviewed_sha", notes: "The review names another commit than the pull's head." };
  const asked = askedForChanges(view, await rulesOf(ground, item.repo), head);
  if (asked !== null) return { kind: "overruled", reason: "changes_requested", notes: `${asked} has asked for changes of this commit.` };
  git(await ground.checkouts.fetch(await repositoryOf(ground, item.repo)));
  const base = git(await ground.checkouts.branchSha(item.repo, item.base ?? ""));
  const author_runs = base === null ? item.author_runs : await withAuthors(ground, item, base, head);
  if (author_runs.includes(runOf(item))) return { kind: "refused", reason: "self_review", notes: "A run may not review its own commits." };
  if (item.gated_sha !== head) {
    // Not in the reviewer's own checkout: what was written there counts for nothing.
    const place = { ...placeOf(item), run_id: gateRun(ground, head) };
    git(await ground.checkouts.open(place, head));
    const trouble = await gateTrouble(ground, item, place, signal);
    git(await ground.checkouts.remove(place));
    if (trouble !== null) return trouble.kind === "refused" ? { kind: "overruled", reason: trouble.reason, notes: trouble.notes } : trouble;
  }
  return { kind: "done", facts: { gated_sha: head, author_runs, snapshot: snapshotOf(view) } };
}

function gateRun(ground: GiteaGround, head: string): string {
  return `run_${ground.digest(`gate ${head}`).slice(0, 16)}`;
}

/** A person whose last word about this commit is a request for changes. */
function askedForChanges({ reviews }: ItemView, rules: TriageRules, head: string): string | null {
  const last = new Map(
    reviews
      .filter(({ state, dismissed }) => !dismissed && (state === "APPROVED" || state === "REQUEST_CHANGES"))
      .map((each) => [each.author, each]),
  );
  for (const { author, state, stale, commit_id } of last.values())
    if (state === "REQUEST_CHANGES" && !stale && commit_id === head && !isBot(author, rules)) return author;
  return null;
}

export async function clean(ground: GiteaGround, item: Item): Promise<ItemEvent> {
  if (item.run_id !== null) git(await ground.checkouts.remove(placeOf(item)));
  return { kind: "done", facts: {} };
}

/** What the item's run declared; null when it declared nothing that counts. */
export async function declaredOf(ground: GiteaGround, run_id: string | null): Promise<DeclaredResult | null> {
  const look = run_id === null ? null : await ground.runs.look(run_id);
  return look?.kind === "ended" ? look.result.declared : null;
}

export function settingsFor(ground: GiteaGround, repo: string): RepoSettings {
  const settings = settingsOf(ground.config(), repo);
  if (settings === null) throw new Error(`${repo} is not watched any more`);
  return settings;
}

function placeOf(item: Item): RunPlace {
  return { repo: item.repo, number: item.number, run_id: runOf(item) };
}

function runOf({ run_id }: Item): string {
  if (run_id === null) throw new Error("there is no run");
  return run_id;
}
