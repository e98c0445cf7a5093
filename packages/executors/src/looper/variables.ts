/** Environment variables as values: each reader answers a value and remembers what was wrong with the text (LPR-22). Pure. */

export type Environment = Readonly<Record<string, string | undefined>>;

/** Readers over one environment; `faults` and `warnings` grow with what is read. */
export interface Variables {
  readonly faults: string[];
  readonly warnings: string[];
  /** The text, or null when it is unset or empty. */
  text(name: string): string | null;
  path(name: string): string | null;
  /** Parts between commas, trimmed. */
  list(name: string): string[];
  /** `0`, `false`, `no` and `off` say no, in any case. */
  flag(name: string, otherwise: boolean): boolean;
  choice<Value extends string>(name: string, values: readonly Value[], otherwise: Value): Value;
  number(name: string, otherwise: number, max: number): number;
  whole(name: string, otherwise: number, max: number): number;
  /** Seconds above 0; anything else is a warning and the default, as the source document has it. */
  interval(name: string, otherwise: number): number;
}

const OFF: ReadonlySet<string> = new Set(["0", "false", "no", "off"]);
/** A week: longer is a slip. */
export const MAX_SECONDS = 7 * 86_400;

/** `resolvePath` makes a path absolute from where the program stands. */
export function variablesOf(env: Environment, resolvePath: (path: string) => string): Variables {
  const faults: string[] = [];
  const warnings: string[] = [];
  const text = (name: string): string | null => {
    const value = env[name];
    return value === undefined || value === "" ? null : value;
  };
  const numeric = (name: string, otherwise: number, max: number, whole: boolean): number => {
    const value = text(name);
    const read = value === null ? otherwise : numberIn(value, max, whole);
    if (read === null) faults.push(`${name} is a ${whole ? "whole " : ""}number from 0 to ${max}, not ${JSON.stringify(value)}`);
    return read ?? otherwise;
  };
  return {
    faults,
    warnings,
    text,
    path: (name) => {
      const value = text(name);
      return value === null ? null : resolvePath(value);
    },
    list: (name) =>
      (text(name) ?? "")
        .split(",")
        .map((part) => part.trim())
        .filter((part) => part !== ""),
    flag: (name, otherwise) => {
      const value = text(name);
      return value === null ? otherwise : !OFF.has(value.toLowerCase());
    },
    choice: (name, values, otherwise) => {
      const value = text(name);
      const found = values.find((each) => each.toLowerCase() === value?.toLowerCase());
      if (value !== null && found === undefined) faults.push(`${name} is one of ${values.join(", ")}, not ${JSON.stringify(value)}`);
      return found ?? otherwise;
    },
    number: (name, otherwise, max) => numeric(name, otherwise, max, false),
    whole: (name, otherwise, max) => numeric(name, otherwise, max, true),
    interval: (name, otherwise) => {
      const value = text(name);
      const read = value === null ? otherwise : numberIn(value, MAX_SECONDS, false);
      if (read !== null && read > 0) return read;
      warnings.push(`${name} is no number of seconds above 0; ${otherwise} is used`);
      return otherwise;
    },
  };
}

function numberIn(text: string, max: number, whole: boolean): number | null {
  const shape = whole ? /^\d{1,12}$/ : /^\d{1,12}(?:\.\d{1,9})?$/;
  const value = Number(text);
  return shape.test(text.trim()) && value <= max ? value : null;
}
