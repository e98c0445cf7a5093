/** The dispatcher over the client and the double: what an idle tick costs (DSP-86), and what a scan hears of (DSP-20, DSP-28). */
import { memoryHost } from "@loopx/core/testing";
import { afterEach, describe, expect, test } from "vitest";
import { addLabels, openIssue, removeLabel } from "./double/items.ts";
import type { Repo } from "./double/records.ts";
import { addOrganisationLabel, addRepo } from "./double/world.ts";
import { openYard, type Yard } from "./rig/yard.ts";
import { LABELS, rig, type Rig } from "./rig.ts";

let all: Rig;
let yard: Yard;
afterEach(() => all.gitea.close());

/** Repositories of one owner, watched by a dispatcher that starts nothing by itself. */
async function watching(count: number, yaml = ""): Promise<readonly Repo[]> {
  const host = memoryHost({ now: "2026-03-01T10:00:00Z", offset_minutes: 0 });
  all = await rig({ now: () => host.clock.now().getTime() });
  const more = Array.from({ length: count - 1 }, (_, at) =>
    addRepo(all.gitea.world, { owner: "human", name: `p${at}`, collaborators: { clawbot: "write" }, labels: LABELS }),
  );
  const repos = [all.repo, ...more];
  const names = repos.map(({ name }) => `human/${name}`).join(", ");
  const text = `repos: [${names}]\nhuman: human\nspawn_delay_seconds: 0\n${yaml}`;
  yard = await openYard({ host, yaml: text, wrap: (ground) => ({ ...ground, forge: all.forge }) });
  return repos;
}

const bot = (repo: Repo): number => repo.labels[0]?.id ?? 0;

/** Issues that somebody works on himself: they are watched, and nothing is to be done about them. */
function issues(repo: Repo, count: number): void {
  for (let turn = 0; turn < count; turn += 1)
    openIssue(all.gitea.world, repo, { by: "human", title: `issue ${turn}`, labels: [bot(repo)], assignees: ["human"] });
}

describe("an idle tick", () => {
  test.each([
    [1, 200],
    [8, 25],
  ])("over %i repositories with %i issues each costs at most 1 + repositories / 8 requests (DSP-86)", async (count, each) => {
    for (const repo of await watching(count)) issues(repo, each);
    await yard.ticks(1);
    // A minute later the clocks' slack is over, and nothing that was seen is new any more.
    await yard.ticks(1, 660);
    all.gitea.journal.length = 0;
    const began = process.cpuUsage();
    // Up to the next reconcile.
    await yard.ticks(32);
    const { user, system } = process.cpuUsage(began);
    expect(yard.dispatcher.errors()).toEqual([]);
    expect(all.gitea.journal.length / 32).toBeLessThanOrEqual(1 + count / 8);
    expect((user + system) / 32 / 1e6).toBeLessThan(2);
  });
});

describe("a scan", () => {
  test("hears of a label that was set or taken away, on one item of many, without reading the others", async () => {
    const [repo] = await watching(1);
    if (repo === undefined) return expect.fail();
    issues(repo, 120);
    const plain = openIssue(all.gitea.world, repo, { by: "human", title: "plain" });
    await yard.ticks(1);
    await yard.ticks(1, 660);
    expect(yard.dispatcher.board.all()).toEqual([]);
    addLabels(all.gitea.world, plain, "human", [bot(repo)]);
    all.gitea.journal.length = 0;
    await yard.ticks(9);
    expect(yard.dispatcher.board.all().map(({ number }) => number)).toEqual([plain.number]);
    const read = all.asked().filter((line) => /\/issues\/\d+$/.test(line));
    expect(new Set(read.map((line) => line.split("/").at(-1)))).toEqual(new Set([String(plain.number)]));
  });

  test("of a repository that has the label only as its organisation's dispatches nothing, and says which is missing (DSP-28)", async () => {
    const [repo] = await watching(1);
    if (repo === undefined) return expect.fail();
    repo.labels.splice(0, 1);
    addOrganisationLabel(all.gitea.world, "human", { name: "bot" });
    openIssue(all.gitea.world, repo, { by: "human", title: "one" });
    await yard.ticks(10);
    expect(yard.dispatcher.board.all()).toEqual([]);
    expect(yard.dispatcher.sources.missingLabels()).toEqual({ "human/project": ["bot"] });
    expect(yard.notices.map(({ text }) => text)).toEqual(["human/project has no label bot"]);
    expect(all.asked().some((line) => line.includes("labels=bot"))).toBe(false);
  });

  test("sees that the label was taken from an item that waits, and gives it up (DSP-25)", async () => {
    const [repo] = await watching(1);
    if (repo === undefined) return expect.fail();
    const item = openIssue(all.gitea.world, repo, { by: "human", title: "one", labels: [bot(repo)] });
    // A pause keeps it waiting.
    yard.config.current = { ...yard.config.current, max_agents: 0 };
    await yard.ticks(2);
    expect(yard.dispatcher.board.all().map(({ state }) => state)).toEqual(["waiting_capacity"]);
    removeLabel(all.gitea.world, item, "human", bot(repo));
    await yard.ticks(60);
    expect(yard.dispatcher.board.all().filter(({ state }) => state !== "done" && state !== "dead")).toEqual([]);
  });
});
