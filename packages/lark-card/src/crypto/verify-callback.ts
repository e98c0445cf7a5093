/**
 * The checks of a callback, in order; the first that fails answers (LRK-70). They work on the received bytes, before
 * anything is parsed for use. The platform's SDK is not used: it hashes JSON it wrote itself, and takes a request for
 * valid when no key is set.
 */
import { createDecipheriv, createHash } from "node:crypto";
import type { Moment } from "@loopx/core/domain";
import { callbackSignature, equalSecrets } from "./signatures.ts";

/** Our side of the subscription. `accept_v1` also takes sha1 signatures, of subscriptions that have no other. */
export interface CallbackKeys {
  readonly encrypt_key: string;
  readonly verification_token: string;
  readonly app_id: string;
  readonly accept_v1?: boolean;
}

/** Header lines as pairs, as they were received, or by name; a name with two values is refused. */
export type CallbackHeaders = readonly (readonly [string, string])[] | Readonly<Record<string, string | readonly string[] | undefined>>;

/** Why a request is not taken. */
export type CallbackRefusal =
  | "no_keys"
  | "too_large"
  | "bad_body"
  | "unsigned"
  | "stale_timestamp"
  | "bad_signature"
  | "v1_disabled"
  | "bad_token"
  | "bad_app";

/** A genuine request with its parsed body, a challenge to be answered, or the refusal. */
export type VerifiedCallback =
  | { readonly ok: true; readonly kind: "challenge"; readonly challenge: string }
  | { readonly ok: true; readonly kind: "event"; readonly version: "1.0" | "2.0"; readonly body: JsonRecord; readonly raw_sha256: string }
  | { readonly ok: false; readonly code: CallbackRefusal };

type JsonRecord = Readonly<Record<string, unknown>>;

const KEY_LENGTH = 8;
const BODY_LIMIT = 65_536;
const WINDOW_MS = 300_000;
const CHALLENGE_LIMIT = 200;
const DEPTH_LIMIT = 20;
const HEADERS = ["x-lark-request-timestamp", "x-lark-request-nonce", "x-lark-signature"] as const;

/** Whether these bytes with these headers came from the platform, for this app, just now. */
export function verifyCallback(raw_body: Uint8Array, headers: CallbackHeaders, keys: CallbackKeys, now: Moment): VerifiedCallback {
  if ([keys.encrypt_key, keys.verification_token].some((key) => key.trim().length < KEY_LENGTH)) return refused("no_keys");
  if (raw_body.length > BODY_LIMIT) return refused("too_large");
  if (raw_body.length === 0) return refused("bad_body");
  const body = bodyOf(raw_body, keys.encrypt_key);
  if (body?.["type"] === "url_verification") return challengeOf(body, keys);
  const signed = signatureFault(raw_body, headers, keys, now);
  if (signed !== null) return refused(signed);
  if (body === null) return refused("bad_body");
  return senderOf(body, keys) ?? { ok: true, kind: "event", version: versionOf(body), body, raw_sha256: sha256(raw_body) };
}

/** Grants nothing, so it needs no signature: only who knows the token learns that we know it. */
function challengeOf(body: JsonRecord, keys: CallbackKeys): VerifiedCallback {
  const { token, challenge } = body;
  if (typeof token !== "string" || !equalSecrets(token, keys.verification_token)) return refused("bad_token");
  if (typeof challenge !== "string" || challenge.length > CHALLENGE_LIMIT) return refused("bad_body");
  return { ok: true, kind: "challenge", challenge };
}

