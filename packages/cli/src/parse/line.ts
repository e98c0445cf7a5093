/**
 * From the words after the program's name to one checked line: a command with its input, a wish for help or the version, or a
 * command of somebody else (CMD-12). Every fault is a `LoopxError` thrown before anything is opened.
 */
import { resolve } from "node:path";
import { LoopxError } from "@loopx/core";
import { parseLocale } from "@loopx/core/domain";
import type { GlobalValues, OutputFormat } from "../call.ts";
import type { Io } from "../io.ts";
import type { CommandRow, Flags, Input } from "../options/flag.ts";
import { GLOBAL_EXCLUSIVE, GLOBAL_FLAGS } from "../options/global.ts";
import { commandName, findCommand, isBuiltIn, type Found, type Program } from "../options/program.ts";
import { bindValues, flagsOf, isFlag } from "./bind.ts";
import { parseHot, type RawLine } from "./hot.ts";
import * as refuse from "./refusals.ts";
import { flagNamed, tableSpelling, type Spelling } from "./spelling.ts";
import { checked, readInput } from "./values.ts";

export type Line =
  | {
      readonly kind: "command";
      readonly row: CommandRow;
      readonly input: Input<Flags>;
      readonly words: readonly string[];
      readonly globals: GlobalValues;
      readonly warnings: readonly string[];
    }
  | { readonly kind: "help"; readonly row: CommandRow | null; readonly group: string | null; readonly globals: GlobalValues }
  | { readonly kind: "version"; readonly globals: GlobalValues }
  | {
      readonly kind: "outside";
      readonly name: string;
      readonly args: readonly string[];
      readonly globals: GlobalValues;
      readonly variables: Readonly<Record<string, string>>;
    };

/** What a line is read against. */
interface Context {
  readonly program: Program;
  readonly spelling: Spelling;
  readonly io: Pick<Io, "cwd" | "env">;
}

const OUTSIDE_NAME = /^[a-z][a-z0-9-]{0,39}$/;

/** The checked line. */
export function readLine(argv: readonly string[], io: Pick<Io, "cwd" | "env">, program: Program): Line {
  const context: Context = { program, spelling: tableSpelling(program), io };
  return (program.open ? outsideLine(argv, context) : null) ?? builtInLine(argv, context);
}

/**
 * The line as these few rows read it; null when it needs the whole table: another command, a wish for help, a word with a
 * dash that none of the rows has as a flag, or anything to refuse. Never another reading than the whole table's (PRF-2).
 */
export function readQuickLine(argv: readonly string[], io: Pick<Io, "cwd" | "env">, rows: Program): Line | null {
  const context: Context = { program: rows, spelling: tableSpelling(rows), io };
  if (
    !argv.every((token) => !isFlag(token) || flagsOf(token, context.spelling).every(({ name }) => context.spelling.shapeOf(name) !== null))
  )
    return null;
  try {
    const line = builtInLine(argv, context);
    return line.kind === "command" ? line : null;
  } catch (error) {
    if (error instanceof LoopxError) return null;
    throw error;
  }
}

/** What is clear of a line even when the rest of it is wrong: enough to report an error. */
export interface Outline {
  /** Undefined where neither a flag nor the environment says it. */
  readonly format: OutputFormat | undefined;
  /** The command it names; null when none. */
  readonly command: string | null;
}

export function outlineOf(argv: readonly string[], io: Pick<Io, "env">, program: Program): Outline {
  const spelling = tableSpelling(program);
  const { words, flags } = parseHot(bindValues(argv, spelling), spelling);
  const found = findCommand(words, program);
  const said = flags["json"] === true ? "json" : (flags["format"] ?? (io.env["LOOPX_FORMAT"] || undefined));
  const format = said === undefined || said === "json" ? said : "markdown";
  return { format, command: found.kind === "row" ? commandName(found.row) : null };
}

