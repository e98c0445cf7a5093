/** Ids that follow from what is recorded: asked for twice, one record stands (REL-45). */
import type { Digest } from "../digest.ts";

/** Crockford's base 32 in lower case. */
const DIGITS = "0123456789abcdefghjkmnpqrstvwxyz";
const LENGTH = 26;

/** The prefix and the first 26 characters of sha256 over goal and key, five bits a character. */
export function keyedId(digest: Digest, prefix: string, goal_id: string, key: string): string {
  const hash = digest("sha256", `${goal_id}\n${key}`);
  let bits = "";
  for (const digit of hash.slice(0, Math.ceil((LENGTH * 5) / 4))) bits += Number.parseInt(digit, 16).toString(2).padStart(4, "0");
  let id = prefix;
  for (let at = 0; at < LENGTH; at += 1) id += DIGITS.charAt(Number.parseInt(bits.slice(at * 5, at * 5 + 5), 2));
  return id;
}
