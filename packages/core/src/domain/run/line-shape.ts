/**
 * Lines that are written like one before them. A long log is the same few sentences again and again; once such a line was
 * parsed, the next of its shape is checked by one expression and need not be, which is half the cost of a first look at a
 * million lines (PRF-17). A shape fixes the keys, their order and every value that decides anything; it accepts no text that
 * is no JSON, and leaves whatever is unusual to the parser. A property holds both ways to the same history.
 */
import { isJsonObject, type JsonObject, type JsonValue } from "../json.ts";
import { isGraded } from "./grades.ts";
import { acceptsBadLines, isApproval, isNeutral, isQuotaRow } from "./neutral.ts";

/** What a line of a known shape says. */
export interface Alike {
  readonly generated_at: string;
  readonly neutral: boolean;
  readonly graded: boolean;
}

/** The shapes one fold knows. */
export interface LineShapes {
  /** Null when the line has to be parsed. */
  read(text: string): Alike | null;
  /** Remembers the shape of a run's line, unless it is one that is always looked at closely. */
  learn(record: JsonObject, text: string): void;
}

interface Shape {
  readonly expression: RegExp;
  readonly neutral: boolean;
  readonly graded: boolean;
}

/** An expression costs as much as parsing a hundred lines: it is made for logs that have many, and for few shapes. */
const SHAPES = 4;
const MADE_PER_FOLD = 8;
/** A longer line is not usual; it could exhaust the expression's stack. */
const LINE_LIMIT = 16_384;
const DEPTH_LIMIT = 4;

/** Their values are part of the shape: what a run means, beside its place in time, follows from them alone. */
const DECIDING = new Set(["classification", "progress_scope", "operator_gate", "delivery_batch_scale", "delivery_outcome"]);
const PLAIN = String.raw`[^"\\\x00-\x1f]*`;
const TEXT = `"${PLAIN}${String.raw`(?:\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})`}${PLAIN})*"`;
const NUMBER = String.raw`-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?`;

/** Shapes are the same in every goal's log, so all folds of a process share them. The newest stand first. */
const shared: Shape[] = [];

/** The shapes for the log of one goal. */
export function lineShapes(goal_id: string): LineShapes {
  let made = 0;
  return {
    read: (text) => {
      if (text.length > LINE_LIMIT) return null;
      for (const shape of shared) {
        const match = shape.expression.exec(text);
        if (match === null) continue;
        return match[2] === goal_id ? { generated_at: match[1] ?? "", neutral: shape.neutral, graded: shape.graded } : null;
      }
      return null;
    },
    learn: (record, text) => {
      if (made >= MADE_PER_FOLD || text.length > LINE_LIMIT || isSpecial(record)) return;
      made += 1;
      const source = sourceOf(record);
      const expression = source === null ? null : new RegExp(source);
      if (expression === null || !expression.test(text)) return;
      shared.unshift({ expression, neutral: isNeutral(record), graded: isGraded(record) });
      if (shared.length > SHAPES) shared.pop();
    },
  };
}

/** Spends, judgements and answers of a person do more than stand in a list. */
function isSpecial(record: JsonObject): boolean {
  return isQuotaRow(record) || acceptsBadLines(record) || isApproval(record) || record["human_reward"] !== undefined;
}

/** Two captures: the time, and the goal behind it. Null when the record has no such form. */
function sourceOf(record: JsonObject): string | null {
  const keys = Object.keys(record);
  if (keys.indexOf("generated_at") === -1 || keys.indexOf("goal_id") < keys.indexOf("generated_at")) return null;
  const members = keys.map((key) => {
    const value = key === "generated_at" || key === "goal_id" ? captured(record[key]) : valueSource(key, record[key]);
    return value === null ? null : `${literal(key)}:${value}`;
  });
  return members.includes(null) ? null : `^\\{${members.join(",")}\\}$`;
}

function captured(value: JsonValue | undefined): string | null {
  return typeof value === "string" ? `"(${PLAIN})"` : null;
}

function valueSource(key: string, value: JsonValue | undefined): string | null {
  if (!DECIDING.has(key)) return anyLike(value, DEPTH_LIMIT);
  return typeof value === "object" && value !== null ? null : literal(value);
}

/** Any value of the same make: other words, other numbers, as many members. */
function anyLike(value: JsonValue | undefined, levels: number): string | null {
  if (typeof value === "string") return TEXT;
  if (typeof value === "number") return NUMBER;
  if (typeof value === "boolean" || value === null) return "(?:true|false|null)";
  if (value === undefined || levels === 0) return null;
  if (isJsonObject(value))
    return group(
      "{",
      "}",
      Object.keys(value).map((key) => member(key, anyLike(value[key], levels - 1))),
    );
  return group(
    "[",
    "]",
    value.map((item) => anyLike(item, levels - 1)),
  );
}

function member(key: string, value: string | null): string | null {
  return value === null ? null : `${literal(key)}:${value}`;
}

function group(open: string, close: string, parts: readonly (string | null)[]): string | null {
  return parts.includes(null) ? null : `\\${open}${parts.join(",")}\\${close}`;
}

function literal(value: JsonValue | undefined): string {
  return JSON.stringify(value).replace(/[\\^$.*+?()[\]{}|/]/g, String.raw`\$&`);
}
