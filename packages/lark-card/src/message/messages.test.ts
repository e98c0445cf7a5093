/** Envelopes, sizes and the ids of replies. */
import { describe, expect, it } from "vitest";
import { buildGateCard } from "../cards/gate.ts";
import { buildLarkMarkdownReplyCard } from "../cards/reply.ts";
import { buildStatusCard } from "../cards/status.ts";
import { LarkCardError } from "../input.ts";
import { textsOf } from "./card-texts.ts";
import { measure, toAppMessage, toReplyMessage, toTextMessage, toUpdateMessage, toWebhookMessage } from "./envelopes.ts";
import { fitCard } from "./fit.ts";
import { extractReplyMessageId, readReplyMessageId } from "./reply-id.ts";

const REPLY = buildLarkMarkdownReplyCard("ok");
const GATE = buildGateCard({ goal_id: "g1", gate: "x", question: "Go?", nonce: "a".repeat(32), expires_at: 1, callbacks: true });

describe("envelopes (LRK-50 to LRK-55)", () => {
  it("have the keys that the platform's interfaces take, in their order (LRK-51, LRK-52, LRK-54)", () => {
    const content = JSON.stringify(REPLY);
    expect(toAppMessage(REPLY, { receive_id: "oc_a", uuid: "u1" })).toEqual({
      params: { receive_id_type: "chat_id" },
      data: { receive_id: "oc_a", msg_type: "interactive", content, uuid: "u1" },
    });
    expect(toReplyMessage(REPLY, { message_id: "om_a", reply_in_thread: true })).toEqual({
      path: { message_id: "om_a" },
      data: { msg_type: "interactive", content, reply_in_thread: true },
    });
    expect(toUpdateMessage(GATE, { message_id: "om_a" })).toEqual({
      path: { message_id: "om_a" },
      data: { content: JSON.stringify(GATE) },
    });
    expect(JSON.stringify(toWebhookMessage(REPLY, { timestamp: "1700000000", sign: "s" }))).toBe(
      `{"timestamp":"1700000000","sign":"s","msg_type":"interactive","card":${content}}`,
    );
    expect(toTextMessage("hi", { receive_id: "ou_a", receive_id_type: "open_id" }).data.content).toBe('{"text":"hi"}');
    expect(toTextMessage("hi")).toEqual({ msg_type: "text", content: { text: "hi" } });
    expect(toTextMessage("hi", { webhook: { timestamp: "1700000000", sign: "s" } })).toMatchObject({ sign: "s", content: { text: "hi" } });
  });

  it("carry any text literally, with its mentions dead (LRK-43, LRK-115)", () => {
    const text = '","chat_id":"oc_evil" <at user_id="all">x</at>\n';
    const { content } = toTextMessage(text, { receive_id: "oc_a" }).data;
    expect(JSON.parse(content)).toEqual({ text: text.replaceAll(/<(?=\/?at)/g, "<\u2060") });
  });

  it.each([
    [() => toAppMessage(REPLY, { receive_id: "ou_a" }), "receive_id"],
    [() => toAppMessage(REPLY, { receive_id: "oc_a/../x" }), "receive_id"],
    [() => toAppMessage(REPLY, { receive_id: "a@b.c", receive_id_type: "email", uuid: "a b" }), "uuid"],
    [() => toReplyMessage(REPLY, { message_id: "om_a?x=1" }), "message_id"],
    [() => toUpdateMessage(REPLY, { message_id: "om_a" }), "config.update_multi"],
    [() => toWebhookMessage(REPLY, { timestamp: "soon" }), "timestamp"],
  ])("refuse what has no place there (%#)", (make, path) => {
    expect(make).toThrow(LarkCardError);
    expect(make).toThrow(path);
  });

  it("give a custom bot no button that answers, in either dialect (LRK-53)", () => {
    const v2 = buildGateCard({
      goal_id: "g1",
      gate: "x",
      question: "Go?",
      nonce: "a".repeat(32),
      expires_at: 1,
      callbacks: true,
      dialect: "2.0",
    });
    for (const card of [GATE, v2])
      expect(() => toWebhookMessage(card)).toThrow(expect.objectContaining({ code: "no_callbacks_on_webhook" }));
    for (const dialect of ["1.0", "2.0"] as const) {
      const linked = buildStatusCard({ goal_id: "g1", link: "https://example.com", dialect });
      expect(toWebhookMessage(linked)).toMatchObject({ card: linked });
    }
  });
});

