/** The fast parser: yargs-parser under the table's spelling (PRF-2). It reads a line; `check.ts` judges it. */
import parser from "yargs-parser";
import type { BoundLine } from "./bind.ts";
import { PARSER_SETTINGS, type Shape, type Spelling } from "./spelling.ts";

export type RawValue = string | boolean | readonly (string | boolean)[];

/** A line as either parser reads it: words, and flags by canonical name. */
export interface RawLine {
  readonly words: readonly string[];
  readonly flags: Readonly<Record<string, RawValue>>;
}

/** The words and flags of a bound line; unknown flags are kept under their own names. */
export function parseHot(line: Pick<BoundLine, "argv" | "given">, spelling: Spelling): RawLine {
  // The parser's cost grows with the flags it is told of, so it hears only of those on the line.
  const ofShape = (shape: Shape): string[] => line.given.filter((name) => spelling.shapeOf(name) === shape);
  const read = parser([...line.argv], {
    boolean: ofShape("switch"),
    // Never the parser's arrays: an empty value at the end of the line is lost in them.
    string: ofShape("value"),
    configuration: PARSER_SETTINGS,
  });
  return rawLine(read);
}

/** What a parser returned, without the keys that are its own. */
export function rawLine(read: Readonly<Record<string, unknown>>): RawLine {
  const flags: Record<string, RawValue> = {};
  for (const [name, value] of Object.entries(read)) {
    if (name !== "_" && name !== "$0" && value !== undefined) flags[name] = value as RawValue;
  }
  return { words: (read["_"] as readonly (string | number)[]).map(String), flags };
}
