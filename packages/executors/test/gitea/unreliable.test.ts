/** A server that loses, refuses and resets, in fake time. */
import { describe, expect, it } from "vitest";
import type { ForgeFault } from "../../src/gitea/forge.ts";
import { seeded } from "./rig/seeded.ts";
import { openYard, REPO } from "./rig/yard.ts";

describe("a server on which nothing is certain", () => {
  it("loses 30 % of the notifications and answers 429, 500 and resets: every event is worked within ten minutes, none twice (DSP-20, DSP-91)", async () => {
    const below = seeded(7);
    const random = (): number => below(1_000) / 1_000;
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
});

const YAML_MANY = `repos: [${REPO}]\nhuman: hana\nauthorised_users: [hana]\nspawn_delay_seconds: 0\nmax_agents: 100\nbatch: 100\n`;
