/**
 * A YAML text as a checked value, or everything that is wrong with it, each with its line: YAML 1.2 core, no duplicate keys,
 * no key the schema does not know, few aliases (WTL-101, WTL-110). Pure; never throws on content.
 */
import { nearest } from "@loopx/cli/program";
import { isAlias, isMap, isNode, LineCounter, parseDocument, visit, type Document } from "yaml";
import type * as z from "zod/mini";

/** Aliases beyond this are an attack, not a convenience. */
const MAX_ALIASES = 100;

/** One thing that is wrong with a file. `line` counts from 1. */
export interface Fault {
  readonly file: string;
  readonly line: number;
  readonly message: string;
}

/** The value, or all faults. */
export type StrictYaml<Value> = { readonly kind: "value"; readonly value: Value } | { readonly kind: "faulty"; readonly faults: Fault[] };

/** Reads one document. `known` names keys that a misspelt one may have meant. */
export function strictYaml<Value>(
  file: string,
  text: string,
  schema: z.ZodMiniType<Value>,
  known: readonly string[] = [],
): StrictYaml<Value> {
  const lines = new LineCounter();
  const lineAt = (offset: number): number => Math.max(1, lines.linePos(offset).line);
  const faulty = (faults: readonly Omit<Fault, "file">[]): StrictYaml<Value> => ({
    kind: "faulty",
    faults: faults.map((fault) => ({ file, ...fault })),
  });
  const document = parseDocument(text, { version: "1.2", schema: "core", uniqueKeys: true, lineCounter: lines, prettyErrors: false });
  if (document.errors.length > 0)
    return faulty(document.errors.map(({ pos, message }) => ({ line: lineAt(pos[0]), message: firstLine(message) })));
  if (aliases(document) > MAX_ALIASES) return faulty([{ line: 1, message: `more than ${MAX_ALIASES} aliases` }]);
  const read = schema.safeParse(valueOf(document));
  if (!read.success) return faulty(read.error.issues.flatMap((issue) => faultsOf(issue, { document, lineAt, known })));
  return { kind: "value", value: read.data };
}

function valueOf(document: Document): unknown {
  try {
    return document.toJS({ maxAliasCount: MAX_ALIASES });
  } catch {
    // Nested aliases that grow past the limit; the schema then refuses the whole.
    return "aliases that grow past the limit";
  }
}

function aliases(document: Document): number {
  let count = 0;
  visit(document, (_key, node) => {
    if (isAlias(node)) count += 1;
  });
  return count;
}

interface Place {
  readonly document: Document;
  readonly lineAt: (offset: number) => number;
  readonly known: readonly string[];
}

/** An unknown key is one fault each, at the key's own line. */
function faultsOf(issue: z.core.$ZodIssue, place: Place): Omit<Fault, "file">[] {
  const path = issue.path.map((part) => (typeof part === "symbol" ? String(part) : part));
  if (issue.code === "unrecognized_keys")
    return issue.keys.map((key) => ({
      line: lineOfKey(path, key, place),
      message: `unknown key ${shown([...path, key])}${meant(key, place.known)}`,
    }));
  return [{ line: lineOf(path, place), message: `${path.length === 0 ? "the file" : shown(path)}: ${said(issue)}` }];
}

function meant(key: string, known: readonly string[]): string {
  const near = nearest(key, known);
  return near === null ? "" : `; did you mean ${near}?`;
}

function lineOfKey(path: readonly (string | number)[], key: string, place: Place): number {
  const { document, lineAt } = place;
  const above = path.length === 0 ? document.contents : document.getIn(path, true);
  const pair = isMap(above) ? above.items.find((item) => isNode(item.key) && String(item.key) === key) : undefined;
  return pair !== undefined && isNode(pair.key) && pair.key.range ? lineAt(pair.key.range[0]) : lineOf([...path, key], place);
}

/** The line of the nearest thing that stands on the path. */
function lineOf(path: readonly (string | number)[], { document, lineAt }: Place): number {
  for (let length = path.length; length >= 0; length -= 1) {
    const node = length === 0 ? document.contents : document.getIn(path.slice(0, length), true);
    if (isNode(node) && node.range) return lineAt(node.range[0]);
  }
  return 1;
}

function shown(path: readonly (string | number)[]): string {
  return path.reduce<string>((text, part) => (typeof part === "number" ? `${text}[${part}]` : text === "" ? part : `${text}.${part}`), "");
}

/** zod's words, shortened to what a writer needs. */
function said(issue: z.core.$ZodIssue): string {
  if (issue.code === "invalid_type") return `${issue.expected} is expected`;
  if (issue.code === "invalid_value") return `one of ${issue.values.map(String).join(", ")} is expected`;
  if (issue.code === "too_small") return `at least ${String(issue.minimum)} is expected`;
  if (issue.code === "too_big") return `at most ${String(issue.maximum)} is expected`;
  return issue.code === "invalid_union" ? "true, false or a text is expected" : issue.message;
}

function firstLine(message: string): string {
  return message.split("\n", 1)[0] ?? message;
}
