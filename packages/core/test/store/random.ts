/** Randomness that can be replayed. */
export { randomFrom } from "../../../../scripts/soak/random.mjs";

/** `LOOPX_SEED`, or a new one. */
export function seedOf(): number {
  return Number(process.env["LOOPX_SEED"] ?? Math.floor(Math.random() * 2 ** 31));
}