/** A first word that no row begins with may be a command of somebody else; what follows it is not ours to read. */
function outsideLine(argv: readonly string[], { program, spelling, io }: Context): Line | null {
  const before = bindValues(argv, spelling, { untilWord: true });
  const name = before.first_word === null ? undefined : argv[before.first_word];
  if (before.first_word === null || name === undefined || isBuiltIn(name, program) || !OUTSIDE_NAME.test(name)) return null;
  const raw = parseHot(before, spelling);
  const known: Flags = { ...GLOBAL_FLAGS, "goal-id": { kind: "text", describe: "" }, "agent-id": { kind: "text", describe: "" } };
  if (Object.keys(raw.flags).some((flag) => flagNamed(known, flag) === undefined)) return null;
  const twice = before.given.find((each, index) => before.given.indexOf(each) !== index);
  if (twice !== undefined) throw refuse.givenTwice(twice);
  const globals = readGlobals(raw.flags, io);
  if (raw.flags["version"] === true) return { kind: "version", globals };
  const unheard = ["quiet", "verbose"].find((each) => raw.flags[each] === true);
  if (unheard !== undefined) throw refuse.notHandedOn(program, unheard, name);
  const behind = argv.slice(before.first_word + 1);
  const args = raw.flags["help"] === true ? ["--help", ...behind] : behind;
  return { kind: "outside", name, args, globals, variables: variablesOf(raw.flags, globals) };
}

/** Global flags before an outside command, handed on as the variables of CMD-4 and CMD-8. */
function variablesOf(flags: RawLine["flags"], globals: GlobalValues): Record<string, string> {
  const values: Record<string, unknown> = {
    LOOPX_REGISTRY: globals.registry === undefined ? undefined : resolve(globals.cwd, globals.registry),
    LOOPX_RUNTIME_ROOT: globals.runtime_root === undefined ? undefined : resolve(globals.cwd, globals.runtime_root),
    LOOPX_FORMAT: flags["json"] === true ? "json" : flags["format"],
    LOOPX_LOCALE: globals.locale,
    LOOPX_GOAL_ID: flags["goal-id"],
    LOOPX_AGENT_ID: flags["agent-id"],
    FORCE_COLOR: flags["color"] === true ? "1" : undefined,
    NO_COLOR: flags["no-color"] === true ? "1" : flags["color"] === true ? "" : undefined,
  };
  const given: Record<string, string> = {};
  for (const [name, value] of Object.entries(values)) if (typeof value === "string") given[name] = value;
  return given;
}

function builtInLine(argv: readonly string[], { program, spelling, io }: Context): Line {
  const bound = bindValues(argv, spelling);
  const raw = parseHot(bound, spelling);
  const found = findCommand(raw.words, program);
  const row = found.kind === "row" ? found.row : null;
  if (raw.flags["help"] === true || argv.length === 0) {
    return { kind: "help", row, group: found.kind === "group" ? found.group : null, globals: readGlobals(raw.flags, io) };
  }
  if (raw.flags["version"] === true) return { kind: "version", globals: readGlobals(raw.flags, io) };
  if (found.kind !== "row") throw notACommand(program, raw, found);
  const globals = checkedGlobals(raw, bound, found.row, { program, io });
  checkWords(program, found.row, found.words);
  return {
    kind: "command",
    row: found.row,
    input: readInput(found.row.flags, raw.flags, io.env),
    words: found.words,
    globals,
    warnings: olderFlags(found.row, raw),
  };
}

function notACommand(program: Program, raw: RawLine, found: Exclude<Found, { kind: "row" }>): LoopxError {
  if (found.kind === "group")
    return found.verb === null ? refuse.verbMissing(program, found.group) : refuse.unknownCommand(program, `${found.group} ${found.verb}`);
  if (found.name !== "") return refuse.unknownCommand(program, found.name);
  const unknown = Object.keys(raw.flags).find((name) => flagNamed(GLOBAL_FLAGS, name) === undefined);
  return new LoopxError("usage", unknown === undefined ? "a command is missing" : `a command is missing before --${unknown}`, {
    hint: `${program.name} --help`,
  });
}

function checkedGlobals(
  raw: RawLine,
  bound: { given: readonly string[]; without_value: readonly string[] },
  row: CommandRow,
  { program, io }: Pick<Context, "program" | "io">,
): GlobalValues {
  const known = { ...GLOBAL_FLAGS, ...row.flags };
  for (const name of Object.keys(raw.flags)) {
    if (flagNamed(known, name) === undefined && !isOlderFlag(row, name)) throw refuse.unknownFlag(program, row, name);
  }
  const [missing] = bound.without_value;
  if (missing !== undefined) throw refuse.valueMissing(missing);
  const twice = bound.given.find(
    (name, index) => flagNamed(known, name)?.repeatable !== true && !isOlderFlag(row, name) && bound.given.indexOf(name) !== index,
  );
  if (twice !== undefined) throw refuse.givenTwice(twice);
  for (const names of exclusiveSets(row)) {
    const both = names.filter((name) => raw.flags[name] !== undefined && raw.flags[name] !== false);
    if (both.length > 1) throw refuse.excludeEachOther(both);
  }
  return readGlobals(raw.flags, io);
}

