import type * as z from "zod/mini";

/** The same value, readonly at every depth: what an action gives out nobody changes. */
export type Frozen<T> = T extends readonly (infer Item)[]
  ? readonly Frozen<Item>[]
  : T extends object
    ? { readonly [Key in keyof T]: Frozen<T[Key]> }
    : T;

/** The value a payload's schema describes, as an action returns it. */
export type PayloadOf<Schema extends z.core.$ZodType> = Frozen<z.core.output<Schema>>;
