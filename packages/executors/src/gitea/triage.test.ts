import { describe, expect, it } from "vitest";
import type { ForgeComment, ForgeEvent, ForgeIssue, ForgePull, ForgeReview } from "./forge.ts";
import { freshItem, type Item } from "./item.ts";
import { cursorOf, isForeign, START, triage, type ItemView, type TriageRules } from "./triage.ts";

const NAMES = { bot: "bot", review: "needs-review", rework: "needs-rework", ready: "merge-ready" };
const RULES: TriageRules = {
  bot_user: "clawbot",
  reviewer: "judge",
  labels: NAMES,
  branch_prefix: "agent/",
  draft: "ignore",
  archived: false,
  digest: (text) => text,
};
const AT = "2026-03-01T10:00:00Z";
const isAuthorised = (login: string): boolean => ["hana", "clawbot"].includes(login);

interface Shown {
  readonly issue?: Partial<Omit<ForgeIssue, "labels">> & { readonly labels?: readonly string[] };
  readonly pull?: Partial<ForgePull> | null;
  readonly comments?: readonly Partial<ForgeComment>[];
  readonly reviews?: readonly Partial<ForgeReview>[];
  readonly timeline?: readonly Partial<ForgeEvent>[] | null;
}

function view({ issue = {}, pull = null, comments = [], reviews = [], timeline = [] }: Shown): ItemView {
  const { labels = [], ...rest } = issue;
  const plain = { repo: "a/b", number: 7, title: "T", body: "", author: "carl", state: "open", merged: false } as const;
  return {
    issue: {
      ...plain,
      is_pull: pull !== null,
      is_locked: false,
      draft: false,
      assignees: [],
      created_at: AT,
      updated_at: AT,
      labels: labels.map((name, id) => ({ id, name, exclusive: false })),
      ...rest,
    },
    pull:
      pull === null
        ? null
        : { ...plain, head: { repo: "a/b", branch: "agent/7-t", sha: "s" }, base: { branch: "main", sha: "m" }, ...pull },
    comments: comments.map((each, at) => ({ id: at + 1, author: "hana", body: "", created_at: AT, updated_at: AT, ...each })),
    reviews: reviews.map((each, at) => ({
      ...({
        id: at + 1,
        author: "hana",
        state: "COMMENT",
        body: "",
        commit_id: "s",
        stale: false,
        dismissed: false,
        submitted_at: AT,
      } as const),
      ...each,
    })),
    timeline:
      timeline === null
        ? null
        : timeline.map((each, at) => ({
            id: at + 1,
            type: "label",
            actor: "hana",
            at: AT,
            label: null,
            assignee: null,
            body: "",
            ...each,
          })),
  };
}

const bot = (actor: string, added = true): Partial<ForgeEvent> => ({ actor, label: { name: "bot", added } });
const assigned = (actor: string, type = "assignees", added = true): Partial<ForgeEvent> => ({
  type,
  actor,
  assignee: { login: "clawbot", added },
});
const said = (body: string, author = "hana"): Shown => ({ comments: [{ body, author }] });
/** One word a minute. */
const talk = (...words: readonly string[]): Shown => ({
  comments: words.map((body, minute) => ({ body, updated_at: `2026-03-01T10:0${minute}:00Z` })),
});
const PULL = {};
const OURS = { pull: PULL, issue: { labels: ["merge-ready"], author: "clawbot" } } as const;

/** What the answer comes to: a cause and its step, a command, or the reason why nothing follows. */
function answer(shown: Shown, held: Item | null = null, rules: Partial<TriageRules> = {}): string {
  const triaged = triage(view(shown), held, { ...RULES, ...rules }, isAuthorised);
  return triaged.kind === "work" ? `${triaged.cause} ${triaged.step}` : triaged.kind === "command" ? triaged.word : triaged.reason;
}

