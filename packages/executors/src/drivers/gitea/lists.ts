/** Lists as the readers ask for them: whole, or what was found of them. */
import type * as z from "zod/mini";
import type { ForgeAnswer, Listed } from "../../gitea/forge.ts";
import type { Asking } from "./calls.ts";
import { failure } from "./faults.ts";
import type { PageAsked } from "./pages.ts";

/** Reads a list of one account to its end. */
export type List = <Value>(
  ask: (page: PageAsked) => Asking,
  shape: z.ZodMiniType<Value>,
  keyOf: (value: Value) => string | number,
) => Promise<ForgeAnswer<Listed<Value>>>;

/** A list that was cut is no answer where the whole of it is needed. */
export function whole<Value>(answer: ForgeAnswer<Listed<Value>>): ForgeAnswer<readonly Value[]> {
  if (answer.kind === "failed") return answer;
  return answer.value.truncated
    ? failure("bad_answer", "the list has more pages than are read")
    : { kind: "value", value: answer.value.entries };
}

/** Without the entries that are of no use. */
export function found<Value>(answer: ForgeAnswer<Listed<Value | null>>): ForgeAnswer<Listed<Value>> {
  if (answer.kind === "failed") return answer;
  const entries = answer.value.entries.filter((each): each is NonNullable<typeof each> => each !== null);
  return { kind: "value", value: { entries, truncated: answer.value.truncated } };
}

/** In the order in which they were made, each once. */
export function byId<Value extends { readonly id: number }>(list: readonly Value[]): readonly Value[] {
  return [...new Map(list.map((each) => [each.id, each])).values()].toSorted((one, other) => one.id - other.id);
}

/** What tells two apart. */
export function idOf({ id }: { readonly id: number }): number {
  return id;
}

/** What tells two items of one repository apart. */
export function numberOf({ number }: { readonly number: number }): number {
  return number;
}

/** Names are the same in any case. */
export function isSame(one: string | null, other: string): boolean {
  return one?.toLowerCase() === other.toLowerCase();
}
