/** What people do while the dispatcher works: with a server over HTTP, git remotes, a state directory and processes. */
import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { formatItem, parseItem, type Item as Held } from "../../src/gitea/item.ts";
import { writeControl } from "../../src/gitea/control.ts";
import { addLabels, comment, deleteItem, deleteRepo, openIssue, removeLabel, setAssignees, setState } from "./double/items.ts";
import { mergePull } from "./double/pulls.ts";
import type { Item } from "./double/records.ts";
import { addLabel, addOrganisationLabel, addRepo, addUser, collaborate } from "./double/world.ts";
import { LABELS } from "./rig.ts";
import { before, decisions, lines, newRepo, openShift, startWorks, told, type Shift, type Works } from "./rig/works.ts";

let works: Works;
beforeAll(async () => {
  works = await startWorks();
});
afterAll(() => works.remove());

/** It lives until it is stopped. */
const HANG = "sleep 600";
const claims = ({ entries }: Item): number => entries.filter(({ body }) => body.includes("loopx-claim")).length;
const say = (item: Item, by: string, text: string): void => void comment(works.gitea.world, item, by, text);
const roles = (shift: Shift): readonly string[] => shift.ran().map(({ role }) => role);

const pause = (shift: Shift, whether: boolean): Promise<void> =>
  writeControl(shift.now.ground, { kind: whether ? "paused" : "run", reason: "" });

/** One round of runs, from their start to what came of them. */
async function step(shift: Shift): Promise<void> {
  await shift.ticks(1);
  await shift.now.agents.idle();
  await shift.ticks(1, 1);
}

/** What the bot wrote on the server from a place of the journal on; that a notification was read does not count. */
function writes(from: number): readonly string[] {
  return works.gitea.journal
    .slice(from)
    .filter(({ method, path }) => method !== "GET" && !path.endsWith("/git-upload-pack") && !path.includes("/notifications/"))
    .map(({ method, path }) => `${method} ${path.replace("/api/v1/repos/human/", "")}`);
}

/** What became of the item's events, the newest last. */
function became(shift: Shift, { repo, number }: Item): readonly (string | undefined)[] {
  const all = lines(shift, "inbox");
  const key = `${repo.owner.login}/${repo.name}#${number}`;
  const events = all.filter(({ item }) => item === key).map(({ event_id }) => event_id);
  return all
    .filter(({ event_id, disposition }) => disposition !== undefined && events.includes(event_id))
    .map(({ reason, disposition }) => reason ?? disposition);
}

const record = (shift: Shift, start: string): string => {
  const items = join(shift.state_dir, "items");
  return join(items, readdirSync(items).find((name) => name.startsWith(start) && name.endsWith(".json")) ?? expect.fail());
};

const heldLeases = async ({ now: { ground } }: Shift): Promise<number> =>
  (await ground.leases.list({ executor: ground.executor })).leases.filter(({ state }) => state === "held").length;

