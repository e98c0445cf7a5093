/**
 * The command table: every command of `loopx`, in the order help shows them. A new command is one row in its
 * section and one file in `commands/`. Nothing here reads a line or runs a command.
 */
import { CONNECTING } from "./connecting.ts";
import type { CommandRow } from "./flag.ts";
import { INSTALLATION } from "./installation.ts";
import { LEASES } from "./leases.ts";
import { LOOKING } from "./looking.ts";
import { QUOTA } from "./quota.ts";
import { STATE } from "./state.ts";

export const SECTIONS: readonly { readonly title: string; readonly rows: readonly CommandRow[] }[] = [
  { title: "Connecting", rows: CONNECTING },
  { title: "Looking", rows: LOOKING },
  { title: "The verdict and quota", rows: QUOTA },
  { title: "Writing state", rows: STATE },
  { title: "Leases", rows: LEASES },
  { title: "The program", rows: INSTALLATION },
];

export const COMMANDS: readonly CommandRow[] = SECTIONS.flatMap((section) => section.rows);

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
export function findCommand(words: readonly string[]): Found {
  const [first = "", second] = words;
  const two = second === undefined ? undefined : byPath(`${first} ${second}`);
  if (two !== undefined) return { kind: "row", row: two, words: words.slice(2) };
  const isGroup = COMMANDS.some((row) => row.path.length === 2 && row.path[0] === first);
  const one = byPath(first);
  if (one !== undefined && !(isGroup && second !== undefined)) return { kind: "row", row: one, words: words.slice(1) };
  return isGroup ? { kind: "group", group: first, verb: second ?? null } : { kind: "unknown", name: first };
}

/** True when the word begins a command of the table. */
export function isBuiltIn(word: string): boolean {
  return COMMANDS.some((row) => row.path[0] === word || row.aliases?.some((alias) => alias[0] === word) === true);
}

function byPath(name: string): CommandRow | undefined {
  return COMMANDS.find((row) => commandName(row) === name || row.aliases?.some((alias) => alias.join(" ") === name) === true);
}
