/**
 * A fresh goal state (FIL-32, FIL-33). Whatever the objective holds, the result reads back with this front matter,
 * these ten headings and one open todo.
 */
import { FIRST_STEP, GOAL_CONNECTED, NO_DOCUMENT, NON_GOALS, OPERATING_CONTRACT, PRIMARY_DOCUMENT } from "../locale/template.ts";
import type { Locale, Sentence } from "../locale/locale.ts";
import { formatInstant, type Moment } from "../time.ts";
import { quoteValue } from "./front-matter.ts";
import { NEW_SECTION, NEXT_ACTION, PROGRESS_LEDGER, RECENT_FEEDBACK } from "./headings.ts";
import { characterCount, collapse, ONE_LINE_LIMIT } from "./text.ts";
import { newTodoLines } from "./todo-edit.ts";

/** What a fresh goal state is made from. */
export interface NewGoalState {
  readonly goal_id: string;
  readonly objective: string;
  /** The goal document as people name it, relative to the project where possible; null without one. */
  readonly goal_doc: string | null;
  /** The execution profile in one line. */
  readonly execution_profile_line: string;
  readonly now: Moment;
  readonly locale: Locale;
  readonly todo_id: string;
}

const PRIORITY = "[P1]";
const CONTROLS = /[\x00-\x1f\x7f]/g;
/** What begins a heading, a fence, a comment or another block of Markdown. */
const BLOCK_START = /^(?:[#>`~<|=+*_-]|\d+[.)])/;

/** The text of the file, ending in one LF. */
export function newGoalState(goal: NewGoalState): string {
  const objective = plainLine(goal.objective);
  const step = `${PRIORITY} ${FIRST_STEP[goal.locale](namedDocument(goal.goal_doc))}`;
  const say = (sentences: readonly Sentence[]): string[] => sentences.map((sentence) => `- ${sentence[goal.locale]()}`);
  const todo = newTodoLines({ todo_id: goal.todo_id, text: step, tokens: new Map([["task_class", "advancement_task"]]) }, goal.now);
  const sections: readonly (readonly [string, readonly string[]])[] = [
    ["Objective", [asParagraph(objective)]],
    [
      "Authority Sources",
      [`- ${goal.goal_doc === null ? NO_DOCUMENT[goal.locale]() : PRIMARY_DOCUMENT[goal.locale](plainLine(goal.goal_doc))}`],
    ],
    ["Operating Contract", say(OPERATING_CONTRACT)],
    ["Execution Profile", [`- ${plainLine(goal.execution_profile_line)}`]],
    ["Non-Goals", say(NON_GOALS)],
    [NEW_SECTION.agent, todo],
    [NEXT_ACTION, [`- ${step}`]],
    [RECENT_FEEDBACK, []],
    [PROGRESS_LEDGER, [`- ${formatInstant(goal.now, "seconds")}: ${GOAL_CONNECTED[goal.locale]()}`]],
  ];
  const body = sections.flatMap(([heading, lines]) => ["", `## ${heading}`, ...(lines.length === 0 ? [] : ["", ...lines])]);
  return [...frontMatterLines(goal, objective), "", "# Active Goal State", ...body, ""].join("\n");
}

/** The older reader cuts a file at its first two `---`, wherever they stand: the front matter holds no third (FIL-32). */
function frontMatterLines(goal: NewGoalState, objective: string): string[] {
  const adapter = goal.goal_id.includes("---") ? [] : [`adapter_id: ${goal.goal_id}`];
  return [
    "---",
    "status: active",
    "owner_mode: goal",
    `objective: ${quoteValue(frontMatterObjective(objective))}`,
    `updated_at: ${formatInstant(goal.now, "seconds")}`,
    ...adapter,
    "---",
  ];
}

/** The objective as the front matter holds it: one line, without a `---` in it (FIL-32). */
export function frontMatterObjective(objective: string): string {
  return plainLine(objective).replace(/-{3,}/g, "--");
}

/** One line without control characters. */
function plainLine(text: string): string {
  return collapse(text.replace(CONTROLS, " "));
}

/** The exact text; quoted when Markdown would read its beginning as something else. */
function asParagraph(objective: string): string {
  return BLOCK_START.test(objective) ? `> ${objective}` : objective;
}

/** The document as the todo names it: null when its path would make no legal todo. */
function namedDocument(goal_doc: string | null): string | null {
  const name = goal_doc === null ? "" : plainLine(goal_doc);
  return name === "" || name.includes("<!--") || characterCount(name) > ONE_LINE_LIMIT / 2 ? null : name;
}
