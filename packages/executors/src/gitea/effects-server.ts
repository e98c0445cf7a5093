/** What the host says on the server for an agent, and for people: labels, pulls, reviews, summaries, assignments (DSP-55, DSP-58). */
import { labelsOf } from "./rules.ts";
import { declaredOf, settingsFor } from "./effects-work.ts";
import type { ForgeAnswer, Place } from "./forge.ts";
import type { GiteaGround } from "./ground.ts";
import { guarded } from "./guard.ts";
import { freshItem, itemKey, type Item, type ItemEffect, type LabelRole } from "./item.ts";
import type { ItemEvent } from "./machine.ts";
import { has } from "./labels.ts";
import { createRecord } from "./records.ts";
import { ForgeTrouble, readItem, valueOf } from "./server-view.ts";
import { pullText, reviewMark, reviewText, summaryMark, summaryText, type TextRules } from "./texts.ts";
import { snapshotOf } from "./snapshot.ts";
import { cursorOf, type ItemView } from "./triage.ts";
import { summaryOf } from "./sentences.ts";

const DONE: ItemEvent = { kind: "done", facts: {} };

/** What is added for an issue that has a pull goes on the pull: from then on that is where the work is. */
function labelPlace(item: Item): Place {
  return item.is_pull || item.pull === null ? item : { repo: item.repo, number: item.pull };
}

export async function addLabel(ground: GiteaGround, item: Item, { label }: ItemEffect): Promise<ItemEvent> {
  const role = roleOf(label);
  const name = ground.config().labels[role];
  const { ids, missing } = await labelsOf(ground, item.repo);
  const id = ids[role];
  if (id === undefined) return { kind: "blocked", reason: "label_missing", notes: `The repository has no label ${missing.join(", ")}.` };
  const place = labelPlace(item);
  if (place.number === item.number) {
    const isDone = ({ issue }: { issue: { labels: readonly { name: string }[] } }) => carries(issue.labels, name);
    return guarded(ground, item, { isDone }, async () => plain(await valueOf(ground.forge.addLabels(place, [id]))));
  }
  const { labels } = await valueOf(ground.forge.issue(place));
  if (carries(labels, name)) return DONE;
  return guarded(ground, item, { isDone: () => false }, async () => plain(await valueOf(ground.forge.addLabels(place, [id]))));
}

export async function removeLabel(ground: GiteaGround, item: Item, { label }: ItemEffect): Promise<ItemEvent> {
  const name = ground.config().labels[roleOf(label)];
  return guarded(ground, item, { isDone: ({ issue }) => !carries(issue.labels, name) }, async ({ issue }) => {
    const worn = issue.labels.find((each) => each.name.toLowerCase() === name.toLowerCase());
    return worn === undefined ? null : plain(await valueOf(ground.forge.removeLabel(item, worn.id)));
  });
}

export async function openPull(ground: GiteaGround, item: Item): Promise<ItemEvent> {
  const { branch, base } = item;
  if (branch === null || base === null) throw new Error("there is no branch");
  const text = pullText(await declaredOf(ground, item.run_id), item, textRules(ground, item, null));
  const [found] = await valueOf(ground.forge.pullsFrom(item.repo, branch));
  if (found !== undefined) {
    if (found.title !== text.title || found.body !== text.body)
      await valueOf(ground.forge.editPull({ repo: item.repo, number: found.number }, text));
    return { kind: "done", facts: { pull: found.number, snapshot: snapshotOf(await readItem(ground.forge, item)) } };
  }
  return guarded(ground, item, { isDone: () => false }, async () => {
    const made = await valueOf(ground.forge.createPull(item.repo, { head: branch, base, ...text }));
    return { kind: "done", facts: { pull: made.number } };
  });
}

/** By the second account a verdict, by the only one a comment: a server refuses to let an account approve its own pull (DSP-S20). */
export async function postReview(ground: GiteaGround, item: Item): Promise<ItemEvent> {
  const claim_id = item.claim?.claim_id ?? "";
  const sha = item.reviewed_sha ?? item.head_sha ?? "";
  const declared = await declaredOf(ground, item.run_id);
  const author = ground.reviewer ?? ground.forge;
  const passed = item.after?.reason === "merge_ready";
  const event = ground.reviewer === null ? "COMMENT" : passed ? "APPROVED" : "REQUEST_CHANGES";
  const isDone = ({ reviews }: { reviews: readonly { body: string }[] }) => reviews.some(({ body }) => body.includes(reviewMark(claim_id)));
  return guarded(ground, item, { isDone }, async ({ issue }) => {
    const body = reviewText(declared, { claim_id, sha }, textRules(ground, item, issue.author));
    await valueOf(author.review(item, { event, body, commit_id: sha }));
    return null;
  });
}

/** One comment for each step of an item, written anew each time (DSP-58). */
export async function summarise(ground: GiteaGround, item: Item): Promise<ItemEvent> {
  const mark = summaryMark(itemKey(item), item.step);
  const declared = await declaredOf(ground, item.run_id);
  const { bot_user } = ground.config();
  const bodyFor = ({ issue }: ItemView): string => summaryText(summaryOf(item, declared), mark, textRules(ground, item, issue.author));
  const standing = ({ comments }: ItemView) => comments.find((each) => has([each.author], bot_user) && each.body.includes(mark));
  return guarded(ground, item, { isDone: (view) => standing(view)?.body === bodyFor(view) }, async (view) => {
    const before = standing(view);
    if (before === undefined) await valueOf(ground.forge.comment(item, bodyFor(view)));
    else await valueOf(ground.forge.editComment(item.repo, before.id, bodyFor(view)));
    return null;
  });
}

