/**
 * Where work is heard of (DSP-20): notifications, the label scan, reconcile, and what stood there at the start. All of them
 * only say that an item may have changed; {@link openTriageRoom} reads it. Each has its own time, and a failed look leaves
 * everything as it was and waits longer (DSP-13).
 */
import type { Board } from "./board.ts";
import { utcText } from "./claims.ts";
import { isPattern, settingsOf, type GiteaConfig } from "./config.ts";
import type { ForgeAnswer, ForgeIssue, ForgeThread, Listed, Place, SearchFor } from "./forge.ts";
import type { GiteaGround } from "./ground.ts";
import type { Inbox, InboxEntry, InboxSource } from "./inbox.ts";
import { isFinal, itemKey, placeOfKey } from "./item.ts";
import { has, turnOf } from "./labels.ts";
import { forgetLabels, labelsOf, repositoryOf } from "./rules.ts";
import { ForgeTrouble, valueOf } from "./server-view.ts";
import { isSettled, openTriageRoom } from "./triage-room.ts";

const MOST_DELAY_MS = 300_000;
const LOOK_BACK_MS = 3_600_000;
/** The server's clock may differ from ours by this much. */
const CLOCK_SLACK_MS = 120_000;

export interface Sources {
  /** What is due; `all`: everything. */
  tick(all: boolean, lastBatchMs: number): Promise<void>;
  /** When each source last answered; null: never. */
  lastGood(): Readonly<Record<"poll" | "scan" | "reconcile", string | null>>;
  /** The age of the last good poll is more than ten delays, or the token is worth nothing. */
  isUnhealthy(): boolean;
  /** Repositories without all four labels. */
  missingLabels(): Readonly<Record<string, readonly string[]>>;
  /** When something is due next. */
  nextMs(): number;
}

interface Clocked {
  due_ms: number;
  good_ms: number | null;
  failures: number;
}

