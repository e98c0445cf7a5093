/**
 * The items of a section that is read as a list: `## Next Action`, feedback, the progress ledger (DEC-77).
 * Only whole items are given; a fragment is never an item.
 */
import { NEXT_ACTION, PROGRESS_LEDGER, RECENT_FEEDBACK, RECENT_PROGRESS, type Section } from "./headings.ts";
import { endOfLine, lineAt, startOfLine, type LinedText } from "./lines.ts";
import { Mask } from "./mask.ts";
import { sectionNamed, type GoalState } from "./document.ts";
import { collapse } from "./text.ts";

/** So many non-blank lines of a section count. */
export const ITEM_LINES = 16;

const ITEM = /^([ \t]*)(?:[-*]|\d{1,9}[.)])[ \t]+(?:\[[ xX-]\](?:[ \t]+|$))?(.*)$/s;
const SUBHEADING = /^#{1,6}\s/;

interface OpenItem {
  readonly parts: string[];
  /** An unbulleted paragraph ends at a blank line; an item goes on to the next item. */
  readonly paragraph: boolean;
}

/** The whole items within the section's first 16 non-blank lines, each on one line; empty without a section. */
export function sectionItems(lined: LinedText, section: Section | null): string[] {
  const items: string[] = [];
  let open: OpenItem | null = null;
  let base = -1;
  const close = (): void => {
    const text = open === null ? "" : collapse(open.parts.join(" "));
    if (text !== "") items.push(text);
    open = null;
  };
  let read = 0;
  for (const line of section === null ? [] : visibleLines(lined, section)) {
    const content = lineAt(lined, line);
    const match = ITEM.exec(content);
    const starts = match !== null && (base === -1 || indentOf(match[1]) <= base);
    const ends: boolean = starts || content.trim() === "" || SUBHEADING.test(content);
    // The limit: an item that would go on behind it is cut, and a cut item is dropped.
    if (read === ITEM_LINES && !ends) open = null;
    if (read === ITEM_LINES && content.trim() !== "") break;
    if (content.trim() === "") {
      if ((open as OpenItem | null)?.paragraph === true) close();
      continue;
    }
    read += 1;
    if (starts) {
      close();
      base = base === -1 ? indentOf(match[1]) : base;
      open = { parts: [match[2] ?? ""], paragraph: false };
    } else if (SUBHEADING.test(content)) close();
    else if (open !== null) (open as OpenItem).parts.push(content);
    else if (items.length === 0) open = { parts: [content], paragraph: true };
  }
  close();
  return items;
}

function indentOf(blanks: string | undefined): number {
  return (blanks ?? "").replaceAll("\t", "    ").length;
}

/** The section's lines without fences and comments; blank lines are kept. */
export function* visibleLines(lined: LinedText, section: Section): Generator<number> {
  const mask = new Mask(lined.text);
  for (let line = section.line + 1; line < section.end_line; line += 1) {
    const start = startOfLine(lined, line);
    const end = endOfLine(lined, line);
    const content = lined.text.slice(start, end);
    const at = start + content.length - content.trimStart().length;
    if (at < end && mask.cover(line, at, end) !== null) continue;
    if (lined.text.startsWith("<!--", at) && content.trimEnd().endsWith("-->")) continue;
    yield line;
  }
}

/** Items of `## Next Action`: what a refresh derives its action from. Safety is judged elsewhere. */
export function nextActionItems(state: GoalState): string[] {
  return sectionItems(state, sectionNamed(state, NEXT_ACTION));
}

/** The newest words of the user, as the file orders them. */
export function recentFeedback(state: GoalState): string[] {
  return sectionItems(state, sectionNamed(state, RECENT_FEEDBACK));
}

/** The ledger's first entries; `## Recent Progress` where a file has no ledger (FIL-51). */
export function progressEntries(state: GoalState): string[] {
  return sectionItems(state, sectionNamed(state, PROGRESS_LEDGER) ?? sectionNamed(state, RECENT_PROGRESS));
}

/** What a read-only map says of one section: whether it is there, how long, and its first items. */
export function sectionSample(state: GoalState, heading: string, limit: number): { present: boolean; line_count: number; sample: string[] } {
  const section = sectionNamed(state, heading);
  if (section === null) return { present: false, line_count: 0, sample: [] };
  let line_count = 0;
  for (let line = section.line + 1; line < section.end_line; line += 1) if (lineAt(state, line).trim() !== "") line_count += 1;
  return { present: true, line_count, sample: sectionItems(state, section).slice(0, limit) };
}