describe("triage of an item nobody holds (DSP-24 to DSP-29, DSP-96, DSP-97)", () => {
  it.each<readonly [string, Shown, string]>([
    ["a mention in a comment", said("@clawbot please"), "mention work"],
    ["a mention in the body", { issue: { body: "@clawbot please", author: "hana" } }, "mention work"],
    ["a mention in a review's body", { pull: PULL, reviews: [{ body: "@clawbot please" }] }, "mention rework"],
    ["a mention before the last comment", { comments: [{ body: "@clawbot please" }, { body: "thanks" }] }, "mention work"],
    ["a stranger's mention", said("@clawbot please", "mallory"), "unauthorised_author"],
    [
      "a stranger's mention after one of somebody who may",
      { comments: [{ body: "@clawbot please" }, { body: "@clawbot no", author: "mallory" }] },
      "mention work",
    ],
    ["another bot's name", said("@clawbot2 please"), "not_mentioned"],
    ["an address", said("x@clawbot.example"), "not_mentioned"],
    ["a mention in code", said("`@clawbot`"), "mention_in_code_or_quote"],
    ["a mention in a quote", said("> @clawbot please"), "mention_in_code_or_quote"],
    ["a mention in an HTML comment", said("<!-- @clawbot -->"), "mention_in_code_or_quote"],
    ["our own comment", said("I am @clawbot", "clawbot"), "own_echo"],
    ["an assignment by somebody who may", { issue: { assignees: ["clawbot"] }, timeline: [assigned("hana")] }, "assignment work"],
    ["an assignment by a stranger", { issue: { assignees: ["clawbot"] }, timeline: [assigned("mallory")] }, "unauthorised_author"],
    ["our own assignment", { issue: { assignees: ["clawbot"] }, timeline: [assigned("clawbot")] }, "own_echo"],
    ["a request for a review", { pull: PULL, timeline: [assigned("hana", "review_request")] }, "review_requested review"],
    [
      "a request for a review that was taken back",
      { pull: PULL, timeline: [assigned("hana", "review_request"), assigned("hana", "review_request", false)] },
      "not_mentioned",
    ],
    ["the label by somebody who may", { issue: { labels: ["bot"] }, timeline: [bot("hana")] }, "bot_label work"],
    ["the label by a stranger", { issue: { labels: ["bot"] }, timeline: [bot("mallory")] }, "unauthorised_author"],
    ["the label without a timeline", { issue: { labels: ["bot"] }, timeline: null }, "not_mentioned"],
    ["the label on a pull", { pull: PULL, issue: { labels: ["bot"] }, timeline: [bot("hana")] }, "bot_label review"],
    [
      "the label on a pull that needs work",
      { pull: PULL, issue: { labels: ["bot", "needs-rework"] }, timeline: [bot("hana")] },
      "bot_label rework",
    ],
    [
      "our own label on a pull whose record was lost",
      { pull: PULL, issue: { labels: ["bot", "needs-review"] }, timeline: [bot("clawbot")] },
      "bot_label review",
    ],
    [
      "a pull from a fork",
      {
        pull: { head: { repo: "x/b", branch: "agent/7-t", sha: "s" } },
        issue: { labels: ["bot", "needs-rework"] },
        timeline: [bot("hana")],
      },
      "bot_label review",
    ],
    ["a closed item", { issue: { state: "closed", labels: ["bot"] }, timeline: [bot("hana")] }, "closed"],
    ["a merged pull", { pull: PULL, issue: { merged: true, labels: ["bot"] }, timeline: [bot("hana")] }, "closed"],
    ["a locked item", { issue: { is_locked: true, labels: ["bot"] }, timeline: [bot("hana")] }, "locked"],
    ["a draft", { pull: PULL, issue: { draft: true, labels: ["bot"] }, timeline: [bot("hana")] }, "draft"],
    ["an item of a person", { issue: { labels: ["bot"], assignees: ["carl"] }, timeline: [bot("hana")] }, "human_assigned"],
    [
      "an item of a person and the bot",
      { issue: { labels: ["bot"], assignees: ["carl", "clawbot"] }, timeline: [bot("hana"), assigned("hana")] },
      "assignment work",
    ],
    ["a label beside merge-ready", { pull: PULL, issue: { labels: ["bot", "merge-ready"] }, timeline: [bot("hana")] }, "merge_ready"],
    [
      "a mention, and the label was taken away since",
      { ...said("@clawbot please"), timeline: [{ ...bot("carl", false), at: "2026-03-01T11:00:00Z" }] },
      "no_bot_label_after_removal",
    ],
    [
      "a person who asks for changes of what is ready",
      { ...OURS, reviews: [{ state: "REQUEST_CHANGES", body: "no" }] },
      "changes_requested rework",
    ],
    ["a person who speaks about what is ready", { ...OURS, ...said("One more thing.") }, "human_reply_on_our_pr rework"],
    [
      "our own reviewer who asks for changes",
      { ...OURS, reviews: [{ state: "REQUEST_CHANGES", body: "no", author: "judge" }] },
      "merge_ready",
    ],
    ["a stranger who speaks about what is ready", { ...OURS, ...said("One more thing.", "mallory") }, "unauthorised_author"],
    ["a command", said("@clawbot retry"), "command work"],
    ["a command for a review", { pull: PULL, ...said("@clawbot review") }, "command review"],
    ["a stop", said("@clawbot stop"), "stop"],
    ["a stop after a mention", talk("@clawbot please", "@clawbot stop"), "stop"],
    ["a mention after a stop", talk("@clawbot stop", "@clawbot please"), "mention work"],
    ["a mention, and a question for the status", talk("@clawbot please", "@clawbot status"), "mention work"],
    ["a question for the status", said("@clawbot status"), "status"],
    ["a stranger's stop", said("@clawbot stop", "mallory"), "unauthorised_author"],
    ["nothing", {}, "not_mentioned"],
  ])("%s", (_name, shown, expected) => {
    expect(answer(shown)).toBe(expected);
  });

  it("works on drafts where somebody wants it, and never in an archive", () => {
    const shown: Shown = { pull: PULL, issue: { draft: true, labels: ["bot"] }, timeline: [bot("hana")] };
    expect(answer(shown, null, { draft: "work" })).toBe("bot_label review");
    expect(answer(shown, null, { archived: true })).toBe("archived_repo");
  });
});

