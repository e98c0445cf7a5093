/** Fills the prompt of one run with what the item and the server say (DSP-48 to DSP-50). */
import type { GiteaGround } from "./ground.ts";
import { claimIn } from "./claims.ts";
import type { Item } from "./item.ts";
import { dataBlock, promptOf, TITLE_LIMIT, type Untrusted } from "./prompt.ts";
import { clean } from "./prompt.ts";
import { valueOf } from "./server-view.ts";
import type { ItemView } from "./triage.ts";

const NAMED_ISSUES = 5;

/** The whole text that the agent gets. */
export async function promptFor(ground: GiteaGround, item: Item, view: ItemView): Promise<string> {
  const { url, bot_user, openclaw_bin } = ground.config();
  const { header, workflow } = ground.prompts();
  return promptOf(header, workflow, {
    repo_full: item.repo,
    issue_number: String(item.number),
    title: clean(view.issue.title, TITLE_LIMIT).replaceAll("\n", " "),
    subject_type: item.is_pull ? "pull request" : "issue",
    reason: item.cause,
    gitea_url: url,
    bot_user,
    openclaw_bin,
    step: item.step,
    round: String(item.round),
    branch: item.branch ?? "",
    base: item.base ?? "",
    head_sha: item.head_sha ?? "",
    result_file: ground.runs.resultFile(item.run_id ?? ""),
    data: ground.redact(dataBlock(await untrusted(ground, item, view), ground.randomHex(16))),
  });
}

async function untrusted(ground: GiteaGround, item: Item, { issue, pull, comments, reviews }: ItemView): Promise<Untrusted> {
  const { bot_user } = ground.config();
  const said = [
    ...comments
      .filter((each) => claimIn(each, bot_user) === null)
      .map(({ author, created_at, body }) => ({ author, at: created_at, body })),
    ...reviews.filter(({ body }) => body.trim() !== "").map(({ author, submitted_at, body }) => ({ author, at: submitted_at, body })),
  ].toSorted((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0));
  return {
    title: issue.title,
    author: issue.author,
    body: issue.body,
    comments: said,
    notes: item.notes,
    more: pull === null ? [] : await reviewGround(ground, item, issue.body),
  };
}

/** What a reviewer compares: the range of commits, and the issues that the pull names (DSP-50). */
async function reviewGround(ground: GiteaGround, item: Item, body: string): Promise<Untrusted["more"]> {
  const range = `The difference is ${item.base ?? ""}...${item.head_sha ?? ""}.`;
  const numbers = [...body.matchAll(/(?<![\w/])#(\d{1,12})\b/g)].map(({ 1: number = "" }) => Number(number));
  const named = [...new Set([...(item.issue === null ? [] : [item.issue]), ...numbers])].filter((number) => number !== item.number);
  const issues: Untrusted["more"][number][] = [];
  for (const number of named.slice(0, NAMED_ISSUES)) {
    const found = await ground.forge.issue({ repo: item.repo, number });
    if (found.kind === "value") issues.push({ heading: `issue #${number}`, text: `${found.value.title}\n\n${found.value.body}` });
    else if (found.fault !== "not_found") await valueOf(Promise.resolve(found));
  }
  return [{ heading: "range", text: range }, ...issues];
}
