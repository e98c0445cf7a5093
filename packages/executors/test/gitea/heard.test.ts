/**
 * From where work is heard of, with the server over HTTP, git remotes and a state directory (DSP-20): threads, labels, and what
 * stood there before; and what a server that fails is taken for. Nothing is started: each dispatcher is paused before it looks.
 */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { run as pause } from "../../src/commands/gitea-pause.ts";
import { addLabels, comment, openIssue, removeLabel, setState } from "./double/items.ts";
import type { Item } from "./double/records.ts";
import type { Seen } from "./double/server.ts";
import { addOrganisationLabel } from "./double/world.ts";
import { lines, newRepo, openShift, startWorks, told, type Shift, type ShiftOptions, type Works } from "./rig/works.ts";

let works: Works;
beforeAll(async () => {
  works = await startWorks();
});
afterAll(() => works.remove());

const missing = undefined as never;
const NO_WORDS = { input: {}, row: missing, words: missing, host: missing };

/** A dispatcher that only listens: its pause is older than itself. */
async function listening(options: ShiftOptions): Promise<Shift> {
  const shift = await openShift(works, options);
  await pause({ ...shift.call(), ...NO_WORDS });
  return shift;
}

const plain = (shift: Shift, title: string): Item => openIssue(works.gitea.world, shift.repo, { by: "human", title });
const say = (item: Item, by: string, text: string): void => void comment(works.gitea.world, item, by, text);
const states = (shift: Shift): readonly string[] => shift.now.dispatcher.board.all().map(({ number, state }) => `${number} ${state}`);
const events = (shift: Shift) => lines(shift, "inbox").filter(({ disposition }) => disposition === undefined);

/** Sees each request before it is answered, until what comes back is called. */
function watching(see: (seen: Seen) => void): () => void {
  const { journal } = works.gitea;
  const { push } = journal;
  journal.push = (...all) => {
    for (const seen of all) see(seen);
    return push.apply(journal, all);
  };
  return () => void (journal.push = push);
}

describe("a thread", () => {
  it("that was unread before the start is an event, and is read when what became of it is on the disk: 19 of 20, and one is closed (DSP-20, DSP-22, DSP-90)", async () => {
    const shift = await listening({ name: "backlog" });
    const items = Array.from({ length: 20 }, (_, at) => plain(shift, `Item ${at}`));
    for (const item of items) say(item, "human", "@clawbot please");
    setState(works.gitea.world, items[7] ?? expect.fail(), "human", "closed");
    const read: string[] = [];
    const unwatch = watching(({ method, path }) => {
      const [, id] = /\/notifications\/threads\/(\d+)/.exec(path) ?? [];
      if (method !== "PATCH" || id === undefined) return;
      const inbox = lines(shift, "inbox");
      const [event] = inbox.filter(({ thread_id }) => String(thread_id) === id);
      if (inbox.some(({ event_id, disposition }) => event_id === event?.event_id && disposition !== undefined)) read.push(id);
    });
    await shift.ticks(1);
    unwatch();
    expect(states(shift)).toEqual(items.filter((item) => item !== items[7]).map(({ number }) => `${number} queued`));
    expect(shift.now.dispatcher.inbox.ignored()).toMatchObject({ closed: 1 });
    expect(events(shift).map(({ source }) => source)).toEqual(expect.arrayContaining(items.map(() => "backlog")));
    const threads = works.gitea.world.threads.filter(({ login, item }) => login === "clawbot" && item.repo === shift.repo);
    expect(threads.map(({ status }) => status)).toEqual(items.map(() => "read"));
    expect(new Set(read)).toEqual(new Set(threads.map(({ id }) => String(id))));
    // Nothing is unread: the list is not asked for.
    works.gitea.journal.length = 0;
    await shift.ticks(1);
    expect(works.asked().filter((line) => line.includes("/notifications"))).toEqual(["GET /api/v1/notifications/new"]);
    await shift.close();
  });

  it("that moved within the second in which it was read again is heard twice: it is no event (DSP-22, DSP-92, DSP-S8)", async () => {
    const shift = await listening({ name: "twice" });
    shift.repo.watchers.add("clawbot");
    const item = plain(shift, "Item");
    say(item, "human", "Nothing for anybody.");
    let again = false;
    const unwatch = watching(({ method, path }) => {
      if (again || method !== "PATCH" || !path.includes("/notifications/threads/")) return;
      again = true;
      say(item, "human", "@clawbot please");
    });
    await shift.ticks(1);
    unwatch();
    expect(again).toBe(true);
    await shift.ticks(12);
    expect(shift.held(item)).toMatchObject({ state: "queued", cause: "mention", last_reason: "paused" });
    // Once more within the thread, after it was read.
    const before = events(shift).length;
    say(item, "human", "@clawbot once more");
    await shift.ticks(2);
    expect(events(shift).length).toBeGreaterThan(before);
    const threads = events(shift).flatMap(({ thread_id }) => thread_id ?? []);
    expect([new Set(threads).size, threads.length > 1]).toEqual([1, true]);
    expect(new Set(events(shift).map(({ event_id }) => event_id)).size).toBe(events(shift).length);
    await shift.close();
  });
});

