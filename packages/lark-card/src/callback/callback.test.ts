/** From a verified request to a decision: every way a press can be refused. */
import { describe, expect, it } from "vitest";
import { GateValueSchema } from "../schema/shapes.ts";
import fc from "fast-check";
import * as z from "zod/mini";
import { isGateValue } from "../card/words.ts";
import { parseCardAction, type CardAction } from "./action.ts";
import { decideGate, type PendingGate } from "./decide.ts";

const SHA = "1".repeat(40);
const VALUE = {
  v: 1,
  kind: "loopx_gate",
  goal_id: "g1",
  gate: "promote",
  decision: "approve",
  nonce: "a".repeat(32),
  exp: 1_800_000_000,
  sha: SHA,
} as const;
const BODY = {
  schema: "2.0",
  header: { event_id: "e1", token: "t", create_time: "1", event_type: "card.action.trigger", app_id: "cli_a" },
  event: {
    operator: { open_id: "ou_op" },
    action: { tag: "button", value: VALUE },
    context: { open_message_id: "om_1", open_chat_id: "oc_1" },
  },
};
const ACTION: CardAction = { event_id: "e1", operator_open_id: "ou_op", message_id: "om_1", chat_id: "oc_1", tag: "button", value: VALUE };
const PENDING: PendingGate = {
  goal_id: "g1",
  gate: "promote",
  sha: SHA,
  state: "open",
  expires_at: 1_800_000_000,
  message_id: "om_1",
  chat_id: "oc_1",
  allow: ["approve", "reject"],
  event_ids: [],
};
const POLICY = { operators: ["ou_op"] };
const NOW = { ms: 1_799_999_999_999, offset_minutes: 0 };

describe("a press (LRK-72)", () => {
  it("is read from the event", () => {
    expect(parseCardAction(BODY)).toEqual({ ok: true, action: ACTION });
  });

  it("is read from the flat form only with the digest of the bytes", () => {
    const flat = { open_id: "ou_op", open_message_id: "om_1", open_chat_id: "oc_1", token: "c-x", action: { tag: "button", value: VALUE } };
    expect(parseCardAction(flat, { raw_sha256: "f".repeat(64) })).toEqual({ ok: true, action: { ...ACTION, event_id: "f".repeat(64) } });
    expect(parseCardAction(flat)).toEqual({ ok: false, code: "not_a_card_action" });
  });

  it.each([
    [null],
    [[]],
    ["x"],
    [{ ...BODY, header: { ...BODY.header, event_type: "im.message.receive_v1" } }],
    [{ ...BODY, schema: "1.0" }],
    [{ ...BODY, event: { ...BODY.event, operator: {} } }],
    [{ ...BODY, event: { ...BODY.event, operator: { open_id: ["ou_op"] } } }],
    [{ ...BODY, header: { ...BODY.header, event_id: "e".repeat(257) } }],
  ])("is none in %j", (body) => {
    expect(parseCardAction(body, { raw_sha256: "f" })).toEqual({ ok: false, code: "not_a_card_action" });
  });

  it.each([
    [{ ...VALUE, extra: 1 }],
    [{ ...VALUE, v: 2 }],
    [{ ...VALUE, decision: "merge" }],
    [{ ...VALUE, nonce: "A".repeat(32) }],
    [{ ...VALUE, goal_id: "../x" }],
    [JSON.stringify(VALUE)],
    [undefined],
  ])("carries no value of ours in %j", (value) => {
    const event = { ...BODY.event, action: { tag: "button", value } };
    expect(parseCardAction({ ...BODY, event })).toEqual({ ok: false, code: "bad_value" });
  });

  it("is checked by hand exactly as the schema of its button says", () => {
    const odd = fc.oneof(
      fc.constant(undefined),
      fc.constant(null),
      fc.string(),
      fc.integer(),
      fc.constantFrom("promote", "it's", "a b", "é", "\u202e", "\ud800", " ", "x".repeat(121)),
    );
    const key = fc.constantFrom(...Object.keys(VALUE), "more");
    fc.assert(
      fc.property(key, odd, (name, value) => {
        const given = { ...VALUE, [name]: value };
        expect(isGateValue(given, "").length === 0).toBe(z.safeParse(GateValueSchema, given).success);
      }),
      { numRuns: 1_000 },
    );
  });
});

describe("a press settles a gate (LRK-73)", () => {
  it("that is open, for the one message, by an allowed operator, in time", () => {
    expect(decideGate(ACTION, PENDING, POLICY, NOW)).toEqual({ ok: true, input: { goal_id: "g1", gate: "promote", decision: "approve" } });
  });

  it("and nobody may, when nobody is allowed", () => {
    expect(decideGate(ACTION, PENDING, { operators: [] }, NOW)).toEqual({ ok: false, code: "operator_not_allowed" });
  });

  it.each<[string, Partial<CardAction>, Partial<PendingGate> | null]>([
    ["unknown_nonce", {}, null],
    ["replayed", {}, { state: "decided", event_ids: ["e1"] }],
    ["already_decided", { event_id: "e2" }, { state: "decided", event_ids: ["e1"] }],
    ["already_decided", {}, { state: "deciding" }],
    ["already_decided", {}, { state: "closed" }],
    ["expired", {}, { expires_at: 1_799_999_999 }],
    ["mismatch", { value: { ...VALUE, exp: 1_900_000_000 } }, {}],
    ["mismatch", { value: { ...VALUE, goal_id: "g2" } }, {}],
    ["mismatch", { value: { ...VALUE, gate: "deploy" } }, {}],
    ["mismatch", { value: { ...VALUE, sha: "2".repeat(40) } }, {}],
    ["mismatch", { value: { ...VALUE, sha: undefined } }, {}],
    ["mismatch", {}, { sha: null }],
    ["wrong_message", { message_id: "om_2" }, {}],
    ["wrong_message", { chat_id: "oc_2" }, {}],
    ["decision_not_allowed", { value: { ...VALUE, decision: "defer" } }, {}],
    ["operator_not_allowed", { operator_open_id: "ou_other" }, {}],
  ])("%s", (code, action, pending) => {
    expect(decideGate({ ...ACTION, ...action }, pending === null ? null : { ...PENDING, ...pending }, POLICY, NOW)).toEqual({
      ok: false,
      code,
    });
  });

  it("not at the second it expires in", () => {
    expect(decideGate(ACTION, PENDING, POLICY, { ms: 1_800_000_000_000, offset_minutes: 0 })).toEqual({ ok: false, code: "expired" });
  });
});
