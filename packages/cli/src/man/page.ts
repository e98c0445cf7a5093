/** The manual page, made from the command table (CMD-23). Text of roff: it knows no terminal and no reader. */
import { ERRORS } from "@loopx/core";
import { EXITS } from "../exits.ts";
import type { CommandRow, Flag, Flags } from "../options/flag.ts";
import { GLOBAL_FLAGS } from "../options/global.ts";
import { commandName, type Program } from "../options/program.ts";
import { writeNote } from "../parse/help.ts";
import { bold, example, italic, paragraph, tagged, text } from "./roff.ts";

const FILES: readonly (readonly [path: string, says: string])[] = [
  [".loopx/registry.json", "the goals of a project"],
  [".codex/goals/<goal-id>/ACTIVE_GOAL_STATE.md", "a goal's state, for people and agents"],
  ["~/.codex/loopx", "the runtime root: the global registry, histories, leases, locks"],
  ["~/.config/loopx/config.json", "your own defaults: registry, runtime_root, format, locale, color"],
];

/** The whole page, as `man -l` reads it. */
export function manPage(program: Program, version: string): string {
  return [
    `.\\" Generated from the command table by npm run generate.`,
    `.TH ${program.name.toUpperCase()} 1 "" "${program.name} ${version}" "LoopX"`,
    ...heading("NAME", [`${program.name} \\- ${text(program.about)}`]),
    ...heading("SYNOPSIS", [`${bold(program.name)} ${italic("command")} [${italic("flags")}]`]),
    ...heading("DESCRIPTION", description(program)),
    ...heading("EXAMPLES", program.tour.flatMap(example)),
    ...heading("GLOBAL FLAGS", [...paragraph("They may stand anywhere on the line."), ...flagEntries(GLOBAL_FLAGS)]),
    ...program.sections.flatMap(({ title, rows }) =>
      heading(
        `COMMANDS: ${title.toUpperCase()}`,
        rows.flatMap((row) => commandEntry(program, row)),
      ),
    ),
    ...heading(
      "EXIT STATUS",
      EXITS.flatMap(({ exit, meaning }) => tagged(bold(String(exit)), exitText(exit, meaning))),
    ),
    ...heading("ENVIRONMENT", environment(program)),
    ...heading(
      "FILES",
      FILES.flatMap(([path, says]) => tagged(italic(path), text(says))),
    ),
    ...heading("SEE ALSO", paragraph(`${program.name} <command> --help, ${program.name} demo, ${program.name} why`)),
    "",
  ].join("\n");
}

function heading(title: string, lines: readonly string[]): readonly string[] {
  return [`.SH "${title}"`, ...lines];
}

function description(program: Program): readonly string[] {
  return [
    ...paragraph(
      "LoopX keeps each goal of a coding agent in plain files and answers one question whenever an agent wakes, by rules and without a model.",
    ),
    ...paragraph(
      "Queries write nothing. Commands that write take --dry-run; a preview writes only with --execute. With --json standard output holds one JSON document, and everything else is on standard error.",
    ),
    ...(program.open
      ? paragraph(`An unknown ${program.name} NAME runs ${program.name}-NAME from beside ${program.name}, else from PATH.`)
      : []),
  ];
}

function commandEntry(program: Program, row: CommandRow): readonly string[] {
  const words = (row.positionals ?? []).map(({ name }) => ` ${italic(name)}`).join("");
  const also = (row.aliases ?? []).map((alias) => `${program.name} ${alias.join(" ")}`);
  const exits = Object.entries(row.exits ?? {}).map(([code, meaning]) => `${code}: ${meaning}`);
  return [
    `.SS "${text(`${program.name} ${commandName(row)}`)}${words}"`,
    ...paragraph(`${sentence(row.summary)}${also.length === 0 ? "" : ` Also: ${also.join(", ")}.`}`),
    ...(row.positionals ?? []).flatMap(({ name, describe, values }) => tagged(italic(name), text(noted(describe, values ?? [])))),
    ...flagEntries(row.flags),
    ...paragraph(`Reads ${row.reads}. Writes ${row.writes}${writeNote(row)}.`),
    ...(exits.length === 0 ? [] : paragraph(`Also ends with ${exits.join("; ")}.`)),
    ...row.examples.flatMap(example),
  ];
}

function flagEntries(flags: Flags): readonly string[] {
  return Object.entries(flags).flatMap(([name, flag]) => tagged(flagTitle(name, flag), text(flagText(flag))));
}

/** `--goal-id GOAL, -g GOAL`, `--[no-]color`. */
function flagTitle(name: string, flag: Flag): string {
  const value = flag.kind === "switch" ? "" : ` ${italic(flag.values?.join("|") ?? flag.value ?? "VALUE")}`;
  const long = `${bold(`--${flag.negatable === true ? "[no-]" : ""}${name}`)}${value}`;
  return flag.alias === undefined ? long : `${long}, ${bold(`-${flag.alias}`)}${value}`;
}

function flagText(flag: Flag): string {
  const byDefault = flag.default ?? flag.default_note;
  return noted(flag.describe, [
    ...(flag.required === true ? ["required"] : []),
    ...(flag.repeatable === true ? ["may be repeated"] : []),
    ...(flag.env === undefined ? [] : [`env ${flag.env}`]),
    ...(byDefault === undefined ? [] : [`default: ${byDefault}`]),
  ]);
}

function noted(says: string, notes: readonly string[]): string {
  return notes.length === 0 ? says : `${says} (${notes.join("; ")})`;
}

function sentence(summary: string): string {
  return `${summary.charAt(0).toUpperCase()}${summary.slice(1)}${/[.?!]$/.test(summary) ? "" : "."}`;
}

/** Every variable that stands in for a flag, once. */
function environment({ commands }: Program): readonly string[] {
  const variables = new Map<string, string>();
  for (const flags of [GLOBAL_FLAGS, ...commands.map((row) => row.flags)])
    for (const [name, { env }] of Object.entries(flags as Flags)) if (env !== undefined) variables.set(env, `the same as --${name}`);
  const colour = [
    ["NO_COLOR", "no colour"],
    ["FORCE_COLOR", "colour without a terminal; 0 means none"],
    ["LOOPX_DEBUG", "1 shows where an error was thrown"],
    ["LOOPX_TRACE_IO", "1 tells how many bytes of run indexes were read"],
  ] as const;
  return [...variables, ...colour].flatMap(([name, says]) => tagged(bold(name), text(says)));
}

function exitText(exit: number, meaning: string): string {
  const codes = Object.entries(ERRORS).flatMap(([code, row]) => (row.exit === exit ? [code] : []));
  return text(codes.length === 0 ? meaning : `${meaning}: ${codes.join(", ")}`);
}
