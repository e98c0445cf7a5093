// One thread per item, one second of resolution, and what makes none (DSP-S5 to DSP-S10).

/** @param {import("./questions.mjs").Ground} ground */
export async function askNotifications({ ask, unread, repo, who, note, target }) {
  const issue = (await ask("owner", "POST", `${repo}/issues`, { title: "first", body: `@${who.bot} please look` })).json;
  const at = `${repo}/issues/${issue.number}`;
  const [first] = await unread((threads) => threads.length > 0);
  const list = await ask("bot", "GET", "/notifications?status-types=unread");
  note("thread/of a mention in the body", shape(first));
  note(
    "thread/headers of the list",
    ["x-total-count", "link", "etag"].filter((name) => list.headers.has(name)),
  );
  note("thread/cheap probe", (await ask("bot", "GET", "/notifications/new")).json);

  await ask("owner", "POST", `${at}/comments`, { body: `@${who.bot} again, while unread` });
  const [second] = await unread((threads) => threads[0]?.subject.latest_comment_url !== "");
  note("thread/second event while unread", { same_id: second?.id === first?.id, ...shape(second) });
  const read = await ask("bot", "PATCH", `/notifications/threads/${first?.id}`);
  note("thread/read", { status: read.status, bytes: read.text.length, left: (await unread()).length });
  await target.pause(1_100);
  await ask("owner", "POST", `${at}/comments`, { body: `@${who.bot} third` });
  const [third] = await unread((threads) => threads.length > 0);
  note("thread/event after it was read", { same_id: third?.id === first?.id, ...shape(third) });

  note("thread/pinned", (await ask("bot", "PATCH", `/notifications/threads/${first?.id}?to-status=pinned`)).status);
  const kept = (await ask("bot", "GET", "/notifications")).json;
  note(
    "thread/list without a status has pinned ones",
    kept.some((/** @type {any} */ each) => each.pinned),
  );
  note("thread/unread again", (await ask("bot", "PATCH", `/notifications/threads/${first?.id}?to-status=unread`)).status);
  note("thread/of somebody else", (await ask("stranger", "PATCH", `/notifications/threads/${first?.id}`)).status);
  note("thread/missing", (await ask("bot", "PATCH", "/notifications/threads/99999999")).status);
  const all = await ask("bot", "PUT", "/notifications?all=true");
  note("thread/all read", { status: all.status, bytes: all.text.length });
  await ask("bot", "POST", `${at}/comments`, { body: "my own words" });
  note("thread/own comment", (await unread()).length);
}

/** @param {any} thread */
function shape(thread) {
  if (thread === undefined) return null;
  const { subject, unread, pinned, repository } = thread;
  return {
    unread,
    pinned,
    type: subject.type,
    state: subject.state,
    has_comment: subject.latest_comment_url !== "",
    item: /\/issues\/\d+$/.test(subject.url),
    names_repository: /^[^/]+\/[^/]+$/.test(repository.full_name),
  };
}