describe("a repository", () => {
  it("that is called otherwise in the configuration is one all the same: an item of it has one record, and is one run's (DSP-6, DSP-94)", async () => {
    const shift = await openShift(works, {
      name: "cased",
      yaml: "repos: [HUMAN/Cased]\n",
      laid: { Item: { work: `say '"outcome":"noop"'` } },
    });
    const item = shift.issue("Item");
    say(item, "human", "@clawbot please");
    await shift.through();
    expect(shift.now.dispatcher.board.all().map(({ repo, number }) => `${repo}#${number}`)).toEqual(["human/cased#1"]);
    expect(shift.ran()).toHaveLength(1);
    await shift.close();
  });

  it("is found by a pattern when the bot may write to it, and when it is no archive (DSP-6)", async () => {
    const shift = await listening({ name: "matched", repos: ["human/*"] });
    const [old, others] = ["retired", "elsewhere"].map((name) => newRepo(works, name));
    if (old === undefined || others === undefined) return expect.fail();
    old.archived = true;
    others.access.delete("clawbot");
    const items = [shift.repo, old, others].map((repo) => shift.issue("Item", { in: repo }));
    await shift.ticks(1);
    expect(items.map((item) => shift.held(item, item.repo)?.cause)).toEqual(["bot_label", undefined, undefined]);
    await shift.close();
  });
});

describe("a server that fails", () => {
  it("is asked for later each time, at most every 300 s, and nothing is taken for nothing (DSP-13, DSP-91)", async () => {
    const shift = await listening({ name: "failing" });
    const item = plain(shift, "Item");
    say(item, "human", "@clawbot please");
    const polls: number[] = [];
    const unwatch = watching(({ path }) => void (path.endsWith("/notifications/new") && polls.push(works.clock.now().getTime() / 1_000)));
    works.gitea.faults.rates = { "500_empty": 1 };
    await shift.ticks(120, 10);
    // Each look asks four times; then it waits, with some chance in it, and for the tick that finds it due.
    const waits = polls.slice(1).flatMap((at, index) => (at - (polls[index] ?? 0) > 10 ? [at - (polls[index] ?? 0)] : []));
    expect(polls).toHaveLength(4 * (waits.length + 1));
    expect(waits.length).toBeGreaterThan(4);
    for (const [turn, wait] of waits.entries()) {
      const least = Math.min(300, 15 * 2 ** (turn + 1));
      expect(wait).toBeGreaterThanOrEqual(least);
      expect(wait).toBeLessThan(least * 1.25 + 20);
    }
    expect([shift.now.dispatcher.sources.isUnhealthy(), states(shift), events(shift)]).toEqual([true, [], []]);
    works.gitea.faults.rates = {};
    await shift.ticks(40, 10);
    unwatch();
    expect([shift.now.dispatcher.sources.isUnhealthy(), states(shift)]).toEqual([false, [`${item.number} queued`]]);
    await shift.close();
  });
});

