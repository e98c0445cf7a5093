/**
 * The same table as a yargs command line: it lays out the flags of `--help`, and a test holds the fast parser to it
 * (PRF-2). Loaded only when help is wanted; it prints nothing itself.
 */
import yargs from "yargs";
import type { Argv, Options } from "yargs";
import type { CommandRow, Flag, Flags } from "../options/flag.ts";
import { GLOBAL_FLAGS } from "../options/global.ts";
import { rawLine, type RawLine } from "./hot.ts";
import { PARSER_SETTINGS } from "./spelling.ts";

/** A silent yargs under the table's spelling. */
export function quietYargs(argv: readonly string[]): Argv {
  return yargs([...argv])
    .parserConfiguration(PARSER_SETTINGS)
    .locale("en")
    .help(false)
    .version(false)
    .exitProcess(false)
    .showHelpOnFail(false);
}

/** The flags of a command, or of no command, as yargs options. */
export function withFlags(line: Argv, flags: Flags, group: string): Argv {
  let next = line;
  for (const [name, flag] of Object.entries(flags)) {
    if (name.endsWith("*")) continue;
    next = next.option(name, { ...optionOf(flag), group });
    if (flag.negatable === true) next = next.option(`no-${name}`, { type: "boolean", describe: `not: ${flag.describe}`, group });
  }
  return next;
}

/** A bound line as yargs reads it for one command. */
export async function parseWithYargs(argv: readonly string[], rows: readonly CommandRow[]): Promise<RawLine> {
  let line = quietYargs(argv);
  line = withFlags(line, GLOBAL_FLAGS, "Global flags");
  for (const row of rows) line = withFlags(withFlags(line, row.flags, "Flags"), row.legacy ?? {}, "Older flags");
  return rawLine(await line.parseAsync());
}

function optionOf(flag: Flag): Options {
  const note = flag.default ?? flag.default_note;
  return {
    type: flag.kind === "switch" ? "boolean" : "string",
    describe: flag.repeatable === true ? `${flag.describe} (repeatable)` : flag.describe,
    ...(flag.alias === undefined ? {} : { alias: flag.alias }),
    ...(note === undefined ? {} : { defaultDescription: String(note) }),
  };
}
