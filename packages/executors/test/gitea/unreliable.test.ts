/** A server that loses, refuses and resets, in fake time. */
import { describe, expect, it } from "vitest";
import type { ForgeFault } from "../../src/gitea/forge.ts";
import { openYard, REPO } from "./rig/yard.ts";

function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

describe("a server on which nothing is certain", () => {
  it("loses 30 % of the notifications and answers 429, 500 and resets: every event is worked within ten minutes, none twice (DSP-20, DSP-91)", async () => {
    const random = seeded(7);
    const yard = await openYard({ yaml: `${YAML_MANY}` });
    const { server, runs } = yard;
    server.loses = () => random() < 0.3;
    const faults: readonly ForgeFault[] = ["rate_limited", "server", "network"];
    server.trouble = ({ write }) =>
      // The client has repeated a GET three times before it tells of a failure (DSP-11).
      random() < (write ? 0.05 : 0.005)
        ? { when: write && random() < 0.5 ? "after" : "before", fault: faults[Math.floor(random() * 3)] ?? "server" }
        : null;
    const asked = new Map<string, number>();
    const begun = new Map<string, number>();
    runs.answers = ({ item }) => {
      if (!begun.has(item)) begun.set(item, yard.host.clock.now().getTime());
      return { outcome: "blocked", blocker: "nothing to do in this test" };
    };
    for (let count = 0; count < 200; count += 1) {
      const issue = server.open(REPO, "hana", `Item ${count}`);
      asked.set(`${REPO}#${issue.number}`, yard.host.clock.now().getTime());
      if (count % 2 === 0) server.say(issue, "hana", "@clawbot please look");
      else server.label(issue, "hana", "bot");
      await yard.ticks(1, 5);
    }
    await yard.ticks(60, 15);
    const late = [...asked].filter(([item, at]) => (begun.get(item) ?? Number.POSITIVE_INFINITY) - at > 600_000);
    expect(late).toEqual([]);
    expect(runs.doubles).toEqual([]);
    const items = runs.started.map(({ item }) => item);
    expect(items.filter((item, at) => items.indexOf(item) !== at)).toEqual([]);
  }, 60_000);

  it("keeps its cursors and takes no failure for an empty list (DSP-13, DSP-91)", async () => {
    const yard = await openYard();
    const { server } = yard;
    const issue = server.open(REPO, "carl", "Item");
    server.label(issue, "carl", "bot");
    server.trouble = ({ name }) => (name === "labelled" || name === "unread" ? { when: "before", fault: "server" } : null);
    await yard.ticks(10, 30);
    expect(yard.dispatcher.board.all()).toEqual([]);
    expect(yard.dispatcher.sources.isUnhealthy()).toBe(true);
    server.trouble = () => null;
    await yard.ticks(12, 30);
    expect(yard.dispatcher.board.all()).toMatchObject([{ number: 1 }]);
    expect(yard.dispatcher.sources.isUnhealthy()).toBe(false);
  });

  it("tells once that the token is refused, polls no more, and lets live runs go on (DSP-13)", async () => {
    const yard = await openYard();
    const { server, runs, notices } = yard;
    const issue = server.open(REPO, "carl", "Item");
    server.label(issue, "carl", "bot");
    await yard.ticks(2);
    expect(runs.started).toHaveLength(1);
    server.trouble = () => ({ when: "before", fault: "unauthorized" });
    await yard.ticks(10, 130);
    const polls = server.calls.filter(({ name }) => name === "unread").length;
    await yard.ticks(10, 130);
    expect(server.calls.filter(({ name }) => name === "unread")).toHaveLength(polls);
    expect(notices.filter(({ key }) => key === "unauthorized")).toHaveLength(1);
    expect(yard.dispatcher.sources.isUnhealthy()).toBe(true);
    expect(await runs.look(runs.started[0]?.run_id ?? "")).toMatchObject({ kind: "alive" });
  });

  it("handles two events of one second, the second after the thread was read again (DSP-S8, DSP-22)", async () => {
    const yard = await openYard();
    const { server, runs } = yard;
    const issue = server.open(REPO, "hana", "Item");
    server.say(issue, "hana", "Nothing for anybody.");
    let said = false;
    server.between = ({ name }) => {
      if (name !== "markRead" || said) return;
      said = true;
      server.say(issue, "hana", "@clawbot please");
    };
    await yard.ticks(50, 15);
    expect(said).toBe(true);
    expect(runs.started).toHaveLength(1);
  });

  it("takes 20 unread threads at its start for work, and a closed one for none (DSP-20, DSP-90)", async () => {
    const yard = await openYard({ yaml: `${YAML_MANY}` });
    const { server, runs } = yard;
    for (let count = 0; count < 20; count += 1) {
      const issue = server.open(REPO, "hana", `Item ${count}`);
      server.say(issue, "hana", "@clawbot please");
      if (count === 7) issue.state = "closed";
    }
    await yard.ticks(4);
    expect(runs.started).toHaveLength(19);
    expect(yard.dispatcher.inbox.ignored()).toMatchObject({ closed: 1 });
    expect(server.threads.filter(({ unread }) => unread)).toEqual([]);
  });
});

const YAML_MANY = `repos: [${REPO}]\nhuman: hana\nauthorised_users: [hana]\nspawn_delay_seconds: 0\nmax_agents: 100\nbatch: 100\n`;
