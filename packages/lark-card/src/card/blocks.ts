/** A card before its dialect is chosen: a list of blocks, each with one shape per dialect (LRK-12). */
import type { Locale } from "@loopx/core/domain";
import { LABELS } from "../labels.ts";
import { BUTTON_LIMIT } from "../limits.ts";
import type { ButtonV1, CardV1, ElementV1 } from "../schema/card-v1.ts";
import type { ButtonV2, CardV2, ElementV2 } from "../schema/card-v2.ts";
import { isBlank } from "../text/clean.ts";
import { oneLine } from "../text/compact.ts";
import { escapeText } from "../text/escape.ts";
import { inertText } from "../text/sanitize.ts";
import type { Dialect, GateValue, Template } from "./words.ts";

/** A card of either dialect. */
export type Card = CardV1 | CardV2;

/** A button that sends a gate's value back, or one that opens a page. */
export type Button =
  | {
      readonly kind: "callback";
      readonly id: string;
      readonly text: string;
      readonly type: "default" | "primary" | "danger";
      readonly confirm: { readonly title: string; readonly text: string };
      readonly value: GateValue;
    }
  | { readonly kind: "link"; readonly text: string; readonly url: string };

/** One element of a card. Text is Markdown that is already safe; a note is plain. */
export type Block =
  | { readonly kind: "text"; readonly content: string; readonly id?: string }
  | { readonly kind: "rule" }
  | { readonly kind: "note"; readonly content: string }
  | { readonly kind: "buttons"; readonly buttons: readonly Button[] };

/** Everything of a card but its blocks. */
export interface Frame {
  readonly dialect: Dialect;
  readonly locale: Locale;
  readonly template: Template;
  readonly title: string;
  /** False for cards that are about one place: a gate or a running loop. */
  readonly forward: boolean;
  /** True for cards that are updated after they were sent. */
  readonly updated: boolean;
}

/** The card. A card without blocks says that there is no text, because the platform refuses an empty one (LRK-23). */
export function assemble(frame: Frame, given: readonly (Block | null)[]): Card {
  const blocks = given.filter((block) => block !== null);
  const filled: readonly Block[] = blocks.length > 0 ? blocks : [{ kind: "text", content: LABELS[frame.locale].no_text }];
  const header = { template: frame.template, title: plain(frame.title) };
  if (frame.dialect === "1.0") {
    const updated = frame.updated ? ({ update_multi: true } as const) : {};
    return { config: { wide_screen_mode: true, enable_forward: frame.forward, ...updated }, header, elements: filled.map(elementV1) };
  }
  const config = {
    update_multi: true,
    enable_forward: frame.forward,
    enable_forward_interaction: false,
    width_mode: "default",
    summary: { content: header.title.content },
  } as const;
  return { schema: "2.0", config, header, body: { elements: filled.map(elementV2) } };
}

/** A text block, or null when a reader would see nothing in it. */
export function textBlock(content: string, id?: string): Block | null {
  if (isBlank(content)) return null;
  return id === undefined ? { kind: "text", content } : { kind: "text", content, id };
}

function plain(text: string): { readonly tag: "plain_text"; readonly content: string } {
  return { tag: "plain_text", content: inertText(text) };
}

function elementV1(block: Block): ElementV1 {
  switch (block.kind) {
    case "text":
      return { tag: "div", text: { tag: "lark_md", content: block.content } };
    case "rule":
      return { tag: "hr" };
    case "note":
      return { tag: "note", elements: [plain(block.content)] };
    case "buttons":
      return { tag: "action", actions: block.buttons.map(buttonV1) };
  }
}

function elementV2(block: Block): ElementV2 {
  switch (block.kind) {
    case "text":
      return { tag: "markdown", ...(block.id === undefined ? {} : { element_id: block.id }), content: block.content };
    case "rule":
      return { tag: "hr" };
    case "note":
      return { tag: "markdown", content: escapeText(block.content), text_size: "notation" };
    case "buttons":
      return {
        tag: "column_set",
        flex_mode: "flow",
        columns: block.buttons.map((button) => ({ tag: "column", width: "auto", elements: [buttonV2(button)] })),
      };
  }
}

function buttonV1(button: Button): ButtonV1 {
  const text = plain(oneLine(button.text, BUTTON_LIMIT));
  if (button.kind === "link") return { tag: "button", text, type: "default", url: button.url };
  const confirm = { title: plain(button.confirm.title), text: plain(button.confirm.text) };
  return { tag: "button", text, type: button.type, confirm, value: button.value };
}

function buttonV2(button: Button): ButtonV2 {
  const text = plain(oneLine(button.text, BUTTON_LIMIT));
  if (button.kind === "link") return { tag: "button", text, type: "default", behaviors: [{ type: "open_url", default_url: button.url }] };
  const confirm = { title: plain(button.confirm.title), text: plain(button.confirm.text) };
  return { tag: "button", element_id: button.id, text, type: button.type, confirm, behaviors: [{ type: "callback", value: button.value }] };
}
