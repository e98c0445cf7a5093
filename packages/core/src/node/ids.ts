import type { Clock, Ids } from "../ports/clock.ts";
import { randomBytes } from "./hashing.ts";

/** Crockford's base 32 in lower case: no i, l, o, u. */
const DIGITS = "0123456789abcdefghjkmnpqrstvwxyz";
const TIME_DIGITS = 10;
const RANDOM_DIGITS = 16;

/** Fresh ids: 12 random hex for todos (FIL-46), a lower-case ULID for everything else (FIL-61). */
export function randomIds(clock: Clock): Ids {
  return {
    next: (prefix) => prefix + (prefix === "todo_" ? randomBytes(6).toString("hex") : ulid(clock.now().getTime())),
  };
}

/** 48 bits of milliseconds, then 80 random bits, five bits a digit; later ones sort later. */
function ulid(ms: number): string {
  let time = "";
  for (let left = ms, digit = 0; digit < TIME_DIGITS; digit++, left = Math.floor(left / 32)) time = DIGITS.charAt(left % 32) + time;
  // 256 is a whole number of 32s, so every digit is equally likely.
  return time + Array.from(randomBytes(RANDOM_DIGITS), (byte) => DIGITS.charAt(byte % 32)).join("");
}
