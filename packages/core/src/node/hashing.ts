/** Digests of bytes. The platform's implementation is loaded with the first one: a verdict needs none (PRF-11). */
import type * as Crypto from "node:crypto";
import type { Revision } from "../ports/documents.ts";

let loaded: typeof Crypto | undefined;

function crypto(): typeof Crypto {
  loaded ??= process.getBuiltinModule("node:crypto");
  return loaded;
}

export function sha256(bytes: Uint8Array | string): string {
  return digestOf("sha256", bytes);
}

export function digestOf(algorithm: "sha1" | "sha256", bytes: Uint8Array | string): string {
  return crypto().createHash(algorithm).update(bytes).digest("hex");
}

/** The mark of a document's bytes (REL-41). */
export function revisionOf(bytes: Uint8Array): Revision {
  return `sha256:${sha256(bytes)}` as Revision;
}

/** 16 random hex digits. */
export function nonce(): string {
  return randomBytes(8).toString("hex");
}

export function randomBytes(count: number): Buffer {
  return crypto().randomBytes(count);
}
