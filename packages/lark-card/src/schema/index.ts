/**
 * `@loopx/lark-card/schema`: the shapes of cards as zod schemas, and the check of a card of unknown origin. Apart from the
 * main entry, because building a card needs no schema library.
 */
export { cardV1Schema, type CardV1 } from "./card-v1.ts";
export { cardV2Schema, type CardV2 } from "./card-v2.ts";
export { validateCard, type CardCheck } from "./validate.ts";
