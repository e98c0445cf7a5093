/** The few shapes that all Markdown answers are made of (CMD-8): a title, `- key: value` lines, sections, nested entries. */

/** A value that a `- key: value` line can show. */
export type Shown = string | number | boolean | null | undefined | readonly (string | number)[];

/** The heading of an answer. */
export function title(name: string): string {
  return `# LoopX ${name}`;
}

/** `- key: value`; no line for a value that is absent or an empty list. */
export function field(key: string, value: Shown): string[] {
  const text = valueText(value);
  return text === null ? [] : [`- ${key}: ${text}`];
}

/** One line per key of the object that has a showable value, in the order given. */
export function fields<Fields extends object>(record: Fields, keys: readonly (keyof Fields & string)[]): string[] {
  return keys.flatMap((key) => field(key, showable(record[key])));
}

/** A blank line, the heading and its lines; nothing at all without lines. */
export function section(heading: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : ["", `## ${heading}`, ...lines];
}

/** An entry below another. */
export function nested(text: string): string {
  return `  - ${oneLine(text)}`;
}

/** One line per row, every column but the last as wide as its widest cell. */
export function columns(rows: readonly (readonly string[])[]): string[] {
  const widths = rows.reduce<number[]>((widest, row) => row.map((cell, at) => Math.max(widest[at] ?? 0, oneLine(cell).length)), []);
  return rows.map((row) =>
    row.map((cell, at) => (at === row.length - 1 ? oneLine(cell) : oneLine(cell).padEnd(widths[at] ?? 0))).join("  "),
  );
}

/** The text on one line: every run of blanks and line ends is one blank. */
export function oneLine(text: string): string {
  return text.replace(/\s+/g, " ").trim();
}

/** A command as code; a backtick inside is kept readable. */
export function code(command: string): string {
  return command.includes("`") ? oneLine(command) : `\`${oneLine(command)}\``;
}

/** `1 goal`, `3 goals`. */
export function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}

function showable(value: unknown): Shown {
  if (value === null || value === undefined || typeof value === "string" || typeof value === "number" || typeof value === "boolean")
    return value;
  if (Array.isArray(value) && value.every((item) => typeof item === "string" || typeof item === "number")) return value;
  return JSON.stringify(value);
}

function valueText(value: Shown): string | null {
  if (value === null || value === undefined || value === "") return null;
  if (typeof value === "string") return oneLine(value);
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  return value.length === 0 ? null : value.map((item) => oneLine(String(item))).join(", ");
}
