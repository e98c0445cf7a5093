/** The dispatcher over the client and the double: what an idle tick costs (DSP-86), and what a scan hears of (DSP-20, DSP-28). */
import { afterEach, describe, expect, test } from "vitest";
import { addLabels, openIssue, removeLabel } from "./double/items.ts";
import type { Repo } from "./double/records.ts";
import { addOrganisationLabel } from "./double/world.ts";
import { idleCost, issues, watching, type Watching } from "./rig/watching.ts";

let site: Watching;
afterEach(() => site.all.gitea.close());

const bot = (repo: Repo): number => repo.labels[0]?.id ?? 0;

describe("an idle tick", () => {
  test.each([
    [1, 200],
    [8, 25],
  ])("over %i repositories with %i issues each costs at most 1 + repositories / 8 requests (DSP-86)", async (count, each) => {
    site = await watching(count);
    const { requests, cpu_seconds } = await idleCost(site, each);
    expect(site.yard.dispatcher.errors()).toEqual([]);
    expect(requests).toBeLessThanOrEqual(1 + count / 8);
    expect(cpu_seconds).toBeLessThan(2);
  });
});

describe("a scan", () => {
  test("hears of a label that was set or taken away, on one item of many, without reading the others", async () => {
    site = await watching(1);
    const { all, yard } = site;
    const { repo } = all;
    issues(site, repo, 120);
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
    site = await watching(1);
    const { all, yard } = site;
    const { repo } = all;
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
    site = await watching(1);
    const { all, yard } = site;
    const { repo } = all;
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
