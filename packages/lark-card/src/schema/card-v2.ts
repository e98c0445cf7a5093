/** Card JSON 2.0 as this package writes it. The platform refuses a card with a property it does not know. */
import * as z from "zod/mini";
import { ELEMENTS_LIMIT } from "../limits.ts";
import {
  ButtonTextSchema,
  ButtonTypeSchema,
  ConfirmSchema,
  ContentSchema,
  GateValueSchema,
  HeaderSchema,
  RuleSchema,
  WebUrlSchema,
} from "./shapes.ts";

/** The name of an element that is updated later. */
export const ElementIdSchema = z.string().check(z.regex(/^[A-Za-z][A-Za-z0-9_]{0,19}$/));

const ButtonSchema = z.union([
  z.strictObject({
    tag: z.literal("button"),
    element_id: ElementIdSchema,
    text: ButtonTextSchema,
    type: ButtonTypeSchema,
    confirm: ConfirmSchema,
    behaviors: z.tuple([z.strictObject({ type: z.literal("callback"), value: GateValueSchema })]),
  }),
  z.strictObject({
    tag: z.literal("button"),
    text: ButtonTextSchema,
    type: z.literal("default"),
    behaviors: z.tuple([z.strictObject({ type: z.literal("open_url"), default_url: WebUrlSchema })]),
  }),
]);

const ColumnSchema = z.strictObject({
  tag: z.literal("column"),
  width: z.literal("auto"),
  elements: z.tuple([ButtonSchema]),
});

const ElementSchema = z.discriminatedUnion("tag", [
  z.strictObject({
    tag: z.literal("markdown"),
    element_id: z.optional(ElementIdSchema),
    content: ContentSchema,
    text_size: z.optional(z.literal("notation")),
  }),
  RuleSchema,
  z.strictObject({
    tag: z.literal("column_set"),
    flex_mode: z.literal("flow"),
    columns: z.array(ColumnSchema).check(z.minLength(1)),
  }),
]);

/** A card of dialect 2.0. */
export const cardV2Schema = z.strictObject({
  schema: z.literal("2.0"),
  config: z.strictObject({
    update_multi: z.literal(true),
    enable_forward: z.boolean(),
    enable_forward_interaction: z.literal(false),
    width_mode: z.literal("default"),
    summary: z.strictObject({ content: ContentSchema }),
  }),
  header: HeaderSchema,
  body: z.strictObject({ elements: z.array(ElementSchema).check(z.minLength(1), z.maxLength(ELEMENTS_LIMIT)) }),
});
/** A card of dialect 2.0. */
export type CardV2 = z.infer<typeof cardV2Schema>;
export type ButtonV2 = z.infer<typeof ButtonSchema>;
export type ElementV2 = z.infer<typeof ElementSchema>;
