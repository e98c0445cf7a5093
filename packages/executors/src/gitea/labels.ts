/** What labels and assignees say about whose turn it is (PSM-1, PSM-2). Pure. */
import type { ForgeEvent } from "./forge.ts";
import type { LabelRole } from "./item.ts";

/** The names of the four labels in a repository. */
export type LabelNames = Readonly<Record<LabelRole, string>>;

/** Labels of which an item has at most one. */
const STATE_ROLES = ["review", "rework", "ready"] as const satisfies readonly LabelRole[];
export type StateRole = (typeof STATE_ROLES)[number];

/** Colours of labels that are made (design of the source document). */
export const LABEL_COLORS: Readonly<Record<LabelRole, string>> = {
  bot: "#1d76db",
  review: "#fbca04",
  rework: "#5319e7",
  ready: "#0e8a16",
};

export type Turn = "available" | "being_worked" | "broken_chain" | "a_persons" | "not_our_turn" | "merge_ready";

export interface TurnFacts {
  readonly labels: readonly string[];
  readonly assignees: readonly string[];
  readonly bot_user: string;
  /** A live claim of anybody. */
  readonly leased: boolean;
}

/** The table of PSM-2, in one function. A person who is assigned beside the bot shares the item with it. */
export function turnOf({ labels, assignees, bot_user, leased }: TurnFacts, names: LabelNames): Turn {
  if (has(labels, names.ready)) return "merge_ready";
  if (!has(labels, names.bot)) return "not_our_turn";
  if (has(assignees, bot_user)) return leased ? "being_worked" : "broken_chain";
  if (assignees.length > 0) return "a_persons";
  return leased ? "being_worked" : "available";
}

/** The one state label, or how many there are instead. */
export function stateRoleOf(labels: readonly string[], names: LabelNames): StateRole | "none" | "several" {
  const found = STATE_ROLES.filter((role) => has(labels, names[role]));
  return found.length > 1 ? "several" : (found[0] ?? "none");
}

/** The bot stands on the item, and it was no person who put it there. */
export function assignedItself(
  { assignees }: { readonly assignees: readonly string[] },
  timeline: readonly Pick<ForgeEvent, "type" | "actor" | "assignee">[],
  bot_user: string,
): boolean {
  const last = timeline.findLast(
    ({ type, assignee }) => type === "assignees" && assignee?.added === true && has([assignee.login], bot_user),
  );
  return has(assignees, bot_user) && last !== undefined && has([last.actor], bot_user);
}

/** Names of people and labels do not differ by case on the server. */
export function has(list: readonly string[], name: string): boolean {
  return list.some((each) => each.toLowerCase() === name.toLowerCase());
}
