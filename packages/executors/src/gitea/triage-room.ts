/**
 * Reads a hinted item and does what its entries ask (DSP-21, DSP-22). Looking twice changes nothing: what was looked at is
 * behind the item's cursor. Also where reconcile finds what nobody told us: a closed item, a moved head, a broken chain.
 */
import type { Board } from "./board.ts";
import { claimsIn, utcText, winningClaim } from "./claims.ts";
import { settingsOf } from "./config.ts";
import type { Place } from "./forge.ts";
import type { GiteaGround } from "./ground.ts";
import type { Disposition, Inbox } from "./inbox.ts";
import { freshItem, itemKey, type Item } from "./item.ts";
import { assignedItself, has, stateRoleOf } from "./labels.ts";
import type { ItemEvent } from "./machine.ts";
import { isWaiting } from "./queue.ts";
import { isAuthorised, rulesOf } from "./rules.ts";
import { isMissing, readWhole, valueOf } from "./server-view.ts";
import { snapshotOf } from "./snapshot.ts";
import { candidatesOf, cursorOf, isForeign, triage, unfit, type ItemView, type Triaged, type TriageRules } from "./triage.ts";

const PRIORITY = "priority/high";
/** The server's times are whole seconds, and its clock may differ from ours by this much without anybody being told (DSP-85). */
const SETTLED_MS = 31_000;

export interface TriageRoom {
  look(place: Place): Promise<Disposition>;
  ignore(reason: string): void;
  /** The item was looked at when it was as old as it is now, and nothing can have happened to it since that shows the same time. */
  isUnchanged(issue: Place & { readonly updated_at: string }): boolean;
  /** The same for an item we hold, by what a list said of it; a pull's head is in no list. */
  isAsSeen(item: Item, listed: string | undefined): boolean;
  /** It was looked at when it was as old as it is now, but too early to know that nothing else has happened. */
  isAgain(issue: Place & { readonly updated_at: string }): boolean;
}

export function openTriageRoom(ground: GiteaGround, board: Board, inbox: Inbox): TriageRoom {
  const seen = new Map<string, { readonly updated_at: string; readonly is_settled: boolean }>();
  let seenBy = ground.config();
  const seenAt = (key: string, updated_at: string | undefined) => {
    // Who may ask, and for what, is configuration: by another one everything is looked at once more (DSP-6).
    if (seenBy !== ground.config()) seen.clear();
    seenBy = ground.config();
    const last = seen.get(key);
    return last?.updated_at === updated_at ? last : undefined;
  };

  const look = async ({ repo, number }: Place): Promise<Disposition> => {
    const place = { repo, number };
    if (settingsOf(ground.config(), place.repo) === null) return { kind: "ignored", reason: "not_watched" };
    const held = board.holderOf(place);
    // An event of a pull whose issue still has the record: it is looked at when the pull has its own.
    if (held !== null && held.number !== place.number) return { kind: "merged_into", event_id: itemKey(held) };
    const begun_ms = ground.now().ms;
    const view = await wholeOrNull(ground, place);
    if (view === null) return missing(ground, board, held);
    const rules = await rulesOf(ground, place.repo);
    const triaged = triage(view, held, rules, await authority(ground, place.repo, view, held, rules));
    const disposition = await acted(ground, board, { place, held, view, rules, triaged });
    const { updated_at } = view.issue;
    seen.set(itemKey(place), { updated_at, is_settled: isSettled(updated_at, begun_ms) });
    return disposition;
  };

  return {
    look,
    ignore: (reason) => inbox.count(reason),
    isUnchanged: (issue) => seenAt(itemKey(issue), issue.updated_at)?.is_settled === true,
    isAgain: (issue) => seenAt(itemKey(issue), issue.updated_at)?.is_settled === false,
    isAsSeen: (item, listed) => !item.is_pull && listed !== undefined && seenAt(itemKey(item), listed)?.is_settled === true,
  };
}

/** Two things within one second show the same time (DSP-S8): true when what shows this time now can change no more without showing it. */
export function isSettled(updated_at: string, now_ms: number): boolean {
  return now_ms - Date.parse(updated_at) > SETTLED_MS;
}

