/** What people and the server tell the dispatcher, over HTTP: each of it in the inbox, with what became of it (DSP-20 to DSP-29). */
import { isJsonObject, type JsonObject } from "@loopx/core/domain";
import { memoryHost } from "@loopx/core/testing";
import { afterEach, describe, expect, it } from "vitest";
import { writeControl } from "../../src/gitea/control.ts";
import { addLabels, comment, openIssue, setBody, setState } from "./double/items.ts";
import type { Item } from "./double/records.ts";
import { addUser, collaborate } from "./double/world.ts";
import { openYard, type Yard, type YardOptions } from "./rig/yard.ts";
import { rig, type Rig } from "./rig.ts";

let all: Rig;
let yard: Yard;
afterEach(() => all.gitea.close());

const REPO = "human/project";

/** A dispatcher over the double; its agents are in memory, and say that there is nothing to do unless the test says otherwise. */
async function watching(yaml = "", options: YardOptions = {}): Promise<void> {
  const host = memoryHost({ now: "2026-03-01T10:00:00Z", offset_minutes: 0 });
  all = await rig({ now: () => host.clock.now().getTime() });
  const text = `${yaml.includes("repos:") ? "" : `repos: [${REPO}]\n`}human: human\nspawn_delay_seconds: 0\nbatch: 100\n${yaml.includes("max_agents") ? "" : "max_agents: 100\n"}${yaml}`;
  yard = await openYard({ host, yaml: text, ...options, wrap: (ground) => ({ ...ground, forge: all.forge }) });
  // Branches are the memory's; everything else is asked over HTTP.
  yard.server.repo(REPO);
}

const bot = (): number => all.repo.labels[0]?.id ?? 0;
const say = (item: Item, by: string, text: string): void => void comment(all.gitea.world, item, by, text);
const issue = (title = "Item", by = "human"): Item => openIssue(all.gitea.world, all.repo, { by, title });
const states = (): readonly string[] => yard.dispatcher.board.all().map(({ number, state }) => `${number} ${state}`);

/** The lines of the inbox: events, and what became of each. */
async function inbox(): Promise<readonly JsonObject[]> {
  const lines: JsonObject[] = [];
  for await (const entry of yard.ground.logs.scan({ kind: "executor_log", executor: yard.ground.executor, name: "inbox" }))
    if (entry.kind === "record" && isJsonObject(entry.record)) lines.push(entry.record);
  return lines;
}

/** What became of an item at last: its cause, or why it was ignored. */
async function became({ number }: Item): Promise<string> {
  const held = yard.dispatcher.board.get({ repo: REPO, number });
  if (held !== null) return held.cause;
  const lines = await inbox();
  const events = lines.filter(({ item }) => item === `${REPO}#${number}`).map(({ event_id }) => event_id);
  const last = lines.findLast(({ event_id, disposition }) => events.includes(event_id) && disposition !== undefined);
  return String(last?.["reason"] ?? last?.["disposition"] ?? "nothing");
}

const ROWS: readonly (readonly [string, string, (item: Item) => void])[] = [
  ["a mention", "mention", (item) => say(item, "human", "@clawbot please")],
  ["a mention in code", "mention_in_code_or_quote", (item) => say(item, "human", "```\n@clawbot\n```")],
  ["a mention in a quote", "mention_in_code_or_quote", (item) => say(item, "human", "> @clawbot please")],
  ["a mention in an HTML comment", "mention_in_code_or_quote", (item) => say(item, "human", "<!-- @clawbot -->")],
  ["another name", "not_mentioned", (item) => say(item, "human", "@clawbot2 please")],
  ["part of an address", "not_mentioned", (item) => say(item, "human", "x@clawbot")],
  [
    "an earlier mention, and a later word of somebody else",
    "mention",
    (item) => {
      say(item, "human", "@clawbot please");
      say(item, "stranger", "me too");
    },
  ],
  ["a stranger's mention", "unauthorised_author", (item) => say(item, "stranger", "@clawbot please")],
  ["the label, by a stranger", "unauthorised_author", (item) => addLabels(all.gitea.world, item, "stranger", [bot()])],
  ["the label, by a collaborator", "bot_label", (item) => addLabels(all.gitea.world, item, "carol", [bot()])],
  [
    "an edited body",
    "mention",
    (item) => {
      setBody(all.gitea.world, item, "@clawbot please");
    },
  ],
  [
    "a mention in what is locked",
    "locked",
    (item) => {
      item.locked = true;
      say(item, "human", "@clawbot please");
    },
  ],
  [
    "a mention in what is closed",
    "closed",
    (item) => {
      say(item, "human", "@clawbot please");
      setState(all.gitea.world, item, "human", "closed");
    },
  ],
  ["the bot's own words", "own_echo", (item) => say(item, "clawbot", "@clawbot please")],
];

