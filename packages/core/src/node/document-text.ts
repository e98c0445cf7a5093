/** The last look at a text before it becomes a document (REL-20, step 4): what is refused here is a bug, or no text. */
import { LoopxError } from "../domain/errors.ts";
import { isJsonObject } from "../domain/json.ts";
import type { DocumentKey } from "../ports/documents.ts";

/** Throws unless the text can be read again as what the key promises. */
export function assertWritable(key: DocumentKey, text: string): void {
  if (/\p{Surrogate}/u.test(text)) throw new LoopxError("invalid_value", "the text holds half of a surrogate pair, which no file can keep");
  if (key.kind !== "registry" && key.kind !== "global_registry") return;
  let value: unknown;
  try {
    value = JSON.parse(text.startsWith("\uFEFF") ? text.slice(1) : text);
  } catch (error) {
    throw new LoopxError("internal", "an edit of the registry made text that is no JSON; nothing was written", { cause: error });
  }
  if (!isJsonObject(value))
    throw new LoopxError("internal", "an edit of the registry made something else than an object; nothing was written");
}
