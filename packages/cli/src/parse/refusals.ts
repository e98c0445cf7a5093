/** What is wrong with a line, as errors that name the nearest right spelling and list nothing (CMD-11). */
import { LoopxError } from "@loopx/core";
import type { CommandRow, Positional } from "../options/flag.ts";
import { GLOBAL_FLAGS } from "../options/global.ts";
import { commandName, type Program } from "../options/program.ts";
import { nearest } from "./nearest.ts";
import { flagNamed } from "./spelling.ts";

/** An unknown first word, or an unknown verb of a group. */
export function unknownCommand(program: Program, name: string): LoopxError {
  const near = nearestCommand(program, name);
  return new LoopxError("unknown_command", `there is no command ${JSON.stringify(name)}`, {
    hint: near === null ? `${program.name} --help` : `did you mean: ${program.name} ${near}`,
    details: { command: name, ...(near === null ? {} : { nearest: near }) },
  });
}

/** A group that was named alone; its verbs are few enough to name. */
export function verbMissing(program: Program, group: string): LoopxError {
  const verbs = program.commands.filter((row) => row.path[0] === group).map((row) => row.path[1] ?? "");
  return new LoopxError("usage", `${program.name} ${group} needs one of: ${verbs.join(", ")}`, {
    hint: `${program.name} ${group} ${verbs[0] ?? ""} --help`,
  });
}

export function unknownFlag(program: Program, row: CommandRow, name: string): LoopxError {
  const names = [...Object.keys(row.flags), ...Object.keys(GLOBAL_FLAGS)].map((known) => `--${known}`);
  const near = name.length === 1 ? null : nearest(`--${name}`, names);
  const spelled = name.length === 1 ? `-${name}` : `--${name}`;
  const elsewhere = program.commands.some((other) => flagNamed(other.flags, name) !== undefined);
  const message = elsewhere ? `${program.name} ${commandName(row)} has no flag ${spelled}` : `there is no flag ${spelled}`;
  return new LoopxError("usage", message, {
    hint: near === null || elsewhere ? `${program.name} ${commandName(row)} --help` : `did you mean: ${near}`,
    details: { flag: spelled, ...(near === null ? {} : { nearest: near }) },
  });
}

export function valueMissing(name: string): LoopxError {
  return new LoopxError("usage", `--${name} needs a value`, {
    hint: `--${name}=VALUE, also for a value that begins with a dash`,
    details: { flag: `--${name}` },
  });
}

export function givenTwice(name: string): LoopxError {
  return new LoopxError("conflicting_flags", `--${name} is given twice`, { hint: "give it once", details: { flag: `--${name}` } });
}

export function excludeEachOther(names: readonly string[]): LoopxError {
  const flags = names.map((name) => `--${name}`);
  return new LoopxError("conflicting_flags", `${flags.join(" and ")} exclude each other`, { hint: "give one of them", details: { flags } });
}

/** A flag that no variable stands for, ahead of a command of somebody else. */
export function notHandedOn({ name }: Program, flag: string, command: string): LoopxError {
  return new LoopxError("usage", `${name}-${command} would not hear of --${flag} ahead of its name`, {
    hint: `${name} ${command} --${flag}`,
    details: { flag: `--${flag}` },
  });
}

export function unexpectedWord(program: Program, row: CommandRow, word: string): LoopxError {
  return new LoopxError("usage", `${program.name} ${commandName(row)} takes no word ${JSON.stringify(word.slice(0, 60))}`, {
    hint: `${program.name} ${commandName(row)} --help`,
  });
}

export function wrongWord(program: Program, row: CommandRow, { name, values = [] }: Positional, word: string): LoopxError {
  const near = nearest(word, values);
  return new LoopxError("invalid_value", `${name} is one of ${values.join(", ")}, not ${JSON.stringify(word.slice(0, 60))}`, {
    hint: near === null ? `${program.name} ${commandName(row)} --help` : `did you mean: ${program.name} ${commandName(row)} ${near}`,
    details: { word, ...(near === null ? {} : { nearest: near }) },
  });
}

export function wordMissing(program: Program, row: CommandRow, name: string): LoopxError {
  return new LoopxError("usage", `${program.name} ${commandName(row)} needs ${name}`, {
    hint: `${program.name} ${commandName(row)} --help`,
  });
}

/** Whole names, first words, and the verbs of groups: `claim` finds `todo claim`. */
function nearestCommand(program: Program, name: string): string | null {
  const spellings = new Map<string, string>();
  for (const row of program.commands) {
    const full = commandName(row);
    for (const spelling of [full, row.path.at(-1) ?? full, ...(row.aliases ?? []).map((alias) => alias.join(" "))]) {
      if (!spellings.has(spelling)) spellings.set(spelling, full);
    }
  }
  const near = nearest(name, [...spellings.keys()]);
  return near === null ? null : (spellings.get(near) ?? null);
}
