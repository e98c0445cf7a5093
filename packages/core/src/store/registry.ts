/**
 * A registry out of the document store. Reading costs one `JSON.parse` and looks at ids only;
 * a file that cannot be read is an answer with a finding, never a throw, and never rewritten (FIL-16).
 */
import { type Finding, finding } from "../domain/finding.ts";
import { parseJsonText } from "../domain/json-text.ts";
import { entryLines } from "../domain/goal/entry-lines.ts";
import { readRegistry, registryInvalid } from "../domain/goal/read-registry.ts";
import type { Registry } from "../domain/goal/registry.ts";
import type { Documents } from "../ports/documents.ts";
import type { Unreadable } from "../ports/unreadable.ts";

export type RegistryKey = { readonly kind: "registry" } | { readonly kind: "global_registry" };

/** The registry cannot be used. `unreadable` says why when not even its text could be had. */
export interface InvalidRegistry {
  readonly kind: "invalid";
  readonly finding: Finding;
  readonly unreadable: Unreadable | null;
}

export type LoadedRegistry = { readonly kind: "registry"; readonly registry: Registry } | { readonly kind: "absent" } | InvalidRegistry;

/** The registry, or that there is none, or what is wrong with it. `file` is its path, for messages. */
export async function loadRegistry(documents: Documents, key: RegistryKey, file: string): Promise<LoadedRegistry> {
  const found = await documents.read(key);
  if (found.kind === "absent") return found;
  if (found.kind === "unreadable") return unreadableRegistry(found, file);
  const { text } = found;
  const value = parseJson(text);
  if (value === undefined) return { kind: "invalid", finding: await badJsonFinding(text, file), unreadable: null };
  let lines: readonly number[] | undefined;
  const read = readRegistry(value, file, () => (lines ??= entryLines(text, "goals")));
  return read.kind === "invalid" ? { ...read, unreadable: null } : read;
}

/** The parsed value, or undefined when the text is no JSON. A byte order mark is accepted (FIL-1). */
export function parseJson(text: string): unknown {
  const parsed = parseJsonText(text);
  return parsed.kind === "value" ? parsed.value : undefined;
}

/** The finding for text that is no JSON, with line and column (FIL-16). */
export async function badJsonFinding(text: string, file: string): Promise<Finding> {
  const { locateJsonError } = await import("./json-error.ts");
  const { line, column, message } = await locateJsonError(text);
  return registryInvalid(file, `column ${column}: ${message}`, line);
}

const REASONS = {
  not_utf8: "it holds bytes that are no UTF-8",
  not_a_regular_file: "it is not a regular file",
  too_large: "it is too large",
  denied: "it may not be read",
  path_outside_root: "it lies outside its root",
  io: "it cannot be read",
} as const satisfies Record<Unreadable["reason"], string>;

export function unreadableRegistry(unreadable: Unreadable, file: string): InvalidRegistry {
  if (unreadable.reason !== "too_large") return { kind: "invalid", finding: registryInvalid(file, REASONS[unreadable.reason]), unreadable };
  const { size, limit } = unreadable;
  const figures = size === undefined || limit === undefined ? "" : `: ${size} bytes, the limit is ${limit}`;
  return { kind: "invalid", finding: finding("too_large", `${file}: ${REASONS.too_large}${figures}`, { file }), unreadable };
}
