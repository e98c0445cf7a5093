/** Where a goal stands and who has to act (LRK-25 to LRK-27). A verdict or an attention item of the core is taken as it is. */
import type { Locale } from "@loopx/core/domain";
import { assemble, textBlock, type Block, type Card } from "../card/blocks.ts";
import { isDialect, isLocale, isWebAddress, type Dialect, type Template } from "../card/words.ts";
import { atLeast, isNumber, isText, label, listOf, optional, requireInput } from "../input.ts";
import { LABELS, partyLabel, stateLabel } from "../labels.ts";
import { LABEL_LIMIT, TITLE_LIMIT } from "../limits.ts";
import type { Text } from "../text/clean.ts";
import { oneLine } from "../text/compact.ts";
import { agentCommand, dotted, freeText, isSlots, labelled, listed, slots, stacked, type Slots } from "./parts.ts";

const TODOS_SHOWN = 5;

/** Open todos of a person, as verdicts list them. */
interface TodoList {
  readonly open_count?: number;
  readonly next: readonly { readonly text?: Text }[];
}

/** A verdict, an attention item, or the same keys by hand. Keys that are not named here are ignored. */
export interface StatusInput {
  readonly goal_id: string;
  readonly state?: Text;
  /** Stands for `state` and `reason` where those are missing. */
  readonly status?: Text;
  readonly severity?: Text;
  readonly waiting_on?: Text;
  readonly reason?: Text;
  readonly operator_question?: Text;
  readonly recommended_action?: Text;
  readonly agent_command?: Text;
  readonly user_todos?: TodoList | null;
  readonly project_asset?: { readonly user_todos?: TodoList } | null;
  readonly quota?: Slots | null;
  readonly updated_at?: Text;
  /** A page of the web, behind a button. */
  readonly link?: string | null;
  readonly dialect?: Dialect;
  readonly locale?: Locale;
}

const isTodoList = atLeast({ open_count: optional(isNumber), next: listOf(atLeast({ text: isText })) });
const isInput = atLeast({
  goal_id: label(LABEL_LIMIT),
  state: isText,
  status: isText,
  severity: isText,
  waiting_on: isText,
  reason: isText,
  operator_question: isText,
  recommended_action: isText,
  agent_command: isText,
  user_todos: optional(isTodoList),
  project_asset: optional(atLeast({ user_todos: optional(isTodoList) })),
  quota: optional(isSlots),
  updated_at: isText,
  link: optional(isWebAddress),
  dialect: isDialect,
  locale: isLocale,
});

/** A card that says where the goal stands, who has to act, and the one next action. */
export function buildStatusCard(input: StatusInput): Card {
  requireInput(input, isInput);
  const { dialect = "1.0", locale = "en", goal_id, waiting_on } = input;
  const state = input.state ?? input.status ?? "unknown";
  const title = oneLine(`${goal_id}: ${stateLabel(state, locale)}`, TITLE_LIMIT);
  const waits = labelled("waits_for", partyLabel(waiting_on ?? "", locale), locale);
  const reason = freeText(input.reason ?? input.operator_question ?? input.status);
  return assemble({ dialect, locale, template: templateOf(input), title, forward: true, updated: false }, [
    textBlock(stacked([waits, reason], dialect)),
    textBlock(labelled("next", input.recommended_action, locale)),
    textBlock(todoLines(input, locale)),
    textBlock(agentCommand(input.agent_command)),
    linkBlock(input.link, locale),
    { kind: "note", content: dotted([goal_id, slots(input.quota), input.updated_at]) },
  ]);
}

/** LRK-26: the first that holds. */
function templateOf({ severity, state, waiting_on }: StatusInput): Template {
  if (severity === "high" || state === "blocked_health") return "red";
  if (state === "paused") return "grey";
  if (state === "operator_gate" || waiting_on === "user_or_controller" || waiting_on === "controller") return "orange";
  if (state === "throttled") return "yellow";
  if (state === "waiting" || state === "focus_wait") return "wathet";
  return state === "eligible" ? "green" : "blue";
}

function todoLines({ user_todos, project_asset }: StatusInput, locale: Locale): string {
  const { next, open_count = 0 } = user_todos ?? project_asset?.user_todos ?? { next: [] };
  const shown = next.slice(0, TODOS_SHOWN).map(({ text }) => freeText(text));
  const more = Math.max(open_count, next.length) - shown.length;
  return listed([...shown, more > 0 ? `+${more} ${LABELS[locale].more}` : ""]);
}

function linkBlock(url: string | null | undefined, locale: Locale): Block | null {
  return url ? { kind: "buttons", buttons: [{ kind: "link", text: LABELS[locale].open, url }] } : null;
}
