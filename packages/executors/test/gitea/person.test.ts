/** What people do while the dispatcher works: on a server in memory, step by step. */
import { describe, expect, it } from "vitest";
import { writeControl } from "../../src/gitea/control.ts";
import type { MemoryIssue } from "./rig/memory-server.ts";
import { openYard, REPO, type Yard, type YardOptions } from "./rig/yard.ts";

/** A yard whose first issue has become a pull that waits for its person. */
async function readyPull(options: YardOptions = {}): Promise<{ readonly yard: Yard; readonly pull: MemoryIssue }> {
  const yard = await openYard(options);
  yard.server.label(yard.server.open(REPO, "carl", "Add a test", { body: "Please." }), "carl", "bot");
  yard.runs.answers = ({ role }) => ({ outcome: role === "worker" ? "done" : "pass" });
  await yard.ticks(8, 65);
  const pull = yard.server.issue(REPO, 2);
  expect(pull.labels).toEqual(["merge-ready"]);
  return { yard, pull };
}

const roles = (yard: Yard): readonly string[] => yard.runs.started.map(({ role }) => role);

describe("a pull that is ready", () => {
  it("is reviewed again when a person pushes to it, and people are told once (PSM-14)", async () => {
    const { yard, pull } = await readyPull();
    const { server } = yard;
    const sha = server.commit(server.headOf(pull), null);
    server.branches.get(REPO)?.set(pull.pull?.branch ?? "", sha);
    server.event(pull, { type: "pull_push", actor: "hana" });
    yard.runs.answers = () => null;
    await yard.ticks(12, 65);
    expect(pull.labels.toSorted()).toEqual(["bot", "needs-review"]);
    expect(roles(yard)).toEqual(["worker", "reviewer", "reviewer"]);
    expect(yard.notices.filter(({ text }) => text.includes("head_moved"))).toHaveLength(1);
  });

  it("goes back to a worker when a person asks for changes, and our assignment of them is taken back (PSM-15)", async () => {
    const { yard, pull } = await readyPull();
    yard.server.review(pull, "hana", "REQUEST_CHANGES", "Not yet.");
    yard.runs.answers = () => null;
    await yard.ticks(4, 65);
    expect(pull.labels.toSorted()).toEqual(["bot", "needs-rework"]);
    expect(pull.assignees).toEqual(["clawbot"]);
    expect(roles(yard)).toEqual(["worker", "reviewer", "worker"]);
  });

  it("stays as it is when a stranger speaks (DSP-97)", async () => {
    const { yard, pull } = await readyPull();
    yard.server.say(pull, "mallory", "@clawbot do it again");
    await yard.ticks(12, 65);
    expect(pull.labels).toEqual(["merge-ready"]);
    expect(roles(yard)).toHaveLength(2);
  });

  it("is over when a person merges it", async () => {
    const { yard, pull } = await readyPull();
    Object.assign(pull, { state: "closed", merged: true });
    yard.server.event(pull, { type: "merge_pull", actor: "hana" });
    await yard.ticks(12, 65);
    expect(yard.dispatcher.board.get({ repo: REPO, number: 2 })).toMatchObject({ state: "done", last_reason: "merged" });
    // Final records are forgotten after an hour; open ones never (DSP-32).
    await yard.ticks(1, 3_700);
    expect(yard.dispatcher.board.all()).toEqual([]);
  });
});

