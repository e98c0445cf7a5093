/** The client against the double over real HTTP: what it makes of answers, of faults and of hostile ones (DSP-10 to DSP-13). */
import { afterEach, describe, expect, test } from "vitest";
import { giteaForge } from "../../src/drivers/gitea/forge.ts";
import type { Fault } from "./double/faults.ts";
import { addLabels, comment, deleteComment, openIssue, setAssignees, setState } from "./double/items.ts";
import { addLabel, addOrganisationLabel, addRepo, addToken, addUser, collaborate } from "./double/world.ts";
import { rig, valueOf, type Rig } from "./rig.ts";

let all: Rig;
const started = async (...given: Parameters<typeof rig>): Promise<Rig> => (all = await rig(...given));
afterEach(() => all.gitea.close());

const REPO = "human/project";
const at = (number: number) => ({ repo: REPO, number });

function issues(count: number, label?: string): void {
  const { repo, gitea } = all;
  const id = repo.labels.find(({ name }) => name === label)?.id;
  for (let turn = 0; turn < count; turn += 1)
    openIssue(gitea.world, repo, { by: "human", title: `issue ${turn}`, labels: id === undefined ? [] : [id] });
}

describe("an answer", () => {
  test("of an issue is a value, with the server's nulls as empty lists (DSP-10, DSP-S13, DSP-S14)", async () => {
    const { forge, gitea, repo } = await started({ profile: "current" });
    const item = openIssue(gitea.world, repo, { by: "human", title: "one", body: "text" });
    const issue = valueOf(await forge.issue(at(1)));
    expect(issue).toMatchObject({
      repo: REPO,
      number: 1,
      is_pull: false,
      author: "human",
      state: "open",
      assignees: [],
      labels: [],
      draft: false,
    });
    setAssignees(gitea.world, item, "human", ["clawbot", "human"]);
    addLabels(gitea.world, item, "human", [repo.labels[0]?.id ?? 0]);
    expect(valueOf(await forge.issue(at(1)))).toMatchObject({
      assignees: ["clawbot", "human"],
      labels: [{ name: "bot", exclusive: false }],
    });
  });

  test("of a thread names item and event; one without a comment has an empty address (DSP-S5, DSP-S6)", async () => {
    const { forge, gitea, repo } = await started();
    const item = openIssue(gitea.world, repo, { by: "human", title: "one", body: "@clawbot look" });
    expect(valueOf(await forge.unread())).toBe(1);
    const [thread] = valueOf(await forge.threads()).entries;
    expect(thread).toMatchObject({ unread: true, repo: REPO, number: 1, subject: "Issue", latest_comment_url: "" });
    comment(gitea.world, item, "human", "@clawbot again");
    expect(valueOf(await forge.thread(thread?.id ?? 0)).latest_comment_url).toMatch(/\/issues\/comments\/\d+$/);
    // 205 with an empty body.
    expect(await forge.markRead(thread?.id ?? 0)).toEqual({ kind: "value", value: null });
    expect(valueOf(await forge.unread())).toBe(0);
    expect((await all.as("stranger").markRead(thread?.id ?? 0)).kind).toBe("failed");
  });

  test("of a timeline tells who set which label and who was assigned (DSP-27, DSP-S16)", async () => {
    const { forge, gitea, repo } = await started();
    const item = openIssue(gitea.world, repo, { by: "human", title: "one" });
    const bot = repo.labels[0]?.id ?? 0;
    addLabels(gitea.world, item, "stranger", [bot]);
    setAssignees(gitea.world, item, "human", ["clawbot"]);
    setAssignees(gitea.world, item, "human", []);
    const seen = valueOf(await forge.timeline(at(1))).map(({ type, actor, label, assignee }) => [type, actor, label ?? assignee]);
    expect(seen).toEqual([
      ["label", "stranger", { name: "bot", added: true }],
      ["assignees", "human", { login: "clawbot", added: true }],
      ["assignees", "human", { login: "clawbot", added: false }],
    ]);
  });
});

