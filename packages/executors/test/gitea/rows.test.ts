/** Goals, names, records and delays: the rest of the acceptance table, with a server, git remotes and processes. */
import { mkdirSync, readdirSync, readFileSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { configureGoal, connect, history, listTodos } from "@loopx/core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { goalBooks } from "../../src/drivers/gitea/books.ts";
import { giteaPlace } from "../../src/drivers/gitea/place.ts";
import { comment, openIssue } from "./double/items.ts";
import { addToken, addUser } from "./double/world.ts";
import { claims, step } from "./rig/looks.ts";
import { decisions, openShift, startWorks, told, type Works } from "./rig/works.ts";

let works: Works;
beforeAll(async () => {
  works = await startWorks();
});
afterAll(() => works.remove());

describe("a goal", () => {
  it("is asked before each claim, told of each step, and asks its person at the end (DSP-7, PSM-6)", async () => {
    const work = `echo x > x.txt; say '"outcome":"done","validation":[{"command":"npm test","exit_code":0}],"delivery":{"batch_scale":"implementation","outcome":"outcome_progress"}'`;
    const yaml = "repos: [{repo: human/goal, goal_id: parser}]\n";
    const shift = await openShift(works, { name: "goal", yaml, laid: { Story: { work } } });
    const { host } = giteaPlace(shift.call(), {});
    await connect(host, { cwd: shift.folder, project: ".", goal_id: "parser", objective: "Parse" });
    await configureGoal(host, { goal_id: "parser", quota_compute: 0 });
    const issue = shift.issue("Story");
    await shift.ticks(2);
    expect(shift.held(issue)).toMatchObject({ state: "queued", last_reason: "goal_not_runnable" });
    expect([shift.ran().length, issue.entries.filter(({ type }) => type === "comment")]).toEqual([0, []]);
    await configureGoal(host, { goal_id: "parser", quota_compute: 1 });
    await step(shift);
    await step(shift);
    const pull = shift.repo.items[1] ?? expect.fail();
    expect(shift.worn(pull)).toEqual(["merge-ready"]);
    const { runs } = await history(host, { goal_id: "parser", limit: 20 });
    expect(runs.map(({ classification }) => classification)).toEqual(
      expect.arrayContaining(["gitea_work_done", "quota_slot_spent", "gitea_review_pass"]),
    );
    const { todos } = await listTodos(host, { goal_id: "parser", cwd: shift.folder });
    expect(todos.filter(({ role }) => role === "user")).toMatchObject([
      { task_class: "user_gate", text: expect.stringMatching(/^Merge human\/goal#2 at [0-9a-f]{12}/) as string },
    ]);
    // One pull that waits for its person holds up no other item of the goal.
    expect(await goalBooks(host, shift.folder).obstacle("parser")).toBe(null);
    expect(await goalBooks(host, shift.folder).obstacle("no-such-goal")).not.toBe(null);
    await shift.close();
    expect(told(shift)).toEqual([expect.stringMatching(/^human\/goal#2 merge_ready /)]);
  });
});

describe("an item", () => {
  it("has a checkout of its own under work/ and a plain branch, however it is called, and its text stays data (DSP-45, DSP-46, DSP-49)", async () => {
    const title = `../../x \u202e${"ж".repeat(120)} "; rm -rf ~ {{data}}`;
    const shift = await openShift(works, { name: "names" });
    const body = `${"b".repeat(30_000)}\u0007\u202e`;
    const items = [shift.issue(title, { body }), shift.issue(title, { body })];
    for (let at = 0; at < 35; at += 1) comment(works.gitea.world, items[0] ?? expect.fail(), "stranger", `${at}: ${"c".repeat(5_000)}`);
    await step(shift);
    const [one, other] = shift.ran();
    if (one === undefined || other === undefined) return expect.fail();
    const places = [one, other].map(
      ({ run_id }) => /PWD='?([^'\n]*)/.exec(readFileSync(join(shift.folder, "prompts", `${run_id}.environ`), "utf8"))?.[1],
    );
    expect(new Set(places).size).toBe(2);
    for (const place of places) expect(place).toMatch(new RegExp(`^${shift.state_dir}/work/human-names-[12]-[0-9a-f]{8}$`));
    const branches = works.gitea.world.git?.branches(shift.repo.git_dir ?? "") ?? [];
    expect(branches).toEqual([expect.stringMatching(/^agent\/1-x[a-z0-9-]*$/), expect.stringMatching(/^agent\/2-x[a-z0-9-]*$/), "main"]);
    const prompt = shift.prompt([one, other].find(({ item }) => item.endsWith("#1")) ?? one);
    const [, marker = "", data = ""] = /<<<DATA ([0-9a-f]{16})\n([\s\S]*)\nDATA \1>>>/.exec(prompt) ?? [];
    expect(marker).toHaveLength(16);
    expect(data).toContain(`${"b".repeat(20_000 - 7)}`);
    expect(data).not.toContain("b".repeat(20_001));
    expect(data).not.toContain("c".repeat(4_001));
    expect(data.match(/^\d+: c/gm)).toHaveLength(30);
    expect(prompt).not.toMatch(/[\u0007\u202e]/);
    expect(prompt.replace(data, "")).not.toMatch(/жж|bbb|ccc/);
    await shift.close();
  });
});

describe("a second account", () => {
  it("approves and asks for changes in place of comments, and what it says starts nothing (PSM-3)", async () => {
    addUser(works.gitea.world, "judge");
    const token = addToken(works.gitea.world, "judge");
    const review = `case $n in
1) say '"outcome":"fail","reviewed_sha":"'$sha'","findings":[{"severity":"major","path":"work.txt","message":"a case is missing"}]' ;;
*) say '"outcome":"pass","reviewed_sha":"'$sha'"' ;;
esac`;
    const shift = await openShift(works, { name: "judged", env: { GITEA_REVIEW_TOKEN: token }, laid: { Story: { review } } });
    shift.repo.access.set("judge", "write");
    shift.issue("Story");
    await shift.through();
    const pull = shift.repo.items[1] ?? expect.fail();
    expect(pull.pull?.reviews.map(({ by, state }) => `${by} ${state}`)).toEqual(["judge REQUEST_CHANGES", "judge APPROVED"]);
    expect(shift.ran().map(({ role }) => role)).toEqual(["work", "review", "work", "review"]);
    expect([shift.worn(pull), [...pull.assignees]]).toEqual([["merge-ready"], ["human"]]);
    expect(shift.held(pull)).toMatchObject({ last_reason: "merge_ready", round: 2 });
    for (const run of shift.ran()) {
      const told = shift.prompt(run) + readFileSync(join(shift.folder, "prompts", `${run.run_id}.environ`), "utf8");
      expect(told).not.toContain(token);
    }
    await shift.close();
  });
});

describe("what a dispatcher remembers", () => {
  it("cools to its end what an older one began, ends what was done already with no word, and makes a damaged record anew (DSP-30, DSP-32, DSP-34, DSP-40, DSP-102, PSM-5)", async () => {
    const folder = join(works.keeper.folder, "kept");
    const old = join(folder, "old.json");
    const now = works.clock.now().getTime() / 1_000;
    mkdirSync(folder);
    const text = JSON.stringify({ "human/kept#1": now - 100, "human/kept#2": now - 4_000 });
    writeFileSync(old, text);
    const shift = await openShift(works, {
      name: "kept",
      env: { DISPATCH_STATE_PATH: old },
      laid: { Item: { work: `say '"outcome":"already_done"'` } },
    });
    const [cooling, early] = [shift.issue("Item"), shift.issue("Item")];
    works.gitea.journal.length = 0;
    await step(shift);
    await shift.ticks(6, 100);
    expect(shift.ran().map(({ item }) => item)).toEqual(["human/kept#2"]);
    expect(shift.held(cooling)).toMatchObject({ state: "queued", run_id: null });
    expect(shift.held(early)).toMatchObject({ state: "cooling", last_reason: "already_done", attempts: 1 });
    expect([shift.worn(early), [...early.assignees], claims(early), readFileSync(old, "utf8")]).toEqual([["bot"], [], 0, text]);
    const writes = works.gitea.journal.filter(({ method, path }) => method !== "GET" && path.includes("/kept/"));
    expect(writes.map(({ method }) => method)).toEqual(["POST", "PATCH", "PATCH", "DELETE"]);
    const items = join(shift.state_dir, "items");
    const name = readdirSync(items).find((each) => each.startsWith("human-kept-2")) ?? expect.fail();
    truncateSync(join(items, name), 100);
    await shift.reopen();
    expect(readdirSync(items).filter((each) => each.includes(".corrupt-"))).toHaveLength(1);
    await step(shift);
    expect(shift.ran().map(({ item }) => item)).toEqual(["human/kept#2", "human/kept#2"]);
    expect(shift.held(cooling)).toMatchObject({ state: "queued", run_id: null });
    await shift.ticks(1, now + 1_700 - works.clock.now().getTime() / 1_000);
    await step(shift);
    expect(shift.ran().map(({ item }) => item)).toEqual(["human/kept#2", "human/kept#2", "human/kept#1"]);
    await shift.close();
    expect(told(shift).filter((key) => key.startsWith("damaged"))).toHaveLength(1);
  });
});

describe("a variable", () => {
  it.each([
    ["POLL_DELAY", "0"],
    ["MAX_CONCURRENT_AGENTS", "101"],
    ["REAP_AGE_SECONDS", "soon"],
    ["GITEA_URL", "http://git.example.org"],
    ["GITEA_TOKEN", ""],
  ])("of %s that says %j opens no dispatcher, is named, and nothing is asked or written (DSP-5)", async (name, value) => {
    const before = works.gitea.journal.length;
    const folder = `bad-${name.toLowerCase().replaceAll("_", "-")}`;
    await expect(openShift(works, { name: folder, env: { [name]: value } })).rejects.toThrow(name);
    expect(works.gitea.journal.length).toBe(before);
    expect(readdirSync(join(works.keeper.folder, folder)).toSorted()).toEqual([".loopx", "laid", "prompts", "ran"]);
  });

  it("of the source document is heard: the address with a slash, the bot's name, and what is watched (DSP-5)", async () => {
    const env = { GITEA_URL: `${works.gitea.url}/`, BOT_USER: "ClawBot", WATCHED_REPOS: "human/variables", POLL_DELAY: "60" };
    const shift = await openShift(works, {
      name: "variables",
      env,
      yaml: "repos: []\n",
      laid: { Item: { work: `say '"outcome":"noop"'` } },
    });
    shift.issue("Item");
    await step(shift);
    expect(shift.ran().map(({ item }) => item)).toEqual(["human/variables#1"]);
    expect(shift.now.ground.config().poll_delay).toBe(60);
    await shift.close();
  });
});

describe("a service that nobody disturbs", () => {
  it("starts an agent's process within 20 seconds of the event, 19 times of 20, by its own count too (DSP-80, DSP-86)", async () => {
    const shift = await openShift(works, {
      name: "prompt",
      laid: { Item: { work: `say '"outcome":"noop"'` } },
      env: { BOT_SCAN_INTERVAL: "120" },
    });
    const now = (): number => works.clock.now().getTime();
    await shift.ticks(2);
    const asked = new Map<string, number>();
    for (let count = 0; count < 20; count += 1) {
      const item = openIssue(works.gitea.world, shift.repo, { by: "human", title: "Item" });
      comment(works.gitea.world, item, "human", "@clawbot please");
      asked.set(`human/prompt#${item.number}`, now());
      // The service looks once a second; a tick without anything due asks nothing. One comes at each second of a delay.
      await shift.ticks(count % 2 === 0 ? 4 : 7, 1);
    }
    await shift.ticks(25, 1);
    await shift.now.agents.idle();
    await shift.ticks(1);
    const { p95 } = shift.now.dispatcher.latency.ranks();
    await shift.close();
    const waits = decisions(shift)
      .filter(({ decision }) => decision === "start")
      .map(({ item, at }) => Date.parse(at) - (asked.get(item) ?? 0));
    expect(waits).toHaveLength(20);
    expect(shift.ran()).toHaveLength(20);
    expect(waits.toSorted((one, other) => one - other)[18]).toBeLessThanOrEqual(20_000);
    expect(p95).toBeLessThanOrEqual(20);
  });
});
