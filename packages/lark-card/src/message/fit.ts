/**
 * A card made to fit its transport (LRK-57): shortened, split into several, or as a text. What a person decides by (the
 * question of a gate, its buttons, every command) is never shortened; a gate that cannot be shown whole becomes a text.
 */
import type { Card } from "../card/blocks.ts";
import { exactly, oneOf, optional, requireInput, wholeNumber } from "../input.ts";
import { APP_BUDGET, TEXT_BUDGET, TITLE_LIMIT, WEBHOOK_BUDGET } from "../limits.ts";
import { cutMarkdown, oneLine } from "../text/compact.ts";
import { blocksOf } from "../text/dialects.ts";
import { fencedParts } from "../text/fences.ts";
import { graphemesOf, lengthOf } from "../text/prefix.ts";
import { inertText } from "../text/sanitize.ts";
import { cardText, textsOf, withTexts, withTitle } from "./card-texts.ts";
import { measure } from "./envelopes.ts";

/** Which way the card goes. */
export interface FitOptions {
  readonly transport: "app" | "webhook";
  /** `truncate`. `split` is for replies: at most five cards. */
  readonly overflow?: "truncate" | "split" | "text";
  /** Bytes, when the platform has just refused what was taken for small enough. */
  readonly budget?: number;
}

const isOptions = exactly({
  transport: oneOf(["app", "webhook"]),
  overflow: optional(oneOf(["truncate", "split", "text"])),
  budget: optional(wholeNumber(1_000, APP_BUDGET)),
});

/** The cards to send one after another, or none and a text. `bytes` are their sizes without receiver and signature, which have their own room. */
export interface Fitted {
  readonly cards: readonly Card[];
  readonly text?: string;
  /** True when something was left out. */
  readonly truncated: boolean;
  readonly bytes: readonly number[];
}

/** No text block is cut below this. */
const LEAST_GRAPHEMES = 200;
const SPLIT_LIMIT = 5;
/** A receiver, an idempotency key and a signature at their longest. */
const ADDRESS_BYTES = 320;

/** The card within its budget. One that fits comes back as it is. */
export function fitCard(card: Card, options: FitOptions): Fitted {
  requireInput(options, isOptions);
  const { transport, overflow = "truncate", budget = transport === "app" ? APP_BUDGET : WEBHOOK_BUDGET } = options;
  const room: Room = { transport, budget: budget - ADDRESS_BYTES };
  if (fits(card, room)) return fitted([card], false, room);
  if (overflow === "text") return asText(card);
  if (overflow === "split" && isReply(card)) return split(card, room) ?? asText(card);
  const cut = shortened(card, room);
  return cut === null ? asText(card) : fitted([cut], true, room);
}

interface Room {
  readonly transport: "app" | "webhook";
  readonly budget: number;
}

function sizeOf(card: Card, { transport }: Room): number {
  if (transport === "webhook") return measure({ msg_type: "interactive", card });
  return measure({ path: { message_id: "" }, data: { msg_type: "interactive", content: JSON.stringify(card) } });
}

function fits(card: Card, room: Room): boolean {
  return sizeOf(card, room) <= room.budget;
}

function fitted(cards: readonly Card[], truncated: boolean, room: Room): Fitted {
  return { cards, truncated, bytes: cards.map((card) => sizeOf(card, room)) };
}

/** The card with its longest text shortened, then the next; null when that is not enough. */
function shortened(card: Card, room: Room): Card | null {
  const order = textsOf(card)
    .map((text, at) => ({ text, at }))
    .filter(({ text, at }) => isCuttable(card, text, at))
    .toSorted((a, b) => b.text.length - a.text.length);
  let current = card;
  for (const { text, at } of order) {
    const cut = (limit: number): Card => withTexts(current, (old, index) => [index === at ? cutMarkdown(old, limit) : old]);
    const least = leastLength(text);
    if (lengthOf(text) <= least) continue;
    current = fits(cut(least), room) ? largest(cut, least, lengthOf(text), room) : cut(least);
    if (fits(current, room)) return current;
  }
  return null;
}

