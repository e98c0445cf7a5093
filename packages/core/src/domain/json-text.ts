/**
 * JSON text to value, remembering the last text: the registry is looked at twice at every wake-up (for its runtime
 * root, then for its goals), and parsing a thousand goals twice would be felt.
 */
let last: { readonly text: string; readonly value: unknown } | null = null;

/** The value, or the parser's own message. A byte order mark is accepted (FIL-1). Callers must not change the value. */
export function parseJsonText(text: string): { kind: "value"; value: unknown } | { kind: "invalid"; message: string } {
  if (last !== null && last.text === text) return { kind: "value", value: last.value };
  try {
    const value: unknown = JSON.parse(text.startsWith("\uFEFF") ? text.slice(1) : text);
    last = { text, value };
    return { kind: "value", value };
  } catch (error) {
    return { kind: "invalid", message: error instanceof Error ? error.message : String(error) };
  }
}