describe("a pull that waits for its person", () => {
  let shift: Shift;
  let pull: Item;

  it("stays as it is when a stranger speaks (DSP-97)", async () => {
    shift = await openShift(works, { name: "ready" });
    shift.issue("Ready");
    await step(shift);
    await step(shift);
    pull = shift.repo.items[1] ?? expect.fail();
    say(pull, "stranger", "@clawbot do it again");
    await shift.ticks(12, 65);
    expect([shift.worn(pull), [...pull.assignees], roles(shift)]).toEqual([["merge-ready"], ["human"], ["work", "review"]]);
    expect(became(shift, pull).at(-1)).toBe("unauthorised_author");
  });

  it("goes back to a worker when its person says something, and our assignment of the person is taken back (PSM-15)", async () => {
    shift.lay({ Ready: { work: HANG } });
    say(pull, "human", "Please the docs, too.");
    await shift.ticks(2);
    expect(shift.worn(pull).toSorted()).toEqual(["bot", "needs-rework"]);
    expect([...pull.assignees]).toEqual(["clawbot"]);
    expect(shift.held(pull)).toMatchObject({ state: "running", step: "rework", cause: "human_reply_on_our_pr", human_assigned: null });
  });

  it("is over when it is merged, a run that lives too, and is forgotten an hour later; what is open never is (DSP-32, DSP-102)", async () => {
    expect(await shift.now.agents.live()).toHaveLength(1);
    mergePull(works.gitea.world, pull, "human");
    const from = works.gitea.journal.length;
    await step(shift);
    expect(await shift.now.agents.live()).toEqual([]);
    expect(shift.held(pull)).toMatchObject({ state: "done", last_reason: "merged", claim: null });
    expect(writes(from)).toEqual(["PATCH ready/issues/2", expect.stringMatching(/^DELETE ready\/issues\/comments\/\d+$/)]);
    expect([shift.worn(pull).toSorted(), [...pull.assignees], claims(pull)]).toEqual([["bot", "needs-rework"], [], 0]);
    expect(shift.prompt(shift.ran()[2] ?? expect.fail())).toContain("Please the docs, too.");
    await pause(shift, true);
    const open = shift.issue("Open");
    await shift.ticks(1, 3_000);
    expect(shift.held(pull)).not.toBe(null);
    await shift.ticks(2, 700);
    expect(shift.now.dispatcher.board.all()).toMatchObject([{ number: open.number, state: "queued", last_reason: "paused" }]);
    expect(readdirSync(join(shift.state_dir, "items")).filter((name) => name.endsWith(".json"))).toHaveLength(1);
    await shift.close();
  });
});

describe("a run that lives", () => {
  it("is stopped when a person takes the label away or closes, when the item is deleted or its repository gone; what is ours is given back, and nothing else is written (DSP-39, DSP-94)", async () => {
    const vanishing = newRepo(works, "vanishing");
    const shift = await openShift(works, { name: "ended", repos: ["human/vanishing"], laid: { Hung: { work: HANG } } });
    const [taken, closed, deleted] = [shift.issue("Hung"), shift.issue("Hung"), shift.issue("Hung")];
    const lost = shift.issue("Hung", { in: vanishing });
    const { world, journal } = works.gitea;
    await shift.ticks(1);
    expect(await shift.now.agents.live()).toHaveLength(4);
    setAssignees(world, taken, "human", [...taken.assignees, "human"]);
    removeLabel(world, taken, "human", shift.label("bot"));
    setState(world, closed, "human", "closed");
    deleteItem(world, deleted);
    deleteRepo(world, vanishing);
    const from = journal.length;
    // The first two are seen by the next scan; what is not there any more, by reconcile.
    await shift.ticks(1);
    await shift.ticks(2, 300);
    await shift.now.agents.idle();
    await shift.ticks(2);
    expect(await shift.now.agents.live()).toEqual([]);
    expect([shift.held(taken), shift.held(closed), shift.held(deleted), shift.held(lost, vanishing)]).toMatchObject([
      { state: "done", last_reason: "bot_removed", claim: null },
      { state: "done", last_reason: "closed", claim: null },
      { state: "dead", last_reason: "item_missing", claim: null },
      { state: "dead", last_reason: "item_missing", claim: null },
    ]);
    const comments = expect.stringMatching(/^DELETE ended\/issues\/comments\/\d+$/) as string;
    expect(writes(from).toSorted()).toEqual([comments, comments, "PATCH ended/issues/1", "PATCH ended/issues/2"]);
    expect([taken, closed].map((item) => [[...item.assignees], claims(item)])).toEqual([
      [["human"], 0],
      [[], 0],
    ]);
    expect(await heldLeases(shift)).toBe(0);
    await shift.close();
  });
});

