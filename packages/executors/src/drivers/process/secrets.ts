/**
 * Values that must never be written: tokens, passwords, everything of a `.env`. They are known by value; a text loses them
 * before it goes to a log, a record, a prompt or a screen (REL-147). A value is never put into a message about itself.
 */

/** Shorter values occur in innocent texts. */
const SHORTEST = 8;
const REDACTED = "<redacted>";

/** Names of variables whose values are secret without anybody saying so. */
const SECRET_NAME = /(?:TOKEN|SECRET|PASSWORD|PASSWD|API_?KEY|MODEL_KEY|PRIVATE_KEY|CREDENTIALS?|WEBHOOK(?:_URL)?)$/i;

/** The registered values of one executor. */
export interface Secrets {
  readonly values: readonly string[];
  /** The text with every registered value replaced. */
  redact(text: string): string;
  /** True when the text is or holds a registered value. */
  isIn(text: string): boolean;
}

/** The secrets of these values; those under 8 characters are left out, because they would redact innocent words. */
export function secretsOf(values: Iterable<string>): Secrets {
  const spellings = [...new Set([...values].filter((value) => value.length >= SHORTEST).flatMap(spellingsOf))];
  // A value that holds another one goes first, or half of it would stay.
  const ordered = spellings.toSorted((a, b) => b.length - a.length);
  return {
    values: ordered,
    redact: (text) => ordered.reduce((rest, value) => rest.replaceAll(value, REDACTED), text),
    isIn: (text) => ordered.some((value) => text.includes(value)),
  };
}

/** The values of variables whose names say that they are secret. */
export function secretValues(env: Readonly<Record<string, string | undefined>>): readonly string[] {
  return Object.entries(env).flatMap(([name, value]) => (value !== undefined && SECRET_NAME.test(name) ? [value] : []));
}

/** A value also appears as JSON, in a URL and, line by line, when it has several lines. */
function spellingsOf(value: string): readonly string[] {
  const lines = value.split(/\r?\n/).filter((line) => line.length >= SHORTEST && line !== value);
  return [value, JSON.stringify(value).slice(1, -1), encodeURIComponent(Buffer.from(value).toString()), ...lines].filter(
    (spelling) => spelling.length >= SHORTEST,
  );
}

/** Redacts a stream of bytes piece by piece; a value that is cut by the border of two pieces is found too. */
export interface StreamRedactor {
  /** The bytes that may be written now. */
  push(bytes: Uint8Array): Buffer;
  /** What was held back, when nothing more comes. */
  flush(): Buffer;
}

/** A redactor of bytes: nothing but a value's beginning is ever held back. */
export function streamRedactor(values: readonly string[]): StreamRedactor {
  // Latin-1 keeps every byte as one character, whatever the stream is encoded in.
  const wanted = values.map((value) => Buffer.from(value, "utf8").toString("latin1"));
  let held = "";
  const replaced = (text: string) => wanted.reduce((rest, value) => rest.replaceAll(value, REDACTED), text);
  return {
    push: (bytes) => {
      const text = replaced(held + Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1"));
      const keep = Math.max(0, ...wanted.map((value) => overlap(text, value)));
      held = text.slice(text.length - keep);
      return Buffer.from(text.slice(0, text.length - keep), "latin1");
    },
    flush: () => {
      const rest = Buffer.from(held, "latin1");
      held = "";
      return rest;
    },
  };
}

/** How many characters at the end of the text are the beginning of the value. */
function overlap(text: string, value: string): number {
  for (let length = Math.min(value.length - 1, text.length); length > 0; length -= 1)
    if (text.endsWith(value.slice(0, length))) return length;
  return 0;
}
