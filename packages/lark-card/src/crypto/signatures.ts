/** Signatures as the platform makes them. */
import { createHash, createHmac, timingSafeEqual } from "node:crypto";

/** What a callback's signature is made over. `secret` is the encrypt key for sha256, the verification token for sha1. */
export interface SignatureParts {
  readonly timestamp: string;
  readonly nonce: string;
  readonly secret: string;
  readonly raw_body: Uint8Array;
}

/** The signature of a callback, in lower-case hex: sha256 of today, sha1 of old subscriptions. */
export function callbackSignature(algorithm: "sha256" | "sha1", parts: SignatureParts): string {
  const hash = createHash(algorithm);
  return hash
    .update(parts.timestamp + parts.nonce + parts.secret, "utf8")
    .update(parts.raw_body)
    .digest("hex");
}

/** The `sign` of a custom bot's message for a second since the epoch. */
export function signWebhook(timestamp: number | string, secret: string): string {
  return createHmac("sha256", `${timestamp}\n${secret}`).digest("base64");
}

/** True for equal texts, in a time that says nothing about where they differ. */
export function equalSecrets(one: string, other: string): boolean {
  const [a, b] = [one, other].map((text) => createHash("sha256").update(text, "utf8").digest()) as [Buffer, Buffer];
  return timingSafeEqual(a, b);
}
