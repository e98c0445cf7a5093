/** Whether a value is a card that the platform takes, and one of ours: no foreign tag, property, link or callback. */
import * as z from "zod/mini";
import type { Card } from "../card/blocks.ts";
import type { InputIssue } from "../input.ts";
import { TABLES_PER_BLOCK, TABLES_PER_CARD } from "../limits.ts";
import { fencedParts } from "../text/fences.ts";
import { tablesOf } from "../text/lines.ts";
import { cardV1Schema } from "./card-v1.ts";
import { cardV2Schema, type CardV2 } from "./card-v2.ts";

/** `ok`, or everything that is wrong. */
export type CardCheck = { readonly ok: true; readonly card: Card } | { readonly ok: false; readonly issues: readonly InputIssue[] };

/** The check of a value of unknown origin. Its dialect is what its `schema` says. */
export function validateCard(value: unknown): CardCheck {
  const isV2 = typeof value === "object" && value !== null && "schema" in value;
  const result = isV2 ? z.safeParse(cardV2Schema, value) : z.safeParse(cardV1Schema, value);
  if (!result.success) return { ok: false, issues: issuesOf(result.error) };
  const issues = "schema" in result.data ? limitIssues(result.data) : [];
  return issues.length === 0 ? { ok: true, card: result.data } : { ok: false, issues };
}

/** What no shape can say: unique ids, and how many tables there are (LRK-13). */
function limitIssues(card: CardV2): readonly InputIssue[] {
  const issues: InputIssue[] = [];
  const ids = card.body.elements.flatMap((element) => {
    if (element.tag === "markdown") return element.element_id ?? [];
    if (element.tag === "hr") return [];
    return element.columns.flatMap(({ elements: [button] }) => ("element_id" in button ? button.element_id : []));
  });
  if (new Set(ids).size < ids.length) issues.push({ path: "body.elements", message: "an element_id stands twice" });
  const tables = card.body.elements.map((element) => (element.tag === "markdown" ? tableCount(element.content) : 0));
  tables.forEach((count, at) => {
    if (count > TABLES_PER_BLOCK) issues.push({ path: `body.elements.${at}`, message: `has more than ${TABLES_PER_BLOCK} tables` });
  });
  if (tables.reduce((sum, count) => sum + count, 0) > TABLES_PER_CARD)
    issues.push({ path: "body.elements", message: `have more than ${TABLES_PER_CARD} tables` });
  return issues;
}

function tableCount(content: string): number {
  return fencedParts(content).reduce((sum, { code, text }) => sum + (code ? 0 : tablesOf(text.split("\n")).length), 0);
}

function issuesOf(error: z.core.$ZodError): readonly InputIssue[] {
  return error.issues.map((issue) => {
    const named = issue.code === "unrecognized_keys" ? ` (${issue.keys.join(", ")})` : "";
    return { path: issue.path.map(String).join("."), message: issue.code + named };
  });
}
