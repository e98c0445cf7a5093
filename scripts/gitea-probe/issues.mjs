// Assignees, lists, comments and the timeline (DSP-S9, DSP-S11, DSP-S14 to DSP-S16).
import { inOrder, logins } from "./asking.mjs";

/** @param {import("./questions.mjs").Ground} ground */
export async function askIssues({ ask, unread, repo, who, note, target }) {
  const at = `${repo}/issues/1`;
  const assign = async (/** @type {"owner" | "bot" | "stranger"} */ by, /** @type {string[]} */ people) => {
    const answer = await ask(by, "PATCH", at, { assignees: people });
    return { status: answer.status, who: logins(answer) };
  };
  await ask("bot", "PUT", "/notifications?all=true");
  note("assign/somebody", await assign("owner", [who.owner]));
  note("assign/another takes the place", await assign("bot", [who.bot]));
  note("assign/the same again", await assign("bot", [who.bot]));
  note("assign/told of one's own", (await unread()).length);
  const unknown = await ask("bot", "PATCH", at, { assignees: ["nobody-here"] });
  note("assign/unknown account", { status: unknown.status, message: unknown.json?.message });
  note("assign/without access", (await ask("bot", "PATCH", at, { assignees: [who.stranger] })).status);
  note("assign/nobody", await assign("bot", []));
  await ask("bot", "PUT", "/notifications?all=true");
  await assign("owner", [who.bot]);
  note("assign/told by another", (await unread((threads) => threads.length > 0)).length);
  await ask("bot", "PUT", "/notifications?all=true");
  note("assign/by a stranger", (await assign("stranger", [who.stranger])).status);

  const guarded = await ask(
    "bot",
    "PATCH",
    at,
    { title: "renamed" },
    { "if-match": '"nope"', "if-unmodified-since": "Mon, 01 Jan 2001 00:00:00 GMT" },
  );
  note("issue/preconditions", guarded.status);
  await bumps({ ask, unread, repo, who, note, target });
  const comments = await ask("bot", "GET", `${at}/comments`);
  const few = await ask("bot", "GET", `${at}/comments?limit=1`);
  const times = comments.json.map((/** @type {any} */ each) => each.id);
  note("comments/oldest first", [...times].sort((a, b) => a - b).join() === times.join());
  note("comments/limit", few.json.length === comments.json.length);
  const timeline = (await ask("bot", "GET", `${at}/timeline`)).json;
  note("timeline/types", inOrder([...new Set(timeline.map((/** @type {any} */ each) => each.type))]));
}

/**
 * What moves `updated_at`.
 * @param {import("./questions.mjs").Ground} ground
 */
async function bumps({ ask, repo, who, note, target }) {
  const at = `${repo}/issues/1`;
  const label = (await ask("owner", "POST", `${repo}/labels`, { name: "moves", color: "#00aabb" })).json.id;
  const acts = {
    label: () => ask("owner", "POST", `${at}/labels`, { labels: [label] }),
    assignee: () => ask("owner", "PATCH", at, { assignees: [who.owner] }),
    comment: () => ask("owner", "POST", `${at}/comments`, { body: "words" }),
  };
  /** @type {Record<string, boolean>} */
  const moved = {};
  for (const [name, act] of Object.entries(acts)) {
    const before = (await ask("bot", "GET", at)).json.updated_at;
    await target.pause(1_100);
    await act();
    moved[name] = (await ask("bot", "GET", at)).json.updated_at !== before;
  }
  note("issue/updated_at moves with", moved);
  const since = (await ask("bot", "GET", at)).json.updated_at;
  const changed = await ask("bot", "GET", `${repo}/issues?state=all&since=${encodeURIComponent(since)}`);
  note("issues/since has the one of that second", changed.json.length >= 1);
  const later = new Date(Date.parse(since) + 3_600_000).toISOString();
  note(
    "issues/since has nothing older",
    (await ask("bot", "GET", `${repo}/issues?state=all&since=${encodeURIComponent(later)}`)).json.length,
  );
}
