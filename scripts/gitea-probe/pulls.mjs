// Pulls and reviews (DSP-S13, DSP-S16, DSP-S19 to DSP-S21).

/** @param {import("./questions.mjs").Ground} ground */
export async function askPulls({ ask, unread, repo, who, note }) {
  const content = Buffer.from("hello\n").toString("base64");
  const branched = await ask("bot", "POST", `${repo}/contents/x.txt`, { content, message: "x", new_branch: "agent/x", branch: "main" });
  note("pull/branch made", branched.status);
  const order = { head: "agent/x", base: "main", title: "WIP: x (closes #1)", body: "b" };
  const made = await ask("bot", "POST", `${repo}/pulls`, order);
  const { number } = made.json;
  note("pull/made", {
    status: made.status,
    mergeable: made.json.mergeable,
    draft: made.json.draft ?? null,
    has_head: made.json.head?.sha?.length,
  });
  note("pull/made twice", (await ask("bot", "POST", `${repo}/pulls`, order)).status);
  const review = (/** @type {"owner" | "bot"} */ by, /** @type {string} */ event) =>
    ask(by, "POST", `${repo}/pulls/${number}/reviews`, { event, body: `@${who.bot} ${event}` });
  const self = await review("bot", "APPROVED");
  note("review/own approved", { status: self.status, message: self.json?.message });
  note("review/own comment", (await review("bot", "COMMENT")).status);
  await ask("bot", "PUT", "/notifications?all=true");
  const changes = await review("owner", "REQUEST_CHANGES");
  note("review/changes wanted", { status: changes.status, has_commit: changes.json?.commit_id?.length, stale: changes.json?.stale });
  const threads = await unread((all) => all.some((each) => each.subject.type === "Pull"));
  const thread = threads.find((each) => each.subject.type === "Pull");
  note("review/told of it", { type: thread?.subject.type, has_comment: thread?.subject.latest_comment_url !== "" });
  note("review/among the comments", (await ask("bot", "GET", `${repo}/issues/${number}/comments`)).json.length);
  const entries = (await ask("bot", "GET", `${repo}/issues/${number}/timeline`)).json;
  note("review/in the timeline", entries.filter((/** @type {any} */ each) => each.type === "review").length);
  const view = (await ask("bot", "GET", `${repo}/issues/${number}`)).json;
  note("pull/as an issue", Object.keys(view.pull_request ?? {}).sort());
  const kinds = await Promise.all(["issues", "pulls"].map((type) => ask("bot", "GET", `${repo}/issues?type=${type}&state=open&limit=50`)));
  note(
    "issues/by type",
    kinds.map(({ json }) => json.every((/** @type {any} */ each) => (each.pull_request !== null) === (json === kinds[1]?.json))),
  );
  const merge = (/** @type {string} */ sha) => ask("owner", "POST", `${repo}/pulls/${number}/merge`, { Do: "merge", head_commit_id: sha });
  note("merge/unfinished", (await merge("0".repeat(40))).status);
  await ask("bot", "PATCH", `${repo}/pulls/${number}`, { title: "x (closes #1)" });
  note("merge/stale head", [409].includes((await merge("0".repeat(40))).status));
}