describe("what is told", () => {
  it("becomes work or is ignored with its reason, row by row, and every event of it has one end (DSP-23 to DSP-28, DSP-96, DSP-97)", async () => {
    await watching();
    collaborate(all.repo, addUser(all.gitea.world, "carol").login, "write");
    const items = ROWS.map(([title, , act]) => {
      const item = issue(title);
      act(item);
      return item;
    });
    yard.runs.answers = () => null;
    await yard.ticks(4, 61);
    const found = await Promise.all(items.map(became));
    expect(ROWS.map(([title], at) => `${title}: ${found[at]}`)).toEqual(ROWS.map(([title, expected]) => `${title}: ${expected}`));
    const lines = await inbox();
    const events = lines.filter(({ disposition }) => disposition === undefined);
    for (const event of events) {
      expect(event).toMatchObject({ source: expect.any(String) as string, item: expect.stringMatching(/^human\/project#\d+$/) as string });
      expect(event["event_id"]).toMatch(/^[0-9a-f]{64}$/);
      expect(lines.filter(({ event_id, disposition }) => event_id === event["event_id"] && disposition !== undefined)).toHaveLength(1);
    }
  });

  it("before its start is work all the same, and read only when it is safe: 19 of 20, and one is closed (DSP-20, DSP-90)", async () => {
    await watching();
    yard.runs.answers = () => null;
    const items = Array.from({ length: 20 }, (_, at) => issue(`Item ${at}`));
    for (const item of items) say(item, "human", "@clawbot please");
    setState(all.gitea.world, items[7] ?? expect.fail(), "human", "closed");
    await yard.ticks(2);
    expect(yard.runs.started).toHaveLength(19);
    expect(yard.dispatcher.inbox.ignored()).toMatchObject({ closed: 1 });
    expect(all.gitea.world.threads.filter(({ login, status }) => login === "clawbot" && status === "unread")).toEqual([]);
    const { journal } = all.gitea;
    const [first] = journal.flatMap(({ method, path }, at) => (method === "PATCH" && path.includes("/threads/") ? [at] : []));
    const looked = journal.slice(0, first).filter(({ path }) => path.includes("/timeline")).length;
    expect(looked).toBeGreaterThan(0);
  });

  it("twice within a second, the second time after the thread was read again, is heard twice: a thread is no event (DSP-22, DSP-92, DSP-S8)", async () => {
    await watching();
    all.repo.watchers.add("clawbot");
    const item = issue();
    say(item, "human", "Nothing for anybody.");
    const { journal } = all.gitea;
    const push = journal.push.bind(journal);
    let again = false;
    journal.push = (...seen) => {
      if (!again && seen.some(({ method, path }) => method === "PATCH" && path.includes("/notifications/threads/"))) {
        again = true;
        say(item, "human", "@clawbot please");
      }
      return push(...seen);
    };
    yard.runs.answers = () => null;
    await yard.ticks(1);
    expect(again).toBe(true);
    await yard.ticks(12);
    expect(await became(item)).toBe("mention");
    expect(yard.runs.started).toHaveLength(1);
    // The second event within one thread, after it was read.
    say(item, "human", "@clawbot once more");
    await yard.ticks(2);
    const events = (await inbox()).filter(({ disposition }) => disposition === undefined);
    const threads = events.map(({ thread_id }) => thread_id).filter((id) => id !== undefined);
    expect(new Set(threads).size).toBe(1);
    expect(new Set(events.map(({ event_id }) => event_id)).size).toBe(events.length);
    expect(threads.length).toBeGreaterThan(1);
  });

  it("while paused or while the goal may not run is queued and claimed by nobody, and started when that is over (DSP-1, DSP-7, DSP-35)", async () => {
    let verdict: string | null = null;
    const goals = { obstacle: async () => verdict };
    await watching(`repos: [{repo: ${REPO}, goal_id: parser}]\nauthorised_users: [human]\n`, { goals });
    yard.runs.answers = () => ({ outcome: "noop" });
    await writeControl(yard.ground, { kind: "paused", reason: "a person says so" });
    const items = Array.from({ length: 5 }, (_, at) => issue(`Item ${at}`));
    for (const item of items) say(item, "human", "@clawbot please");
    const claimed = (): number => items.filter(({ entries }) => entries.some(({ body }) => body.includes("loopx-claim"))).length;
    const reasons = (): ReadonlySet<string> => new Set(yard.dispatcher.board.all().map(({ last_reason }) => last_reason));
    await yard.ticks(6, 61);
    expect([yard.runs.started.length, claimed(), states()]).toEqual([0, 0, items.map(({ number }) => `${number} queued`)]);
    expect(reasons()).toEqual(new Set(["paused"]));
    verdict = "throttled";
    await writeControl(yard.ground, { kind: "run", reason: "" });
    await yard.ticks(2);
    expect([yard.runs.started.length, claimed()]).toEqual([0, 0]);
    expect(reasons()).toEqual(new Set(["goal_not_runnable"]));
    verdict = null;
    await yard.ticks(3);
    expect(new Set(yard.runs.started.map(({ item }) => item))).toEqual(new Set(items.map(({ number }) => `${REPO}#${number}`)));
  });

  it("as a command alone on a line is done for those who may, and for nobody else (DSP-29)", async () => {
    await watching();
    yard.runs.answers = () => null;
    const item = issue();
    say(item, "human", "@clawbot please");
    await yard.ticks(2);
    say(item, "stranger", "@clawbot stop");
    await yard.ticks(3);
    expect(await yard.runs.live()).toHaveLength(1);
    say(item, "human", "Enough:\n\n@clawbot stop\n");
    await yard.ticks(3);
    expect(await yard.runs.live()).toEqual([]);
    expect(yard.dispatcher.board.all()).toMatchObject([{ state: "blocked_human", last_reason: "stopped_by_comment" }]);
    say(item, "human", "@clawbot status");
    await yard.ticks(2);
    expect(item.entries.at(-1)?.body).toMatch(/^LoopX: blocked human, step work/);
    say(item, "human", "@clawbot retry");
    await yard.ticks(3);
    expect(yard.runs.started).toHaveLength(2);
  });

  it("by a server that fails is asked for later each time, at most every 300 s, and nothing is taken for nothing (DSP-13, DSP-91)", async () => {
    await watching();
    const item = issue();
    say(item, "human", "@clawbot please");
    all.gitea.faults.rates = { "500_empty": 1 };
    await yard.ticks(120, 10);
    const polls = all.gitea.journal.filter(({ path }) => path.endsWith("/notifications/new")).length;
    // Six looks in the first ten minutes, two in the next, each asked four times.
    expect(polls).toBeGreaterThan(4 * 4);
    expect(polls).toBeLessThanOrEqual(4 * 9);
    expect([yard.dispatcher.sources.isUnhealthy(), states()]).toEqual([true, []]);
    all.gitea.faults.rates = {};
    yard.runs.answers = () => null;
    await yard.ticks(31, 10);
    expect([yard.dispatcher.sources.isUnhealthy(), states()]).toEqual([false, [`${item.number} running`]]);
  });

  it("by more items than fit on a page, with room for three: the three oldest are dispatched (DSP-33, DSP-36, DSP-95, DSP-99)", async () => {
    await watching("max_agents: 3\n");
    yard.runs.answers = () => null;
    for (let at = 0; at < 60; at += 1) addLabels(all.gitea.world, issue(`Item ${at}`), "human", [bot()]);
    // As long as nobody can say how many live, there is no room.
    const { liveIds } = yard.runs;
    yard.runs.liveIds = () => null;
    await yard.ticks(1);
    expect(yard.runs.started).toEqual([]);
    yard.runs.liveIds = liveIds;
    await yard.ticks(3);
    expect(new Set(yard.runs.started.map(({ item }) => item))).toEqual(new Set([`${REPO}#1`, `${REPO}#2`, `${REPO}#3`]));
    expect(yard.dispatcher.board.all()).toHaveLength(60);
  });
});