describe("a list", () => {
  test("is read to its last page; the oldest of 120 is in it (DSP-12, DSP-S4, DSP-S11, DSP-95)", async () => {
    const { forge } = await started();
    issues(120, "bot");
    const { entries, truncated } = valueOf(await forge.labelled(REPO, "bot"));
    expect([entries.length, truncated, entries.at(-1)?.number]).toEqual([120, false, 1]);
    expect(all.asked().filter((line) => line.includes("page="))).toHaveLength(3);
  });

  test("has an item once that moved to another page meanwhile (DSP-12)", async () => {
    const { forge, gitea, repo } = await started();
    issues(60, "bot");
    const { draw } = gitea.faults;
    // A new one between the first page and the second pushes the fiftieth over.
    gitea.faults.draw = (line) => {
      if (line.includes("page=2")) openIssue(gitea.world, repo, { by: "human", title: "new", labels: [repo.labels[0]?.id ?? 0] });
      return draw(line);
    };
    const { entries } = valueOf(await forge.labelled(REPO, "bot"));
    const numbers = entries.map(({ number }) => number);
    expect(new Set(numbers).size).toBe(numbers.length);
    expect(numbers).toHaveLength(60);
  });

  test("that a server never ends is cut after 200 pages, and says so (DSP-12)", async () => {
    const { forge, gitea } = await started();
    // Another page of the same ones for ever, and a count that is never reached.
    issues(1, "bot");
    gitea.faults.rates = { endless: 1 };
    const { truncated } = valueOf(await forge.labelled(REPO, "bot"));
    expect(truncated).toBe(true);
    expect(all.asked().filter((line) => line.includes("page="))).toHaveLength(200);
  });

  test("by a label that the repository does not have is every issue, so each one's own labels are looked at (DSP-28, DSP-S12)", async () => {
    const { forge, gitea, repo } = await started();
    issues(3);
    addOrganisationLabel(gitea.world, "human", { name: "org-bot" });
    for (const name of ["no-such-label", "org-bot"]) {
      const { entries } = valueOf(await forge.labelled(REPO, name));
      expect(entries).toHaveLength(3);
      expect(entries.filter(({ labels }) => labels.some((label) => label.name === name))).toEqual([]);
    }
    expect(valueOf(await forge.labels(REPO)).map(({ name }) => name)).toEqual(repo.labels.map(({ name }) => name));
  });

  test("of what changed has closed ones and nothing old, and costs one request when nothing changed (DSP-20, DSP-86)", async () => {
    let now = Date.UTC(2026, 10, 21, 9);
    const { forge, gitea, repo } = await started({ now: () => now });
    issues(200, "bot");
    now += 60_000;
    const since = new Date(now).toISOString();
    valueOf(await forge.server());
    gitea.journal.length = 0;
    expect(valueOf(await forge.changed(REPO, since)).entries).toEqual([]);
    expect(all.asked()).toHaveLength(1);
    setState(gitea.world, repo.items[6] ?? expect.fail(), "human", "closed");
    expect(valueOf(await forge.changed(REPO, since)).entries.map(({ number, state }) => [number, state])).toEqual([[7, "closed"]]);
  });

  test("of comments is oldest first and has no bodies of reviews (DSP-S16)", async () => {
    const { forge, gitea, repo } = await started();
    const item = openIssue(gitea.world, repo, { by: "human", title: "one" });
    for (let turn = 0; turn < 70; turn += 1) comment(gitea.world, item, "human", `words ${turn}`);
    const bodies = valueOf(await forge.comments(at(1))).map(({ body }) => body);
    expect([bodies.length, bodies[0], bodies.at(-1)]).toEqual([70, "words 0", "words 69"]);
  });

  test("of a search has only items that say where they lie (DSP-20)", async () => {
    const { forge, gitea, repo } = await started();
    openIssue(gitea.world, repo, { by: "human", title: "one", body: "@clawbot" });
    openIssue(gitea.world, repo, { by: "human", title: "two", assignees: ["clawbot"] });
    const since = "2020-01-01T00:00:00Z";
    expect(valueOf(await forge.search("mentioned", since)).entries.map(({ repo: of, number }) => [of, number])).toEqual([[REPO, 1]]);
    expect(valueOf(await forge.search("assigned", since)).entries.map(({ number }) => number)).toEqual([2]);
    expect(valueOf(await forge.search("review_requested", since)).entries).toEqual([]);
  });
});

