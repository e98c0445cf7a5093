/** Agents that fail, dispatchers that died, and those who may not begin anything: with a server, git remotes and processes. */
import { mkdirSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { writeControl } from "../../src/gitea/control.ts";
import { addLabels, comment, openIssue, setAssignees, setState } from "./double/items.ts";
import type { Item } from "./double/records.ts";
import { addOrganisationLabel, addRepo, addUser, collaborate } from "./double/world.ts";
import { LABELS } from "./rig.ts";
import { became, claims, HANG, heldLeases, recordOf, roles, step } from "./rig/looks.ts";
import { newRepo, openShift, startWorks, told, type Shift, type Works } from "./rig/works.ts";

let works: Works;
beforeAll(async () => {
  works = await startWorks();
});
afterAll(() => works.remove());

const say = (item: Item, by: string, text: string): void => void comment(works.gitea.world, item, by, text);

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

describe("an account that may not write any more", () => {
  it("is told of once; what waits for it takes no place of another item, and is done when it may again (DSP-36, DSP-39)", async () => {
    const elsewhere = newRepo(works, "elsewhere");
    const laid = { Hung: { work: HANG }, Other: { work: `say '"outcome":"noop"'` } };
    const shift = await openShift(works, { name: "barred", repos: ["human/elsewhere"], yaml: "max_agents: 1\n", laid });
    const issue = shift.issue("Hung");
    await shift.ticks(1);
    shift.repo.access.set("clawbot", "read");
    setState(works.gitea.world, issue, "human", "closed");
    const other = shift.issue("Other", { in: elsewhere });
    await step(shift);
    await step(shift);
    expect([shift.held(issue)?.plan[0]?.kind, claims(issue), [...issue.assignees]]).toEqual(["unassign", 1, ["clawbot"]]);
    expect(shift.held(other, elsewhere)).toMatchObject({ state: "cooling", last_reason: "noop" });
    await shift.ticks(6, 100);
    shift.repo.access.set("clawbot", "write");
    await shift.ticks(2, 300);
    expect(shift.held(issue)).toMatchObject({ state: "done", last_reason: "closed", claim: null });
    expect([claims(issue), [...issue.assignees], await heldLeases(shift)]).toEqual([0, [], 0]);
    await shift.close();
    expect(told(shift)).toEqual(["human/barred#1 unassign refused"]);
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
    const shift = await openShift(works, { name: "damaged", laid: { Item: { work: HANG } } });
    const issue = shift.issue("Item");
    await shift.ticks(1);
    const path = recordOf(shift, "human-damaged-1");
    const [first] = (await shift.now.agents.live()) ?? [];
    const meanwhile = (): void => {
      truncateSync(path, 40);
      shift.lay({ Item: { work: `say '"outcome":"noop"'` } });
    };
    await shift.reopen({ leave_running: true, meanwhile });
    // The run that no record names was ended before anything else.
    expect([await shift.now.agents.live(), shift.held(issue)]).toEqual([[], null]);
    const kept = readdirSync(join(shift.state_dir, "items")).filter((name) => name.includes(".json.corrupt-20260301"));
    expect(kept.map((name) => readFileSync(join(shift.state_dir, "items", name), "utf8").length)).toEqual([40]);
    await shift.ticks(4);
    await shift.now.agents.idle();
    await shift.ticks(1);
    expect(shift.ran().filter(({ run_id }) => run_id !== first)).toHaveLength(1);
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
