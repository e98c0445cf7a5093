// Signing in, errors, headers and limits (DSP-S1 to DSP-S4), and who may write.
import { present } from "./asking.mjs";

/** @param {import("./questions.mjs").Ground} ground */
export async function askServer({ ask, target, repo, who, note }) {
  const { bot } = target.tokens;
  note("auth/none", (await ask(null, "GET", "/user")).status);
  const bad = await ask(null, "GET", "/user", undefined, { authorization: "token deadbeef" });
  note("auth/bad", { status: bad.status, keys: Object.keys(bad.json ?? {}).sort() });
  note("auth/bearer", (await ask(null, "GET", "/user", undefined, { authorization: `Bearer ${bot}` })).status);
  note("auth/in the address", (await ask(null, "GET", `/user?token=${bot}`)).status);

  const missing = await ask("bot", "GET", `${repo}/issues/424242`);
  note("error/missing issue", {
    status: missing.status,
    keys: Object.keys(missing.json ?? {}).sort(),
    errors: missing.json?.errors ?? null,
  });
  const one = await ask("bot", "GET", repo);
  note("headers/of a repository", present(one, "etag", "last-modified", "cache-control", "x-ratelimit-remaining"));
  const limits = (await ask("bot", "GET", "/settings/api")).json;
  note("limits/page", { most: limits?.max_response_items, usual: limits?.default_paging_num });

  note("rights/shown", one.json?.permissions);
  note("rights/of another, asked by the bot", (await ask("bot", "GET", `${repo}/collaborators/${who.stranger}/permission`)).status);
  const people = await ask("bot", "GET", `${repo}/assignees`);
  note(
    "rights/who may be assigned",
    [...(people.json ?? [])].map((each) => each.login).sort((a, b) => order(who, a) - order(who, b)),
  );
  note("rights/collaborator", (await ask("bot", "GET", `${repo}/collaborators/${who.bot}`)).status);
  note("rights/no collaborator", (await ask("bot", "GET", `${repo}/collaborators/${who.stranger}`)).status);
}

/**
 * @param {Record<string, string>} who
 * @param {string} login
 */
function order(who, login) {
  return Object.values(who).indexOf(login);
}
