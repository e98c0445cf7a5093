import type { Locale } from "../locale/locale.ts";
import type { Decision } from "../quota/decision.ts";
import { agentWords, goalCommand } from "../quota/printed-commands.ts";
import { remedyOf } from "../quota/remedy.ts";
import type { Moment } from "../time.ts";

/** What whoever has to act types next: the agent's instructions where it may work, else what changes the verdict (DEC-40). */
export function nextCommand(decision: Decision, now: Moment, locale: Locale): string {
  const { facts } = decision.context;
  if (decision.should_run) return goalCommand(facts, ["heartbeat-prompt"], ["--thin", ...agentWords(facts)]);
  return remedyOf(decision, facts, now, locale).command;
}
