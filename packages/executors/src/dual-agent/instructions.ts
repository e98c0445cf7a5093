/**
 * The block that tells a coding agent to hand its finished work to the second bot (000: `CLAUDE.md`, `AGENTS.md`): put into a
 * text and taken out again so that every other byte stays what it was. Pure.
 */

const BEGIN = /<!-- loopx lark-loop begin (?<gap>[0-2]) (?<eol>lf|crlf)(?<made> made)? -->/;
const END = "<!-- loopx lark-loop end -->";

/** What the block says for one project. */
export interface Workflow {
  /** The fast gate, as one line for a shell. */
  readonly checks: string;
  /** Whether a commit is to be pushed as well. */
  readonly push: boolean;
  /** `./lark2.sh restart` */
  readonly hand_over: string;
}

/** What became of a text; null: the file is not wanted any more, or was not there. */
export type Edited =
  | { readonly kind: "changed"; readonly text: string | null }
  | { readonly kind: "unchanged" }
  /** One of the two marks without the other: a person has to look. */
  | { readonly kind: "damaged"; readonly reason: string };

/** The text with the block at its end, or with the block it has brought up to date. */
export function install(text: string | null, workflow: Workflow): Edited {
  const found = text === null ? "absent" : blockIn(text);
  if (found === "damaged") return damaged();
  const eol = text !== null && /\r\n/.test(text) ? "\r\n" : "\n";
  const name = eol === "\n" ? "lf" : "crlf";
  if (text === null) return { kind: "changed", text: block(workflow, `0 ${name} made`, eol) };
  if (found === "absent") {
    const gap = text === "" || text.endsWith(`${eol}${eol}`) ? 0 : text.endsWith(eol) ? 1 : 2;
    return { kind: "changed", text: `${text}${eol.repeat(gap)}${block(workflow, `${gap} ${name}`, eol)}` };
  }
  const next = `${text.slice(0, found.start)}${block(workflow, found.mark, found.eol)}${text.slice(found.end)}`;
  return next === text ? { kind: "unchanged" } : { kind: "changed", text: next };
}

/** The text without the block: byte for byte what it was before. */
export function remove(text: string | null): Edited {
  const found = text === null ? "absent" : blockIn(text);
  if (found === "damaged") return damaged();
  if (found === "absent" || text === null) return { kind: "unchanged" };
  const before = withoutGap(text.slice(0, found.start), found);
  const rest = before + text.slice(found.end);
  return { kind: "changed", text: rest === "" && found.made ? null : rest };
}

/** True when the block stands in the text. */
export function isInstalled(text: string | null): boolean {
  return text !== null && typeof blockIn(text) === "object";
}

function block({ checks, push, hand_over }: Workflow, mark: string, eol: string): string {
  return [
    `<!-- loopx lark-loop begin ${mark} -->`,
    "## Deployment workflow",
    "",
    "Every time you finish code changes:",
    "",
    `1. Run lint and tests: \`${checks}\``,
    `2. git add + commit${push ? " + push" : ""}`,
    `3. Run: \`${hand_over}\``,
    "",
    "Never skip step 3. This triggers automated validation and deployment.",
    END,
    "",
  ].join(eol);
}

interface Found {
  readonly start: number;
  readonly end: number;
  readonly mark: string;
  readonly gap: number;
  readonly eol: string;
  readonly made: boolean;
}

function blockIn(text: string): Found | "absent" | "damaged" {
  const begin = BEGIN.exec(text);
  const last = text.indexOf(END);
  if (begin === null && last === -1) return "absent";
  if (begin === null || last < begin.index || BEGIN.test(text.slice(begin.index + 1)) || text.includes(END, last + 1)) return "damaged";
  const after = last + END.length;
  const line = text.startsWith("\r\n", after) ? 2 : text.startsWith("\n", after) ? 1 : 0;
  const { gap = "0", eol = "lf", made } = begin.groups ?? {};
  const mark = `${gap} ${eol}${made ?? ""}`;
  return { start: begin.index, end: after + line, mark, gap: Number(gap), eol: eol === "lf" ? "\n" : "\r\n", made: made !== undefined };
}

/** Without the line breaks that were put before the block, as far as they still stand there. */
function withoutGap(text: string, { gap, eol }: Pick<Found, "gap" | "eol">): string {
  let rest = text;
  for (let taken = 0; taken < gap && rest.endsWith(eol); taken += 1) rest = rest.slice(0, -eol.length);
  return rest;
}

function damaged(): Edited {
  return { kind: "damaged", reason: "the block's marks do not belong together" };
}
