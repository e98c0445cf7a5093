/** The question of a gate that nobody worded, and how one that was recorded reads in another language. */
import { GATE_QUESTION } from "../locale/gate.ts";
import { LOCALES, type Locale } from "../locale/locale.ts";
import { ACTIONS } from "../locale/verdict.ts";
import { MAP_GATE } from "../map/permission.ts";

export function gateQuestion(goal_id: string, gate: string, locale: Locale): string {
  return gate === MAP_GATE ? ACTIONS.approve_map[locale](goal_id) : GATE_QUESTION[locale](goal_id, gate);
}

/** A recorded question of ours in the language of the call; a person's own words as they are. */
export function questionIn(recorded: string | null, goal_id: string, gate: string, locale: Locale): string | null {
  return LOCALES.some((other) => gateQuestion(goal_id, gate, other) === recorded) ? gateQuestion(goal_id, gate, locale) : recorded;
}