/** The person who has the next turn: the configured one, or the author of a pull that is not ours. */
export async function assignHuman(ground: GiteaGround, item: Item): Promise<ItemEvent> {
  const isAuthors = item.foreign && item.after?.reason === "author_reworks";
  const login = isAuthors ? (await valueOf(ground.forge.issue(item))).author : settingsFor(ground, item.repo).human;
  if (login === null) return DONE;
  const isDone = ({ issue }: { issue: { assignees: readonly string[] } }) => has(issue.assignees, login);
  const answer = await guarded(ground, item, { isDone }, async ({ issue }) => {
    const given: ForgeAnswer<null> = await ground.forge.setAssignees(item, [...issue.assignees, login]);
    if (given.kind === "value") return { kind: "done", facts: { human_assigned: login } };
    // Somebody who cannot be assigned holds nothing up (DSP-S14); what passes is tried again first.
    if (item.faults < 3) throw new ForgeTrouble(given);
    ground.tell({ key: `${itemKey(item)} assign`, level: "needs_person", text: `${itemKey(item)}: ${login} cannot be assigned` });
    return null;
  });
  // Whoever was assigned before we wrote stays assigned whatever we take back later.
  const ours = item.snapshot !== null && !has(item.snapshot.assignees, login);
  return answer.kind === "done" && ours ? { ...answer, facts: { human_assigned: login, ...answer.facts } } : answer;
}

/** Takes back only an assignment that we made. */
export async function unassignHuman(ground: GiteaGround, item: Item): Promise<ItemEvent> {
  const login = item.human_assigned;
  if (login === null) return DONE;
  const answer = await guarded(ground, item, { isDone: ({ issue }) => !has(issue.assignees, login) }, async ({ issue }) =>
    plain(
      await valueOf(
        ground.forge.setAssignees(
          item,
          issue.assignees.filter((each) => !has([each], login)),
        ),
      ),
    ),
  );
  return answer.kind === "done" ? { ...answer, facts: { ...answer.facts, human_assigned: null } } : answer;
}

/** The pull has a record of its own, with everything that bounds the work; a second call finds it there. */
export async function handOver(ground: GiteaGround, item: Item): Promise<ItemEvent> {
  if (item.pull === null) throw new Error("there is no pull");
  const place = { repo: item.repo, number: item.pull };
  const view = await readItem(ground.forge, place);
  const timeline = await ground.forge.timeline(place);
  const whole = { ...view, timeline: timeline.kind === "value" ? timeline.value : null };
  const { round, attempts, author_runs, branch, base, head_sha, gated_sha, priority, queued_at, by, seen_at } = item;
  await createRecord(ground, {
    ...freshItem({
      ...place,
      is_pull: true,
      step: "review",
      cause: "continuation",
      by,
      title: view.issue.title.slice(0, 200),
      priority,
      cursor: cursorOf(whole, { digest: ground.digest }),
      queued_at,
      foreign: false,
    }),
    seen_at,
    issue: item.number,
    round,
    attempts,
    author_runs,
    branch,
    base,
    head_sha,
    gated_sha,
  });
  return DONE;
}

/** The goal's history learns of the step; trouble with it is told and stops nothing. */
export async function account(ground: GiteaGround, item: Item): Promise<ItemEvent> {
  await withGoal(ground, item, "account", async (goal_id) => {
    const look = item.run_id === null ? null : await ground.runs.look(item.run_id);
    await ground.goals.record(goal_id, item, look?.kind === "ended" ? look.result : null);
  });
  return DONE;
}

export async function question(ground: GiteaGround, item: Item): Promise<ItemEvent> {
  await withGoal(ground, item, "question", (goal_id) => ground.goals.ask(goal_id, item));
  return DONE;
}

async function withGoal(ground: GiteaGround, item: Item, what: string, act: (goal_id: string) => Promise<void>): Promise<void> {
  const { goal_id } = settingsFor(ground, item.repo);
  if (goal_id === null) return;
  try {
    await act(goal_id);
  } catch (error) {
    const text = `${itemKey(item)}: the goal ${goal_id} was not told: ${error instanceof Error ? error.message : String(error)}`;
    ground.tell({ key: `${itemKey(item)} ${what} ${item.run_id ?? ""}`, level: "needs_person", text });
  }
}

export async function notice(ground: GiteaGround, item: Item): Promise<ItemEvent> {
  const reason = item.after?.reason ?? item.last_reason;
  const level = reason === "merge_ready" || item.after?.state === "blocked_human" ? "needs_person" : "info";
  ground.tell({ key: `${itemKey(item)} ${reason} ${item.run_id ?? ""}`, level, text: `${itemKey(item)}: ${reason}` });
  return DONE;
}

/** Whom a text may call and what it may close. */
function textRules(ground: GiteaGround, item: Item, author: string | null): TextRules {
  const { human } = settingsFor(ground, item.repo);
  return { may_call: [human, author].filter((login) => login !== null), may_close: item.issue ?? item.number, redact: ground.redact };
}

function carries(labels: readonly { readonly name: string }[], name: string): boolean {
  return has(
    labels.map((each) => each.name),
    name,
  );
}

function roleOf(label: LabelRole | undefined): LabelRole {
  if (label === undefined) throw new Error("no label is named");
  return label;
}

function plain(none: null): null {
  return none;
}