/** The card cut at the largest limit that fits; the lower one is known to. */
function largest(cut: (limit: number) => Card, from: number, to: number, room: Room): Card {
  let [low, high] = [from, to];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (fits(cut(middle), room)) low = middle;
    else high = middle - 1;
  }
  return cut(low);
}

/** The code points of the first 200 graphemes. */
function leastLength(text: string): number {
  let [low, high] = [1, lengthOf(text)];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (graphemesOf(cutMarkdown(text, middle), LEAST_GRAPHEMES) >= LEAST_GRAPHEMES) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** Everything of a reply; elsewhere nothing that holds a command, and not what a card about one gate or cycle begins with. */
function isCuttable(card: Card, text: string, at: number): boolean {
  if (isReply(card)) return true;
  return (card.config.enable_forward || at > 0) && fencedParts(text).every(({ code }) => !code);
}

/** A card with nothing but texts, and at most a footer below a rule. */
function isReply(card: Card): boolean {
  const kinds =
    "elements" in card ? card.elements.map(({ tag }) => tag) : card.body.elements.map((each) => ("text_size" in each ? "note" : each.tag));
  const last = kinds.findIndex((kind) => kind !== "div" && kind !== "markdown");
  return card.config.enable_forward && (last === -1 || kinds.slice(last).join() === "hr,note");
}

/** Several cards at borders of paragraphs, the last one shortened; null when even that does not fit. */
function split(card: Card, room: Room): Fitted | null {
  const rest = [...paragraphsOf(textsOf(card).join("\n\n"))];
  const pages: string[] = [];
  while (rest.length > 0) {
    let page = rest.shift() ?? "";
    if (pages.length === SPLIT_LIMIT - 1) page = [page, ...rest.splice(0)].join("\n\n");
    while (rest.length > 0 && fits(pageOf(card, `${page}\n\n${rest[0] ?? ""}`, SPLIT_LIMIT, SPLIT_LIMIT), room))
      page += `\n\n${rest.shift() ?? ""}`;
    pages.push(page);
  }
  const cards = pages.map((page, at) => pageOf(card, page, at + 1, pages.length));
  const cut = cards.map((each) => (fits(each, room) ? each : shortened(each, room)));
  const whole = cut.filter((each) => each !== null);
  return whole.length < cut.length
    ? null
    : fitted(
        whole,
        whole.some((each, at) => each !== cards[at]),
        room,
      );
}

/** Paragraphs outside code; a block of code stays whole. */
function paragraphsOf(markdown: string): readonly string[] {
  const paragraphs: string[] = [];
  let open = "";
  for (const { code, text } of fencedParts(markdown)) {
    if (code) {
      open += text;
      continue;
    }
    const [first = "", ...more] = text.split(/\n{2,}/);
    open += first;
    for (const paragraph of more) {
      paragraphs.push(open);
      open = paragraph;
    }
  }
  return [...paragraphs, open].filter((text) => text.trim() !== "");
}

/** The card with this text alone, and its place in the row in the title. */
function pageOf(card: Card, text: string, page: number, pages: number): Card {
  const place = pages === 1 ? "" : ` (${page}/${pages})`;
  const titled = withTitle(card, oneLine(card.header.title.content, TITLE_LIMIT - place.length) + place);
  const blocks = "schema" in card ? blocksOf(text) : [text];
  return withTexts(titled, (_, at) => (at === 0 ? blocks : []));
}

/** Title and texts without marks, cut to what one text message takes. */
function asText(card: Card): Fitted {
  const whole = inertText(cardText(card));
  const size = (text: string): number => new TextEncoder().encode(JSON.stringify(JSON.stringify({ text }))).length;
  let [low, high] = [0, lengthOf(whole)];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (size(cutMarkdown(whole, middle)) <= TEXT_BUDGET - ADDRESS_BYTES) low = middle;
    else high = middle - 1;
  }
  const text = low === lengthOf(whole) ? whole : cutMarkdown(whole, low);
  return { cards: [], text, truncated: text !== whole, bytes: [size(text)] };
}
