/** Card JSON 1.0 as this package writes it. Strict: the platform ignores what it does not know, so a typo would be silent. */
import * as z from "zod/mini";
import {
  ButtonTextSchema,
  ButtonTypeSchema,
  ConfirmSchema,
  ContentSchema,
  GateValueSchema,
  HeaderSchema,
  PlainTextSchema,
  RuleSchema,
  WebUrlSchema,
} from "./shapes.ts";

const ButtonSchema = z.union([
  z.strictObject({
    tag: z.literal("button"),
    text: ButtonTextSchema,
    type: ButtonTypeSchema,
    confirm: ConfirmSchema,
    value: GateValueSchema,
  }),
  z.strictObject({ tag: z.literal("button"), text: ButtonTextSchema, type: z.literal("default"), url: WebUrlSchema }),
]);

const ElementSchema = z.discriminatedUnion("tag", [
  z.strictObject({ tag: z.literal("div"), text: z.strictObject({ tag: z.literal("lark_md"), content: ContentSchema }) }),
  RuleSchema,
  z.strictObject({ tag: z.literal("note"), elements: z.array(PlainTextSchema).check(z.minLength(1)) }),
  z.strictObject({ tag: z.literal("action"), actions: z.array(ButtonSchema).check(z.minLength(1)) }),
]);

/** A card of dialect 1.0. */
export const cardV1Schema = z.strictObject({
  config: z.strictObject({
    wide_screen_mode: z.literal(true),
    enable_forward: z.boolean(),
    update_multi: z.optional(z.literal(true)),
  }),
  header: HeaderSchema,
  elements: z.array(ElementSchema).check(z.minLength(1)),
});
/** A card of dialect 1.0. */
export type CardV1 = z.infer<typeof cardV1Schema>;
export type ButtonV1 = z.infer<typeof ButtonSchema>;
export type ElementV1 = z.infer<typeof ElementSchema>;
