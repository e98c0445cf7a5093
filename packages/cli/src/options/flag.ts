/**
 * What a flag and a command of the table are. The table is the only description of the command line:
 * both parsers, help and the types of the actions' inputs come from it. Nothing here runs.
 */
import type { CommandModule } from "../call.ts";

/** One flag of a command. */
export interface Flag {
  /** `integer` and `number` are checked, never clamped; `switch` takes no value. */
  readonly kind: "text" | "integer" | "number" | "choice" | "switch";
  readonly describe: string;
  /** One letter. */
  readonly alias?: string;
  /** What stands for the value in the manual. `GOAL`, `TODO`, `AGENT`, `PATH` and `DIR` also say what the Tab key offers. */
  readonly value?: string;
  readonly repeatable?: true;
  /** A repeatable flag whose values may also be separated by commas: agent ids and domains only (CMD-2). */
  readonly split?: true;
  readonly required?: true;
  readonly default?: string | number;
  /** What help shows as the default when it is found out at run time. */
  readonly default_note?: string;
  readonly values?: readonly string[];
  readonly min?: number;
  readonly max?: number;
  /** The longest text, in characters. */
  readonly max_length?: number;
  /** The environment variable that stands in for an absent flag (CMD-4). */
  readonly env?: string;
  /** `--no-<name>` says false; absent stays undefined. */
  readonly negatable?: true;
}

/** Flags by name, without their dashes. */
export type Flags = Readonly<Record<string, Flag>>;

/** A query writes nothing; a write writes unless `--dry-run`; a preview writes only with `--execute` (CMD-3). */
export type CommandKind = "query" | "write" | "preview";

export interface Positional {
  readonly name: string;
  readonly describe: string;
  /** The only words that may stand here. */
  readonly values?: readonly string[];
  readonly optional?: true;
}

/** One line of the command table. */
export interface CommandRow {
  readonly path: readonly string[];
  readonly aliases?: readonly (readonly string[])[];
  readonly summary: string;
  readonly kind: CommandKind;
  readonly flags: Flags;
  /** Accepted for older scripts with one warning and no effect (CMD-14); a name that ends in `*` is a prefix. */
  readonly legacy?: Flags;
  /** Words after the command; one that may be left out stands behind those that may not. */
  readonly positionals?: readonly Positional[];
  /** Flags of which at most one may be given. */
  readonly exclusive?: readonly (readonly string[])[];
  readonly examples: readonly string[];
  readonly reads: string;
  readonly writes: string;
  /** Exit codes other than 0, 2, 3 and 70, with their meaning. */
  readonly exits?: Readonly<Record<number, string>>;
  /** The `<command>` of `schema_version` where it is not the path (CMD-7). */
  readonly schema?: string;
  readonly load: () => Promise<CommandModule>;
}

/** `goal-doc` as a key of inputs: `goal_doc`. */
export type SnakeCase<Name extends string> = Name extends `${infer Head}-${infer Tail}` ? `${Head}_${SnakeCase<Tail>}` : Name;

type Scalar<F extends Flag> = F extends { values: readonly (infer Value)[] }
  ? Value
  : F extends { kind: "integer" | "number" }
    ? number
    : string;

/** What a flag says when it is given: a list when repeatable, a boolean when a switch. */
export type FlagValue<F extends Flag> = F extends { kind: "switch" } ? boolean : F extends { repeatable: true } ? Scalar<F>[] : Scalar<F>;

type Certain = { readonly required: true } | { readonly default: string | number };
type Key<Name> = Name extends string ? SnakeCase<Name> : never;

/**
 * The input of an action: one snake_case key per flag that is given or has a default; what is absent was not said.
 * `--execute` is told as `dry_run: false`, and a preview always says `dry_run`.
 */
export type Input<F extends Flags> = {
  [Name in keyof F as F[Name] extends Certain ? Key<Name> : never]: FlagValue<F[Name]>;
} & {
  [Name in keyof F as Name extends "execute" ? never : F[Name] extends Certain ? never : Key<Name>]?: FlagValue<F[Name]>;
} & (F extends { readonly execute: Flag } ? { dry_run: boolean } : unknown);

/** `flag-name` as the key it has in an input. */
export function inputKey(name: string): string {
  return name.replaceAll("-", "_");
}
