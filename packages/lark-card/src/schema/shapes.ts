/** The parts that both dialects share, and the value a gate's button sends back (LRK-12, LRK-32). */
import * as z from "zod/mini";
import { GATE_ANSWERS, GATE_NAME, GOAL_ID, LAST_SECOND, NONCE, SHA, TEMPLATES } from "../card/words.ts";
import { BUTTON_LIMIT } from "../limits.ts";
import { isWebUrl } from "../text/links.ts";

const filled = z.string().check(z.minLength(1));

export const PlainTextSchema = z.strictObject({ tag: z.literal("plain_text"), content: filled });
export const HeaderSchema = z.strictObject({ template: z.enum(TEMPLATES), title: PlainTextSchema });
export const RuleSchema = z.strictObject({ tag: z.literal("hr") });
export const ContentSchema = filled;

export const ButtonTextSchema = z.strictObject({
  tag: z.literal("plain_text"),
  content: filled.check(z.maxLength(BUTTON_LIMIT)),
});
export const ButtonTypeSchema = z.enum(["default", "primary", "danger"]);
export const ConfirmSchema = z.strictObject({ title: PlainTextSchema, text: PlainTextSchema });
/** An address of the web; nothing else opens from a card. */
export const WebUrlSchema = z.string().check(z.refine(isWebUrl));

/** What a press of a gate's button carries. */
export const GateValueSchema = z.strictObject({
  v: z.literal(1),
  kind: z.literal("loopx_gate"),
  goal_id: z.string().check(z.regex(GOAL_ID)),
  gate: z.string().check(z.regex(GATE_NAME)),
  decision: z.enum(GATE_ANSWERS),
  nonce: z.string().check(z.regex(NONCE)),
  exp: z.int().check(z.gte(0), z.lte(LAST_SECOND)),
  sha: z.optional(z.string().check(z.regex(SHA))),
});