describe("a person and the dispatcher at the same time", () => {
  it("write nothing over each other: one conflict, and the run's result is applied to the item as it is then (PSM-4)", async () => {
    const yard = await openYard();
    const { server, runs } = yard;
    const issue = server.open(REPO, "carl", "Add a test");
    server.label(issue, "carl", "bot");
    await yard.ticks(2);
    const [run] = runs.started;
    server.label(issue, "hana", "docs");
    runs.answers = () => null;
    runs.end(run?.run_id ?? "", {
      end: "ok",
      reason: "",
      declared: { schema_version: "loopx_agent_result_v1", outcome: "done", summary: "s" },
    });
    await yard.ticks(1);
    expect(yard.git.pushes).toEqual([]);
    expect(yard.dispatcher.board.get(issue)).toMatchObject({ state: "applying", last_reason: "conflict", conflicts: 1 });
    await yard.ticks(4, 65);
    expect(yard.git.pushes).toHaveLength(1);
    expect(runs.started.filter(({ role }) => role === "worker")).toHaveLength(1);
    expect(issue.labels).toEqual(["docs"]);
  });

  it("keep a person's assignment through claim and release (DSP-39, DSP-94)", async () => {
    const yard = await openYard();
    const { server, runs } = yard;
    const issue = server.open(REPO, "carl", "Item", { labels: ["bot"] });
    server.event(issue, { type: "label", actor: "carl", label: { name: "bot", added: true } });
    await yard.ticks(2);
    server.assign(issue, "hana", [...issue.assignees, "hana"]);
    runs.end(runs.started[0]?.run_id ?? "", { end: "timeout", reason: "its time was over" });
    await yard.ticks(1);
    expect(issue.assignees).toEqual(["hana"]);
    expect(issue.comments.filter(({ body }) => body.includes("loopx-claim"))).toEqual([]);
  });

  it.each([
    ["takes the label away", (yard: Yard, issue: MemoryIssue) => yard.server.label(issue, "carl", "bot", false), "bot_removed"],
    [
      "closes the issue",
      (_yard: Yard, issue: MemoryIssue) => void Object.assign(issue, { state: "closed", updated_at: "2026-03-02T00:00:00Z" }),
      "closed",
    ],
    [
      "deletes the issue",
      (yard: Yard, issue: MemoryIssue) => void yard.server.issues.splice(yard.server.issues.indexOf(issue), 1),
      "item_missing",
    ],
  ])("end a live run when the person %s, and nothing else is written", async (_name, act, reason) => {
    const yard = await openYard();
    const { server, runs } = yard;
    const issue = server.open(REPO, "carl", "Item");
    server.label(issue, "carl", "bot");
    await yard.ticks(2);
    expect(await runs.live()).toHaveLength(1);
    act(yard, issue);
    server.calls.length = 0;
    await yard.ticks(24, 65);
    expect(await runs.live()).toEqual([]);
    expect(yard.dispatcher.board.all()).toMatchObject([{ last_reason: reason }]);
    const writes = server.calls.filter(({ write }) => write).map(({ name }) => name);
    expect(writes.filter((name) => !["setAssignees", "deleteComment", "markRead"].includes(name))).toEqual([]);
  });
});

