/** What one wake-up of an agent came to: the record of its run as people read it in a chat. */
import type { DeliveryOutcome, Locale } from "@loopx/core/domain";
import { assemble, textBlock, type Card } from "../card/blocks.ts";
import { isDialect, isLocale, type Dialect, type Template } from "../card/words.ts";
import { atLeast, isText, label, listOf, optional, requireInput } from "../input.ts";
import { LABELS } from "../labels.ts";
import { LABEL_LIMIT, TITLE_LIMIT } from "../limits.ts";
import type { Text } from "../text/clean.ts";
import { oneLine } from "../text/compact.ts";
import { dotted, freeText, isSlots, labelled, listed, slots, stacked, type Slots } from "./parts.ts";

const ARTIFACTS_SHOWN = 5;

/** A run of the history, or the same keys by hand. Keys that are not named here are ignored. */
export interface HeartbeatInput {
  readonly goal_id: string;
  readonly classification: string;
  /** What happened, in a sentence of the agent's. */
  readonly summary?: Text;
  readonly recommended_action?: Text;
  readonly delivery_outcome?: Text;
  readonly delivery_batch_scale?: Text;
  readonly delivery_evidence?: { readonly artifacts?: readonly Text[]; readonly validation?: Text } | null;
  readonly agent_id?: Text;
  readonly run_id?: Text;
  readonly generated_at?: Text;
  readonly quota?: Slots | null;
  readonly dialect?: Dialect;
  readonly locale?: Locale;
}

const isInput = atLeast({
  goal_id: label(LABEL_LIMIT),
  classification: label(LABEL_LIMIT),
  summary: isText,
  recommended_action: isText,
  delivery_outcome: isText,
  delivery_batch_scale: isText,
  delivery_evidence: optional(atLeast({ artifacts: optional(listOf(isText)), validation: isText })),
  agent_id: isText,
  run_id: isText,
  generated_at: isText,
  quota: optional(isSlots),
  dialect: isDialect,
  locale: isLocale,
});

/** Green for what the goal is made of, yellow for surface work only. */
const TEMPLATES_BY_OUTCOME: Readonly<Record<DeliveryOutcome, Template>> = {
  primary_goal_outcome: "green",
  outcome_progress: "turquoise",
  outcome_gap: "orange",
  surface_only: "yellow",
};

/** A card that reports a wake-up: what came of it, by what it can be checked, and the one next action. */
export function buildHeartbeatCard(input: HeartbeatInput): Card {
  requireInput(input, isInput);
  const { dialect = "1.0", locale = "en", goal_id, delivery_evidence: evidence } = input;
  const title = oneLine(`${goal_id}: ${input.classification}`, TITLE_LIMIT);
  const outcome = [input.delivery_outcome, input.delivery_batch_scale].filter(Boolean).join(", ");
  return assemble({ dialect, locale, template: templateOf(input.delivery_outcome), title, forward: true, updated: false }, [
    textBlock(freeText(input.summary)),
    textBlock(stacked([labelled("result", outcome, locale), labelled("checked", evidence?.validation, locale)], dialect)),
    textBlock(artifactLines(evidence?.artifacts ?? [], locale)),
    textBlock(labelled("next", input.recommended_action, locale)),
    { kind: "note", content: dotted([goal_id, input.agent_id, slots(input.quota), input.run_id, input.generated_at]) },
  ]);
}

/** Blue for a wake-up that delivered nothing. */
function templateOf(outcome: Text): Template {
  const known = Object.entries(TEMPLATES_BY_OUTCOME).find(([name]) => name === outcome);
  return known?.[1] ?? "blue";
}

function artifactLines(artifacts: readonly Text[], locale: Locale): string {
  const more = artifacts.length - ARTIFACTS_SHOWN;
  const lines = listed([...artifacts.slice(0, ARTIFACTS_SHOWN).map(freeText), more > 0 ? `+${more} ${LABELS[locale].more}` : ""]);
  return lines === "" ? "" : `**${LABELS[locale].artifacts}**:\n${lines}`;
}
