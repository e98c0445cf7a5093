/** What may be told of an item, and what has to become of it: a cause, or the reason why it is ignored (DSP-24, DSP-25). */
import { addEntry, addLabels, comment, openIssue, removeLabel, setAssignees, setState } from "../double/items.ts";
import { openPull, requestReview, review } from "../double/pulls.ts";
import type { Item, Repo, ReviewState } from "../double/records.ts";
import type { Works } from "./works.ts";

type Act = (item: Item, works: Works) => void;

interface Where {
  readonly title?: string;
  readonly body?: string;
  /** It is a pull from this branch. */
  readonly head?: string;
  /** Another repository than the dispatcher's own. */
  readonly repo?: string;
}

export type Row = readonly [title: string, becomes: string, act: Act, where?: Where];

export const OURS = { head: "agent/told" };
export const THEIRS = { head: "feature" };

/** The item of a row, with what is told of it. */
export function openRow(works: Works, own: Repo, [title, , act, where = {}]: Row): Item {
  const { world } = works.gitea;
  const { head, body = "Please." } = where;
  const repo = world.repos.find(({ name }) => name === where.repo) ?? own;
  const made = { by: "human", title: where.title ?? title, body };
  const item = head === undefined ? openIssue(world, repo, made) : openPull(world, repo, { ...made, head, base: "main" });
  act(item, works);
  return item;
}

export function say(by: string, text: string): Act {
  return (item, { gitea }) => void comment(gitea.world, item, by, text);
}

export function judge(by: string, state: ReviewState, body: string, line?: string): Act {
  const lines = line === undefined ? [] : [{ path: "x.txt", line: 1, body: line }];
  return (item, { gitea }) => void review(gitea.world, item, { by, state, body, lines });
}

export function labelled(by: string, name = "bot"): Act {
  return (item, { gitea }) => addLabels(gitea.world, item, by, idsOf(item, name));
}

function idsOf({ repo }: Item, wanted: string): readonly number[] {
  return repo.labels.flatMap(({ id, name }) => (name === wanted ? [id] : []));
}

function assigned(by: string, to: string): Act {
  return (item, { gitea }) => setAssignees(gitea.world, item, by, [...item.assignees, to]);
}

function askedForReview(by: string): Act {
  return (item, { gitea }) => requestReview(gitea.world, item, by, "clawbot");
}

function all(...acts: readonly Act[]): Act {
  return (item, works) => {
    for (const act of acts) act(item, works);
  };
}

const nothing: Act = () => undefined;
const later: Act = (_item, { clock }) => clock.tick(2_000);
const locked: Act = (item) => void (item.locked = true);
const closed: Act = (item, { gitea }) => setState(gitea.world, item, "human", "closed");
const unlabelled: Act = (item, { gitea }) => idsOf(item, "bot").forEach((id) => removeLabel(gitea.world, item, "human", id));
const takenBack: Act = (item, { gitea }) =>
  void addEntry(gitea.world, item, { type: "review_request", by: "human", assignee: "clawbot", removed_assignee: true });

const PLEASE = "@clawbot please";
const mention = say("human", PLEASE);
const no = say("human", "Not yet.");

