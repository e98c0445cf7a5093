/**
 * Markdown of agents and files, made harmless: no mention, no tag of the platform, no link but to the web (LRK-42).
 * Doing it twice gives the same as doing it once.
 */
import { isDialect, type Dialect } from "../card/words.ts";
import { exactly, oneOf, optional, requireInput } from "../input.ts";
import { cleanText, type Text } from "./clean.ts";
import { fencedParts, inlineParts, withClosedFence, type Part } from "./fences.ts";
import { JOINER, withoutForeignLinks, withWebLinks } from "./links.ts";

/** `dialect` (1.0) says what is code: only 2.0 has inline code, `<br>` and `<hr>`. The others have one value each. */
export interface SanitizeOptions {
  readonly mentions?: "none";
  readonly links?: "web";
  readonly dialect?: Dialect;
}

const isOptions = exactly({ mentions: optional(oneOf(["none"])), links: optional(oneOf(["web"])), dialect: isDialect });

const TAG = /<(?=[A-Za-z/!?])/g;
const TAG_OR_BREAK = /<(?!(?:br|hr)>)(?=[A-Za-z/!?])/g;
/** Tags that a client which sees no code here would carry out; `at` also as the beginning of a longer word. */
const TAG_IN_CODE = /<(?=\/?at|\/?(?:person|link|a|font|raw|text_tag|number_tag|local_datetime)\b)/gi;

/** The Markdown, safe to show; a fence that was left open is closed. */
export function sanitizeMarkdown(text: Text, options: SanitizeOptions = {}): string {
  requireInput(options, isOptions);
  const { dialect = "1.0" } = options;
  const linked = fencedParts(cleanText(text))
    .map((part) => (part.code ? part.text : withWebLinks(proseParts(part.text, dialect))))
    .join("");
  // Removing a link can bring backticks together, so code is looked for again.
  const inert = fencedParts(linked).flatMap((part) => (part.code ? inertCode(part.text) : inertProse(part.text, dialect)));
  return withClosedFence(inert.join(""));
}

function proseParts(prose: string, dialect: Dialect): readonly Part[] {
  return dialect === "2.0" ? inlineParts(prose) : [{ code: false, text: prose }];
}

function inertProse(prose: string, dialect: Dialect): readonly string[] {
  const tag = dialect === "2.0" ? TAG_OR_BREAK : TAG;
  return proseParts(prose, dialect).map((part) => (part.code ? inertCode(part.text) : part.text.replace(tag, "&#60;")));
}

/** Code with a joiner behind each `<` and `]` that could be carried out. */
export function inertCode(code: string): string {
  return withoutForeignLinks(code.replace(TAG_IN_CODE, `<${JOINER}`));
}

/** Plain text in which nothing mentions anybody, should a client take it for more than plain (LRK-43). */
export function inertText(text: Text): string {
  return cleanText(text).replace(/<(?=\/?(?:at|person))/gi, `<${JOINER}`);
}
