// Labels, and what filters by label are worth (DSP-S4, DSP-S11, DSP-S12, DSP-S17, DSP-S18).
import { names } from "./asking.mjs";

/** @param {import("./questions.mjs").Ground} ground */
export async function askLabels({ ask, unread, repo, note }) {
  const issue = (await ask("owner", "POST", `${repo}/issues`, { title: "oldest of the bulk" })).json;
  const on = `${repo}/issues/${issue.number}/labels`;
  /** @type {Record<string, number>} */
  const ids = {};
  for (const name of ["bot", "needs-review", "needs-rework"])
    ids[name] = (await ask("owner", "POST", `${repo}/labels`, { name, color: "#00aabb" })).json.id;
  for (const name of ["state/one", "state/two"]) {
    const made = await ask("owner", "POST", `${repo}/labels`, { name, color: "#00aabb", exclusive: true });
    ids[name] = made.json.id;
    note(`label/made ${name}`, { status: made.status, exclusive: made.json.exclusive ?? null });
  }
  const add = async (/** @type {"owner" | "bot" | "stranger"} */ by, /** @type {unknown[]} */ labels) => {
    const answer = await ask(by, "POST", on, { labels });
    return { status: answer.status, labels: names(answer) };
  };
  await ask("bot", "PUT", "/notifications?all=true");
  note("label/added by id", await add("owner", [ids["bot"]]));
  note("label/told of it", (await unread()).length);
  note("label/added by name", (await add("bot", ["needs-review"])).status);
  note("label/unknown id", (await add("bot", [99_999_999])).status);
  await add("bot", [ids["state/one"]]);
  note(
    "label/two of one scope",
    (await add("bot", [ids["state/two"]])).labels?.filter((name) => name.startsWith("state/")),
  );
  const put = await ask("bot", "PUT", on, { labels: [ids["bot"], ids["needs-rework"]] });
  note("label/replaced", { status: put.status, labels: names(put) });
  note("label/removed", (await ask("bot", "DELETE", `${on}/${ids["needs-rework"]}`)).status);
  note("label/removed when absent", (await ask("bot", "DELETE", `${on}/${ids["needs-rework"]}`)).status);
  note("label/by a stranger", (await add("stranger", [ids["bot"]])).status);

  for (let turn = 0; turn < 11; turn += 1) {
    const more = (await ask("owner", "POST", `${repo}/issues`, { title: `bulk ${turn}` })).json;
    await ask("owner", "POST", `${repo}/issues/${more.number}/labels`, { labels: [ids["bot"]] });
  }
  await ask("owner", "POST", `${repo}/issues/${issue.number}/comments`, { body: "touch the oldest" });
  const ten = await ask("bot", "GET", `${repo}/issues?state=open&type=issues&labels=bot&sort=updated&limit=10`);
  note("issues/ten of twelve", {
    count: ten.json.length,
    newest_first: ten.json[0].title,
    has_oldest: ten.json.some((/** @type {any} */ each) => each.number === issue.number),
    total: ten.headers.get("x-total-count"),
    links: [...(ten.headers.get("link") ?? "").matchAll(/rel="(\w+)"/g)].map(([, rel]) => rel),
  });
  note("issues/unknown label", (await ask("bot", "GET", `${repo}/issues?state=open&labels=no-such-label`)).json.length);
  note("issues/two labels", (await ask("bot", "GET", `${repo}/issues?state=open&labels=bot,needs-review`)).json.length);
  note("issues/limit over the cap", (await ask("bot", "GET", `${repo}/issues?limit=1000`)).json.length);
}