describe("a fault", () => {
  const repeated: readonly (readonly [Fault, string, string | null])[] = [
    ["500", "server", "database is locked"],
    ["500_empty", "server", "the server answered 500"],
    ["502_html", "server", "the server answered 502"],
    ["reset", "network", null],
    ["429", "rate_limited", "too many requests"],
    ["hang", "timeout", "no answer within 15 s"],
  ];

  test.each(repeated)("%s of a read is repeated and then gone (DSP-11, DSP-91)", async (fault) => {
    const { forge, gitea, waits } = await started();
    gitea.faults.next(fault);
    gitea.faults.next(fault);
    expect(await forge.unread()).toEqual({ kind: "value", value: 0 });
    expect(waits).toEqual(fault === "429" ? [7_000, 7_000] : [500, 1_000]);
  });

  test.each(repeated)(
    "%s that stays is %s after four tries, never an empty list (DSP-10, DSP-11, DSP-91, DSP-S3)",
    async (fault, kind, message) => {
      const { forge, gitea, waits } = await started();
      gitea.faults.rates = { [fault]: 1 };
      const answer = await forge.unread();
      expect(answer).toMatchObject({ kind: "failed", fault: kind });
      if (message !== null) expect(answer).toMatchObject({ message });
      expect(gitea.journal).toHaveLength(4);
      expect(waits).toHaveLength(3);
    },
  );

  test.each(repeated)("%s of a write is not repeated: its caller looks first (DSP-11)", async (fault, kind) => {
    const { forge, gitea, repo } = await started();
    openIssue(gitea.world, repo, { by: "human", title: "one" });
    gitea.faults.next(fault);
    expect(await forge.comment(at(1), "words")).toMatchObject({ kind: "failed", fault: kind });
    expect(all.asked()).toHaveLength(1);
  });

  test("after the write was carried out is a failure all the same, and a look shows what happened (DSP-11)", async () => {
    const { forge, gitea, repo } = await started();
    openIssue(gitea.world, repo, { by: "human", title: "one" });
    gitea.faults.next("reset_after");
    expect(await forge.comment(at(1), "words")).toMatchObject({ kind: "failed", fault: "network" });
    expect(valueOf(await forge.comments(at(1))).map(({ body }) => body)).toEqual(["words"]);
  });

  test.each([
    ["html", "the answer is no JSON"],
    ["torn_json", "the answer is no JSON"],
    ["huge", "the answer is larger than 8 MiB"],
    ["redirect_away", "a redirect to another origin was not followed"],
  ] as const)("%s is a bad answer, and not asked for again (DSP-10, DSP-11)", async (fault, message) => {
    const { forge, gitea } = await started();
    gitea.faults.next(fault);
    expect(await forge.unread()).toMatchObject({ kind: "failed", fault: "bad_answer", message });
    expect(gitea.journal).toHaveLength(1);
  });

  test("on the second page is the fault of the list, and null is an empty one (DSP-91)", async () => {
    const { forge, gitea } = await started();
    issues(60, "bot");
    gitea.faults.next("html", /page=2/);
    expect(await forge.labelled(REPO, "bot")).toMatchObject({ kind: "failed", fault: "bad_answer" });
    gitea.faults.next("null_list", /comments/);
    expect(valueOf(await forge.comments(at(1)))).toEqual([]);
    gitea.faults.next("null_list", /notifications/);
    expect(await forge.unread()).toMatchObject({ kind: "failed", fault: "bad_answer" });
  });

  test("of rights or of names has its own word, and the server's message (DSP-10, DSP-S1, DSP-S3)", async () => {
    const { forge, gitea, repo, account } = await started();
    openIssue(gitea.world, repo, { by: "human", title: "one" });
    expect(await forge.issue(at(99))).toMatchObject({ fault: "not_found", status: 404, message: "The target couldn't be found." });
    expect(await all.as("stranger").addLabels(at(1), [repo.labels[0]?.id ?? 0])).toMatchObject({ fault: "forbidden", status: 403 });
    expect(await giteaForge({ ...account, token: "0".repeat(40) }).me()).toMatchObject({ fault: "unauthorized", status: 401 });
    expect(await forge.setAssignees(at(1), ["nobody-here"])).toMatchObject({ fault: "server", status: 500 });
    expect(await forge.createPull(REPO, { head: "agent/none", base: "main", title: "t", body: "" })).toMatchObject({ fault: "not_found" });
  });

  test("of a server that waits a day asks for a minute at most (DSP-11)", async () => {
    const { forge, gitea, waits } = await started();
    gitea.faults.retry_after = 86_400;
    gitea.faults.next("429");
    expect((await forge.unread()).kind).toBe("value");
    expect(waits).toEqual([60_000]);
  });

  test("of nobody listening is a network fault, and an ending program asks nothing again (DSP-3, DSP-10)", async () => {
    const ending = new AbortController();
    const { forge, gitea, waits } = await started({}, { signal: ending.signal });
    ending.abort();
    expect(await forge.unread()).toMatchObject({ fault: "network" });
    expect([waits, gitea.journal.length]).toEqual([[], 0]);
  });
});