interface Looked {
  readonly place: Place;
  readonly held: Item | null;
  readonly view: ItemView;
  readonly rules: TriageRules;
  readonly triaged: Triaged;
}

async function acted(ground: GiteaGround, board: Board, looked: Looked): Promise<Disposition> {
  const { held, triaged, view } = looked;
  if (triaged.kind === "command") return command(ground, board, looked, triaged);
  if (triaged.kind === "work") return held === null ? begin(ground, board, looked, triaged) : goOn(ground, board, held, looked, triaged);
  if (held === null) return { kind: "ignored", reason: triaged.reason };
  // The event first, then the cursor: a crash between them repeats the look.
  await examine(ground, board, held, looked);
  await board.touch(held, (item) => ({ ...item, ...shownBy(view), cursor: triaged.cursor }));
  return { kind: "ignored", reason: triaged.reason };
}

type Work = Extract<Triaged, { kind: "work" }>;

/** A new item; where the label is not there yet, an authorised wish puts it there. */
async function begin(ground: GiteaGround, board: Board, { place, view, rules }: Looked, work: Work): Promise<Disposition> {
  const { issue, pull } = view;
  const labels = issue.labels.map(({ name }) => name);
  const item = freshItem({
    ...place,
    is_pull: pull !== null,
    step: work.step,
    cause: work.cause,
    by: work.by,
    ...shownBy(view),
    cursor: work.cursor,
    queued_at: utcText(ground.now().ms),
    foreign: pull !== null && isForeign(pull, rules),
  });
  const cools = ground.cooling.get(itemKey(place)) ?? 0;
  const not_before = cools > ground.now().ms ? utcText(cools) : null;
  await board.add({ ...item, not_before, snapshot: snapshotOf(view), head_sha: pull?.head.sha ?? null });
  const isReady = has(labels, rules.labels.bot) && (pull === null || stateRoleOf(labels, rules.labels) !== "none");
  if (!isReady || has(labels, rules.labels.ready))
    void board.happen(place, { kind: "asked", cause: work.cause, by: work.by, step: work.step, human: work.human }).catch(() => undefined);
  return { kind: "queued" };
}

/** What a person may change of a waiting item at any time (DSP-33). */
function shownBy({ issue }: ItemView): Pick<Item, "title" | "priority"> {
  return {
    title: issue.title.slice(0, 200),
    priority: has(
      issue.labels.map(({ name }) => name),
      PRIORITY,
    ),
  };
}

async function goOn(ground: GiteaGround, board: Board, held: Item, looked: Looked, work: Work): Promise<Disposition> {
  const { view } = looked;
  const over = await examine(ground, board, held, looked);
  if (!over) {
    const free = isWaiting(held) || held.state === "blocked_human";
    await board.touch(held, (item) => ({
      ...item,
      ...(free ? { snapshot: snapshotOf(view), head_sha: view.pull?.head.sha ?? item.head_sha } : {}),
    }));
    const { cause, by, step, human } = work;
    if (free || human) void board.happen(held, { kind: "asked", cause, by, step, human }).catch(() => undefined);
  }
  // What came of the item itself comes first; what was asked for is found again by the next look, which that brings about.
  await board.touch(held, (item) => ({ ...item, ...shownBy(view), ...(over ? {} : { cursor: work.cursor }) }));
  return { kind: "merged_into", event_id: itemKey(held) };
}

async function command(
  ground: GiteaGround,
  board: Board,
  { place, held, view }: Looked,
  { word, cursor }: Extract<Triaged, { kind: "command" }>,
): Promise<Disposition> {
  if (held === null) return { kind: "ignored", reason: "already_handled" };
  if (word === "status") {
    const { state, step, round, last_reason } = held;
    await board.touch(held, (item) => ({ ...item, cursor }));
    await valueOf(ground.forge.comment(place, `LoopX: ${state.replaceAll("_", " ")}, step ${step}, round ${round} (${last_reason}).`));
    return { kind: "done" };
  }
  if (held.state === "running" && held.run_id !== null) ground.runs.stop(held.run_id, "stopped_by_comment");
  else void board.happen(held, { kind: "stop", reason: "stopped_by_comment" }).catch(() => undefined);
  await board.touch(held, (item) => ({ ...item, cursor: cursorOf(view, { digest: ground.digest }) }));
  return { kind: "done" };
}