/** Each on an item of its own, by its owner `human`, before the dispatcher looks; `carol` may write, `stranger` may not. */
export const ROWS: readonly Row[] = [
  ["a mention", "mention", mention],
  ["a mention in capitals, in the middle of a list", "mention", say("human", "- please, **@ClawBot**: look")],
  ["a mention in the body", "mention", nothing, { body: PLEASE }],
  ["a mention before somebody else's last word", "mention", all(mention, say("stranger", "me too"))],
  ["a word after the mention that is no command", "mention", say("human", "@clawbot dance")],
  ["a mention in fenced code", "mention_in_code_or_quote", say("human", "Look:\n```\n@clawbot\n```\n")],
  ["a mention in indented code", "mention_in_code_or_quote", say("human", "Look:\n\n    @clawbot please")],
  ["a mention in inline code", "mention_in_code_or_quote", say("human", "It is called `@clawbot`.")],
  ["a mention in a quote", "mention_in_code_or_quote", say("human", "> @clawbot please\n\nThis was long ago.")],
  ["a mention in an HTML comment", "mention_in_code_or_quote", say("human", "Nothing.<!-- @clawbot -->")],
  ["a mention as a link's target", "mention_in_code_or_quote", say("human", "[somebody](@clawbot)")],
  ["a command in a quote", "mention_in_code_or_quote", say("human", "> @clawbot retry\n")],
  ["a longer name", "not_mentioned", say("human", "@clawbot2 please")],
  ["part of an address", "not_mentioned", say("human", "write to x@clawbot")],
  ["part of a path", "not_mentioned", say("human", "https://example.org/@clawbot and /@clawbot")],
  ["nobody's name", "not_mentioned", say("human", "Is anybody there?")],
  ["a mention in a body that is only code", "mention_in_code_or_quote", nothing, { body: "```\n@clawbot\n```" }],
  ["a stranger's mention", "unauthorised_author", say("stranger", PLEASE)],
  ["a stranger's command", "unauthorised_author", say("stranger", "@clawbot retry")],
  ["a command", "command", say("human", "Once more:\n\n@clawbot retry\n")],
  ["a mention, and right after it a question for its state", "mention", all(mention, later, say("human", "@clawbot status"))],
  ["a mention after a stop of long ago", "mention", all(say("human", "@clawbot stop"), later, mention)],
  ["a stop after a mention", "already_handled", all(mention, later, say("human", "@clawbot stop"))],
  ["the bot's own words", "own_echo", say("clawbot", PLEASE)],
  ["an assignment by the bot itself", "own_echo", assigned("clawbot", "clawbot")],
  ["an assignment by a stranger", "unauthorised_author", assigned("stranger", "clawbot")],
  ["an assignment by a collaborator", "assignment", assigned("carol", "clawbot")],
  ["the label, by a stranger", "unauthorised_author", labelled("stranger")],
  ["the label, by a collaborator", "bot_label", labelled("carol")],
  ["the label, taken away after a mention", "no_bot_label_after_removal", all(mention, later, labelled("human"), unlabelled)],
  ["what is locked", "locked", all(mention, locked)],
  ["what is closed", "closed", all(mention, closed)],
  ["what is ready", "merge_ready", all(mention, labelled("human", "merge-ready"))],
  ["what somebody works on himself", "human_assigned", all(assigned("carol", "carol"), labelled("human"), mention)],
  ["an archive", "archived_repo", mention, { repo: "old" }],
  ["a repository of others", "not_watched", mention, { repo: "unwatched" }],
  ["an unfinished pull", "draft", labelled("human"), { ...OURS, title: "WIP: the work" }],
  ["a mention in a review", "mention", judge("human", "COMMENT", PLEASE), THEIRS],
  ["a mention at a line of the difference", "mention", judge("human", "COMMENT", "", PLEASE), THEIRS],
  ["a command at a line of the difference", "command", judge("human", "COMMENT", "", "@clawbot review"), THEIRS],
  ["changes asked for of a pull of ours", "changes_requested", judge("human", "REQUEST_CHANGES", "Not yet."), OURS],
  ["changes asked for of a pull of others", "not_mentioned", judge("human", "REQUEST_CHANGES", "Not yet."), THEIRS],
  ["changes asked for by a stranger", "unauthorised_author", judge("stranger", "REQUEST_CHANGES", "Not yet."), OURS],
  ["a person's reply on a pull of ours that is ready", "human_reply_on_our_pr", all(labelled("human", "merge-ready"), no), OURS],
  ["a review asked of the bot", "review_requested", askedForReview("human"), THEIRS],
  ["a review asked of the bot by a stranger", "unauthorised_author", askedForReview("stranger"), THEIRS],
  ["a review asked of the bot, and taken back", "not_mentioned", all(askedForReview("human"), takenBack), THEIRS],
];