describe("a redirect", () => {
  test("within the server is followed with the token, and out of it the token never goes (DSP-11)", async () => {
    const { forge, gitea, token } = await started();
    gitea.faults.next("redirect_here");
    expect(valueOf(await forge.me())).toEqual({ login: "clawbot" });
    expect(gitea.journal.map(({ authorization }) => authorization)).toEqual([`token ${token}`, `token ${token}`]);
    gitea.faults.rates = { redirect_here: 1 };
    expect(await forge.me()).toMatchObject({ fault: "bad_answer", message: "more than 3 redirects" });
  });
});

describe("the token", () => {
  test("stands in one header, in no address, and in no message though the server says it (DSP-S1, DSP-98)", async () => {
    const { forge, gitea, repo, token } = await started();
    openIssue(gitea.world, repo, { by: "human", title: "one" });
    valueOf(await forge.issue(at(1)));
    valueOf(await forge.comment(at(1), "words"));
    for (const { path, body, authorization } of gitea.journal) {
      expect(`${path}${body}`).not.toContain(token);
      expect(authorization).toBe(`token ${token}`);
    }
    gitea.world.users.delete("clawbot");
    const told = await forge.permission(REPO, token);
    expect(JSON.stringify(told)).not.toContain(token);
  });
});

describe("names", () => {
  test.each(["../admin", "a/b/c", "a/..", "./b", "a b/c", "a/b?x=1", "a", "", "a/%2e%2e"])(
    "%j asks nothing: it is no repository",
    async (repo) => {
      const { forge, gitea } = await started();
      expect(await forge.issue({ repo, number: 1 })).toMatchObject({ kind: "failed", fault: "invalid" });
      expect(await forge.createLabel(repo, { name: "bot", color: "#1d76db", exclusive: false })).toMatchObject({ fault: "invalid" });
      expect(gitea.journal).toEqual([]);
    },
  );

  test("of people that lead elsewhere have no permission", async () => {
    const { forge, gitea } = await started();
    for (const login of ["..", "../../user", "a/b", "a b", ""]) expect(valueOf(await forge.permission(REPO, login))).toBe("none");
    expect(gitea.journal).toEqual([]);
  });
});

