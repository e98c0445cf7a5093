/** Lines that several cards have in common. Everything here takes text as it was given and answers safe Markdown. */
import type { Locale } from "@loopx/core/domain";
import type { Dialect } from "../card/words.ts";
import { atLeast, isNumber } from "../input.ts";
import { LABELS, type Label } from "../labels.ts";
import { COMMAND_LIMIT, FREE_TEXT_LIMIT } from "../limits.ts";
import { cleanText, isBlank, type Text } from "../text/clean.ts";
import { oneLine } from "../text/compact.ts";
import { escapeText } from "../text/escape.ts";
import { fenced } from "../text/fences.ts";
import { inertCode } from "../text/sanitize.ts";

/** `**label**: text`, or nothing when there is no text. */
export function labelled(label: Label, text: Text, locale: Locale): string {
  const line = oneLine(text, FREE_TEXT_LIMIT);
  return isBlank(line) ? "" : `**${LABELS[locale][label]}**: ${escapeText(line)}`;
}

/** One free text, escaped. */
export function freeText(text: Text): string {
  return escapeText(oneLine(text, FREE_TEXT_LIMIT));
}

/** Lines that stand below each other in either dialect; empty ones are left out. */
export function stacked(lines: readonly string[], dialect: Dialect): string {
  return lines.filter((line) => !isBlank(line)).join(dialect === "1.0" ? "\n" : "<br>");
}

/** Safe lines as a list; empty ones are left out. */
export function listed(lines: readonly string[]): string {
  return lines
    .filter((line) => !isBlank(line))
    .map((line) => `- ${line}`)
    .join("\n");
}

/** Escaped text of several lines, each bold on request. */
export function paragraphs(text: string, dialect: Dialect, mark: "" | "**" = ""): string {
  const lines = escapeText(text)
    .split("\n")
    .map((line) => line.trim());
  return stacked(
    lines.map((line) => (isBlank(line) ? "" : mark + line + mark)),
    dialect,
  );
}

/** Commands in a fence that nothing in them can close (LRK-44). */
export function commandBlock(commands: readonly Text[]): string {
  const lines = commands.map((command) => cleanText(command).trim()).filter((line) => !isBlank(line));
  return lines.length === 0 ? "" : fenced(inertCode(lines.join("\n")));
}

/** The one command of a verdict; one that is too long to be shown whole is not shown, because a part of it would run. */
export function agentCommand(command: Text): string {
  const text = cleanText(command).trim();
  return text.length > COMMAND_LIMIT ? "" : commandBlock([text]);
}

/** Parts of a note with dots between; missing ones are left out. */
export function dotted(parts: readonly Text[]): string {
  return parts
    .map((part) => oneLine(part, FREE_TEXT_LIMIT))
    .filter((part) => !isBlank(part))
    .join(" · ");
}

/** A goal's quota, as far as a card shows it. */
export interface Slots {
  readonly spent_slots: number;
  readonly allowed_slots: number;
}

export const isSlots = atLeast({ spent_slots: isNumber, allowed_slots: isNumber });

/** `spent/allowed`, or nothing. */
export function slots(quota: Slots | null | undefined): string {
  return quota ? `${quota.spent_slots}/${quota.allowed_slots}` : "";
}
