// Every question of the probe, in an order in which each finds what the earlier ones left. Answers hold no id, time or address.
import { asking } from "./asking.mjs";
import { askIssues } from "./issues.mjs";
import { askLabels } from "./labels.mjs";
import { askNotifications } from "./notifications.mjs";
import { askPulls } from "./pulls.mjs";
import { askServer } from "./server.mjs";

/** @typedef {import("./asking.mjs").Target} Target */
/**
 * @typedef {object} Ground
 * @property {ReturnType<typeof asking>["ask"]} ask
 * @property {ReturnType<typeof asking>["unread"]} unread
 * @property {Target} target
 * @property {string} repo `/repos/owner/name`
 * @property {{ owner: string, bot: string, stranger: string }} who
 * @property {(fact: string, value: unknown) => void} note
 */

/**
 * Facts by name.
 * @param {Target} target
 * @returns {Promise<Record<string, unknown>>}
 */
export async function probe(target) {
  const { ask, unread } = asking(target);
  /** @type {Record<string, unknown>} */
  const facts = {};
  /** @param {"owner" | "bot" | "stranger"} each */
  const login = async (each) => /** @type {string} */ ((await ask(each, "GET", "/user")).json?.login);
  const who = { owner: await login("owner"), bot: await login("bot"), stranger: await login("stranger") };
  const repo = `/repos/${who.owner}/${target.name}`;
  const note = (/** @type {string} */ fact, /** @type {unknown} */ value) => void (facts[fact] = neutral(value, who));
  const made = await ask("owner", "POST", "/user/repos", { name: target.name, auto_init: true, default_branch: "main" });
  note("repository/made", made.status);
  note("collaborator/added", (await ask("owner", "PUT", `${repo}/collaborators/${who.bot}`, { permission: "write" })).status);
  await ask("bot", "DELETE", `${repo}/subscription`);
  await ask("bot", "PUT", "/notifications?all=true");
  const ground = { ask, unread, target, repo, who, note };
  try {
    for (const part of [askServer, askNotifications, askIssues, askLabels, askPulls]) await part(ground);
  } finally {
    await ask("owner", "DELETE", repo);
  }
  return facts;
}

/**
 * The accounts by their part.
 * @param {unknown} value
 * @param {Ground["who"]} who
 */
function neutral(value, who) {
  const parts = new Map(Object.entries(who).map(([part, login]) => [login, part]));
  return JSON.parse(JSON.stringify(value ?? null), (_key, each) => (typeof each === "string" ? (parts.get(each) ?? each) : each));
}
