/** The answer of an agent as a card: its Markdown, and a footer (LRK-20). */
import type { Locale } from "@loopx/core/domain";
import { assemble, textBlock, type Block, type Card } from "../card/blocks.ts";
import { isDialect, isLocale, TEMPLATES, type Dialect, type Template } from "../card/words.ts";
import { exactly, isFlag, isText, listOf, matching, oneOf, optional, requireInput, wholeNumber } from "../input.ts";
import { LABELS } from "../labels.ts";
import { FOOTER_LIMIT, MARKDOWN_LIMIT, TITLE_LIMIT } from "../limits.ts";
import { isBlank, type Text } from "../text/clean.ts";
import { oneLine } from "../text/compact.ts";
import { blocksOf } from "../text/dialects.ts";
import { cardMarkdown } from "../text/markdown.ts";
import { LITERAL_NEWLINES, type LiteralNewlines } from "../text/newlines.ts";

const OPEN_ID = /^ou_[A-Za-z0-9_-]{1,64}$/;
const MENTIONS_LIMIT = 10;
const MARKDOWN_MOST = 100_000;

/** How a reply is shown. */
export interface ReplyOptions {
  /** "LoopX result"; 72 code points. */
  readonly title?: Text;
  /** blue. */
  readonly template?: Template;
  /** None; 96 code points. */
  readonly footer?: Text;
  /** 3,600 code points; up to 100,000 for a card that is split afterwards. */
  readonly max_markdown_chars?: number;
  readonly dialect?: Dialect;
  readonly locale?: Locale;
  /** The only way to mention anybody; nothing in the Markdown does. */
  readonly mentions?: { readonly open_ids?: readonly string[]; readonly all?: boolean };
  /** Has to be true as well before `mentions.all` counts: a group that forbids it refuses the whole card. */
  readonly allow_mention_all?: boolean;
  /** Whether the two characters `\n` are a line feed: `auto` where nothing else can be meant. */
  readonly literal_newlines?: LiteralNewlines;
}

const isOptions = exactly({
  title: isText,
  template: optional(oneOf(TEMPLATES)),
  footer: isText,
  max_markdown_chars: optional(wholeNumber(1, MARKDOWN_MOST)),
  dialect: isDialect,
  locale: isLocale,
  mentions: optional(exactly({ open_ids: optional(listOf(matching(OPEN_ID, "an open id"), MENTIONS_LIMIT)), all: optional(isFlag) })),
  allow_mention_all: optional(isFlag),
  literal_newlines: optional(oneOf(LITERAL_NEWLINES)),
});

/** A card with the Markdown, made safe and cut to fit. The same input gives the same bytes. */
export function buildLarkMarkdownReplyCard(markdown: Text, options: ReplyOptions = {}): Card {
  requireInput(markdown, isText, "markdown");
  requireInput(options, isOptions);
  const dialect = options.dialect ?? "1.0";
  const locale = options.locale ?? "en";
  const shown = cardMarkdown(markdown, dialect, options.max_markdown_chars ?? MARKDOWN_LIMIT, options.literal_newlines ?? "auto");
  const footer = oneLine(options.footer, FOOTER_LIMIT);
  const title = oneLine(options.title, TITLE_LIMIT);
  const frame = { dialect, locale, template: options.template ?? "blue", forward: true, updated: false };
  return assemble({ ...frame, title: isBlank(title) ? LABELS[locale].reply_title : title }, [
    ...textBlocks(shown ?? LABELS[locale].no_text, dialect),
    textBlock(mentionLine(options)),
    ...(isBlank(footer) ? [] : ([{ kind: "rule" }, { kind: "note", content: footer }] as const)),
  ]);
}

function textBlocks(markdown: string, dialect: Dialect): readonly (Block | null)[] {
  return (dialect === "2.0" ? blocksOf(markdown) : [markdown]).map((content) => textBlock(content.trimEnd()));
}

/** The mentions that were asked for (LRK-43). */
function mentionLine({ mentions, allow_mention_all }: ReplyOptions): string {
  const ids = [...(mentions?.open_ids ?? []), ...(mentions?.all === true && allow_mention_all === true ? ["all"] : [])];
  return ids.map((id) => `<at id=${id}></at>`).join(" ");
}
