/**
 * What people tell the dispatcher, with the server over HTTP, git remotes and processes: each of it is in the inbox, with what
 * became of it (DSP-21 to DSP-29). From where it is heard of is told in `heard`.
 */
import { execFileSync } from "node:child_process";
import { appendFileSync } from "node:fs";
import { open as openFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { run as pause } from "../../src/commands/gitea-pause.ts";
import { openIssue, replaceLabels, setAssignees, setBody, setState, setTitle } from "./double/items.ts";
import { openPull } from "./double/pulls.ts";
import type { Item } from "./double/records.ts";
import { addUser, collaborate } from "./double/world.ts";
import { judge, labelled, openRow, OURS, ROWS, say, THEIRS, type Row } from "./rig/told-rows.ts";
import { lines, newRepo, openShift, startWorks, type Shift, type Works } from "./rig/works.ts";

let works: Works;
let shift: Shift;
let stuck: Item;
let once: Item;
let pull: Item;
beforeAll(async () => {
  works = await startWorks();
  addUser(works.gitea.world, "carol");
});
afterAll(() => works.remove());

const missing = undefined as never;
const NO_WORDS = { input: {}, row: missing, words: missing, host: missing };
const open = (row: Row): Item => openRow(works, shift.repo, row);
const please = say("human", "@clawbot please");

/** The dispositions of an item's events, in order. */
function ends({ repo, number }: Item): readonly string[] {
  const inbox = lines(shift, "inbox");
  const events = inbox.flatMap(({ item, event_id }) => (item === `human/${repo.name}#${number}` ? [event_id] : []));
  return inbox.flatMap(({ event_id, disposition, reason }) =>
    disposition !== undefined && events.includes(event_id) ? [reason ?? disposition] : [],
  );
}

/** The cause it waits with, or why the last of it was ignored. */
function became(item: Item): string {
  const held = shift.held(item, item.repo);
  return held?.state === "queued" ? held.cause : (ends(item).at(-1) ?? "nothing");
}

describe("what is told", () => {
  it("is work for a process or ignored for a reason, row by row, and starts nothing in a pause (DSP-1, DSP-23 to DSP-29, DSP-96, DSP-97)", async () => {
    const laid = { Stuck: { work: `say '"outcome":"blocked","blocker":"I need a key"'` }, Once: { work: `say '"outcome":"noop"'` } };
    newRepo(works, "unwatched");
    newRepo(works, "old").archived = true;
    shift = await openShift(works, { name: "told", repos: ["human/old"], env: { COOLDOWN: "30" }, laid });
    collaborate(shift.repo, "carol", "write");
    for (const branch of [OURS, THEIRS]) works.gitea.world.git?.commit(shift.repo.git_dir ?? "", branch.head, { "x.txt": "x\n" });
    shift.issue("Story");
    await shift.ticks(1);
    await shift.now.agents.idle();
    // What comes within the pause between two batches waits for its end (DSP-90); the next step of what is driven does not.
    stuck = shift.issue("Stuck");
    once = open(["Once", "", () => undefined, { body: "@clawbot please" }]);
    await shift.ticks(1, 20);
    pull = shift.repo.items[3] ?? expect.fail();
    expect([shift.held(stuck)?.state, shift.held(once)?.state, shift.held(pull)?.cause]).toEqual(["queued", "queued", "continuation"]);
    await shift.through();
    expect([shift.held(stuck)?.state, shift.held(once)?.state, shift.worn(pull)]).toEqual(["blocked_human", "cooling", ["merge-ready"]]);
    await pause({ ...shift.call(), ...NO_WORDS });
    const items = ROWS.map(open);
    await shift.ticks(4);
    const found = ROWS.map(([title], at) => `${title}: ${became(items[at] ?? expect.fail())}`);
    expect(found).toEqual(ROWS.map(([title, becomes]) => `${title}: ${becomes}`));
    expect(
      shift
        .ran()
        .map(({ role, title }) => `${role} ${title}`)
        .toSorted(),
    ).toEqual(["review Story", "work Once", "work Story", "work Stuck"]);
  });

  it("later, of what was looked at before, counts for itself alone (DSP-21, DSP-24, DSP-26)", async () => {
    const quiet = shift.repo.items.find(({ title }) => title === "nobody's name") ?? expect.fail();
    const later = async (item: Item, act: Row[2]): Promise<string> => {
      const before = ends(item).length;
      act(item, works);
      await shift.ticks(2);
      expect(ends(item).length).toBeGreaterThan(before);
      return became(item);
    };
    expect(await later(quiet, (item, { gitea }) => setBody(gitea.world, item, "@clawbot please"))).toBe("mention");
    expect(await later(once, say("human", "A word about it."))).toBe("not_mentioned");
    expect(await later(once, (item, { gitea }) => setTitle(gitea.world, item, "human", "Once more"))).toBe("already_handled");
    expect(await later(once, (item, { gitea }) => setBody(gitea.world, item, "@clawbot please, and soon"))).toBe("mention");
    expect(await later(stuck, say("human", "I have none."))).toBe("blocked_human");
    expect(await later(stuck, labelled("human"))).toBe("bot_label");
    expect(await later(pull, judge("human", "APPROVED", "Well done."))).toBe("blocked_human");
    expect(await later(pull, say("stranger", "One more thing."))).toBe("unauthorised_author");
    // A label beside it that does not belong there is taken away first, and takes nothing from what was said.
    const reply = judge("carol", "COMMENT", "", "One more thing.");
    const both: Row[2] = (item, here) => (labelled("human", "needs-review")(item, here), reply(item, here));
    expect(await later(pull, both)).toBe("human_reply_on_our_pr");
    expect(shift.worn(pull).toSorted()).toEqual(["bot", "needs-rework"]);
    expect(shift.ran()).toHaveLength(4);
  });

  it("is work as soon as what stood before it is over, whoever says so (DSP-21, DSP-25)", async () => {
    const { world } = works.gitea;
    const over = async (name: string, act: (item: Item) => void): Promise<string> => {
      const item = shift.repo.items.find(({ title }) => title === name) ?? expect.fail();
      act(item);
      await shift.ticks(2);
      return became(item);
    };
    expect(await over("WIP: the work", (item) => setTitle(world, item, "human", "The work"))).toBe("bot_label");
    expect(await over("what is closed", (item) => setState(world, item, "human", "open"))).toBe("mention");
    expect(await over("what is ready", (item) => replaceLabels(world, item, "human", []))).toBe("mention");
    expect(await over("what somebody works on himself", (item) => setAssignees(world, item, "carol", []))).toBe("mention");
    expect(await over("the label, taken away after a mention", (item) => labelled("carol")(item, works))).toBe("mention");
    // Who may ask is read again with the configuration, and what he asked for is looked at once more.
    const config = join(shift.folder, ".loopx/gitea.yaml");
    appendFileSync(config, "authorised_users: [stranger]\n");
    const label = shift.repo.items.find(({ title }) => title === "the label, by a stranger") ?? expect.fail();
    await shift.ticks(1, 660);
    expect(became(label)).toBe("bot_label");
  });

  it("has one end for every event, and is read when it is safe (DSP-22, DSP-23)", async () => {
    const { threads } = works.gitea.world;
    threads.push({
      id: 9_999,
      login: "clawbot",
      item: once,
      status: "unread",
      updated: works.clock.now().getTime(),
      comment: null,
      subject: "Commit",
    });
    await shift.ticks(1);
    const inbox = lines(shift, "inbox");
    const events = inbox.filter(({ disposition }) => disposition === undefined);
    expect(events.length).toBeGreaterThan(ROWS.length);
    for (const { event_id, source, item, at } of events) {
      expect(event_id).toMatch(/^[0-9a-f]{64}$/);
      expect(`${source} ${item} ${at}`).toMatch(
        /^(?:notification|label_scan|reconcile|backlog) human\/(?:told|old|unwatched)(?:#\d+)? 2026-/,
      );
      expect(inbox.filter((line) => line.event_id === event_id && line.disposition !== undefined)).toHaveLength(1);
    }
    const [about_commit] = events.filter(({ item }) => item === "human/told").map(({ event_id }) => event_id);
    expect(inbox.find(({ event_id, disposition }) => event_id === about_commit && disposition !== undefined)).toMatchObject({
      reason: "subject_not_issue_or_pull",
    });
    expect(threads.filter(({ login, status }) => login === "clawbot" && status === "unread")).toEqual([]);
    await shift.close();
  });
});

it("a command alone on a line is done for those who may, and for nobody else (DSP-29)", async () => {
  const work = `case $n in 1) sleep 300 ;; 2) : < "$box/gate" ;; esac; say '"outcome":"noop"'`;
  shift = await openShift(works, { name: "commanded", laid: { Item: { work } } });
  const item = open(["Item", "", please]);
  await shift.ticks(1);
  say("stranger", "@clawbot stop")(item, works);
  await shift.ticks(3);
  expect([await shift.now.agents.live(), ends(item)]).toEqual([
    shift.ran().map(({ run_id }) => run_id),
    expect.arrayContaining(["unauthorised_author"]),
  ]);
  say("human", "Enough:\n\n@clawbot stop\n")(item, works);
  await shift.ticks(1);
  await shift.now.agents.idle();
  await shift.ticks(1);
  expect(shift.held(item)).toMatchObject({ state: "blocked_human", last_reason: "stopped_by_comment" });
  expect([...item.assignees]).toEqual([]);
  say("human", "@clawbot status")(item, works);
  await shift.ticks(2);
  expect(item.entries.at(-1)?.body).toMatch(/^LoopX: blocked human, step work/);
  const gate = join(shift.folder, "gate");
  execFileSync("mkfifo", [gate]);
  say("human", "@clawbot retry")(item, works);
  await shift.ticks(2);
  // What a person says while a run lives is not told to it: the next run begins as soon as this one has ended (DSP-40).
  say("human", "@clawbot, and the documents too")(item, works);
  await shift.ticks(2);
  await (await openFile(gate, "w")).close();
  await shift.through();
  expect(shift.ran().map((run) => shift.prompt(run).includes("the documents too"))).toEqual([false, false, true]);
  expect(shift.held(item)).toMatchObject({ state: "cooling", last_reason: "noop" });
  await shift.close();
});

it("on a newer server counts too, where drafts are shown as such and permissions to administrators only; what is written into the configuration holds from the next tick, if it can be read (DSP-6, DSP-25, DSP-27)", async () => {
  const newer = await startWorks({ profile: "current", beside: works });
  const { world } = newer.gitea;
  const here = await openShift(newer, { name: "newer" });
  for (const [name, access] of [
    ["carol", "write"],
    ["dave", "read"],
  ] as const)
    collaborate(here.repo, addUser(world, name).login, access);
  await pause({ ...here.call(), ...NO_WORDS });
  const [asked, read] = ["carol", "dave"].map((by) => {
    const item = openIssue(world, here.repo, { by: "human", title: by });
    say(by, "@clawbot please")(item, newer);
    return item;
  });
  const draft = openPull(world, here.repo, { by: "human", title: "Draft", head: "main", base: "main", labels: [here.label("bot")] });
  if (draft.pull !== null) draft.pull.draft = true;
  await here.ticks(2);
  expect([here.held(asked ?? draft)?.cause, here.held(read ?? draft), here.held(draft)]).toEqual(["mention", null, null]);
  expect(here.now.dispatcher.inbox.ignored()).toMatchObject({ unauthorised_author: 1, draft: 1 });
  // Whoever wants drafts worked on says so, and the running dispatcher reads it.
  appendFileSync(join(here.folder, ".loopx/gitea.yaml"), "draft: work\n");
  say("carol", "It is a draft still.")(draft, newer);
  await here.ticks(2);
  expect(here.held(draft)?.cause).toBe("bot_label");
  appendFileSync(join(here.folder, ".loopx/gitea.yaml"), "draft_s: ignore\n");
  const other = openPull(world, here.repo, { by: "human", title: "Other", head: "main", base: "other", labels: [here.label("bot")] });
  if (other.pull !== null) other.pull.draft = true;
  await here.ticks(2);
  expect([here.now.configFault(), here.held(other)?.cause]).toEqual([expect.stringMatching(/gitea\.yaml:\d+.*draft_s/), "bot_label"]);
  await here.close();
  await newer.remove();
});
