/** A scenario file's text as a scenario, or everything that is wrong with it, each with its line (WTL-101, WTL-102). */
import { isAlias, isNode, LineCounter, parseDocument, visit, type Document } from "yaml";
import type * as z from "zod/mini";
import { ScenarioSchema, type Scenario } from "./scenario.ts";

/** Aliases beyond this are an attack, not a convenience. */
const MAX_ALIASES = 100;

/** One thing that is wrong with a file. `line` counts from 1. */
export interface Fault {
  readonly file: string;
  readonly line: number;
  readonly message: string;
}

export type Parsed = { readonly kind: "scenario"; readonly scenario: Scenario } | { readonly kind: "faulty"; readonly faults: Fault[] };

/** Reads YAML 1.2 core: no tags, no executable types, no duplicate keys. Never throws on content. */
export function parseScenario(file: string, text: string): Parsed {
  const lines = new LineCounter();
  const lineAt = (offset: number): number => Math.max(1, lines.linePos(offset).line);
  const faulty = (faults: readonly Omit<Fault, "file">[]): Parsed => ({
    kind: "faulty",
    faults: faults.map((fault) => ({ file, ...fault })),
  });
  const document = parseDocument(text, { version: "1.2", schema: "core", uniqueKeys: true, lineCounter: lines, prettyErrors: false });
  if (document.errors.length > 0)
    return faulty(document.errors.map(({ pos, message }) => ({ line: lineAt(pos[0]), message: firstLine(message) })));
  if (aliases(document) > MAX_ALIASES) return faulty([{ line: 1, message: `more than ${MAX_ALIASES} aliases` }]);
  const read = ScenarioSchema.safeParse(valueOf(document));
  if (!read.success) return faulty(read.error.issues.flatMap((issue) => faultsOf(issue, document, lineAt)));
  const { name = stemOf(file), ...rest } = read.data;
  return { kind: "scenario", scenario: { ...rest, name, file } };
}

/** `p2p_basic` of `tests/p2p_basic.yaml`. */
function stemOf(file: string): string {
  return file.slice(file.lastIndexOf("/") + 1).replace(/\.ya?ml$/, "");
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

/** An unknown key is one fault each, at the key's own line. */
function faultsOf(issue: z.core.$ZodIssue, document: Document, lineAt: (offset: number) => number): Omit<Fault, "file">[] {
  const path = issue.path.map((part) => (typeof part === "symbol" ? String(part) : part));
  if (issue.code === "unrecognized_keys")
    return issue.keys.map((key) => ({
      line: lineOf(document, [...path, key], lineAt),
      message: `unknown key ${shown([...path, key])}`,
    }));
  return [{ line: lineOf(document, path, lineAt), message: `${path.length === 0 ? "the file" : shown(path)}: ${said(issue)}` }];
}

/** The line of the nearest thing that stands on the path. */
function lineOf(document: Document, path: readonly (string | number)[], lineAt: (offset: number) => number): number {
  for (let length = path.length; length >= 0; length -= 1) {
    const node = length === 0 ? document.contents : document.getIn(path.slice(0, length), true);
    if (isNode(node) && node.range) return lineAt(node.range[0]);
  }
  return 1;
}

function shown(path: readonly (string | number)[]): string {
  return path.reduce<string>((text, part) => (typeof part === "number" ? `${text}[${part}]` : text === "" ? part : `${text}.${part}`), "");
}

/** zod's words, shortened to what a writer of scenarios needs. */
function said(issue: z.core.$ZodIssue): string {
  if (issue.code === "invalid_type") return `${issue.expected} is expected`;
  if (issue.code === "invalid_value") return `one of ${issue.values.map(String).join(", ")} is expected`;
  if (issue.code === "too_small") return `at least ${String(issue.minimum)} is expected`;
  if (issue.code === "too_big") return `at most ${String(issue.maximum)} is expected`;
  // `auto_reply` is the only choice between shapes.
  return issue.code === "invalid_union" ? "true, false or a text is expected" : issue.message;
}

function firstLine(message: string): string {
  return message.split("\n", 1)[0] ?? message;
}
