import { createHash } from "node:crypto";
import type { Digest } from "../domain/digest.ts";

/** Digests by the platform's own implementation. */
export const nodeDigest: Digest = (algorithm, text) => createHash(algorithm).update(text, "utf8").digest("hex");
