/** A question that only a person may answer (LRK-30 to LRK-34). */
import type { Locale } from "@loopx/core/domain";
import { assemble, textBlock, type Block, type Button, type Card } from "../card/blocks.ts";
import {
  GATE_ANSWERS,
  isAnswer,
  isDialect,
  isExpiry,
  isGateName,
  isGoalId,
  isLocale,
  isNonce,
  isSha,
  type Dialect,
  type GateAnswer,
} from "../card/words.ts";
import { exactly, isFlag, isText, label, listOf, optional, requireInput } from "../input.ts";
import { LABELS } from "../labels.ts";
import { COMMAND_LIMIT, QUESTION_LIMIT, SUMMARY_LIMIT, TITLE_LIMIT } from "../limits.ts";
import { cleanText, type Text } from "../text/clean.ts";
import { cutMarkdown, oneLine } from "../text/compact.ts";
import { commandBlock, dotted, paragraphs } from "./parts.ts";

const BUTTON_TYPES = { approve: "primary", reject: "danger", defer: "default" } as const;

/** A gate as it is asked. */
export interface GateInput {
  readonly goal_id: string;
  readonly gate: string;
  readonly question: string;
  /** 2,000 code points; the rest is cut. */
  readonly summary?: Text;
  readonly agent_command?: string | null;
  /** What the approval is for, and nothing else. */
  readonly sha?: string | null;
  /** 32 hex digits of the sender's; whoever presses proves by it which card he saw. */
  readonly nonce: string;
  /** Epoch seconds. */
  readonly expires_at: number;
  /** True only while presses are known to arrive; without it the card has no button. */
  readonly callbacks: boolean;
  /** All three. */
  readonly allow?: readonly GateAnswer[];
  /** The answers as plain `loopx` calls. */
  readonly fallback_commands?: readonly string[];
  readonly dialect?: Dialect;
  readonly locale?: Locale;
}

const isInput = exactly({
  goal_id: isGoalId,
  gate: isGateName,
  question: label(QUESTION_LIMIT),
  summary: isText,
  agent_command: optional(label(COMMAND_LIMIT)),
  sha: optional(isSha),
  nonce: isNonce,
  expires_at: isExpiry,
  callbacks: isFlag,
  allow: optional(listOf(isAnswer, 3, 1)),
  fallback_commands: optional(listOf(label(COMMAND_LIMIT), 3)),
  dialect: isDialect,
  locale: isLocale,
});

/** A card with the question, its buttons, and the commands that do the same. Nothing of it is ever shortened but the summary. */
export function buildGateCard(input: GateInput): Card {
  requireInput(input, isInput);
  const { dialect = "1.0", locale = "en", goal_id, gate } = input;
  const labels = LABELS[locale];
  const expires = `${labels.expires} ${new Date(input.expires_at * 1_000).toISOString().slice(0, 19)}Z`;
  const summary = cutMarkdown(cleanText(input.summary).trim(), SUMMARY_LIMIT);
  const title = oneLine(`${labels.gate_title}: ${goal_id}`, TITLE_LIMIT);
  return assemble({ dialect, locale, template: "orange", title, forward: false, updated: true }, [
    textBlock(paragraphs(cleanText(input.question), dialect, "**")),
    textBlock(paragraphs(summary, dialect)),
    textBlock([commandBlock([input.agent_command]), input.sha?.slice(0, 12) ?? ""].filter(Boolean).join("\n")),
    input.callbacks ? buttonsOf(input, locale) : null,
    { kind: "rule" },
    textBlock(`${labels.no_buttons}\n${commandBlock(fallbackOf(input))}`),
    { kind: "note", content: dotted([goal_id, gate, expires]) },
  ]);
}

/** The buttons that are allowed, in the order approve, reject, defer. */
function buttonsOf({ allow = GATE_ANSWERS, goal_id, gate, nonce, expires_at: exp, sha }: GateInput, locale: Locale): Block {
  const labels = LABELS[locale];
  const allowed = GATE_ANSWERS.filter((answer) => allow.includes(answer));
  const buttons = allowed.map((decision): Button => {
    const text = labels[decision];
    const value = { v: 1, kind: "loopx_gate", goal_id, gate, decision, nonce, exp, ...(sha ? { sha } : {}) } as const;
    const confirm = { title: labels.confirm_title, text: `${text}: ${gate}` };
    return { kind: "callback", id: `gate_${decision}`, text, type: BUTTON_TYPES[decision], confirm, value };
  });
  return { kind: "buttons", buttons };
}

/** What a person can type instead (LRK-34). */
function fallbackOf({ fallback_commands = [], goal_id, gate, allow = GATE_ANSWERS }: GateInput): readonly string[] {
  if (fallback_commands.length > 0) return fallback_commands;
  const about = `loopx operator-gate --goal-id ${shellWord(goal_id)} --gate ${shellWord(gate)}`;
  return GATE_ANSWERS.filter((answer) => allow.includes(answer)).map((answer) => `${about} --decision ${answer} --reason-summary "…"`);
}

/** One word of a shell: bare when harmless, else in single quotes. */
function shellWord(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