export function openSources(ground: GiteaGround, board: Board, inbox: Inbox, trouble: (text: string) => void): Sources {
  const clocks: Record<"poll" | "scan" | "reconcile", Clocked> = { poll: due(), scan: due(), reconcile: due() };
  const room = openTriageRoom(ground, board, inbox);
  const missing: Record<string, readonly string[]> = {};
  /** What the last scan saw, so that reconcile need not read what did not change. */
  const listed = new Map<string, string>();
  /** When each repository was last gone through: all that carries the label, and whatever had changed. */
  const scanned_ms = new Map<string, { readonly all_ms: number; readonly any_ms: number | null }>();
  const begun_ms = ground.now().ms;
  let unauthorised = false;
  let isFirst = true;

  const isDue = (name: keyof typeof clocks): boolean => ground.now().ms >= clocks[name].due_ms;
  const attempt = async (name: keyof typeof clocks, seconds: number, all: boolean, act: () => Promise<void>): Promise<void> => {
    const clock = clocks[name];
    if (!all && !isDue(name)) return;
    try {
      await act();
      clock.good_ms = ground.now().ms;
      clock.failures = 0;
      clock.due_ms = ground.now().ms + seconds * 1_000;
    } catch (error) {
      clock.failures += 1;
      const jitter = 1 + Number.parseInt(ground.randomHex(2), 16) / 1_024;
      const delay = Math.min(MOST_DELAY_MS, ground.config().poll_delay * 1_000 * 2 ** Math.min(clock.failures, 10));
      clock.due_ms = ground.now().ms + delay * jitter;
      trouble(`${name}: ${error instanceof Error ? error.message : String(error)}`);
      if (!isUnauthorised(error)) return;
      if (!unauthorised) ground.tell({ key: "unauthorized", level: "needs_person", text: "the server refuses the token (unauthorized)" });
      unauthorised = true;
    }
  };

  const take = (source: InboxSource, item: string, newest: string, more: Partial<InboxEntry> = {}): Promise<InboxEntry | null> =>
    inbox.take({ source: isFirst && source !== "reconcile" ? "backlog" : source, item, newest, ...more });

  /** Appended, triaged, disposed of; only then it may be marked as read (DSP-22). */
  const hinted = async (source: InboxSource, place: Place, newest: string, more: Partial<InboxEntry> = {}): Promise<void> => {
    const entry = await take(source, itemKey(place), newest, more);
    const disposition = await room.look(place);
    if (entry !== null) await inbox.dispose(entry, disposition);
  };

  /** The same of an item that a list showed. One that was read too early is read again, which is an event only if there is something new. */
  const listedAs = async (source: InboxSource, issue: ForgeIssue): Promise<void> => {
    const { updated_at } = issue;
    if (!room.isAgain(issue)) return hinted(source, issue, updated_at, { updated_at });
    const disposition = await room.look(issue);
    const entry = disposition.kind === "ignored" ? null : await take(source, itemKey(issue), updated_at, { updated_at });
    if (entry !== null) await inbox.dispose(entry, disposition);
  };

  /** One that fails holds up no other; it is told, and tried again at the next look. When all fail, the look failed. */
  const eachOf = async <Value>(values: readonly Value[], act: (value: Value) => Promise<void>): Promise<void> => {
    let failures = 0;
    for (const value of values)
      try {
        await act(value);
      } catch (error) {
        failures += 1;
        if (failures === values.length || isUnauthorised(error)) throw error;
        trouble(error instanceof Error ? error.message : String(error));
      }
  };

  const poll = async (): Promise<void> => {
    if ((await valueOf(ground.forge.unread())) === 0) return;
    const { entries } = await valueOf(ground.forge.threads());
    // The newest comes first; what waits longest is queued first (DSP-33).
    const waiting = entries.filter(({ unread }) => unread).toSorted((a, b) => a.updated_at.localeCompare(b.updated_at) || a.id - b.id);
    await eachOf(waiting, pollThread);
  };
  const pollThread = async (thread: ForgeThread): Promise<void> => {
    const { id, repo, number, updated_at, latest_comment_url } = thread;
    const more = { thread_id: id, updated_at };
    if (number === null) {
      const entry = await take("notification", repo, latest_comment_url, more);
      if (entry !== null) await inbox.dispose(entry, { kind: "ignored", reason: "subject_not_issue_or_pull" });
    } else await hinted("notification", { repo, number }, latest_comment_url, more);
    const now = await valueOf(ground.forge.thread(id));
    // A thread that moved meanwhile stays unread: the next poll sees it (DSP-S8).
    if (now.updated_at === updated_at && now.latest_comment_url === latest_comment_url) await valueOf(ground.forge.markRead(id));
  };

  const unlist = (repo: string): void => {
    for (const key of listed.keys()) if (key.startsWith(`${repo}#`)) listed.delete(key);
  };
  const scan = async (): Promise<void> => {
    await eachOf(await watchedRepos(ground), scanRepo);
  };
  const scanRepo = async (named: string): Promise<void> => {
    const { labels } = ground.config();
    const repo = await nameOnServer(ground, named);
    const lacking = (await labelsOf(ground, repo)).missing;
    if (lacking.length > 0) {
      unlist(repo);
      if (missing[repo] === undefined)
        ground.tell({ key: `labels ${repo}`, level: "needs_person", text: `${repo} has no label ${lacking.join(", ")}` });
      missing[repo] = lacking;
      return;
    }
    delete missing[repo];
    const begun = ground.now().ms;
    const { all_ms, any_ms } = scanned_ms.get(repo) ?? { all_ms: Number.NEGATIVE_INFINITY, any_ms: null };
    // Most looks find that nothing moved: one request, however many items there are (DSP-86). What moved is looked at, labelled or
    // not, so that a lost notification is made good by the next scan (DSP-S10).
    if (any_ms !== null) {
      const changed = await listing(repo, ground.forge.changed(repo, utcText(any_ms - CLOCK_SLACK_MS)));
      await eachListed(repo, changed, (issue) => stirred(issue, begun));
    }
    const isWhole = begun - all_ms >= ground.config().reconcile_interval * 1_000 || isDue("reconcile");
    if (isWhole) {
      const labelled = await listing(repo, ground.forge.labelled(repo, labels.bot));
      // What is not listed any more has lost the label, or is gone: reconcile reads it again.
      unlist(repo);
      await eachListed(repo, labelled, (issue) => scanned(issue, begun));
    }
    scanned_ms.set(repo, { all_ms: isWhole ? begun : all_ms, any_ms: begun });
  };
  /** A repository that is not there lists nothing, and reconcile reads all of it that we hold. */
  const listing = async (repo: string, asked: Promise<ForgeAnswer<Listed<ForgeIssue>>>): Promise<Listed<ForgeIssue>> => {
    const answer = await asked;
    if (answer.kind === "failed" && answer.fault === "not_found") unlist(repo);
    return valueOf(Promise.resolve(answer));
  };
  const eachListed = async (repo: string, { entries, truncated }: Listed<ForgeIssue>, act: (issue: ForgeIssue) => Promise<void>) => {
    if (truncated) trouble(`scan: ${repo} has more items than are read (truncated)`);
    await eachOf(
      entries.toSorted((one, other) => one.number - other.number),
      act,
    );
  };
  /** An item that somebody changed, we too; listed at that time. */
  const stirred = async (issue: ForgeIssue, begun_ms: number): Promise<void> => {
    if (room.isUnchanged(issue) || listed.get(itemKey(issue)) === issue.updated_at) return;
    const held = board.holderOf(issue);
    if (
      held === null &&
      has(
        issue.labels.map(({ name }) => name),
        ground.config().labels.bot,
      )
    )
      return scanned(issue, begun_ms);
    if (held !== null || issue.state === "open") await listedAs("reconcile", issue);
  };
  const scanned = async (issue: ForgeIssue, begun_ms: number): Promise<void> => {
    const { labels, bot_user } = ground.config();
    const worn = issue.labels.map(({ name }) => name);
    // The server drops a filter that it does not know (DSP-S12).
    if (!has(worn, labels.bot)) {
      forgetLabels(ground, issue.repo);
      return room.ignore("label_not_on_item");
    }
    if (isSettled(issue.updated_at, begun_ms)) listed.set(itemKey(issue), issue.updated_at);
    const held = board.holderOf(issue);
    const turn = turnOf({ labels: worn, assignees: issue.assignees, bot_user, leased: false }, labels);
    if (held !== null || turn === "merge_ready" || turn === "a_persons") return;
    if (room.isUnchanged(issue)) return;
    await listedAs("label_scan", issue);
  };

  const reconcile = async (): Promise<void> => {
    const since = utcText((clocks.reconcile.good_ms ?? begun_ms) - LOOK_BACK_MS);
    for (const what of ["mentioned", "assigned", "review_requested"] as const satisfies readonly SearchFor[]) {
      const { entries } = await valueOf(ground.forge.search(what, since));
      const news = entries.filter((issue) => settingsOf(ground.config(), issue.repo) !== null && !room.isUnchanged(issue));
      await eachOf(news, (issue) => listedAs("reconcile", issue));
    }
    const held = board.all().filter((item) => !isFinal(item) && !room.isAsSeen(item, listed.get(itemKey(item))));
    await eachOf(held, async (item) => void (await room.look(item)));
  };

  return {
    tick: async (all) => {
      const { poll_delay, bot_scan_interval, reconcile_interval } = ground.config();
      if (unauthorised && !all) return;
      // At the pace of the poll: a server that is down is not asked for each of them each second.
      if (all || isDue("poll")) for (const entry of inbox.open()) await reopened(entry, room, inbox);
      await attempt("poll", poll_delay, all, poll);
      // Right before reconcile all that carries the label is listed: what is not listed any more is then read again.
      await attempt("scan", bot_scan_interval, all || isDue("reconcile"), scan);
      await attempt("reconcile", reconcile_interval, all, reconcile);
      isFirst = false;
    },
    lastGood: () => ({ poll: instant(clocks.poll), scan: instant(clocks.scan), reconcile: instant(clocks.reconcile) }),
    isUnhealthy: () => unauthorised || ground.now().ms - (clocks.poll.good_ms ?? begun_ms) > 10_000 * ground.config().poll_delay,
    missingLabels: () => missing,
    nextMs: () => Math.min(clocks.poll.due_ms, clocks.scan.due_ms, clocks.reconcile.due_ms),
  };
}

