/**
 * Two dispatchers of one account on two hosts, that share nothing but the server: over HTTP, a git remote and processes.
 * `LOOPX_ITEMS=100` gives them more to share.
 */
import { hostname } from "node:os";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { setAssignees } from "./double/items.ts";
import { addUser, collaborate } from "./double/world.ts";
import { openShift, startWorks, type Works } from "./rig/works.ts";

const ITEMS = Number(process.env["LOOPX_ITEMS"] ?? 20);
/** One of so many goes all the way, through a pull and its review; the others are a person's after one run. */
const EACH_WHOLE = 10;

let works: Works;
beforeAll(async () => {
  works = await startWorks();
});
afterAll(() => works.remove());

describe("two dispatchers of one account on two hosts", () => {
  it(`run each of ${ITEMS} items once between them, one pull for each that has one, and leave people's assignments and no claim (DSP-37 to DSP-39, DSP-93, DSP-94)`, async () => {
    const laid = { Item: { work: `say '"outcome":"blocked","blocker":"a person has to look"'` } };
    const env = { BOT_SCAN_INTERVAL: "120" };
    const one = await openShift(works, { name: "shared", laid, env, yaml: "max_agents: 8\n" });
    const other = await openShift(works, { name: "elsewhere", laid, env, yaml: "repos: [human/shared]\nmax_agents: 8\n" });
    const { gitea } = works;
    collaborate(one.repo, addUser(gitea.world, "carol").login, "write");
    const issues = Array.from({ length: ITEMS }, (_, at) => one.issue(at % EACH_WHOLE === 0 ? "Whole" : "Item"));
    const hosts = [one, other];
    const bot = one.label("bot");
    gitea.journal.length = 0;
    let kept = 0;
    for (let rounds = 0; rounds < 60 && one.repo.items.some(({ labels }) => labels.has(bot)); rounds += 1) {
      // Their requests meet in every order that two processes would give.
      await Promise.all(hosts.map((shift) => shift.ticks(1, 20)));
      // Somebody joins those who are worked on.
      for (const issue of issues.filter(({ assignees }) => rounds === 0 && assignees.has("clawbot"))) {
        setAssignees(gitea.world, issue, "human", [...issue.assignees, "carol"]);
        kept += 1;
      }
      await Promise.all(hosts.map((shift) => shift.now.agents.idle()));
    }
    await Promise.all(hosts.map((shift) => shift.ticks(2, 20)));
    const ran = hosts.map((shift) => shift.ran().map(({ role, item }) => `${role} ${item}`));
    const pulls = one.repo.items.slice(ITEMS);
    const wanted = [
      ...issues.map(({ number }) => `work human/shared#${number}`),
      ...pulls.map(({ number }) => `review human/shared#${number}`),
    ];
    const sorted = (lines: readonly string[]): readonly string[] => lines.toSorted((a, b) => a.localeCompare(b));
    expect(sorted(ran.flat())).toEqual(sorted(wanted));
    for (const each of ran) expect(each.length).toBeGreaterThan(ITEMS / 5);
    expect(pulls.map((pull) => [one.worn(pull), [...pull.assignees]])).toEqual(
      Array.from({ length: Math.ceil(ITEMS / EACH_WHOLE) }, () => [["merge-ready"], ["human"]]),
    );
    expect(issues.filter(({ assignees }) => assignees.has("carol"))).toHaveLength(kept);
    expect(one.repo.items.filter(({ assignees }) => assignees.has("clawbot"))).toEqual([]);
    const said = one.repo.items.flatMap(({ entries }) => entries.map(({ body }) => body));
    expect(said.filter((body) => body.includes("loopx-claim"))).toEqual([]);
    const claims = gitea.journal.flatMap(({ method, body }) => (method === "POST" && body.includes("loopx-claim") ? [body] : []));
    // Both wanted many of them at the same time.
    expect(claims.length).toBeGreaterThan(wanted.length);
    for (const body of claims) expect(body).toMatch(/holder\\":\\"[0-9a-f]{16}\\"/);
    expect(claims.join()).not.toContain(hostname());
    await Promise.all(hosts.map((shift) => shift.close()));
  }, 600_000);
});
