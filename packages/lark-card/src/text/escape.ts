/**
 * Values placed inside Markdown: goal ids, reasons, todos, actions. What comes back shows as it was written and marks
 * nothing up (LRK-41). Entities, because some clients show backslashes.
 */
import { cleanText, type Text } from "./clean.ts";

const ENTITIES: Readonly<Record<string, string>> = {
  "<": "&#60;",
  ">": "&#62;",
  "*": "&#42;",
  _: "&#95;",
  "~": "&sim;",
  "`": "&#96;",
  "[": "&#91;",
  "]": "&#93;",
  "\\": "&#92;",
  $: "&#36;",
  "&": "&#38;",
  ":": "&#58;",
  "#": "&#35;",
  "-": "&#45;",
  "+": "&#43;",
};

/** Both colons of an emoji name, an entity's ampersand, a list or heading mark, and the marks that count anywhere. */
const MARKS = /[<>*_~`[\]\\$]|&(?=#?[0-9A-Za-z]{1,32};)|:(?=[A-Za-z]\w*:)|(?<=:[A-Za-z]\w*):|(?<=^[ \t]*)[#+-]/gm;
/** The second line of a table; without its dashes there is none. */
const TABLE_RULE = /^[ \t|:]*-[-|: \t]*$/gm;

/** The text as Markdown that shows exactly the text. */
export function escapeText(text: Text): string {
  return cleanText(text)
    .replace(MARKS, (mark) => ENTITIES[mark] ?? mark)
    .replace(TABLE_RULE, (line) => line.replaceAll("-", "&#45;"));
}

/** Escaped text as a reader sees it, for messages that know no entities. */
export function unescapeText(text: string): string {
  return text.replace(/&(?:#\d{2};|sim;)/g, (entity) => CHARACTERS.get(entity) ?? entity);
}

const CHARACTERS = new Map(Object.entries(ENTITIES).map(([character, entity]) => [entity, character]));
