/**
 * The items of a section that is read as a list: `## Next Action`, feedback, the progress ledger (DEC-77).
 * Only whole items are given; a fragment is never an item.
 */
import { PROGRESS_LEDGER, RECENT_FEEDBACK, RECENT_PROGRESS, type Section } from "./headings.ts";
import { endOfLine, lineAt, startOfLine, type LinedText } from "./lines.ts";
import { Mask } from "./mask.ts";
import { sectionNamed, type GoalState } from "./document.ts";
import { collapse } from "./text.ts";

/** So many non-blank lines of a section count. */
export const ITEM_LINES = 16;

const ITEM = /^([ \t]*)(?:[-*]|\d{1,9}[.)])[ \t]+(?:\[[ xX-]\](?:[ \t]+|$))?/;
const SUBHEADING = /^#{1,6}\s/;

/** An item, and the lines with its text, 0-based. */
export interface SectionItem {
  readonly text: string;
  readonly lines: readonly number[];
}

/** Items as they are found; the last one may still grow. */
class ItemList {
  readonly whole: SectionItem[] = [];
  private parts: string[] | null = null;
  private lines: number[] = [];
  /** An unbulleted paragraph ends at a blank line; an item goes on to the next item. */
  private paragraph = false;

  begin(text: string, line: number, paragraph: boolean): void {
    this.close();
    this.parts = [text];
    this.lines = [line];
    this.paragraph = paragraph;
  }

  /** A line that begins no item: it joins the open one, or is the first paragraph. */
  join(text: string, line: number): void {
    if (this.parts !== null) {
      this.parts.push(text);
      this.lines.push(line);
    } else if (this.whole.length === 0) this.begin(text, line, true);
  }

  blank(): void {
    if (this.paragraph) this.close();
  }

  close(): void {
    const text = collapse((this.parts ?? []).join(" "));
    if (text !== "") this.whole.push({ text, lines: this.lines });
    this.drop();
  }

  drop(): void {
    this.parts = null;
    this.paragraph = false;
  }
}

/** The texts of the section's items, each on one line. */
export function sectionItems(lined: LinedText, section: Section | null): string[] {
  return itemsOf(lined, section).map((item) => item.text);
}

/** The whole items within the section's first 16 non-blank lines; empty without a section. */
export function itemsOf(lined: LinedText, section: Section | null): SectionItem[] {
  const items = new ItemList();
  let base = -1;
  let read = 0;
  for (const line of section === null ? [] : visibleLines(lined, section)) {
    const content = lineAt(lined, line);
    if (content.trim() === "") {
      items.blank();
      continue;
    }
    const match = ITEM.exec(content);
    const starts = match !== null && (base === -1 || indentOf(match[1]) <= base);
    const ends = starts || SUBHEADING.test(content);
    if (read === ITEM_LINES) {
      // An item that would go on behind the limit is cut, and a cut item is dropped.
      if (!ends) items.drop();
      break;
    }
    read += 1;
    if (starts) {
      base = base === -1 ? indentOf(match[1]) : base;
      items.begin(content.slice(match[0].length), line, false);
    } else if (ends) items.close();
    else items.join(content, line);
  }
  items.close();
  return items.whole;
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

/** The newest words of the user, as the file orders them. */
export function recentFeedback(state: GoalState): string[] {
  return sectionItems(state, sectionNamed(state, RECENT_FEEDBACK));
}

/** The ledger's first entries; `## Recent Progress` where a file has no ledger (FIL-51). */
export function progressEntries(state: GoalState): string[] {
  return sectionItems(state, sectionNamed(state, PROGRESS_LEDGER) ?? sectionNamed(state, RECENT_PROGRESS));
}

/** What a read-only map says of one section: whether it is there, how long, and its first items. */
export function sectionSample(
  state: GoalState,
  heading: string,
  limit: number,
): { present: boolean; line_count: number; sample: string[] } {
  const section = sectionNamed(state, heading);
  if (section === null) return { present: false, line_count: 0, sample: [] };
  let line_count = 0;
  for (let line = section.line + 1; line < section.end_line; line += 1) if (lineAt(state, line).trim() !== "") line_count += 1;
  return { present: true, line_count, sample: sectionItems(state, section).slice(0, limit) };
}
