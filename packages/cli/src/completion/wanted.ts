/**
 * What may stand at the cursor of an unfinished line, found out from the command table (CMD-22). Pure: where ids or paths
 * may stand it says so, and looks none up.
 */
import type { CommandRow, Flag, Flags } from "../options/flag.ts";
import { GLOBAL_EXCLUSIVE, GLOBAL_FLAGS } from "../options/global.ts";
import { findCommand, type Program } from "../options/program.ts";
import { bindValues } from "../parse/bind.ts";
import { parseHot, type RawLine } from "../parse/hot.ts";
import { flagNamed, tableSpelling } from "../parse/spelling.ts";

/** One thing that may stand at the cursor, as the whole word. */
export interface Candidate {
  readonly value: string;
  readonly describe: string;
}

export type IdKind = "goals" | "todos" | "agents";

/** `prefix` stands before each value in the word: `--goal-id=`, or nothing. */
export type Wanted =
  | { readonly kind: "words"; readonly candidates: readonly Candidate[] }
  | { readonly kind: "commands"; readonly candidates: readonly Candidate[] }
  | { readonly kind: IdKind | "files" | "folders"; readonly prefix: string };

/** What stands for a flag's value in the table says what the value is. */
const KIND_OF_VALUE: ReadonlyMap<string, IdKind | "files" | "folders"> = new Map([
  ["GOAL", "goals"],
  ["TODO", "todos"],
  ["AGENT", "agents"],
  ["PATH", "files"],
  ["DIR", "folders"],
]);
const NOTHING: Wanted = { kind: "words", candidates: [] };

/** A line up to the cursor as the table reads it. */
export interface Started {
  readonly raw: RawLine;
  /** What it names so far; null while no command is named. */
  readonly row: CommandRow | null;
}

/** What `before`, the words ahead of the cursor without the program's own name, say so far. */
export function startedLine(program: Program, before: readonly string[]): Started {
  const spelling = tableSpelling(program);
  const raw = parseHot(bindValues(before, spelling), spelling);
  const found = findCommand(raw.words, program);
  return { raw, row: found.kind === "row" && raw.words.length > 0 ? found.row : null };
}

/** What may stand as the word `current`, which the cursor is in, behind the words `before` it. */
export function wantedAt(program: Program, before: readonly string[], current: string): Wanted {
  const { raw, row } = startedLine(program, before);
  const open = openFlag(program, before);
  if (open !== null) return valuesOf(flagOf(program, open, row), "");
  const tied = /^--([a-z-]+)=/.exec(current);
  if (tied !== null) return valuesOf(flagOf(program, tied[1] ?? "", row), tied[0]);
  if (current.startsWith("-") && !before.includes("--")) return { kind: "words", candidates: freeFlags(row, raw) };
  return wordsAfter(program, raw.words, row);
}

/** The flag that still waits for its value; null when none does. */
function openFlag(program: Program, before: readonly string[]): string | null {
  const spelling = tableSpelling(program);
  const { without_value } = bindValues(before, spelling);
  const closed = bindValues([...before, "value"], spelling);
  return without_value.length > closed.without_value.length ? (without_value.at(-1) ?? null) : null;
}

/** A flag ahead of its command is that of the first command that has it; fixed choices differ from command to command. */
function flagOf(program: Program, name: string, row: CommandRow | null): Flag | undefined {
  const sets = row === null ? program.commands.map((each) => each.flags) : [row.flags];
  for (const flags of [GLOBAL_FLAGS, ...sets]) {
    const flag = flagNamed(flags, name);
    if (flag !== undefined && (row !== null || flags === GLOBAL_FLAGS || flag.values === undefined)) return flag;
  }
  return undefined;
}

function valuesOf(flag: Flag | undefined, prefix: string): Wanted {
  if (flag?.values !== undefined)
    return { kind: "words", candidates: flag.values.map((value) => ({ value: prefix + value, describe: flag.describe })) };
  const kind = KIND_OF_VALUE.get(flag?.value ?? "");
  return kind === undefined ? NOTHING : { kind, prefix };
}

/** The flags that may still be given: none twice that may not repeat, and none that another one on the line excludes. */
function freeFlags(row: CommandRow | null, raw: RawLine): readonly Candidate[] {
  const known: Flags = { ...GLOBAL_FLAGS, ...row?.flags };
  const exclusive = [...GLOBAL_EXCLUSIVE, ...(row?.kind === "preview" ? [["dry-run", "execute"]] : []), ...(row?.exclusive ?? [])];
  const isTaken = (name: string): boolean =>
    (raw.flags[name] !== undefined && known[name]?.repeatable !== true) ||
    exclusive.some((names) => names.includes(name) && names.some((other) => other !== name && raw.flags[other] !== undefined));
  return Object.entries(known).flatMap(([name, flag]) => {
    if (isTaken(name) || raw.flags[`no-${name}`] !== undefined) return [];
    const positive = { value: `--${name}`, describe: flag.describe };
    return flag.negatable === true ? [positive, { value: `--no-${name}`, describe: `not: ${flag.describe}` }] : [positive];
  });
}

/** The next word: a command, the verb of a group, or one of a command's own words. */
function wordsAfter({ commands }: Program, words: readonly string[], row: CommandRow | null): Wanted {
  const [first] = words;
  if (first === undefined) return { kind: "commands", candidates: firstWords(commands) };
  const verbs = commands.filter((each) => each.path.length === 2 && each.path[0] === first);
  if (words.length === 1 && verbs.length > 0)
    return { kind: "words", candidates: verbs.map((each) => ({ value: each.path[1] ?? "", describe: each.summary })) };
  // A command of somebody else: its words are its own affair, and are often paths.
  if (row === null) return verbs.length > 0 ? NOTHING : { kind: "files", prefix: "" };
  const next = row.positionals?.[words.length - row.path.length];
  return { kind: "words", candidates: (next?.values ?? []).map((value) => ({ value, describe: next?.describe ?? "" })) };
}

/** Each command and each group once. */
function firstWords(commands: readonly CommandRow[]): readonly Candidate[] {
  const firsts = new Map<string, string>();
  for (const { path, summary } of commands) {
    const [first = "", verb] = path;
    const sofar = firsts.get(first);
    firsts.set(first, verb === undefined ? summary : sofar === undefined ? verb : `${sofar}, ${verb}`);
  }
  return [...firsts].map(([value, describe]) => ({ value, describe }));
}
