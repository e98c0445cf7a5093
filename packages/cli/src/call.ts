/**
 * One checked command line on its way to its command, and what the command gives back.
 * A command never prints and never ends the process: it returns its payload and how a person would read it.
 */
import type { openHost } from "@loopx/core";
import type { HostWishes } from "./host.ts";
import type { CommandRow, Flags, Input } from "./options/flag.ts";
import type { Io } from "./io.ts";

export type OutputFormat = "markdown" | "json";

/** The global flags of a line, as given; everything that is not given is undefined or false. */
export interface GlobalValues {
  readonly registry?: string;
  readonly runtime_root?: string;
  readonly locale?: "en" | "zh";
  /** From a flag or the environment; the user's file is read later. */
  readonly format?: OutputFormat;
  readonly format_source: "flag" | "env" | "default";
  readonly color?: boolean;
  readonly quiet: boolean;
  readonly verbose: boolean;
  /** Absolute: `--cwd` or where the process stands. */
  readonly cwd: string;
}

export type LoopxHost = ReturnType<typeof openHost>;

/** A line whose command is known only by its row. */
export interface AnyCall {
  readonly row: CommandRow;
  readonly input: object;
  /** Words after the command, at most one per positional of the row. */
  readonly words: readonly string[];
  readonly globals: GlobalValues;
  readonly io: Io;
  /** The host of this line, opened on first use and then remembered. */
  readonly host: (wishes?: HostWishes) => Promise<LoopxHost>;
}

/** A line of the command that has these flags. */
export interface Call<F extends Flags = Flags> extends AnyCall {
  readonly input: Input<F>;
}

/** What a command answers. An `error` in the payload makes the answer `ok:false` (CMD invariant 6). */
export interface Answer<Payload extends object = object> {
  readonly payload: Payload;
  /** The Markdown form, made only when wanted. */
  readonly lines: () => readonly string[];
  /** Overrides the exit code that the payload's error would give. */
  readonly exit_code?: number;
  /** The lines are for a program: they are never coloured. */
  readonly verbatim?: true;
  /** What to do with the lines; a person is told on standard error. */
  readonly hint?: string;
}

/** A file of `commands/`. Its `run` may ask for the call of its own flags: the table gives it no other. */
export interface CommandModule {
  run(call: AnyCall): Promise<Answer>;
}
