/** Turns the raw values of a line into the input of its command. A value out of range is refused, never clamped. */
import { LoopxError } from "@loopx/core";
import { parseGoalId } from "@loopx/core/domain";
import type { Environment } from "../io.ts";
import { inputKey, type Flag, type Flags, type Input } from "../options/flag.ts";
import type { RawValue } from "./hot.ts";

type Value = string | number | boolean | string[];

/** The input of a command from its flags, the environment and the defaults (CMD-4); what was not said has no key. */
export function readInput<F extends Flags>(flags: F, raw: Readonly<Record<string, RawValue>>, env: Environment): Input<F> {
  const input: Record<string, Value> = {};
  for (const [name, flag] of Object.entries(flags)) {
    const value = name === "execute" ? undefined : valueOf(name, flag, raw, env);
    if (value !== undefined) input[inputKey(name)] = value;
  }
  if ("execute" in flags) input["dry_run"] = raw["execute"] !== true;
  return input as Input<F>;
}

function valueOf(name: string, flag: Flag, raw: Readonly<Record<string, RawValue>>, env: Environment): Value | undefined {
  const given = raw[name];
  if (flag.kind === "switch") return switchValue(name, flag, raw);
  if (flag.repeatable === true) {
    const list = listOf(name, flag, given ?? environmentOf(flag, env));
    if (list === undefined && flag.required === true) throw missing(name, flag);
    return list;
  }
  if (typeof given === "string") return checkedScalar(name, `--${name}`, flag, given);
  const fromEnv = environmentOf(flag, env);
  if (fromEnv !== undefined) return checkedScalar(name, flag.env ?? name, flag, fromEnv);
  if (flag.required === true) throw missing(name, flag);
  return flag.default;
}

function missing(name: string, flag: Flag): LoopxError {
  return new LoopxError("usage", `${flagTitle(name, flag)} is missing`, { details: { flag: `--${name}` } });
}

/** A goal id is checked at the door: whatever a command does with it, it builds no path from anything else (FIL-4). */
function checkedScalar(name: string, where: string, flag: Flag, text: string): string | number {
  if (name !== "goal-id" || parseGoalId(text) !== null) return checked(where, flag, text);
  throw new LoopxError(
    "goal_id_invalid",
    `${where} ${quoted(text)} is no goal id: one path segment of letters, digits, dot, dash and underscore, at most 80 long`,
    { details: { goal_id: text } },
  );
}

function switchValue(name: string, flag: Flag, raw: Readonly<Record<string, RawValue>>): boolean | undefined {
  if (raw[name] === true) return true;
  return flag.negatable === true && raw[`no-${name}`] === true ? false : undefined;
}

function environmentOf({ env: variable }: Flag, env: Environment): string | undefined {
  const value = variable === undefined ? undefined : env[variable];
  return value === "" ? undefined : value;
}

function listOf(name: string, flag: Flag, given: RawValue | undefined): string[] | undefined {
  if (given === undefined) return undefined;
  const texts = (Array.isArray(given) ? given : [given]).map(String);
  return texts.flatMap((text) => (flag.split === true ? splitAtCommas(text) : [checkedText(`--${name}`, flag, text)]));
}

function splitAtCommas(text: string): string[] {
  return text
    .split(",")
    .map((part) => part.trim())
    .filter((part) => part !== "");
}

/** One value, checked by its kind. `where` is the flag or variable that a refusal names. */
export function checked(where: string, flag: Flag, text: string): string | number {
  switch (flag.kind) {
    case "integer":
    case "number":
      return checkedNumber(where, flag, text);
    case "choice":
      return checkedChoice(where, flag, text);
    case "text":
    case "switch":
      return checkedText(where, flag, text);
  }
}

function checkedNumber(where: string, flag: Flag, text: string): number {
  const shape = flag.kind === "integer" ? /^-?\d{1,15}$/ : /^-?\d{1,15}(?:\.\d{1,15})?$/;
  const value = Number(text);
  const { min = -Infinity, max = Infinity } = flag;
  if (shape.test(text.trim()) && value >= min && value <= max) return value;
  throw new LoopxError("invalid_value", `${where} is ${numberRange(flag)}, not ${quoted(text)}`, { details: { flag: where, value: text } });
}

function numberRange({ kind, min, max }: Flag): string {
  const noun = kind === "integer" ? "a whole number" : "a number";
  if (min !== undefined && max !== undefined) return `${noun} from ${min} to ${max}`;
  if (min !== undefined) return `${noun} of at least ${min}`;
  return max === undefined ? noun : `${noun} of at most ${max}`;
}

function checkedChoice(where: string, flag: Flag, text: string): string {
  const values = flag.values ?? [];
  if (values.includes(text)) return text;
  throw new LoopxError("invalid_value", `${where} is one of ${values.join(", ")}, not ${quoted(text)}`, {
    details: { flag: where, value: text },
  });
}

function checkedText(where: string, flag: Flag, text: string): string {
  const { length } = Array.from(text);
  if (flag.max_length === undefined || length <= flag.max_length) return text;
  throw new LoopxError("invalid_value", `${where} has ${length} characters; at most ${flag.max_length} are allowed`, {
    details: { flag: where, length },
  });
}

/** A wrong value in a message: short, on one line. */
function quoted(text: string): string {
  return JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}…` : text);
}

function flagTitle(name: string, flag: Flag): string {
  return flag.alias === undefined ? `--${name}` : `--${name} (-${flag.alias})`;
}