function exclusiveSets(row: CommandRow): readonly (readonly string[])[] {
  const negatable = Object.keys(row.flags).filter((name) => row.flags[name]?.negatable === true);
  const preview = row.kind === "preview" ? [["dry-run", "execute"]] : [];
  return [...GLOBAL_EXCLUSIVE, ...preview, ...(row.exclusive ?? []), ...negatable.map((name) => [name, `no-${name}`])];
}

function checkWords(program: Program, row: CommandRow, words: readonly string[]): void {
  const wanted = row.positionals ?? [];
  for (const [at, positional] of wanted.entries()) {
    const word = words[at];
    if (word !== undefined && positional.values?.includes(word) === false) throw refuse.wrongWord(program, row, positional, word);
  }
  const extra = words[wanted.length];
  if (extra !== undefined) throw refuse.unexpectedWord(program, row, extra);
  const missing = wanted[words.length];
  if (missing !== undefined && missing.optional !== true) throw refuse.wordMissing(program, row, missing.name);
}

/** The global flags of a line; what is wrong with one is refused. */
export function readGlobals(flags: RawLine["flags"], io: Pick<Io, "cwd" | "env">): GlobalValues {
  const text = (name: keyof typeof GLOBAL_FLAGS): string | undefined => {
    const value = flags[name];
    if (typeof value !== "string") return undefined;
    if (value === "") throw refuse.valueMissing(name);
    return String(checked(`--${name}`, GLOBAL_FLAGS[name], value));
  };
  const format = readFormat(flags, text("format"), io);
  const locale = text("locale") as "en" | "zh" | undefined;
  if (locale === undefined) checkLocale(io);
  const [registry, runtimeRoot] = [text("registry"), text("runtime-root")];
  return {
    ...(registry === undefined ? {} : { registry }),
    ...(runtimeRoot === undefined ? {} : { runtime_root: runtimeRoot }),
    ...(locale === undefined ? {} : { locale }),
    ...(format === undefined ? {} : { format }),
    format_source: flags["json"] === true || flags["format"] !== undefined ? "flag" : format === undefined ? "default" : "env",
    ...(flags["color"] === true ? { color: true } : flags["no-color"] === true ? { color: false } : {}),
    quiet: flags["quiet"] === true,
    verbose: flags["verbose"] === true,
    cwd: resolve(io.cwd, text("cwd") ?? "."),
  };
}

/** The language of the environment; a shell's own spelling (`zh_CN.UTF-8`) is one. */
function checkLocale({ env }: Pick<Io, "env">): void {
  const named = env["LOOPX_LOCALE"];
  if (named !== undefined && named !== "" && parseLocale(named) === null) checked("LOOPX_LOCALE", GLOBAL_FLAGS.locale, named);
}

function readFormat(flags: RawLine["flags"], named: string | undefined, io: Pick<Io, "env">): OutputFormat | undefined {
  if (flags["json"] === true && named === "markdown") throw refuse.excludeEachOther(["json", "format"]);
  if (flags["json"] === true) return "json";
  if (named !== undefined) return named as OutputFormat;
  const fromEnv = io.env["LOOPX_FORMAT"];
  return fromEnv === undefined || fromEnv === "" ? undefined : (checked("LOOPX_FORMAT", GLOBAL_FLAGS.format, fromEnv) as OutputFormat);
}

function isOlderFlag(row: CommandRow, name: string): boolean {
  return row.legacy !== undefined && flagNamed(row.legacy, name) !== undefined;
}

/** One warning for each accepted older flag (CMD-14). */
function olderFlags(row: CommandRow, raw: RawLine): string[] {
  return Object.keys(raw.flags)
    .filter((name) => isOlderFlag(row, name))
    .map((name) => `--${name} is accepted for older scripts and has no effect`);
}
