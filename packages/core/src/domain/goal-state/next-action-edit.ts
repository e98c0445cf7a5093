/** Rewriting `## Next Action` to one bullet (CMD-110). What stands outside the section's used lines stays. */
import type { Moment } from "../time.ts";
import { sectionNamed, type GoalState } from "./document.ts";
import { insertAfter, insertSection, lastUsedLine, type Edit } from "./edit.ts";
import { NEXT_ACTION, PROGRESS_LEDGER, RECENT_FEEDBACK, type Section } from "./headings.ts";
import { endOfLine, isBlankLine, startOfLine } from "./lines.ts";
import { oneLine } from "./text.ts";
import { refuseValue, rewrite, type Refused, type Rewritten } from "./todo-outcome.ts";

/** The state with the new next action, the same state because it says so already, or why not. */
export type NextActionOutcome =
  | (Rewritten & { readonly next_action: string })
  | { readonly kind: "unchanged"; readonly state: GoalState; readonly next_action: string }
  | Refused;

/** The state whose next action is this one line. */
export function setNextAction(state: GoalState, text: string, context: { readonly now: Moment }): NextActionOutcome {
  const line = oneLine(text);
  if ("fault" in line) return refuseValue("next_action", line.fault);
  const edit = nextActionEdit(state, `- ${line.text}`);
  if (state.text.slice(edit.start, edit.end) === edit.replacement) return { kind: "unchanged", state, next_action: line.text };
  const result = rewrite(state, [edit], context.now);
  return result.kind === "refused" ? result : { ...result, next_action: line.text };
}

function nextActionEdit(state: GoalState, bullet: string): Edit {
  const section = sectionNamed(state, NEXT_ACTION);
  if (section === null)
    return insertSection(state, NEXT_ACTION, [bullet], [sectionNamed(state, RECENT_FEEDBACK), sectionNamed(state, PROGRESS_LEDGER)]);
  const last = lastUsedLine(state, section);
  if (last === section.line) return insertAfter(state, section.line, ["", bullet]);
  return { start: startOfLine(state, firstUsedLine(state, section)), end: endOfLine(state, last), replacement: bullet };
}

function firstUsedLine(state: GoalState, section: Section): number {
  let line = section.line + 1;
  while (isBlankLine(state, line)) line += 1;
  return line;
}
