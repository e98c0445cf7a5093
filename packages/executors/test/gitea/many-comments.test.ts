/** Items with more words than one answer may have: read in parts, never taken as empty (DSP-11, DSP-S16). */
import { afterEach, describe, expect, test } from "vitest";
import { comment, openIssue } from "./double/items.ts";
import { openPull, review } from "./double/pulls.ts";
import type { Item } from "./double/records.ts";
import { rig, valueOf, type Rig } from "./rig.ts";

const MIB = 1024 * 1024;
const START = Date.parse("2026-01-01T00:00:00Z");

let all: Rig;
afterEach(() => all.gitea.close());

/** An issue whose comments come so many seconds apart, each with so many bytes. */
async function issueWith(comments: readonly { readonly after: number; readonly bytes: number }[]): Promise<Item> {
  let now = START;
  all = await rig({ now: () => now });
  const issue = openIssue(all.gitea.world, all.repo, { by: "human", title: "Long" });
  comments.forEach(({ after, bytes }, at) => {
    now += after * 1_000;
    comment(all.gitea.world, issue, "human", `${at} ${"x".repeat(bytes)}`);
  });
  all.gitea.journal.length = 0;
  return issue;
}

const firstWords = (list: readonly { readonly body: string }[]) => list.map(({ body }) => Number(body.split(" ")[0]));
const many = (count: number, after: number, bytes: number) => Array.from({ length: count }, () => ({ after, bytes }));

describe("comments", () => {
  test("of more than 8 MiB are read in parts of the time, each once, in their order", async () => {
    await issueWith([...many(20, 86_400, MIB), ...many(6, 1, MIB)]);
    const read = valueOf(await all.forge.comments({ repo: "human/project", number: 1 }));
    expect(firstWords(read)).toEqual(Array.from({ length: 26 }, (_, at) => at));
    expect(all.gitea.journal.length).toBeLessThan(40);
  });

  test("that fit cost one request; an error in a part is the error of all", async () => {
    await issueWith(many(7, 60, MIB));
    expect(valueOf(await all.forge.comments({ repo: "human/project", number: 1 }))).toHaveLength(7);
    expect(all.gitea.journal).toHaveLength(1);
    await all.gitea.close();
    await issueWith(many(12, 60, MIB));
    all.gitea.faults.next("html", /comments\?since/);
    expect(await all.forge.comments({ repo: "human/project", number: 1 })).toMatchObject({
      kind: "failed",
      message: "the answer is no JSON",
    });
  });

  test("of one second that are too many are a failure with its reason, not none", async () => {
    await issueWith([{ after: 60, bytes: 1 }, ...many(9, 0, MIB)]);
    expect(await all.forge.comments({ repo: "human/project", number: 1 })).toMatchObject({
      kind: "failed",
      fault: "bad_answer",
      message: "the answer is larger than 8 MiB",
    });
  });
});

describe("a page", () => {
  test("of a list that is too large is read in smaller ones (DSP-12)", async () => {
    await issueWith([...many(12, 1, MIB), ...many(50, 1, 1)]);
    const events = valueOf(await all.forge.timeline({ repo: "human/project", number: 1 }));
    expect(firstWords(events.filter(({ type }) => type === "comment"))).toEqual(Array.from({ length: 62 }, (_, at) => at));
  });
});

describe("what a review says at lines of the difference", () => {
  test("stands in its text, is asked for once as long as it is no more, and its error is the error of all (DSP-21, DSP-91)", async () => {
    all = await rig();
    const { gitea, repo, forge } = all;
    const pull = openPull(gitea.world, repo, { by: "human", title: "Pull", head: "feature", base: "main" });
    const lines = [1, 7].map((line) => ({ path: "a.ts", line, body: `@clawbot: line ${line}` }));
    review(gitea.world, pull, { by: "human", state: "COMMENT", body: "", lines });
    review(gitea.world, pull, { by: "human", state: "APPROVED", body: "Well done." });
    const read = () => forge.reviews({ repo: "human/project", number: 1 });
    for (let tries = 0; tries < 4; tries += 1) gitea.faults.next("500", /\/comments$/);
    expect(await read()).toMatchObject({ kind: "failed", fault: "server" });
    const texts = ["a.ts, line 1:\n\n@clawbot: line 1\n\na.ts, line 7:\n\n@clawbot: line 7", "Well done."];
    for (let looks = 0; looks < 2; looks += 1) expect(valueOf(await read()).map(({ body }) => body)).toEqual(texts);
    expect(all.asked().filter((line) => line.endsWith("/comments"))).toHaveLength(5);
  });
});
