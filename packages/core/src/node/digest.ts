import type { Digest } from "../domain/digest.ts";
import { digestOf } from "./hashing.ts";

/** Digests by the platform's own implementation. */
export const nodeDigest: Digest = digestOf;