describe("permission (DSP-27)", () => {
  test.each(["1.15", "current"] as const)("is told by who may be assigned where %s does not tell it", async (profile) => {
    const { forge, gitea, repo } = await started({ profile });
    addUser(gitea.world, "reader");
    collaborate(repo, "reader", "read");
    const told = async (login: string) => valueOf(await forge.permission(REPO, login));
    expect([await told("human"), await told("clawbot"), await told("reader"), await told("stranger"), await told("ghost")]).toEqual([
      "owner",
      "write",
      "none",
      "none",
      "none",
    ]);
  });

  test("is told exactly to an administrator of the repository", async () => {
    const { forge, gitea, repo } = await started({ profile: "current" });
    addUser(gitea.world, "reader");
    collaborate(repo, "reader", "read");
    collaborate(repo, "clawbot", "admin");
    expect(valueOf(await forge.permission(REPO, "reader"))).toBe("read");
    expect(valueOf(await forge.permission(REPO, "clawbot"))).toBe("admin");
  });

  test("that cannot be asked is a failure, not a no", async () => {
    const { forge, gitea } = await started();
    gitea.faults.rates = { "500": 1 };
    expect(await forge.permission(REPO, "stranger")).toMatchObject({ kind: "failed", fault: "server" });
  });
});

describe("a write", () => {
  test("of labels is by id; one that the server passed over is a failure (DSP-S17)", async () => {
    const { forge, gitea, repo } = await started();
    const item = openIssue(gitea.world, repo, { by: "human", title: "one" });
    const [bot, review] = repo.labels.map(({ id }) => id);
    expect(await forge.addLabels(at(1), [bot ?? 0, review ?? 0])).toEqual({ kind: "value", value: null });
    expect(await forge.addLabels(at(1), [99_999])).toMatchObject({ fault: "invalid", message: "the label 99999 was not set" });
    expect(await forge.removeLabel(at(1), bot ?? 0)).toEqual({ kind: "value", value: null });
    expect(await forge.removeLabel(at(1), bot ?? 0)).toEqual({ kind: "value", value: null });
    expect(await forge.removeLabel(at(1), 99_999)).toEqual({ kind: "value", value: null });
    expect([...item.labels]).toEqual([review]);
  });

  test("of an exclusive label takes the other of its scope away, on servers that know it (DSP-S18)", async () => {
    const { forge, gitea, repo } = await started({ profile: "current" });
    const item = openIssue(gitea.world, repo, { by: "human", title: "one" });
    const one = valueOf(await forge.createLabel(REPO, { name: "state/one", color: "#0e8a16", exclusive: true }));
    const two = addLabel(gitea.world, repo, { name: "state/two", exclusive: true });
    expect(one.exclusive).toBe(true);
    await forge.addLabels(at(1), [one.id]);
    await forge.addLabels(at(1), [two.id]);
    expect([...item.labels]).toEqual([two.id]);
  });

  test("of assignees replaces them (DSP-S14)", async () => {
    const { forge, gitea, repo } = await started();
    const item = openIssue(gitea.world, repo, { by: "human", title: "one", assignees: ["human"] });
    valueOf(await forge.setAssignees(at(1), ["human", "clawbot"]));
    expect([...item.assignees]).toEqual(["human", "clawbot"]);
    valueOf(await forge.setAssignees(at(1), []));
    expect([...item.assignees]).toEqual([]);
  });

  test("of comments is made, changed and deleted; one that is gone already is deleted", async () => {
    const { forge, gitea, repo } = await started();
    const item = openIssue(gitea.world, repo, { by: "human", title: "one" });
    const { id } = valueOf(await forge.comment(at(1), "first"));
    valueOf(await forge.editComment(REPO, id, "second"));
    expect(valueOf(await forge.comments(at(1))).map(({ body, author }) => [body, author])).toEqual([["second", "clawbot"]]);
    valueOf(await forge.deleteComment(REPO, id));
    expect(await forge.deleteComment(REPO, id)).toEqual({ kind: "value", value: null });
    const theirs = comment(gitea.world, item, "human", "mine");
    expect(await forge.deleteComment(REPO, theirs.id)).toMatchObject({ fault: "forbidden" });
    expect(deleteComment(gitea.world, item, theirs.id)).toBe(true);
  });
});