describe("sizes (LRK-56, LRK-57)", () => {
  it("count bytes of the body, not characters, and no ASCII escapes (LRK-55)", () => {
    const card = buildLarkMarkdownReplyCard("漢".repeat(1_000));
    expect(measure(toAppMessage(card, { receive_id: "oc_a" }))).toBe(
      new TextEncoder().encode(JSON.stringify(toAppMessage(card, { receive_id: "oc_a" }).data)).length,
    );
    expect(measure(toWebhookMessage(card))).toBeLessThan(3_400);
  });

  it("of 9,000 CJK characters are brought within either budget", () => {
    const card = buildLarkMarkdownReplyCard("漢".repeat(9_000), { max_markdown_chars: 9_000 });
    const app = fitCard(card, { transport: "app" });
    const webhook = fitCard(card, { transport: "webhook" });
    expect(webhook.cards.map((each) => measure(toWebhookMessage(each)) <= 18_432)).toEqual([true]);
    expect([app.truncated, app.cards, webhook.truncated]).toEqual([false, [card], true]);
  });

  it("split a reply at its paragraphs, with the page in each title, none of the text lost", () => {
    const paragraphs = Array.from({ length: 80 }, (_, at) => `paragraph ${at} ${"x".repeat(900)}`);
    const card = buildLarkMarkdownReplyCard(paragraphs.join("\n\n"), { max_markdown_chars: 100_000, title: "t".repeat(80), footer: "f" });
    const { cards, truncated } = fitCard(card, { transport: "app", overflow: "split" });
    expect([cards.length, truncated]).toEqual([3, false]);
    expect(cards.map((each) => each.header.title.content.slice(-9))).toEqual(["... (1/3)", "... (2/3)", "... (3/3)"]);
    expect(cards.map((each) => textsOf(each).join()).join("\n\n")).toBe(paragraphs.join("\n\n"));
  });

  it("never shorten a gate's question, buttons or commands: what does not fit becomes a text", () => {
    const gate = {
      goal_id: "g1",
      gate: "'".repeat(120),
      question: "?".repeat(1_000),
      nonce: "a".repeat(32),
      expires_at: 1,
      callbacks: false,
    };
    const large = buildGateCard({ ...gate, summary: "*".repeat(2_000) });
    const small = fitCard(large, { transport: "webhook", budget: 7_500 });
    expect(small.truncated).toBe(true);
    expect(small.cards.flatMap(textsOf)[0]).toBe(textsOf(large)[0]);
    expect(small.cards.flatMap(textsOf).at(-1)).toBe(textsOf(large).at(-1));
    const none = fitCard(large, { transport: "webhook", budget: 3_000 });
    expect([none.cards, none.text?.startsWith("Approval needed: g1\n\n???"), none.text?.includes("--decision approve")]).toEqual([
      [],
      true,
      true,
    ]);
  });
});

describe("the id of a reply (LRK-60, LRK-61 in JSON, LRK-62 in text, LRK-63)", () => {
  const parent = { parent_message_id: "om_parent" };

  it.each<[unknown, string | null]>([
    ['{"data":{"message_id":"om_parent","reply":{"message_id":"om_reply_json"}}}', "om_reply_json"],
    ["sent parent=om_parent reply=om_reply_plain", "om_reply_plain"],
    ["message_id=om_parent", null],
    ['{"code":230002,"data":{"message_id":"om_x"}}', null],
    ['{"ok":false,"message_id":"om_x"}', null],
    ['{"code":0,"data":{"message_id":"om_x","root_id":"om_r","parent_id":"om_p"}}', "om_x"],
    ['{"root_id":"om_a","message_id":"om_b"}', "om_b"],
    ['{"root_id":"om_a","thread_id":"om_c"}', null],
    ['{"parent":{"message_id":"om_a"},"items":[{"message_id":"om_b"}]}', null],
    ["Error: om_parent_thread not found", null],
    ["error: message_id=om_x", null],
    ["om_lonely", null],
    ["parent_message_id: om_x", null],
    ['sending ...\n{"code":0,\n "data":{"message_id":"om_multi"}}\ndone', "om_multi"],
    ['{"a":1}\n{"message_id":"om_last"}\ndone', "om_last"],
    ['warn { not json\n{"message_id":"om_after"}', "om_after"],
    ['{"note":"brace } in { text","message_id":"om_text"}', "om_text"],
    [{ data: { message_id: "om_object" } }, "om_object"],
    [{ result: [{ deep: { message_id: "om_deep" } }] }, "om_deep"],
    [null, null],
    [7, null],
  ])("in %j is %j", (output, id) => {
    expect(extractReplyMessageId(output, parent)).toBe(id);
  });

  it("that is missing has a reason", () => {
    const reason = (output: unknown) => {
      const read = readReplyMessageId(output, parent);
      return read.ok ? null : read.reason;
    };
    expect(reason('{"code":1}')).toBe("error_code");
    expect(reason("message_id=om_parent")).toBe("only_parent");
    expect(reason("sent")).toBe("no_message_id");
    expect(reason('{"message_id":"om_../x"}')).toBe("bad_id");
  });
});
