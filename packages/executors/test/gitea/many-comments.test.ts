/** Items with more words than one answer may have: read in parts, never taken as empty (DSP-11, DSP-S16). */
import { afterEach, describe, expect, test } from "vitest";
import { comment, openIssue } from "./double/items.ts";
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
