/** The texts of a finished card: read, replaced, or taken out as plain text. */
import type { Card } from "../card/blocks.ts";
import type { ElementV1 } from "../schema/card-v1.ts";
import type { ElementV2 } from "../schema/card-v2.ts";
import { unescapeText } from "../text/escape.ts";

/** The Markdown of each text block, in order. Notes are not among them. */
export function textsOf(card: Card): readonly string[] {
  if ("elements" in card) return card.elements.flatMap((element) => (element.tag === "div" ? [element.text.content] : []));
  return card.body.elements.flatMap((element) => (element.tag === "markdown" && element.text_size === undefined ? [element.content] : []));
}

/** The card with other Markdown in place of each text block: one block, several, or none. */
export function withTexts(card: Card, change: (text: string, at: number) => readonly string[]): Card {
  let at = 0;
  if ("elements" in card) {
    const elements = card.elements.flatMap((element): readonly ElementV1[] => {
      if (element.tag !== "div") return [element];
      return change(element.text.content, at++).map((content) => ({ ...element, text: { ...element.text, content } }));
    });
    return { ...card, elements };
  }
  const elements = card.body.elements.flatMap((element): readonly ElementV2[] => {
    if (element.tag !== "markdown" || element.text_size !== undefined) return [element];
    return change(element.content, at++).map((content) => ({ ...element, content }));
  });
  return { ...card, body: { elements } };
}

/** The card under another title. */
export function withTitle(card: Card, content: string): Card {
  const header = { ...card.header, title: { ...card.header.title, content } };
  return "elements" in card ? { ...card, header } : { ...card, config: { ...card.config, summary: { content } }, header };
}

/** Title, texts and notes as plain text: entities are characters again, bold marks are gone. */
export function cardText(card: Card): string {
  const notes =
    "elements" in card
      ? card.elements.flatMap((element) => (element.tag === "note" ? element.elements.map(({ content }) => content) : []))
      : card.body.elements.flatMap((element) =>
          element.tag === "markdown" && element.text_size !== undefined ? [unescapeText(element.content)] : [],
        );
  const texts = textsOf(card).map((text) => unescapeText(text.replaceAll("<br>", "\n").replaceAll("**", "")));
  return [card.header.title.content, ...texts, ...notes].join("\n\n");
}
