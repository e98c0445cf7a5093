/** Genuine requests pass; every change of one is refused by its own code (LRK-70, LRK-71, LRK-112). */
import { createCipheriv, createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { callbackSignature, signWebhook, verifyCallback, type CallbackHeaders, type CallbackKeys } from "./index.ts";

const KEYS: CallbackKeys = { encrypt_key: "ek_secret", verification_token: "vtoken_one", app_id: "cli_a" };
const NOW = { ms: 1_700_000_000_000, offset_minutes: 0 };
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const EVENT = JSON.stringify({ schema: "2.0", header: { event_id: "e1", token: "vtoken_one", app_id: "cli_a" }, event: { a: 1.0 } });

function seal(text: string, key = KEYS.encrypt_key): string {
  const iv = Buffer.alloc(16, 1);
  const cipher = createCipheriv("aes-256-cbc", createHash("sha256").update(key).digest(), iv);
  return Buffer.concat([iv, cipher.update(text, "utf8"), cipher.final()]).toString("base64");
}

function signed(raw: string, { timestamp = "1700000000", nonce = "n1", secret = KEYS.encrypt_key } = {}): [string, string][] {
  const signature = callbackSignature("sha256", { timestamp, nonce, secret, raw_body: bytes(raw) });
  return [
    ["X-Lark-Request-Timestamp", timestamp],
    ["X-Lark-Request-Nonce", nonce],
    ["X-Lark-Signature", signature],
  ];
}

const codeOf = (raw: string, headers: CallbackHeaders, keys = KEYS) => {
  const verified = verifyCallback(bytes(raw), headers, keys, NOW);
  return verified.ok ? verified.kind : verified.code;
};

describe("signatures (LRK-71)", () => {
  it("are those of the vectors", () => {
    const parts = { timestamp: "1700000000", nonce: "n1", raw_body: bytes('{"type":"event"}') };
    expect(callbackSignature("sha256", { ...parts, secret: "ek_secret" })).toBe(
      "762cc9884e6c108adbc39a60f91735a39dfc2a6bd0d235d61961182e29aefd1a",
    );
    expect(callbackSignature("sha1", { ...parts, secret: "vtoken" })).toBe("6147a03e5de3f451b5c37d85a65f0cb7e4281f05");
    expect(seal('{"type":"event"}', "ek_secret")).toBe("AQEBAQEBAQEBAQEBAQEBARqRlbWy+mP2QByrbrAWuVnjRSayfz97LsWfwE9H53jw");
    expect(signWebhook(1_599_360_473, "demo")).toBe("l1N0gAcBjdwBvGm1xMjOF0XSyaLRpR7tuO5dHfhAYc8=");
  });
});

describe("a callback", () => {
  it("that is genuine gives its body and the digest of its bytes", () => {
    expect(verifyCallback(bytes(EVENT), signed(EVENT), KEYS, NOW)).toEqual({
      ok: true,
      kind: "event",
      version: "2.0",
      body: JSON.parse(EVENT),
      raw_sha256: createHash("sha256").update(EVENT).digest("hex"),
    });
    const sealed = JSON.stringify({ encrypt: seal(EVENT) });
    expect(verifyCallback(bytes(sealed), signed(sealed), KEYS, NOW)).toMatchObject({ ok: true, body: JSON.parse(EVENT) });
  });

  it("is taken with headers by name, milliseconds and upper-case hex", () => {
    const pairs = signed(EVENT, { timestamp: "1700000000123" });
    const headers = Object.fromEntries(pairs.map(([name, value]) => [name, value.toUpperCase().replace("N1", "n1")]));
    expect(codeOf(EVENT, headers)).toBe("event");
  });

  it.each<[string, string, CallbackHeaders]>([
    ["bad_signature", EVENT.replace("e1", "e2"), signed(EVENT)],
    ["bad_signature", JSON.stringify(JSON.parse(EVENT), null, 1), signed(EVENT)],
    ["bad_signature", EVENT, signed(EVENT, { secret: "another_key" })],
    ["bad_signature", EVENT, signed(EVENT).map(([name, value]): [string, string] => [name, name.endsWith("Signature") ? "zz" : value])],
    ["stale_timestamp", EVENT, signed(EVENT, { timestamp: "1700000301" })],
    ["stale_timestamp", EVENT, signed(EVENT, { timestamp: "1699999699" })],
    ["stale_timestamp", EVENT, signed(EVENT, { timestamp: "170000000" })],
    ["unsigned", EVENT, [...signed(EVENT), ...signed(EVENT).slice(2)]],
    ["unsigned", EVENT, { ...Object.fromEntries(signed(EVENT)), "X-Lark-Signature": ["a", "b"] }],
    ["unsigned", EVENT, signed(EVENT).slice(1)],
    ["unsigned", EVENT, signed(EVENT).slice(0, 2)],
    ["unsigned", EVENT, signed(EVENT).filter(([name]) => !name.endsWith("Nonce"))],
    ["unsigned", EVENT, signed(EVENT, { nonce: "n 1" })],
    ["unsigned", EVENT, signed(EVENT, { nonce: "n".repeat(129) })],
    ["unsigned", EVENT, []],
    ["unsigned", "not json", []],
    ["bad_body", "not json", signed("not json")],
    ["bad_body", "[1]", signed("[1]")],
    ["bad_body", "", []],
    ["too_large", " ".repeat(65_537), []],
    ["bad_body", '{"a":'.repeat(22) + "1" + "}".repeat(22), signed('{"a":'.repeat(22) + "1" + "}".repeat(22))],
    ["bad_token", EVENT.replace("vtoken_one", "vtoken_two"), signed(EVENT.replace("vtoken_one", "vtoken_two"))],
    ["bad_token", '{"schema":"2.0"}', signed('{"schema":"2.0"}')],
    ["bad_token", '{"token":"vtoken_two"}', signed('{"token":"vtoken_two"}')],
    ["bad_app", EVENT.replace("cli_a", "cli_b"), signed(EVENT.replace("cli_a", "cli_b"))],
  ])("is refused as %s (%#)", (code, raw, headers) => {
    expect(codeOf(raw, headers)).toBe(code);
  });

  it.each([
    ["", "vtoken_one"],
    ["ek_secret", ""],
    ["short", "vtoken_one"],
    ["         ", "vtoken_one"],
  ])("is refused when a key is missing or short: %j, %j", (encrypt_key, verification_token) => {
    expect(codeOf(EVENT, signed(EVENT, { secret: encrypt_key }), { ...KEYS, encrypt_key, verification_token })).toBe("no_keys");
  });

  it("sealed with another key, or broken, is no body", () => {
    for (const sealed of [seal(EVENT, "other_key"), "AQEB", "", seal("not json")]) {
      const raw = JSON.stringify({ encrypt: sealed });
      expect(codeOf(raw, signed(raw))).toBe("bad_body");
    }
    expect(codeOf('{"encrypt":7}', signed('{"encrypt":7}'))).toBe("bad_body");
  });

  it("of an old subscription is taken only on request", () => {
    const raw = '{"open_id":"ou_a","token":"vtoken_one"}';
    const signature = callbackSignature("sha1", { timestamp: "1700000000", nonce: "n1", secret: "vtoken_one", raw_body: bytes(raw) });
    const headers = signed(raw).map(([name, value]): [string, string] => [name, name.endsWith("Signature") ? signature : value]);
    expect(codeOf(raw, headers)).toBe("v1_disabled");
    expect(verifyCallback(bytes(raw), headers, { ...KEYS, accept_v1: true }, NOW)).toMatchObject({ ok: true, version: "1.0" });
  });
});

describe("a challenge", () => {
  const challenge = (token: string, text = "abc") => JSON.stringify({ type: "url_verification", token, challenge: text });

  it("is answered to whoever knows the token, plain or sealed, and grants nothing", () => {
    const answer = { ok: true, kind: "challenge", challenge: "abc" };
    expect(verifyCallback(bytes(challenge("vtoken_one")), [], KEYS, NOW)).toEqual(answer);
    expect(verifyCallback(bytes(JSON.stringify({ encrypt: seal(challenge("vtoken_one")) })), [], KEYS, NOW)).toEqual(answer);
  });

  it("is refused with another token, a long text, or without keys", () => {
    expect(codeOf(challenge("vtoken_two"), [])).toBe("bad_token");
    expect(codeOf(challenge("vtoken_one", "x".repeat(201)), [])).toBe("bad_body");
    expect(codeOf(challenge("vtoken_one"), [], { ...KEYS, encrypt_key: "" })).toBe("no_keys");
  });
});
