/** A notice without secrets and private texts (LRK-88): known values are replaced, a text that the detector objects to is not told. */
import { firstHit } from "@loopx/core/domain";
import type { Card } from "@loopx/lark-card";
import type { Notice } from "./notice.ts";

/** What replaces registered values in a text. */
export type Redact = (text: string) => string;

/** The notice as it may be told. */
export function safeNotice(notice: Notice, redact: Redact): Notice {
  const text = safeText(notice.text, redact);
  return notice.card === undefined ? { ...notice, text } : { ...notice, text, card: safeCard(notice.card, redact) };
}

/** The text without registered values; the name of the rule instead of a text that a rule objects to, in words that no dialect takes for a tag. */
export function safeText(text: string, redact: Redact): string {
  const redacted = redact(text);
  const hit = firstHit(redacted, "projection");
  return hit === null ? redacted : `(redacted: ${hit.rule})`;
}

/** Only what people read: ids, values of buttons and the shape stay as they are. */
function safeCard(card: Card, redact: Redact): Card {
  const clean = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(clean);
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(
      Object.entries(value).map(([key, inner]) => [
        key,
        key === "content" && typeof inner === "string" ? safeText(inner, redact) : clean(inner),
      ]),
    );
  };
  return clean(card) as Card;
}
