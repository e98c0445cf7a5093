/** What people do while the dispatcher works: with a server over HTTP, git remotes, a state directory and processes. */
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { formatItem, parseItem, type Item as Held } from "../../src/gitea/item.ts";
import { addLabels, comment, deleteItem, deleteRepo, removeLabel, setAssignees, setState } from "./double/items.ts";
import { mergePull } from "./double/pulls.ts";
import type { Item } from "./double/records.ts";
import { addLabel } from "./double/world.ts";
import { became, claims, HANG, heldLeases, pause, recordOf, roles, step, writes } from "./rig/looks.ts";
import { before, decisions, newRepo, openShift, startWorks, told, type Shift, type Works } from "./rig/works.ts";

let works: Works;
beforeAll(async () => {
  works = await startWorks();
});
afterAll(() => works.remove());

const say = (item: Item, by: string, text: string): void => void comment(works.gitea.world, item, by, text);

describe("a pull that waits for its person", () => {
  let shift: Shift;
  let pull: Item;

  it("was reviewed as it stands there: what a person pushes during the review is reviewed anew, and counts for nothing (PSM-14)", async () => {
    shift = await openShift(works, { name: "ready" });
    shift.issue("Ready");
    await shift.ticks(1);
    await pause(shift, true);
    await step(shift);
    pull = shift.repo.items[1] ?? expect.fail();
    await pause(shift, false);
    await shift.ticks(1);
    await shift.now.agents.idle();
    const from = works.gitea.journal.length;
    const pushed = works.gitea.world.git?.commit(shift.repo.git_dir ?? "", pull.pull?.head ?? "", { "more.txt": "of a person\n" });
    await shift.ticks(1, 1);
    expect(shift.held(pull)).toMatchObject({ state: "queued", step: "review", last_reason: "head_moved", round: 1, attempts: 0 });
    expect(writes(works, from)).toEqual(["PATCH ready/issues/2", expect.stringMatching(/^DELETE ready\/issues\/comments\/\d+$/)]);
    await step(shift);
    await step(shift);
    expect([shift.worn(pull), shift.held(pull)?.reviewed_sha, shift.ran().at(-1)?.sha]).toEqual([["merge-ready"], pushed, pushed]);
  });

  it("stays as it is when a stranger speaks (DSP-97)", async () => {
    say(pull, "stranger", "@clawbot do it again");
    await shift.ticks(12, 65);
    expect([shift.worn(pull), [...pull.assignees], roles(shift)]).toEqual([["merge-ready"], ["human"], ["work", "review", "review"]]);
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
    const run_id = shift.held(pull)?.run_id ?? expect.fail();
    expect(await shift.now.agents.live()).toEqual([run_id]);
    expect(readFileSync(join(shift.state_dir, "runs", run_id, "prompt.md"), "utf8")).toContain("Please the docs, too.");
    mergePull(works.gitea.world, pull, "human");
    const from = works.gitea.journal.length;
    await step(shift);
    expect(await shift.now.agents.live()).toEqual([]);
    expect(shift.held(pull)).toMatchObject({ state: "done", last_reason: "merged", claim: null });
    expect(writes(works, from)).toEqual(["PATCH ready/issues/2", expect.stringMatching(/^DELETE ready\/issues\/comments\/\d+$/)]);
    expect([shift.worn(pull).toSorted(), [...pull.assignees], claims(pull)]).toEqual([["bot", "needs-rework"], [], 0]);
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
    expect(writes(works, from).toSorted()).toEqual([comments, comments, "PATCH ended/issues/1", "PATCH ended/issues/2"]);
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
    expect(writes(works, from)).toEqual([]);
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
    expect(writes(works, from).filter((line) => line.includes("receive-pack"))).toHaveLength(1);
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
      const path = recordOf(shift, "human-rounds-2");
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
    expect(writes(works, from)).toEqual(["POST rounds/pulls/2/reviews"]);
    expect(conflicts().slice(was)).toMatchObject([{ decision: "add_label rework" }]);
    expect(shift.worn(pull).toSorted()).toEqual(["bot", "docs", "merge-ready"]);
    await shift.ticks(1);
    expect(shift.worn(pull).toSorted()).toEqual(["bot", "docs", "needs-rework"]);
    expect(writes(works, from).filter((line) => line.endsWith("/reviews"))).toHaveLength(1);
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
    await shift.reopen({ meanwhile: () => rmSync(recordOf(shift, "human-rounds-2")) });
    setAssignees(world, pull, "human", []);
    removeLabel(world, pull, "human", shift.label("needs-rework"));
    addLabels(world, pull, "human", [shift.label("bot")]);
    await shift.ticks(1);
    expect(shift.worn(pull).toSorted()).toEqual(["bot", "docs", "needs-review"]);
    await shift.close();
    expect(told(shift)).toEqual([expect.stringMatching(/^human\/rounds#2 max_rounds /)]);
  });
});