/** What is wrong with the signature, its time or its headers; null when the bytes are the platform's. */
function signatureFault(raw_body: Uint8Array, headers: CallbackHeaders, keys: CallbackKeys, now: Moment): CallbackRefusal | null {
  const [timestamp, nonce, signature] = HEADERS.map((name) => onlyHeader(headers, name));
  if (!timestamp || !nonce || !signature || !/^[\x21-\x7E]{1,128}$/.test(nonce)) return "unsigned";
  if (!isFresh(timestamp, now)) return "stale_timestamp";
  const given = signature.toLowerCase();
  const isV1 = /^[0-9a-f]{40}$/.test(given);
  if (isV1 && keys.accept_v1 !== true) return "v1_disabled";
  if (!isV1 && !/^[0-9a-f]{64}$/.test(given)) return "bad_signature";
  const secret = isV1 ? keys.verification_token : keys.encrypt_key;
  const expected = callbackSignature(isV1 ? "sha1" : "sha256", { timestamp, nonce, secret, raw_body });
  return equalSecrets(given, expected) ? null : "bad_signature";
}

/** The refusal when the request is for another subscription or app. */
function senderOf(body: JsonRecord, keys: CallbackKeys): VerifiedCallback | null {
  const header = body["header"];
  if (versionOf(body) === "2.0") {
    const { token, app_id } = isRecord(header) ? header : {};
    if (typeof token !== "string" || !equalSecrets(token, keys.verification_token)) return refused("bad_token");
    return app_id === keys.app_id ? null : refused("bad_app");
  }
  const token = body["token"];
  const isOurs = token === undefined || (typeof token === "string" && equalSecrets(token, keys.verification_token));
  return isOurs ? null : refused("bad_token");
}

function versionOf(body: JsonRecord): "1.0" | "2.0" {
  return body["schema"] === undefined && body["header"] === undefined ? "1.0" : "2.0";
}

/** Seconds in 10 digits or milliseconds in 13, at most 300 s away. */
function isFresh(timestamp: string, now: Moment): boolean {
  if (!/^(?:\d{10}|\d{13})$/.test(timestamp)) return false;
  const ms = timestamp.length === 10 ? Number(timestamp) * 1_000 : Number(timestamp);
  return Math.abs(now.ms - ms) <= WINDOW_MS;
}

/** The value of a header that stands exactly once; null otherwise. */
function onlyHeader(headers: CallbackHeaders, name: string): string | null {
  const pairs = Array.isArray(headers) ? (headers as readonly (readonly [string, string])[]) : Object.entries(headers);
  const values = pairs.filter(([key]) => key.toLowerCase() === name).flatMap(([, value]) => (value === undefined ? [] : value));
  return values.length === 1 ? (values[0] ?? null) : null;
}

/** The JSON object in the bytes, decrypted where it is encrypted; null when there is none. */
function bodyOf(raw_body: Uint8Array, encrypt_key: string): JsonRecord | null {
  const body = recordOf(raw_body);
  const sealed = body?.["encrypt"];
  if (sealed === undefined) return body;
  const opened = typeof sealed === "string" ? decrypted(sealed, encrypt_key) : null;
  return opened === null ? null : recordOf(opened);
}

function decrypted(sealed: string, encrypt_key: string): Uint8Array | null {
  const bytes = Buffer.from(sealed, "base64");
  if (bytes.length < 32 || bytes.length % 16 !== 0) return null;
  try {
    const key = createHash("sha256").update(encrypt_key, "utf8").digest();
    const opening = createDecipheriv("aes-256-cbc", key, bytes.subarray(0, 16));
    return Buffer.concat([opening.update(bytes.subarray(16)), opening.final()]);
  } catch {
    return null;
  }
}

function recordOf(bytes: Uint8Array): JsonRecord | null {
  try {
    const value: unknown = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
    return isRecord(value) && isShallow(value) ? value : null;
  } catch {
    return null;
  }
}

function isShallow(value: unknown): boolean {
  let level: readonly unknown[] = [value];
  for (let depth = 0; depth <= DEPTH_LIMIT; depth++) {
    level = level.flatMap((each) => (typeof each === "object" && each !== null ? Object.values(each) : []));
    if (level.length === 0) return true;
  }
  return false;
}

function isRecord(value: unknown): value is JsonRecord {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

function refused(code: CallbackRefusal): VerifiedCallback {
  return { ok: false, code };
}