describe("bounds and doors", () => {
  it("give a pull to a person after the last round that failed, with one summary (PSM-9, DSP-101)", async () => {
    const yard = await openYard();
    const { server, runs } = yard;
    server.label(server.open(REPO, "carl", "Item"), "carl", "bot");
    runs.answers = ({ role }) => ({ outcome: role === "worker" ? "done" : "fail" });
    await yard.ticks(30, 65);
    const pull = server.issue(REPO, 2);
    expect(roles(yard).filter((role) => role === "reviewer")).toHaveLength(4);
    expect(yard.dispatcher.board.get({ repo: REPO, number: 2 })).toMatchObject({ state: "blocked_human", last_reason: "max_rounds" });
    expect(pull.assignees).toEqual(["hana"]);
    expect(pull.labels).toEqual(["needs-rework"]);
    expect(pull.comments.filter(({ body }) => body.includes("after the last round"))).toHaveLength(1);
  });

  it("dispatch nothing for a stranger's label, and nothing where a label is missing (DSP-27, DSP-28, DSP-95)", async () => {
    const yard = await openYard({ yaml: `repos: [${REPO}, acme/other]\nhuman: hana\n` });
    const { server, runs } = yard;
    // A label that only the organisation has: the filter is dropped, and every item comes back.
    server.repo("acme/other", ["needs-review", "needs-rework", "merge-ready"]);
    server.open("acme/other", "carl", "Innocent");
    server.label(server.open(REPO, "mallory", "Item"), "mallory", "bot");
    await yard.ticks(12, 65);
    expect(runs.started).toEqual([]);
    expect(yard.dispatcher.sources.missingLabels()).toEqual({ "acme/other": ["bot"] });
    expect(yard.dispatcher.inbox.ignored()).toMatchObject({ unauthorised_author: expect.any(Number) as number });
  });

  it("claim nothing while paused, draining, or while the goal may not run; then everything (DSP-1, DSP-7, DSP-35)", async () => {
    let verdict: string | null = "throttled";
    const yaml = `repos: [{repo: ${REPO}, goal_id: g}]\nhuman: hana\nspawn_delay_seconds: 0\n`;
    const yard = await openYard({ yaml, goals: { obstacle: async () => verdict } });
    const { server, runs, ground } = yard;
    server.label(server.open(REPO, "carl", "Item"), "carl", "bot");
    await writeControl(ground, { kind: "paused", reason: "a person says so" });
    await yard.ticks(4, 65);
    expect(yard.dispatcher.board.all()).toMatchObject([{ state: "queued", last_reason: "paused" }]);
    await writeControl(ground, { kind: "run", reason: "" });
    await yard.ticks(1);
    expect(yard.dispatcher.board.all()).toMatchObject([{ last_reason: "goal_not_runnable" }]);
    expect(server.issue(REPO, 1).comments).toEqual([]);
    verdict = null;
    await yard.ticks(1);
    expect(runs.started).toHaveLength(1);
  });

  it("give a failing agent three attempts, each later, then a person (PSM-9, DSP-40, DSP-93)", async () => {
    const yard = await openYard();
    const { server, runs } = yard;
    const issue = server.open(REPO, "carl", "Item");
    server.label(issue, "carl", "bot");
    for (let ticks = 0; ticks < 20; ticks += 1) {
      await yard.ticks(1, 65);
      for (const { run_id } of runs.started) runs.end(run_id, { end: "timeout", reason: "its time was over" });
    }
    expect(runs.started).toHaveLength(3);
    expect(yard.dispatcher.board.all()).toMatchObject([{ state: "blocked_human", attempts: 3 }]);
    expect(issue.labels).toEqual([]);
    expect(issue.assignees).toEqual(["hana"]);
  });

  it("start nothing for an item whose record was damaged until its claim is gone, and tell people (DSP-32, DSP-102)", async () => {
    const yard = await openYard();
    const { server, runs, host } = yard;
    server.label(server.open(REPO, "carl", "Item"), "carl", "bot");
    await yard.ticks(2);
    const path = Object.keys(host.files()).find((each) => each.includes("/items/")) ?? "";
    host.plant(path, '{"schema_version":"loopx_git');
    // Its process is gone with the dispatcher, and nobody knows the run.
    for (const { run_id } of runs.started) runs.end(run_id, { end: "lost", reason: "gone" });
    await yard.reopen();
    expect(yard.notices.filter(({ key }) => key.startsWith("damaged"))).toHaveLength(1);
    await yard.ticks(12, 65);
    expect(runs.doubles).toEqual([]);
    expect(runs.started).toHaveLength(2);
    expect(server.issue(REPO, 1).comments.filter(({ body }) => body.includes("loopx-claim"))).toHaveLength(1);
  });

  it("free an item whose dispatcher died on another machine, when its time is over (DSP-39)", async () => {
    const yard = await openYard();
    const { server, runs } = yard;
    const issue = server.open(REPO, "carl", "Item");
    server.label(issue, "carl", "bot");
    server.say(
      issue,
      "clawbot",
      '<!-- loopx-claim v1 {"claim_id":"dead","holder":"elsewhere","expires_at":"2026-03-01T10:30:00+00:00"} -->',
    );
    server.assign(issue, "clawbot", ["clawbot"]);
    await yard.ticks(10, 65);
    expect(runs.started).toEqual([]);
    await yard.ticks(30, 65);
    expect(runs.started).toHaveLength(1);
    expect(issue.comments.filter(({ body }) => body.includes('"dead"'))).toEqual([]);
  });
});
