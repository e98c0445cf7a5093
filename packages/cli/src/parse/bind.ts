/**
 * Ties each flag to its value (`--text "- a"` becomes `--text=- a`) before a parser sees the line: a value may then
 * begin with a dash, and both parsers agree about every word. It judges nothing but what is spelled.
 */
import type { Spelling } from "./spelling.ts";

export interface BoundLine {
  readonly argv: readonly string[];
  /** Canonical names in the order given, to find what stands twice. */
  readonly given: readonly string[];
  /** Flags that end the line or stand before another flag without their value. */
  readonly without_value: readonly string[];
  /** Where in the original line its first word stands; null without one. */
  readonly first_word: number | null;
}

/** The line with values tied to flags. With `untilWord`, only what stands before the first word is read. */
export function bindValues(argv: readonly string[], spelling: Spelling, options: { untilWord?: boolean } = {}): BoundLine {
  const bound: string[] = [];
  const given: string[] = [];
  const withoutValue: string[] = [];
  let firstWord: number | null = null;
  for (let at = 0; at < argv.length; at++) {
    const token = argv[at] ?? "";
    if (token === "--") {
      bound.push(...argv.slice(at));
      if (firstWord === null && at + 1 < argv.length) firstWord = at + 1;
      break;
    }
    if (!isFlag(token)) {
      firstWord ??= at;
      if (options.untilWord === true) break;
      bound.push(token);
      continue;
    }
    for (const { name, value } of flagsOf(token, spelling)) {
      given.push(name);
      const shape = spelling.shapeOf(name);
      const next = argv[at + 1];
      if (value !== null) bound.push(`--${name}=${value}`);
      else if (shape === "switch") bound.push(`--${name}`);
      // An unknown flag is refused later; until then it may not swallow the word behind it.
      else if (shape === null) bound.push(`--${name}=`);
      else if (next === undefined || spelledInTable(next, spelling)) withoutValue.push(name);
      else {
        bound.push(`--${name}=${next}`);
        at++;
      }
    }
  }
  return { argv: bound, given, without_value: withoutValue, first_word: firstWord };
}

/** True for a token that begins like a flag; `-` alone is a word. */
export function isFlag(token: string): boolean {
  return token.length > 1 && token.startsWith("-");
}

/** One token as flags: `-nq` is two, `-g=x` and `--goal-id=x` carry their value. Unknown letters keep their letter as name. */
export function flagsOf(word: string, spelling: Spelling): { name: string; value: string | null }[] {
  const equals = word.indexOf("=");
  const head = equals === -1 ? word : word.slice(0, equals);
  const value = equals === -1 ? null : word.slice(equals + 1);
  if (head.startsWith("--")) return [{ name: head.slice(2), value }];
  const letters = head.slice(1).split("");
  return letters.map((letter, index) => ({
    name: spelling.nameOf(letter) ?? letter,
    value: index === letters.length - 1 ? value : null,
  }));
}

/** True for `--`, a known flag or a known letter group: such a token is never another flag's value. */
function spelledInTable(token: string, spelling: Spelling): boolean {
  if (token === "--") return true;
  if (!isFlag(token)) return false;
  if (!token.startsWith("--"))
    return (
      /^-[A-Za-z]+$/.test(token) &&
      token
        .slice(1)
        .split("")
        .every((letter) => spelling.nameOf(letter) !== null)
    );
  return spelling.shapeOf(token.slice(2).split("=", 1)[0] ?? "") !== null;
}
