/** What is wrong with a line, as errors that name the nearest right spelling and list nothing (CMD-11). */
import { LoopxError } from "@loopx/core";
import { COMMANDS, commandName } from "../options/commands.ts";
import type { CommandRow } from "../options/flag.ts";
import { GLOBAL_FLAGS } from "../options/global.ts";
import { nearest } from "./nearest.ts";
import { flagNamed } from "./spelling.ts";

/** An unknown first word, or an unknown verb of a group. */
export function unknownCommand(name: string): LoopxError {
  const near = nearestCommand(name);
  return new LoopxError("unknown_command", `there is no command ${JSON.stringify(name)}`, {
    hint: near === null ? "loopx --help" : `did you mean: loopx ${near}`,
    details: { command: name, ...(near === null ? {} : { nearest: near }) },
  });
}

/** A group that was named alone; its verbs are few enough to name. */
export function verbMissing(group: string): LoopxError {
  const verbs = COMMANDS.filter((row) => row.path[0] === group).map((row) => row.path[1] ?? "");
  return new LoopxError("usage", `loopx ${group} needs one of: ${verbs.join(", ")}`, { hint: `loopx ${group} ${verbs[0] ?? ""} --help` });
}

export function unknownFlag(row: CommandRow, name: string): LoopxError {
  const names = [...Object.keys(row.flags), ...Object.keys(GLOBAL_FLAGS)].map((known) => `--${known}`);
  const near = name.length === 1 ? null : nearest(`--${name}`, names);
  const spelled = name.length === 1 ? `-${name}` : `--${name}`;
  const elsewhere = COMMANDS.some((other) => flagNamed(other.flags, name) !== undefined);
  const message = elsewhere ? `loopx ${commandName(row)} has no flag ${spelled}` : `there is no flag ${spelled}`;
  return new LoopxError("usage", message, {
    hint: near === null || elsewhere ? `loopx ${commandName(row)} --help` : `did you mean: ${near}`,
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

export function unexpectedWord(row: CommandRow, word: string): LoopxError {
  return new LoopxError("usage", `loopx ${commandName(row)} takes no word ${JSON.stringify(word.slice(0, 60))}`, {
    hint: `loopx ${commandName(row)} --help`,
  });
}

export function wordMissing(row: CommandRow, name: string): LoopxError {
  return new LoopxError("usage", `loopx ${commandName(row)} needs ${name}`, { hint: `loopx ${commandName(row)} --help` });
}

/** Whole names, first words, and the verbs of groups: `claim` finds `todo claim`. */
function nearestCommand(name: string): string | null {
  const spellings = new Map<string, string>();
  for (const row of COMMANDS) {
    const full = commandName(row);
    for (const spelling of [full, row.path.at(-1) ?? full, ...(row.aliases ?? []).map((alias) => alias.join(" "))]) {
      if (!spellings.has(spelling)) spellings.set(spelling, full);
    }
  }
  const near = nearest(name, [...spellings.keys()]);
  return near === null ? null : (spellings.get(near) ?? null);
}
