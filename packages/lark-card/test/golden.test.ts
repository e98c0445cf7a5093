/** Golden cards, byte for byte (LRK-100). `UPDATE=1` rewrites them; the change is looked at in the previews. */
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { fitCard, hasCallbacks, measure, toAppMessage, toReplyMessage, toWebhookMessage } from "../src/index.ts";
import { validateCard } from "../src/schema/index.ts";
import { describe, expect, it } from "vitest";
import { goldens } from "./goldens.ts";

const FOLDER = join(dirname(fileURLToPath(import.meta.url)), "golden");
const cards = goldens();

if (process.env["UPDATE"] === "1") {
  for (const name of readdirSync(FOLDER)) if (name.endsWith(".json")) rmSync(join(FOLDER, name));
  for (const { name, card } of cards) writeFileSync(join(FOLDER, `${name}.json`), `${JSON.stringify(card, null, 2)}\n`);
}

describe("golden cards", () => {
  it.each(cards.map(({ name, card }) => [name, card] as const))("%s is what is built now", (name, card) => {
    const file = join(FOLDER, `${name}.json`);
    expect(existsSync(file) ? readFileSync(file, "utf8") : "missing: UPDATE=1").toBe(`${JSON.stringify(card, null, 2)}\n`);
  });

  it("leave no file of a card that is gone", () => {
    const names = new Set(cards.map(({ name }) => `${name}.json`));
    expect(readdirSync(FOLDER).filter((name) => name.endsWith(".json") && !names.has(name))).toEqual([]);
  });

  it("are valid for their dialect and within both budgets (LRK-13, LRK-56)", () => {
    for (const { name, card } of cards) {
      expect([name, validateCard(card)]).toEqual([name, { ok: true, card }]);
      expect(fitCard(card, { transport: "app" }).cards).toEqual([card]);
      expect(fitCard(card, { transport: "webhook" }).cards).toEqual([card]);
      expect(measure(toAppMessage(card, { receive_id: "oc_chat" }))).toBeLessThan(28_672);
      expect(measure(toReplyMessage(card, { message_id: "om_parent" }))).toBeLessThan(28_672);
      if (!hasCallbacks(card)) expect(measure(toWebhookMessage(card))).toBeLessThan(18_432);
    }
  });

  it("say the three cards of the source document as it does", () => {
    const byName = new Map(cards.map(({ name, card }) => [name, JSON.stringify(card)]));
    expect(byName.get("reply-bounded")).toBe(
      '{"config":{"wide_screen_mode":true,"enable_forward":true},"header":{"template":"green","title":{"tag":"plain_text","content":"LoopX result"}},"elements":[{"tag":"div","text":{"tag":"lark_md","content":"**Done**\\n- Validated the bounded change"}}]}',
    );
    expect(byName.get("reply-footer")).toContain(
      '"content":"body"}},{"tag":"hr"},{"tag":"note","elements":[{"tag":"plain_text","content":"LoopX automated reply"}]}]',
    );
    expect(byName.get("reply-heading.2.0")).toBe(
      '{"schema":"2.0","config":{"update_multi":true,"enable_forward":true,"enable_forward_interaction":false,"width_mode":"default","summary":{"content":"LoopX result"}},"header":{"template":"blue","title":{"tag":"plain_text","content":"LoopX result"}},"body":{"elements":[{"tag":"markdown","content":"# Done\\n\\nok"},{"tag":"hr"},{"tag":"markdown","content":"f","text_size":"notation"}]}}',
    );
    expect(byName.get("gate-buttons.1.0.en")).toContain(
      '{"tag":"button","text":{"tag":"plain_text","content":"Approve"},"type":"primary","confirm":{"title":{"tag":"plain_text","content":"Record this decision?"},"text":{"tag":"plain_text","content":"Approve: promote"}},"value":{"v":1,"kind":"loopx_gate","goal_id":"g1","gate":"promote","decision":"approve","nonce":"00000000000000000000000000000000","exp":1800000000}}',
    );
  });
});
