/** A long walk of the dispatcher among people who change labels, and a server that fails: on a server in memory. */
import { describe, expect, it } from "vitest";
import { stateRoleOf } from "../../src/gitea/labels.ts";
import { seeded } from "./rig/seeded.ts";
import { openYard, REPO, YAML } from "./rig/yard.ts";

const NAMES = { bot: "bot", review: "needs-review", rework: "needs-rework", ready: "merge-ready" };

describe("a long walk", () => {
  it("of a thousand steps with people's edits and failures leaves each pull with one state label and foreign labels alone (PSM-1)", async () => {
    const yard = await openYard({ yaml: `${YAML}max_agents: 10\nmax_rounds: 50\nmax_attempts: 50\n` });
    const { server, runs } = yard;
    const random = seeded(11);
    for (let count = 0; count < 4; count += 1)
      server.label(server.open(REPO, "carl", `Item ${count}`, { labels: ["docs"] }), "carl", "bot");
    runs.answers = ({ role }) => (role === "worker" ? { outcome: "done" } : { outcome: random(3) === 0 ? "pass" : "fail" });
    for (let steps = 0; steps < 1_000; steps += 1) {
      const pulls = server.issues.filter(({ pull }) => pull !== null);
      const pull = pulls[random(Math.max(1, pulls.length))];
      const name = Object.values(NAMES).slice(1)[random(3)] ?? "";
      const act = random(8);
      if (pull !== undefined && act === 0) server.label(pull, "hana", name);
      if (pull !== undefined && act === 1) server.label(pull, "hana", name, false);
      if (pull !== undefined && act === 2) server.say(pull, "hana", "@clawbot please");
      server.trouble = () => (act === 3 && random(4) === 0 ? { when: random(2) === 0 ? "before" : "after", fault: "server" } : null);
      if (steps % 4 === 3) await yard.ticks(1, 60);
    }
    server.trouble = () => null;
    runs.answers = () => null;
    await yard.ticks(60, 65);
    for (const each of server.issues.filter(({ pull }) => pull !== null))
      expect(["review", "rework", "ready"], `#${each.number} ${each.labels.join()}`).toContain(stateRoleOf(each.labels, NAMES));
    expect(server.issues.filter(({ pull }) => pull === null).map(({ labels }) => labels.includes("docs"))).toEqual([
      true,
      true,
      true,
      true,
    ]);
    expect(runs.doubles).toEqual([]);
  }, 60_000);
});
