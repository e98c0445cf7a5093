/** A running or ended cycle of a loop, phase by phase (LRK-28, LRK-29). Sent once and updated in place. */
import type { Locale } from "@loopx/core/domain";
import { assemble, textBlock, type Card } from "../card/blocks.ts";
import { isDialect, isLocale, isSha, type Dialect, type Template } from "../card/words.ts";
import { exactly, isText, label, listOf, oneOf, optional, requireInput, wholeNumber } from "../input.ts";
import { LABELS } from "../labels.ts";
import { LABEL_LIMIT, TITLE_LIMIT } from "../limits.ts";
import type { Text } from "../text/clean.ts";
import { oneLine } from "../text/compact.ts";
import { escapeText } from "../text/escape.ts";
import { dotted, stacked } from "./parts.ts";

const PHASES_LIMIT = 20;
const COUNT_LIMIT = 1e9;
const MARKS = { pending: "○", running: "▶", passed: "✓", failed: "✗", skipped: "–" } as const;

/** A cycle as its loop knows it. Phases show in the order given, at most 20. */
export interface ProgressInput {
  readonly cycle_id: string;
  readonly goal_id?: string | null;
  readonly profile: string;
  readonly base_sha: string;
  readonly candidate_sha?: string | null;
  readonly attempt: number;
  readonly max_attempts: number;
  readonly phases: readonly {
    readonly id: string;
    readonly label?: Text;
    readonly state: keyof typeof MARKS;
    /** 120 code points. */
    readonly detail?: Text;
  }[];
  /** How the cycle ended; nothing while it runs. */
  readonly result?: Text;
  readonly elapsed_seconds: number;
  readonly dialect?: Dialect;
  readonly locale?: Locale;
}

const isInput = exactly({
  cycle_id: label(LABEL_LIMIT),
  goal_id: optional(label(LABEL_LIMIT)),
  profile: label(LABEL_LIMIT),
  base_sha: isSha,
  candidate_sha: optional(isSha),
  attempt: wholeNumber(0, COUNT_LIMIT),
  max_attempts: wholeNumber(0, COUNT_LIMIT),
  phases: listOf(exactly({ id: label(LABEL_LIMIT), label: isText, state: oneOf(Object.keys(MARKS)), detail: isText }), PHASES_LIMIT),
  result: isText,
  elapsed_seconds: wholeNumber(0, COUNT_LIMIT),
  dialect: isDialect,
  locale: isLocale,
});

/** A card with one line a phase. The same cycle keeps the same element ids. */
export function buildProgressCard(input: ProgressInput): Card {
  requireInput(input, isInput);
  const { dialect = "1.0", locale = "en", goal_id, profile, cycle_id, result } = input;
  const title = oneLine(`${goal_id ?? profile}: ${result ?? LABELS[locale].running}`, TITLE_LIMIT);
  const lines = input.phases.map(({ id, label, state, detail }) => {
    const words = [label ?? id, detail].map((text) => escapeText(oneLine(text, LABEL_LIMIT)));
    return `${MARKS[state]} ${words.join(" ").trim()}`;
  });
  const shas = [input.base_sha, input.candidate_sha].flatMap((sha) => sha?.slice(0, 12) ?? []);
  const attempts = `${input.attempt}/${input.max_attempts}`;
  return assemble({ dialect, locale, template: templateOf(result ?? null), title, forward: false, updated: true }, [
    textBlock(stacked(lines, dialect), "phases"),
    textBlock(shas.join(" → "), "shas"),
    { kind: "note", content: dotted([profile, attempts, clock(input.elapsed_seconds), cycle_id]) },
  ]);
}

function templateOf(result: string | null): Template {
  switch (result) {
    case null:
      return "blue";
    case "validated":
    case "promoted":
      return "green";
    case "awaiting_gate":
      return "orange";
    case "skipped_quota":
    case "busy":
    case "base_moved":
      return "grey";
    default:
      return "red";
  }
}

/** `mm:ss`; an hour is 60 minutes. */
function clock(seconds: number): string {
  return [Math.floor(seconds / 60), seconds % 60].map((part) => String(part).padStart(2, "0")).join(":");
}
