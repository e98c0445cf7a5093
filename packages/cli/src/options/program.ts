/**
 * A program that is made of a command table: `loopx` itself, and others that are built the same way. The parsers, help and
 * printing take the program as a value, so that no two of them can read a line differently. Nothing here runs a command.
 */
import type { CommandRow } from "./flag.ts";

/** A heading of the overview and the commands below it. */
export interface Section {
  readonly title: string;
  readonly rows: readonly CommandRow[];
}

/** What a program is called, what its help says around the table, and the table. */
export interface ProgramOptions {
  /** As typed: `loopx`. */
  readonly name: string;
  /** One line: what it is for. */
  readonly about: string;
  /** The first example lines of the overview. */
  readonly tour: readonly string[];
  readonly sections: readonly Section[];
  /** An unknown first word runs `<name>-<word>` of somebody else (CMD-12). */
  readonly open: boolean;
}

/** A program, with every command of its sections in one list. */
export interface Program extends ProgramOptions {
  readonly commands: readonly CommandRow[];
}

/** The program of these sections, in the order help shows them. */
export function programOf(options: ProgramOptions): Program {
  return { ...options, commands: options.sections.flatMap((section) => section.rows) };
}

/** The command as typed: `quota should-run`. */
export function commandName(row: CommandRow): string {
  return row.path.join(" ");
}

/** `loopx_<command>_v1` (CMD-7). */
export function schemaVersion(row: CommandRow): string {
  return `loopx_${(row.schema ?? commandName(row)).replaceAll(/[ -]/g, "_")}_v1`;
}

export type Found =
  | { readonly kind: "row"; readonly row: CommandRow; readonly words: readonly string[] }
  /** A group was named without a verb, or with an unknown one. */
  | { readonly kind: "group"; readonly group: string; readonly verb: string | null }
  | { readonly kind: "unknown"; readonly name: string };

/** The row that the words of a line name, with the words that follow it. */
export function findCommand(words: readonly string[], program: Program): Found {
  const [first = "", second] = words;
  const two = second === undefined ? undefined : byPath(`${first} ${second}`, program);
  if (two !== undefined) return { kind: "row", row: two, words: words.slice(2) };
  const isGroup = program.commands.some((row) => row.path.length === 2 && row.path[0] === first);
  const one = byPath(first, program);
  if (one !== undefined && !(isGroup && second !== undefined)) return { kind: "row", row: one, words: words.slice(1) };
  return isGroup ? { kind: "group", group: first, verb: second ?? null } : { kind: "unknown", name: first };
}

/** True when the word begins a command of the table. */
export function isBuiltIn(word: string, program: Program): boolean {
  return program.commands.some((row) => row.path[0] === word || row.aliases?.some((alias) => alias[0] === word) === true);
}

function byPath(name: string, program: Program): CommandRow | undefined {
  return program.commands.find((row) => commandName(row) === name || row.aliases?.some((alias) => alias.join(" ") === name) === true);
}