/** What the item itself shows, whoever said nothing about it. True when it is over or goes another way. */
async function examine(ground: GiteaGround, board: Board, held: Item, { view, rules }: Looked): Promise<boolean> {
  const event = foundEvent(ground, held, view, rules);
  if (event === null) return false;
  if (event.kind === "gone" && held.state === "running" && held.run_id !== null) ground.runs.stop(held.run_id, event.reason);
  if (event.kind === "head_moved" || event.kind === "labels_wrong")
    await board.touch(held, (item) => ({ ...item, snapshot: snapshotOf(view) }));
  const { state } = held;
  void board.happen(held, event, (item) => item.state === state).catch(() => undefined);
  return true;
}

function foundEvent(ground: GiteaGround, held: Item, view: ItemView, rules: TriageRules): ItemEvent | null {
  const { issue, pull } = view;
  const labels = issue.labels.map(({ name }) => name);
  const closed = unfit(view, rules);
  if (closed === "closed" || closed === "archived_repo") return { kind: "gone", reason: issue.merged ? "merged" : closed, dead: false };
  // In the middle of its own writes an item looks odd, and says so itself.
  if (held.plan.length > 0) return null;
  const isOurs = has(labels, rules.labels.bot);
  if (!isOurs && (held.state === "running" || isWaiting(held))) return { kind: "gone", reason: "bot_removed", dead: false };
  if (held.state === "running") return null;
  if (held.state === "blocked_human" && held.last_reason === "merge_ready" && pull !== null && pull.head.sha !== held.reviewed_sha)
    return { kind: "head_moved", head_sha: pull.head.sha };
  if (isWaiting(held) && held.claim === null && isBroken(ground, view))
    return { kind: "broken_chain", assigned: assignedItself(issue, view.timeline ?? [], ground.config().bot_user) };
  const role = pull === null || held.foreign ? null : stateRoleOf(labels, rules.labels);
  if (role === "none" || role === "several") return { kind: "labels_wrong", want: wantedRole(held) };
  return null;
}

/** PSM-1: the record decides. */
function wantedRole({ state, last_reason, step }: Item): "review" | "rework" | "ready" {
  if (state === "blocked_human" && last_reason === "merge_ready") return "ready";
  return step === "rework" || state === "blocked_human" ? "rework" : "review";
}

/** A claim that nobody lives by, or the bot on an item that nobody works on (DSP-39). */
function isBroken(ground: GiteaGround, { comments, issue, timeline }: ItemView): boolean {
  const { bot_user } = ground.config();
  const claims = claimsIn(comments, bot_user);
  const winner = winningClaim(comments, bot_user, ground.now());
  if (winner !== null && winner.holder !== ground.holder) return false;
  if (claims.length > 0) return true;
  return assignedItself(issue, timeline ?? [], bot_user);
}

/** Gone, with its repository or alone. */
async function missing(ground: GiteaGround, board: Board, held: Item | null): Promise<Disposition> {
  if (held === null) return { kind: "dead", reason: "item_missing" };
  if (held.state === "running" && held.run_id !== null) ground.runs.stop(held.run_id, "item_missing");
  void board.happen(held, { kind: "gone", reason: "item_missing", dead: true }).catch(() => undefined);
  return { kind: "dead", reason: "item_missing" };
}

async function wholeOrNull(ground: GiteaGround, place: Place): Promise<ItemView | null> {
  try {
    return await readWhole(ground.forge, place);
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
}

async function authority(
  ground: GiteaGround,
  repo: string,
  view: ItemView,
  held: Item | null,
  rules: TriageRules,
): Promise<(login: string) => boolean> {
  const logins = [...new Set(candidatesOf(view, held, rules).map(({ by }) => by))];
  const allowed = new Set<string>();
  for (const login of logins) if (await isAuthorised(ground, repo, login)) allowed.add(login);
  return (login) => allowed.has(login);
}
