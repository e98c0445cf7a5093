/** What `--help` shows: examples first, then flags with defaults, what is read and written, exit codes (CMD-13). */
import type { CommandRow, Flag, Flags } from "../options/flag.ts";
import { GLOBAL_FLAGS } from "../options/global.ts";
import { commandName, type Program } from "../options/program.ts";
import { quietYargs, withFlags } from "./yargs.ts";

const USUAL_EXITS: Readonly<Record<number, string>> = { 0: "done", 2: "usage, load or parse", 3: "busy or conflict: retry", 70: "a bug" };
const WIDTH = 100;

/** Help for one command, for the commands of a group, or for the whole program. */
export async function helpText(program: Program, row: CommandRow | null, group: string | null): Promise<string> {
  return row === null ? overview(program, group) : commandHelp(program, row);
}

async function commandHelp(program: Program, row: CommandRow): Promise<string> {
  const name = commandName(row);
  const words = (row.positionals ?? [])
    .map((positional) => (positional.optional === true ? ` [${positional.name}]` : ` ${positional.name}`))
    .join("");
  const also = (row.aliases ?? []).map((alias) => `${program.name} ${alias.join(" ")}`);
  const head = [
    `${program.name} ${name}${words}: ${row.summary}`,
    ...(also.length === 0 ? [] : [`Also: ${also.join(", ")}`]),
    "",
    "Examples:",
    ...row.examples.map((example) => `  ${example}`),
    ...(row.positionals ?? []).flatMap((positional) => [
      "",
      `${positional.name}: ${positional.describe}${positional.values === undefined ? "" : ` (${positional.values.join("|")})`}`,
    ]),
  ];
  const exits = { ...USUAL_EXITS, ...row.exits };
  const foot = [
    `Reads: ${row.reads}`,
    `Writes: ${row.writes}${writeNote(row)}`,
    "",
    "Exit codes:",
    ...Object.entries(exits).map(([code, meaning]) => `  ${code.padStart(2)}  ${meaning}`),
  ];
  return laidOut(head, { Flags: describedAll(row.flags), "Global flags": describedAll(GLOBAL_FLAGS) }, foot);
}

function overview(program: Program, group: string | null): Promise<string> {
  const sections = program.sections.map(({ title, rows }) => ({
    title,
    rows: group === null ? rows : rows.filter((row) => row.path[0] === group),
  }));
  const width = Math.max(...program.commands.map((row) => commandName(row).length)) + 4;
  const head = [
    `${program.name}: ${program.about}`,
    "",
    "Examples:",
    ...program.tour.map((line) => `  ${line}`),
    ...sections
      .filter(({ rows }) => rows.length > 0)
      .flatMap(({ title, rows }) => ["", `${title}:`, ...rows.map((row) => `  ${commandName(row).padEnd(width)}${row.summary}`)]),
  ];
  const foot = [
    `${program.name} <command> --help shows examples, flags and exit codes of one command.`,
    ...(program.open ? [`An unknown <command> runs ${program.name}-<command> from beside ${program.name} or from PATH.`] : []),
  ];
  return laidOut(head, { "Global flags": describedAll(GLOBAL_FLAGS) }, foot);
}

/** yargs lays out the flags between our own head and foot; it would lose their indentation. */
async function laidOut(head: readonly string[], groups: Readonly<Record<string, Flags>>, foot: readonly string[]): Promise<string> {
  let line = quietYargs([]).wrap(WIDTH);
  for (const [title, flags] of Object.entries(groups)) line = withFlags(line, flags, `${title}:`);
  return [...head, "", await line.getHelp(), "", ...foot].join("\n");
}

function describedAll(flags: Flags): Flags {
  return Object.fromEntries(Object.entries(flags).map(([name, flag]) => [name, { ...flag, describe: described(flag) }]));
}

/** The sentence of a flag with its values, whether it repeats or must be given, and its variable. */
function described(flag: Flag): string {
  const notes = [
    flag.values === undefined ? "" : flag.values.join("|"),
    flag.required === true ? "required" : "",
    flag.repeatable === true ? "may be repeated" : "",
    flag.env === undefined ? "" : `env ${flag.env}`,
  ].filter((note) => note !== "");
  return notes.length === 0 ? flag.describe : `${flag.describe} (${notes.join("; ")})`;
}

/** When the command writes less than it says. */
export function writeNote(row: CommandRow): string {
  if (row.kind === "preview") return "; only with --execute";
  return "dry-run" in row.flags ? "; nothing with --dry-run" : "";
}
