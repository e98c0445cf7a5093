/** The progress ledger: one bullet per recorded judgement, newest first, right below its heading (FIL-50). */
import type { Moment } from "../time.ts";
import { sectionNamed, type GoalState } from "./document.ts";
import { insertAfter, insertBefore, insertSection, type Edit } from "./edit.ts";
import { PROGRESS_LEDGER, type Section } from "./headings.ts";
import { isBlankLine, lineAt } from "./lines.ts";
import { oneLine } from "./text.ts";
import { refuseValue, rewrite, type Refused, type Rewritten } from "./todo-outcome.ts";

/** One line of the progress ledger. */
export interface LedgerEntry {
  /** An instant as the record has it. */
  readonly recorded_at: string;
  readonly summary: string;
  /** The same in other languages: one that stands there is enough. */
  readonly translations?: readonly string[];
  readonly history_command: string;
}

/** The state with the entry, the same state because it has it, or why not. */
export type LedgerOutcome =
  | (Rewritten & { readonly entry: string; readonly section: string })
  | { readonly kind: "unchanged"; readonly state: GoalState; readonly entry: string; readonly section: string }
  | Refused;

/** The state with the entry in its ledger; unchanged when it stands there already, so that a rerun adds nothing. */
export function addLedgerEntry(state: GoalState, entry: LedgerEntry, context: { readonly now: Moment }): LedgerOutcome {
  const bullet = bulletOf(entry.recorded_at, entry.summary);
  if ("fault" in bullet) return refuseValue("summary", bullet.fault);
  const command = oneLine(entry.history_command);
  if ("fault" in command) return refuseValue("history_command", command.fault);
  const shown = { entry: bullet.text, section: PROGRESS_LEDGER };
  const section = sectionNamed(state, PROGRESS_LEDGER);
  const bullets = [entry.summary, ...(entry.translations ?? [])].map((summary) => bulletOf(entry.recorded_at, summary));
  if (section !== null && standsIn(state, section, bullets)) return { kind: "unchanged", state, ...shown };
  const result = rewrite(state, [ledgerEdit(state, section, [bullet.text, `  - project_agent_visibility: ${command.text}`])], context.now);
  return result.kind === "refused" ? result : { ...result, ...shown };
}

function bulletOf(recorded_at: string, summary: string): ReturnType<typeof oneLine> {
  return oneLine(`- ${recorded_at}: ${summary}`);
}

function standsIn(state: GoalState, section: Section, bullets: readonly ReturnType<typeof bulletOf>[]): boolean {
  const known = new Set(bullets.flatMap((bullet) => ("fault" in bullet ? [] : [bullet.text])));
  for (let line = section.line + 1; line < section.end_line; line += 1) if (known.has(lineAt(state, line).trimEnd())) return true;
  return false;
}

function ledgerEdit(state: GoalState, section: Section | null, lines: readonly string[]): Edit {
  if (section === null) return insertSection(state, PROGRESS_LEDGER, lines, []);
  let first = section.line + 1;
  while (first < section.end_line && isBlankLine(state, first)) first += 1;
  return first === section.end_line ? insertAfter(state, section.line, ["", ...lines]) : insertBefore(state, first, lines);
}
