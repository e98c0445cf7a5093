/** Our cards of dialect 1.0 are cards for the platform's own SDK: the compiler checks it, nothing of the SDK runs (LRK-5). */
import type { InteractiveCard } from "@larksuiteoapi/node-sdk";
import { buildGateCard, buildLarkMarkdownReplyCard, type Card, type Template } from "@loopx/lark-card";
import { validateCard } from "@loopx/lark-card/schema";
import { describe, expect, it } from "vitest";

type CardV1 = Extract<Card, { readonly elements: unknown }>;
/** The SDK's types are older than the template `default`. */
type Known = CardV1 & { readonly header: { readonly template: Exclude<Template, "default"> } };

const forSdk = (card: Known): InteractiveCard => card;

describe("a card of dialect 1.0", () => {
  it("is what the SDK's types call an interactive card", () => {
    const gate = { goal_id: "g1", gate: "x", question: "Go?", nonce: "a".repeat(32), expires_at: 1, callbacks: true };
    for (const card of [buildLarkMarkdownReplyCard("**Done**", { footer: "f" }), buildGateCard(gate)]) {
      const { elements, header } = forSdk(card as Known);
      expect(elements?.length).toBeGreaterThan(0);
      expect([header?.title.tag, validateCard(card).ok]).toEqual(["plain_text", true]);
    }
  });
});