/** An event that a killed dispatcher had taken and not disposed of. */
async function reopened(entry: InboxEntry, room: ReturnType<typeof openTriageRoom>, inbox: Inbox): Promise<void> {
  const place = placeOfKey(entry.item);
  try {
    await inbox.dispose(entry, place === null ? { kind: "ignored", reason: "subject_not_issue_or_pull" } : await room.look(place));
  } catch {
    // It stays in the inbox, and the next tick tries again.
  }
}

function isUnauthorised(error: unknown): boolean {
  return error instanceof ForgeTrouble && error.failure.fault === "unauthorized";
}

/** Names as configured; patterns are answered by the server. */
async function watchedRepos(ground: GiteaGround): Promise<readonly string[]> {
  const config: GiteaConfig = ground.config();
  const named = config.repos.filter((rule) => !isPattern(rule)).map(({ repo }) => repo);
  if (named.length === config.repos.length) return named;
  const { entries } = await valueOf(ground.forge.repositories());
  const found = entries.filter(({ repo, can_write, archived }) => can_write && !archived && settingsOf(config, repo) !== null);
  return [...new Set([...named, ...found.map(({ repo }) => repo)])];
}

/** An item has one key, however its repository is written in the configuration. */
async function nameOnServer(ground: GiteaGround, named: string): Promise<string> {
  const { repo } = await repositoryOf(ground, named);
  return repo.toLowerCase() === named.toLowerCase() ? repo : named;
}

function due(): Clocked {
  return { due_ms: Number.NEGATIVE_INFINITY, good_ms: null, failures: 0 };
}

function instant({ good_ms }: Clocked): string | null {
  return good_ms === null ? null : utcText(good_ms);
}