describe("pulls", () => {
  test("have real heads; a second of the same branches conflicts, and nobody approves his own (DSP-S19, DSP-S20)", async () => {
    const { forge, gitea, repo } = await started({ git: true, profile: "current" });
    const sha = gitea.world.git?.commit(repo.git_dir ?? "", "agent/1-x", { "x.txt": "x\n" }) ?? "";
    const order = { head: "agent/1-x", base: "main", title: "x", body: "closes #1" };
    const pull = valueOf(await forge.createPull(REPO, order));
    expect(pull).toMatchObject({ number: 1, head: { repo: REPO, branch: "agent/1-x", sha }, base: { branch: "main" }, merged: false });
    expect(await forge.createPull(REPO, order)).toMatchObject({ fault: "conflict", status: 409 });
    expect(valueOf(await forge.pullsFrom(REPO, "agent/1-x"))).toHaveLength(1);
    expect(valueOf(await forge.pullsFrom(REPO, "agent/1"))).toEqual([]);
    const said = { event: "APPROVED", body: "good", commit_id: sha } as const;
    expect(await forge.review(at(1), said)).toMatchObject({ fault: "invalid", message: "approve your own pull is not allowed" });
    valueOf(await forge.review(at(1), { ...said, event: "COMMENT" }));
    valueOf(await all.as("human").review(at(1), { ...said, event: "REQUEST_CHANGES" }));
    gitea.world.git?.commit(repo.git_dir ?? "", "agent/1-x", { "y.txt": "y\n" });
    const reviews = valueOf(await forge.reviews(at(1)));
    expect(reviews.map(({ author, state, stale }) => [author, state, stale])).toEqual([
      ["clawbot", "COMMENT", true],
      ["human", "REQUEST_CHANGES", true],
    ]);
    valueOf(await forge.editPull(at(1), { title: "WIP: x", body: "closes #1" }));
    expect(valueOf(await forge.issue(at(1)))).toMatchObject({ is_pull: true, draft: true, merged: false });
  });
});

describe("the server", () => {
  test("says its version, its limit and its clock (DSP-S2, DSP-S4)", async () => {
    const { forge } = await started({ profile: "current" });
    const server = valueOf(await forge.server());
    expect(server).toMatchObject({ version: "1.25.2", max_response_items: 50 });
    expect(Math.abs(server.clock_difference_ms ?? Number.NaN)).toBeLessThan(60_000);
  });

  test("says which repositories the bot may write to, and whose they are", async () => {
    const { forge, gitea } = await started({ profile: "current" });
    addUser(gitea.world, "acme", true);
    addRepo(gitea.world, { owner: "acme", name: "tools", collaborators: { clawbot: "admin" } });
    addRepo(gitea.world, { owner: "human", name: "readable", collaborators: { clawbot: "read" } });
    addRepo(gitea.world, { owner: "human", name: "foreign" });
    const { entries } = valueOf(await forge.repositories());
    expect(entries.map(({ repo, owner_is_organisation }) => [repo, owner_is_organisation])).toEqual([
      [REPO, false],
      ["acme/tools", true],
    ]);
    addOrganisationLabel(gitea.world, "acme", { name: "bot" });
    expect(valueOf(await forge.organisationLabels("acme")).map(({ name }) => name)).toEqual(["bot"]);
    expect(await forge.organisationLabels("human")).toMatchObject({ fault: "not_found" });
  });

  test("that wants scopes says which one is missing", async () => {
    const { gitea, account } = await started({ profile: "current" });
    const token = addToken(gitea.world, "clawbot", ["read:issue"]);
    const forge = giteaForge({ ...account, token });
    expect(await forge.unread()).toMatchObject({ fault: "forbidden" });
    expect(JSON.stringify(await forge.unread())).toContain("read:notification");
  });
});
