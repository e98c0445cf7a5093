import fc from "fast-check";
import { expect, it } from "vitest";
import { nodeDigest } from "../../node/digest.ts";
import { keyedId } from "./keyed-id.ts";

const DIGITS = "0123456789abcdefghjkmnpqrstvwxyz";

it("is the first 130 bits of the hash over goal and key, five bits a character (REL-45)", () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), (goal, key) => {
      const id = keyedId(nodeDigest, "run_", goal, key);
      expect(id).toMatch(/^run_[0-9a-hjkmnp-tv-z]{26}$/);
      const value = Array.from(id.slice("run_".length)).reduce((sum, digit) => sum * 32n + BigInt(DIGITS.indexOf(digit)), 0n);
      expect(value).toBe(BigInt(`0x${nodeDigest("sha256", `${goal}\n${key}`)}`) >> 126n);
    }),
  );
});
