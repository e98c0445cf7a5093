/** Two dispatchers that share nothing but the server, and one that has many items. */
import { memoryHost } from "@loopx/core/testing";
import { describe, expect, it } from "vitest";
import { memoryGit } from "./rig/memory-git.ts";
import { memoryRuns } from "./rig/memory-runs.ts";
import { MemoryServer } from "./rig/memory-server.ts";
import { openYard, REPO, YAML, type Yard } from "./rig/yard.ts";

const AT = "2026-03-01T10:00:00Z";

describe("two dispatchers of one account on two hosts", () => {
  it("never run one item twice at a time, and leave each to one pull (DSP-37, DSP-38, DSP-94)", async () => {
    const first = memoryHost({ now: AT, offset_minutes: 0 });
    const server = new MemoryServer(first.clock);
    server.repo(REPO);
    const [git, runs] = [memoryGit(server), memoryRuns()];
    for (let count = 0; count < 100; count += 1) server.label(server.open(REPO, "carl", `Item ${count}`), "carl", "bot");
    runs.answers = ({ role }) => (role === "worker" ? { outcome: "done" } : { outcome: "pass" });
    const yaml = `${YAML}max_agents: 100\nbatch: 100\n`;
    const shared = { server, git, runs, yaml };
    const one = await openYard({ ...shared, host: first, name: "one" });
    const other = await openYard({ ...shared, host: memoryHost({ now: AT, offset_minutes: 0 }), name: "other" });
    const both: readonly Yard[] = [one, other];
    for (let ticks = 0; ticks < 40; ticks += 1) {
      // Both move in one turn: their calls interleave in every way the event loop gives.
      for (const yard of both) yard.advance(61);
      await Promise.all(both.map((yard) => yard.dispatcher.tick()));
      await Promise.all(both.map((yard) => yard.dispatcher.settled()));
      if (server.issues.filter((each) => each.labels.includes("merge-ready")).length === 100) break;
    }
    const pulls = server.issues.filter(({ pull }) => pull !== null);
    expect(runs.doubles).toEqual([]);
    expect(pulls).toHaveLength(100);
    expect(new Set(pulls.map(({ body }) => body.split("closes ")[1])).size).toBe(100);
    expect(pulls.map(({ labels }) => labels.join())).toEqual(pulls.map(() => "merge-ready"));
    const workers = runs.started.filter(({ role }) => role === "worker").map(({ item }) => item);
    expect(new Set(workers).size).toBe(workers.length);
    const left = server.issues.flatMap(({ comments }) => comments.filter(({ body }) => body.includes("loopx-claim")));
    expect(left).toEqual([]);
  }, 60_000);
});

describe("one dispatcher with many items", () => {
  it("lets what an older dispatcher began cool to its end (DSP-34, DSP-40)", async () => {
    const until = Date.parse("2026-03-01T10:20:00Z");
    const yard = await openYard({ cooling: [[`${REPO}#1`, until]] });
    yard.server.label(yard.server.open(REPO, "carl", "Item"), "carl", "bot");
    await yard.ticks(15, 65);
    expect(yard.runs.started).toEqual([]);
    await yard.ticks(10, 65);
    expect(yard.runs.started).toHaveLength(1);
  });

  it("starts an agent within 20 seconds of the event, 19 times of 20 (DSP-86)", async () => {
    const yard = await openYard({ yaml: `${YAML}max_agents: 100\n` });
    const { server, runs } = yard;
    await yard.ticks(2);
    const waits: number[] = [];
    const seen = new Map<string, number>();
    runs.answers = ({ item }) => {
      waits.push(yard.host.clock.now().getTime() - (seen.get(item) ?? 0));
      return { outcome: "noop" };
    };
    for (let count = 0; count < 40; count += 1) {
      yard.advance(count % 15);
      const issue = server.open(REPO, "hana", `Item ${count}`);
      seen.set(`${REPO}#${issue.number}`, yard.host.clock.now().getTime());
      server.say(issue, "hana", "@clawbot please");
      // The service looks once a second; a tick without anything due costs nothing.
      for (let seconds = 0; seconds < 25; seconds += 1) await yard.ticks(1, 1);
    }
    expect(waits).toHaveLength(40);
    expect(waits.toSorted((a, b) => a - b)[37]).toBeLessThanOrEqual(20_000);
    expect(yard.dispatcher.latency.ranks().p95).toBeLessThanOrEqual(20);
  });
});
