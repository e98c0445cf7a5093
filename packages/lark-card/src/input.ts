/**
 * Options checked at the door (LRK-2). A wrong one throws `LarkCardError` that names every wrong key; a text is never
 * wrong. By hand and not by zod, which alone would be most of what a page has to load.
 */
import { cleanText, isBlank } from "./text/clean.ts";

/** One thing wrong with an input: where it stands, and what would be right. */
export interface InputIssue {
  readonly path: string;
  readonly message: string;
}

/** A wrong option, or a card that its transport cannot carry. `issues` names each fault; nothing was built. */
export class LarkCardError extends Error {
  readonly code: "invalid_input" | "no_callbacks_on_webhook";
  readonly issues: readonly InputIssue[];

  constructor(issues: readonly InputIssue[], code: LarkCardError["code"] = "invalid_input") {
    super(issues.map(({ path, message }) => `${path}: ${message}`).join("; "));
    this.name = "LarkCardError";
    this.code = code;
    this.issues = issues;
  }
}

/** What is wrong with the value at a path; empty when nothing is. */
export type Check = (value: unknown, path: string) => readonly InputIssue[];

/** Throws {@link LarkCardError} unless the value passes. */
export function requireInput(value: unknown, check: Check, path = ""): void {
  const issues = check(value, path);
  if (issues.length > 0) throw new LarkCardError(issues);
}

/** A check with one sentence for everything that does not hold. */
export function rule(holds: (value: unknown) => boolean, message: string): Check {
  return (value, path) => (holds(value) ? [] : [{ path, message }]);
}

/** May be left out, or null. */
export function optional(check: Check): Check {
  return (value, path) => (value === undefined || value === null ? [] : check(value, path));
}

/** A text, or nothing. */
export const isText: Check = optional(rule((value) => typeof value === "string", "is a text"));

export const isFlag: Check = rule((value) => typeof value === "boolean", "is true or false");

export const isNumber: Check = rule((value) => typeof value === "number" && Number.isFinite(value), "is a number");

export function oneOf(values: readonly unknown[]): Check {
  return rule((value) => values.includes(value), `is one of ${values.join(", ")}`);
}

export function matching(form: RegExp, what: string): Check {
  return rule((value) => typeof value === "string" && form.test(value), `is ${what}`);
}

export function wholeNumber(least: number, most: number): Check {
  return rule(
    (value) => Number.isInteger(value) && Number(value) >= least && Number(value) <= most,
    `is a whole number from ${least} to ${most}`,
  );
}

/** A text that has to be shown whole: something to see in it, and not too long. */
export function label(limit: number): Check {
  return rule(
    (value) => typeof value === "string" && value.length <= limit && !isBlank(cleanText(value)),
    `is a text of 1 to ${limit} characters`,
  );
}

export function listOf(check: Check, most = Infinity, least = 0): Check {
  return (value, path) => {
    if (!Array.isArray(value) || value.length < least || value.length > most)
      return [{ path, message: `is a list of ${least} to ${most} items` }];
    return value.flatMap((item: unknown, at) => check(item, `${path}.${at}`));
  };
}

/** An object with these keys and no others. */
export function exactly(keys: Readonly<Record<string, Check>>): Check {
  return (value, path) => {
    const unknown = isRecord(value) ? Object.keys(value).filter((key) => !Object.hasOwn(keys, key)) : [];
    return [...atLeast(keys)(value, path), ...unknown.map((key) => ({ path: below(path, key), message: "is not known" }))];
  };
}

/** An object with these keys; others are not looked at. */
export function atLeast(keys: Readonly<Record<string, Check>>): Check {
  return (value, path) => {
    if (!isRecord(value)) return [{ path, message: "is an object" }];
    return Object.entries(keys).flatMap(([key, check]) => check(value[key], below(path, key)));
  };
}

/** True for an object that is no list. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function below(path: string, key: string): string {
  return path === "" ? key : `${path}.${key}`;
}