describe("triage of an item that is held", () => {
  const fresh = {
    repo: "a/b",
    number: 7,
    is_pull: true,
    step: "review",
    cause: "continuation",
    by: null,
    title: "",
    priority: false,
  } as const;
  const item = (shown: Shown, more: Partial<Item> = {}): Item => ({
    ...freshItem({ ...fresh, cursor: cursorOf(view(shown), RULES), queued_at: AT, foreign: false }),
    ...more,
  });

  it("looks at entries after the cursor only, and at a body once (DSP-21, DSP-26)", () => {
    const before: Shown = { issue: { body: "@clawbot please", author: "hana" }, comments: [{ body: "@clawbot please" }] };
    expect(answer(before, item(before))).toBe("already_handled");
    const more = { ...before, comments: [{ body: "@clawbot please" }, { body: "and this, @clawbot" }] };
    expect(answer(more, item(before))).toBe("mention work");
    const edited = { ...before, issue: { body: "@clawbot please, and soon", author: "hana" } };
    expect(answer(edited, item(before))).toBe("mention work");
  });

  it("is stirred in a person's turn by persons only", () => {
    const before: Shown = { pull: PULL, issue: { labels: ["needs-rework"], assignees: ["hana"] } };
    const waiting = item(before, { state: "blocked_human", last_reason: "max_rounds", human_assigned: "hana" });
    expect(answer(before, waiting)).toBe("blocked_human");
    expect(answer({ ...before, ...said("Try it again.") }, waiting)).toBe("human_reply_on_our_pr rework");
    expect(answer({ ...before, ...said("I did what I could.", "clawbot") }, waiting)).toBe("blocked_human");
    expect(answer({ ...before, ...said("@clawbot retry") }, waiting)).toBe("command review");
  });

  it("is stopped, whatever else is said in the same breath (DSP-29)", () => {
    expect(answer(talk("@clawbot stop", "@clawbot retry"), item({}))).toBe("stop");
    expect(answer(talk("@clawbot status", "@clawbot retry"), item({}))).toBe("command work");
  });

  it("takes no approval for a wish", () => {
    expect(answer({ ...OURS, reviews: [{ state: "APPROVED", body: "Well done." }] }, item(OURS, { state: "blocked_human" }))).toBe(
      "blocked_human",
    );
  });
});

it("knows whose branch may be written to (PSM-16)", () => {
  const of = (repo: string | null, branch: string) => isForeign({ repo: "a/b", head: { repo, branch, sha: "" } }, RULES);
  expect([of("a/b", "agent/1"), of("a/b", "feature"), of("x/b", "agent/1"), of(null, "agent/1")]).toEqual([false, true, true, true]);
  expect(START.comment_id).toBe(0);
});
