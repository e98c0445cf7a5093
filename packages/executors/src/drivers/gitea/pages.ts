/**
 * Lists to their last page (DSP-12). Whether there is another page is told by the count, or else by a page that brings
 * nothing new: how many entries a server gives at once is its own matter. An error on any page is the error of the list.
 */
import type * as z from "zod/mini";
import type { ForgeFailure, Listed } from "../../gitea/forge.ts";
import type { Asking, Calls, Understood } from "./calls.ts";
import { listOf } from "./shapes.ts";

const MOST_PAGES = 200;
/** 50 entries, 10, 2, 1. */
const PARTS = 5;

/** Where a reading stands: which page of how many entries. */
export interface PageAsked {
  readonly page: number;
  readonly limit: number;
}

/** The whole list; entries that moved between pages while it was read stand in it once. */
export async function readAll<Value>(
  calls: Calls,
  limit: number,
  ask: (page: PageAsked) => Asking,
  shape: z.ZodMiniType<Value>,
  keyOf: (value: Value) => string | number,
): Promise<{ readonly kind: "value"; readonly value: Listed<Value> } | ForgeFailure> {
  const entries = new Map<string | number, Value>();
  let seen = 0;
  for (let page = 1; page <= MOST_PAGES; page += 1) {
    const answer = await readPage(calls, { page, limit }, ask, shape);
    if (answer.kind === "failed") return answer;
    const before = entries.size;
    // The newest word about an entry counts.
    for (const value of answer.value) entries.set(keyOf(value), value);
    seen += answer.value.length;
    const total = countOf(answer.headers);
    const isLast = answer.value.length === 0 || (total === null ? entries.size === before : seen >= total);
    if (isLast) return { kind: "value", value: { entries: [...entries.values()], truncated: false } };
  }
  return { kind: "value", value: { entries: [...entries.values()], truncated: true } };
}

/** One page. What is too large at once is asked for in parts of it, down to its single entries (DSP-11). */
async function readPage<Value>(
  calls: Calls,
  { page, limit }: PageAsked,
  ask: (page: PageAsked) => Asking,
  shape: z.ZodMiniType<Value>,
): Promise<Understood<readonly Value[]> | ForgeFailure> {
  const answer = await calls.read(ask({ page, limit }), listOf(shape));
  if (answer.kind === "value" || answer.too_large !== true || limit === 1) return answer;
  const parts = limit % PARTS === 0 ? PARTS : limit;
  const value: Value[] = [];
  for (let part = 1; ; part += 1) {
    const read = await readPage(calls, { page: (page - 1) * parts + part, limit: limit / parts }, ask, shape);
    if (read.kind === "failed") return read;
    value.push(...read.value);
    if (part === parts) return { ...read, value };
  }
}

function countOf(headers: Headers): number | null {
  const given = headers.get("x-total-count");
  return given !== null && /^\d{1,9}$/.test(given) ? Number(given) : null;
}