describe("a pull that is never good enough", () => {
  let shift: Shift;
  let issue: Item;
  let pull: Item;
  const finding = `"findings":[{"severity":"major","path":"work.txt","line":1,"message":"never good enough"}]`;
  const docs = (): number => shift.label("docs");
  const conflicts = () => decisions(shift).filter(({ reason }) => reason === "conflict");

  it("is not made over what a person did meanwhile: no push, one conflict with both values, and the result is applied to the item as it is then (PSM-4, DSP-56)", async () => {
    shift = await openShift(works, {
      name: "rounds",
      laid: { Bad: { review: `[ ! -p "$box/wait" ] || read go < "$box/wait"\nsay '"outcome":"fail","reviewed_sha":"'$sha'",${finding}'` } },
    });
    addLabel(works.gitea.world, shift.repo, { name: "docs" });
    issue = shift.issue("Bad");
    await shift.ticks(1);
    await shift.now.agents.idle();
    // What comes after it waits, for the next test.
    await pause(shift, true);
    const from = works.gitea.journal.length;
    before(works, [/^GET .*\/rounds\/issues\/1$/], () => addLabels(works.gitea.world, issue, "human", [docs()]));
    await shift.ticks(1, 1);
    expect(writes(from)).toEqual([]);
    expect(shift.held(issue)).toMatchObject({ state: "applying", last_reason: "conflict", conflicts: 1 });
    expect(conflicts()).toMatchObject([
      {
        decision: "push",
        detail: {
          was: expect.stringContaining(`labels=["bot"]`) as string,
          now: expect.stringContaining(`labels=["bot","docs"]`) as string,
        },
      },
    ]);
    // Looked at anew, as everything that moves.
    const looks = became(shift, issue).length;
    await shift.ticks(1);
    expect(became(shift, issue).length).toBeGreaterThan(looks);
    pull = shift.repo.items[1] ?? expect.fail();
    expect(writes(from).filter((line) => line.includes("receive-pack"))).toHaveLength(1);
    expect([roles(shift), shift.worn(issue), shift.worn(pull)]).toEqual([["work"], ["docs"], ["bot", "needs-review"]]);
  });

  it("is not judged by a run that wrote of it, whatever that says (PSM-3, DSP-101)", async () => {
    const wait = join(shift.folder, "wait");
    execFileSync("mkfifo", [wait]);
    await pause(shift, false);
    await shift.ticks(1);
    const { run_id } = shift.held(pull) ?? expect.fail();
    // As if the run had written a commit of the pull: its dispatcher finds it in the record, and the run where it left it.
    const meanwhile = (): void => {
      const path = record(shift, "human-rounds-2");
      const held: Held = parseItem(readFileSync(path, "utf8")) ?? expect.fail();
      writeFileSync(path, formatItem({ ...held, author_runs: [...held.author_runs, run_id ?? expect.fail()] }));
    };
    await shift.reopen({ leave_running: true, meanwhile });
    await writeFile(wait, "go\n");
    rmSync(wait);
    await shift.now.agents.idle();
    await shift.ticks(1, 1);
    expect(shift.held(pull)).toMatchObject({ state: "queued", step: "review", last_reason: "self_review", attempts: 1, round: 1 });
    expect([pull.pull?.reviews, shift.worn(pull)]).toEqual([[], ["bot", "needs-review"]]);
  });

  it("keeps the label that a person flips between our read and our write, until the item was looked at anew (PSM-1, PSM-4)", async () => {
    await shift.ticks(1);
    await shift.now.agents.idle();
    await pause(shift, true);
    const { world, journal } = works.gitea;
    const [from, was] = [journal.length, conflicts().length];
    // After the review is posted it is read once more; the next read is the one before the label is written.
    before(works, [/^POST .*\/pulls\/2\/reviews$/, /^GET .*\/issues\/2$/, /^GET .*\/issues\/2$/], () => {
      removeLabel(world, pull, "human", shift.label("needs-review"));
      addLabels(world, pull, "human", [shift.label("merge-ready"), docs()]);
    });
    await shift.ticks(1, 1);
    expect(writes(from)).toEqual(["POST rounds/pulls/2/reviews"]);
    expect(conflicts().slice(was)).toMatchObject([{ decision: "add_label rework" }]);
    expect(shift.worn(pull).toSorted()).toEqual(["bot", "docs", "merge-ready"]);
    await shift.ticks(1);
    expect(shift.worn(pull).toSorted()).toEqual(["bot", "docs", "needs-rework"]);
    expect(writes(from).filter((line) => line.endsWith("/reviews"))).toHaveLength(1);
    expect(roles(shift)).toEqual(["work", "review", "review"]);
  });

  it("is a person's after the fourth round, with one summary that has the findings (PSM-9, DSP-101)", async () => {
    await pause(shift, false);
    await shift.through(40);
    expect(shift.held(pull)).toMatchObject({ state: "blocked_human", last_reason: "max_rounds", round: 4, attempts: 1 });
    expect(roles(shift).filter((role) => role === "work")).toHaveLength(4);
    expect(pull.pull?.reviews).toHaveLength(4);
    expect([shift.worn(pull).toSorted(), [...pull.assignees], claims(pull)]).toEqual([["docs", "needs-rework"], ["human"], 0]);
    const summaries = pull.entries.filter(({ body }) => body.includes("after the last round"));
    expect(summaries.map(({ body }) => body.includes("never good enough"))).toEqual([true]);
    await shift.ticks(3, 700);
    expect(roles(shift)).toHaveLength(9);
  });

  it("has one state label again when a person put a second one there or took the only one; without its record it waits for review (PSM-1)", async () => {
    const { world } = works.gitea;
    addLabels(world, pull, "human", [shift.label("needs-review"), shift.label("merge-ready")]);
    await shift.ticks(1);
    expect(shift.worn(pull).toSorted()).toEqual(["docs", "needs-rework"]);
    removeLabel(world, pull, "human", shift.label("needs-rework"));
    await shift.ticks(1);
    expect(shift.worn(pull).toSorted()).toEqual(["docs", "needs-rework"]);
    await pause(shift, true);
    await shift.reopen({ meanwhile: () => rmSync(record(shift, "human-rounds-2")) });
    setAssignees(world, pull, "human", []);
    removeLabel(world, pull, "human", shift.label("needs-rework"));
    addLabels(world, pull, "human", [shift.label("bot")]);
    await shift.ticks(1);
    expect(shift.worn(pull).toSorted()).toEqual(["bot", "docs", "needs-review"]);
    await shift.close();
    expect(told(shift)).toEqual([expect.stringMatching(/^human\/rounds#2 max_rounds /)]);
  });
});

describe("an agent that fails", () => {
  it("to start or to end well is given back and tried again, each time later, three times; a person's word makes it a fresh one (PSM-9, DSP-40, DSP-93)", async () => {
    const shift = await openShift(works, { name: "failing", laid: { Bad: { work: "exit $((2 - n))" } } });
    const config = join(shift.folder, ".loopx/gitea.yaml");
    const [good, bad] = [readFileSync(config, "utf8"), join(shift.folder, "unstartable")];
    writeFileSync(bad, "#!/no/such/interpreter\n", { mode: 0o755 });
    writeFileSync(config, good.replace(/^command: .*$/m, `command: [${bad}]`));
    const issue = shift.issue("Bad");
    await step(shift);
    expect(shift.held(issue)).toMatchObject({
      state: "queued",
      attempts: 1,
      claim: null,
      last_reason: expect.stringContaining("spawn_failed") as string,
    });
    expect([shift.worn(issue), [...issue.assignees], claims(issue)]).toEqual([["bot"], [], 0]);
    writeFileSync(config, good);
    await shift.ticks(1, 1);
    expect(shift.held(issue)?.state).toBe("queued");
    await step(shift);
    expect(shift.held(issue)).toMatchObject({ state: "queued", attempts: 2, claim: null });
    expect([[...issue.assignees], claims(issue), roles(shift)]).toEqual([[], 0, ["work"]]);
    await shift.ticks(1, 10);
    expect(shift.held(issue)?.state).toBe("queued");
    await step(shift);
    expect(shift.held(issue)).toMatchObject({
      state: "blocked_human",
      attempts: 3,
      last_reason: expect.stringMatching(/^max_attempts: /) as string,
    });
    expect([shift.worn(issue), [...issue.assignees], claims(issue), roles(shift)]).toEqual([[], ["human"], 0, ["work", "work"]]);
    expect(issue.entries.filter(({ body }) => body.includes("loopx-summary"))).toHaveLength(1);
    shift.lay({ Bad: { work: `say '"outcome":"noop"'` } });
    for (const count of [3, 4]) {
      say(issue, "human", "@clawbot retry");
      await step(shift);
      await step(shift);
      expect([shift.held(issue)?.state, shift.held(issue)?.attempts, roles(shift).length]).toEqual(["cooling", 1, count]);
      // The same cause is not worked on twice within half an hour.
      await shift.ticks(2, 700);
      expect(roles(shift)).toHaveLength(count);
    }
    await shift.close();
    expect(told(shift)).toEqual([expect.stringMatching(/^human\/failing#1 max_attempts: /)]);
  });
});

describe("what a dispatcher that died has left", () => {
  it("on another host is taken away when its time is over, and the item is worked on (DSP-39)", async () => {
    const shift = await openShift(works, { name: "orphaned", laid: { Left: { work: `say '"outcome":"noop"'` } } });
    const { world } = works.gitea;
    const issue = shift.issue("Left");
    const expires_at = new Date(works.clock.now().getTime() + 1_800_000).toISOString().replace(/\.\d+Z$/, "+00:00");
    comment(world, issue, "clawbot", `<!-- loopx-claim v1 ${JSON.stringify({ claim_id: "dead", holder: "elsewhere", expires_at })} -->`);
    setAssignees(world, issue, "clawbot", ["clawbot"]);
    await shift.ticks(5, 300);
    expect([roles(shift), claims(issue), [...issue.assignees]]).toEqual([[], 1, ["clawbot"]]);
    await shift.ticks(1, 300);
    expect(shift.held(issue)).toMatchObject({ attempts: 1, last_reason: "broken_chain" });
    expect([claims(issue), [...issue.assignees]]).toEqual([0, []]);
    await step(shift);
    expect(shift.held(issue)).toMatchObject({ state: "cooling", attempts: 2 });
    expect([roles(shift), claims(issue), [...issue.assignees], await heldLeases(shift)]).toEqual([["work"], 0, [], 0]);
    await shift.close();
  });

  it("as a damaged record starts nothing until its run, its claim and its lease are gone, and people are told (DSP-32, DSP-102)", async () => {
    const shift = await openShift(works, {
      name: "damaged",
      laid: { Item: { work: `[ $n != 1 ] || exec ${HANG}\nsay '"outcome":"noop"'` } },
    });
    const issue = shift.issue("Item");
    await shift.ticks(1);
    const path = record(shift, "human-damaged-1");
    const [first] = (await shift.now.agents.live()) ?? [];
    await shift.reopen({ leave_running: true, meanwhile: () => truncateSync(path, 40) });
    // The run that no record names was ended before anything else.
    expect([await shift.now.agents.live(), shift.held(issue)]).toEqual([[], null]);
    const kept = readdirSync(join(shift.state_dir, "items")).filter((name) => name.includes(".json.corrupt-20260301"));
    expect(kept.map((name) => readFileSync(join(shift.state_dir, "items", name), "utf8").length)).toEqual([40]);
    await shift.ticks(4);
    await shift.now.agents.idle();
    await shift.ticks(1);
    expect(shift.ran().map(({ run_id }) => run_id === first)).toEqual([true, false]);
    expect([claims(issue), [...issue.assignees], await heldLeases(shift)]).toEqual([0, [], 0]);
    await shift.close();
    expect(told(shift).filter((key) => key.startsWith("damaged"))).toHaveLength(1);
  });
});

describe("the doors", () => {
  let shift: Shift;
  let asked: Item;

  it("stay shut for a stranger's label and where a label is only the organisation's; they open ten minutes after somebody may write (DSP-27, DSP-28, DSP-95, DSP-97)", async () => {
    const { world } = works.gitea;
    addUser(world, "acme", true);
    addUser(world, "carol");
    const other = addRepo(world, { owner: "acme", name: "other", collaborators: { clawbot: "write" }, labels: LABELS.slice(1) });
    newRepo(works, "claws");
    const lent = addOrganisationLabel(world, "acme", { name: "bot" });
    const folder = join(works.keeper.folder, "doors");
    mkdirSync(join(folder, "bin"), { recursive: true });
    writeFileSync(join(folder, "bin/openclaw"), `#!/bin/sh\n[ "$1 $2 $3" = "cron list --json" ] && cat "${folder}/jobs.json"\n`, {
      mode: 0o755,
    });
    shift = await openShift(works, {
      name: "doors",
      yaml: "repos: [human/doors, acme/other, {repo: human/claws, runner: openclaw}]\nmax_agents: 1\n",
      env: { PATH: `${join(folder, "bin")}:${process.env["PATH"] ?? ""}` },
      laid: { Asked: { work: `say '"outcome":"noop"'` } },
    });
    asked = openIssue(world, shift.repo, { by: "carol", title: "Asked" });
    const innocent = openIssue(world, other, { by: "carol", title: "Innocent" });
    addLabels(world, asked, "carol", [shift.label("bot")]);
    addLabels(world, innocent, "acme", [lent.id]);
    writeFileSync(join(folder, "jobs.json"), `{"jobs":[]}`);
    await shift.ticks(4, 65);
    // A notification may tell of it; nothing is begun where a label is missing.
    expect(shift.now.dispatcher.board.all()).toMatchObject([{ repo: "acme/other", state: "queued", last_reason: "label_missing" }]);
    expect([roles(shift), claims(innocent)]).toEqual([[], 0]);
    expect(shift.now.dispatcher.sources.missingLabels()).toEqual({ "acme/other": ["bot"] });
    expect(became(shift, asked)).toEqual(["unauthorised_author"]);
    collaborate(shift.repo, "carol", "write");
    say(asked, "carol", "@clawbot please");
    await shift.ticks(1);
    expect(became(shift, asked).at(-1)).toBe("unauthorised_author");
    rmSync(join(folder, "jobs.json"));
    await shift.ticks(1, 600);
    say(asked, "carol", "@clawbot please");
    await shift.ticks(1);
    expect(shift.held(asked)).toMatchObject({ by: "carol", cause: "mention" });
  });

  it("stay shut as long as nobody can tell how many agents live, or as many do as may, jobs of a gateway too; who pauses comes first (DSP-35, DSP-36, DSP-99)", async () => {
    const waits = { state: "waiting_capacity", last_reason: "waiting_capacity" };
    await shift.ticks(2);
    expect(shift.held(asked)).toMatchObject(waits);
    for (const kind of ["paused", "draining"] as const) {
      await writeControl(shift.now.ground, { kind, reason: "" });
      await shift.ticks(1);
      expect(shift.held(asked)).toMatchObject({ last_reason: kind });
    }
    await writeControl(shift.now.ground, { kind: "run", reason: "" });
    const ours = "run_00000000000000aa";
    mkdirSync(join(shift.state_dir, "runs", ours), { recursive: true });
    const job = { id: ours, name: "loopx-x", declarationKey: ours, state: { runningAtMs: 1 } };
    writeFileSync(join(shift.folder, "jobs.json"), JSON.stringify({ jobs: [job] }));
    await shift.ticks(2);
    expect([shift.held(asked), roles(shift), claims(asked)]).toMatchObject([waits, [], 0]);
    writeFileSync(join(shift.folder, "jobs.json"), `{"jobs":[]}`);
    await step(shift);
    expect([roles(shift), shift.held(asked)?.state]).toEqual([["work"], "cooling"]);
    await shift.close();
    expect(told(shift)).toEqual(["labels acme/other"]);
  });
});
