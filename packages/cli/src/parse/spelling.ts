/**
 * How flags are spelled on a line, seen over the whole table: a name takes a value or it does not, everywhere alike
 * (a test holds the table to that). Looked up name by name, because most lines name few of the table's flags.
 */
import type { Flag, Flags } from "../options/flag.ts";
import { GLOBAL_FLAGS } from "../options/global.ts";
import type { Program } from "../options/program.ts";

/** A value that is given several times becomes a list; the command's own row says whether it may. */
export type Shape = "switch" | "value";

export interface Spelling {
  /** Null when no command knows the name. */
  shapeOf(name: string): Shape | null;
  /** The name that a letter stands for. */
  nameOf(letter: string): string | null;
}

/** The settings that both yargs-parser and yargs get. */
export const PARSER_SETTINGS = {
  "boolean-negation": false,
  "camel-case-expansion": false,
  "dot-notation": false,
  "duplicate-arguments-array": true,
  "greedy-arrays": false,
  "parse-numbers": false,
  "parse-positional-numbers": false,
  "short-option-groups": true,
} as const;

/** The spelling of every flag of these sets; a name that ends in `*` is the beginning of older ones that took a value. */
export function spellingOf(sets: readonly Flags[]): Spelling {
  return {
    shapeOf: (name) => {
      let shape: Shape | null = null;
      for (const set of sets) {
        const flag = flagNamed(set, name);
        if (flag?.kind === "switch") return "switch";
        if (flag !== undefined) shape = "value";
      }
      return shape;
    },
    nameOf: (letter) => {
      for (const set of sets) for (const name in set) if (set[name]?.alias === letter) return name;
      return null;
    },
  };
}

/** The spelling of the whole table. */
export function tableSpelling({ commands }: Pick<Program, "commands">): Spelling {
  const older = commands.flatMap((row) => (row.legacy === undefined ? [] : [row.legacy]));
  return spellingOf([GLOBAL_FLAGS, ...commands.map((row) => row.flags), ...older]);
}

/** The flag of a set that a name means, its `no-` form and the beginnings of older flags included. */
export function flagNamed(flags: Flags, name: string): Flag | undefined {
  if (Object.hasOwn(flags, name)) return flags[name];
  if (name.startsWith("no-")) {
    const positive = Object.hasOwn(flags, name.slice(3)) ? flags[name.slice(3)] : undefined;
    if (positive?.negatable === true) return positive;
  }
  for (const known in flags) if (known.endsWith("*") && name.startsWith(known.slice(0, -1))) return flags[known];
  return undefined;
}