describe("a scan", () => {
  it("hears of a label that was set or taken away, on one item of many, without reading the others (DSP-12, DSP-20, DSP-25, DSP-28)", async () => {
    const shift = await listening({ name: "scanned" });
    for (let turn = 0; turn < 120; turn += 1) shift.issue(`Item ${turn}`, { assignees: ["human"] });
    const item = plain(shift, "Plain");
    await shift.ticks(1);
    await shift.ticks(1, 660);
    expect(states(shift)).toEqual([]);
    works.gitea.journal.length = 0;
    addLabels(works.gitea.world, item, "human", [shift.label("bot")]);
    await shift.ticks(9);
    expect([states(shift), shift.held(item)?.cause]).toEqual([[`${item.number} queued`], "bot_label"]);
    removeLabel(works.gitea.world, item, "human", shift.label("bot"));
    await shift.ticks(2);
    expect(shift.held(item)).toMatchObject({ state: "done", last_reason: "bot_removed" });
    const read = works.asked().filter((line) => /^GET .*\/issues\/\d+$/.test(line));
    expect(new Set(read.map((line) => line.split("/").at(-1)))).toEqual(new Set([String(item.number)]));
    await shift.close();
  });

  it("hears of what nobody was told: just before everything with the label was listed, and within the second of the last look (DSP-20, DSP-90, DSP-S8, DSP-S10)", async () => {
    const shift = await listening({ name: "unheard", env: { BOT_SCAN_INTERVAL: "120" } });
    const item = plain(shift, "Item");
    const ignored = (): number | undefined => shift.now.dispatcher.inbox.ignored()["not_mentioned"];
    await shift.ticks(1);
    await shift.ticks(1, 200);
    const before = ignored() ?? 0;
    // The bot neither watches nor takes part. The next look is one at all that carries the label.
    say(item, "human", "@clawbot2 please");
    await shift.ticks(1, 700);
    expect(ignored()).toBe(before + 1);
    // Read within the second in which it was written; what comes then shows the same time.
    works.clock.tick(200_000);
    say(item, "human", "Nothing for anybody.");
    await shift.ticks(1, 0);
    expect(ignored()).toBe(before + 2);
    const { updated } = item;
    works.gitea.faults.lose_notifications = 1;
    say(item, "human", "@clawbot please");
    works.gitea.faults.lose_notifications = 0;
    expect([item.updated, shift.held(item)]).toEqual([updated, null]);
    await shift.ticks(1, 130);
    expect(shift.held(item)).toMatchObject({ state: "queued", cause: "mention" });
    await shift.close();
  });

  it("whose label is one of the organisation alone gets every item, takes none, and says what is missing (DSP-28, DSP-95, DSP-S12)", async () => {
    const shift = await openShift(works, { name: "organised" });
    const item = plain(shift, "Item");
    await shift.ticks(1);
    shift.repo.labels.splice(0, 1);
    addOrganisationLabel(works.gitea.world, "human", { name: "bot" });
    works.gitea.journal.length = 0;
    await shift.ticks(1, 660);
    expect(works.asked().filter((line) => line.includes("labels=bot"))).toHaveLength(1);
    expect(shift.now.dispatcher.inbox.ignored()).toMatchObject({ label_not_on_item: 1 });
    await shift.ticks(2);
    for (let turn = 0; turn < 2; turn += 1) {
      works.gitea.journal.length = 0;
      expect(shift.now.dispatcher.sources.missingLabels()).toEqual({ "human/organised": ["bot"] });
      expect([states(shift), shift.held(item)]).toEqual([[], null]);
      // Another that begins there asks for no item by the label either.
      await shift.reopen();
      await shift.ticks(2);
      expect(works.asked().filter((line) => line.includes("labels=bot"))).toEqual([]);
    }
    await shift.close();
    works.gitea.world.organisation_labels.clear();
    expect(new Set(told(shift))).toEqual(new Set(["labels human/organised"]));
  });
});
