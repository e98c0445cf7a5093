/** How a started program ended. A limit on time and on output always holds; nothing here throws for these (REL-140 to REL-145). */
export type CommandEnd =
  | { kind: "exited"; exit_code: number }
  | { kind: "signalled"; signal: string }
  | { kind: "timed_out" }
  | { kind: "cancelled" }
  | { kind: "not_started"; errno: string };

/** What a program printed, cut at the limit, and how long it ran. */
export interface CommandOutput {
  readonly duration_ms: number;
  readonly stdout: string;
  readonly stderr: string;
  readonly truncated: boolean;
}

/** Where and within which limits a program runs. */
export interface CommandOptions {
  readonly cwd: string;
  /** The child's whole environment; nothing of ours is inherited. */
  readonly env: Readonly<Record<string, string>>;
  readonly stdin?: string;
  /** What the program finds at its descriptor 3: for a secret, which stands in no argument and no environment. */
  readonly handed?: string;
  readonly timeout_ms: number;
  readonly max_output_bytes: number;
  readonly signal?: AbortSignal;
}

/** Outside programs, by argument list. */
export interface Commands {
  /** Runs one program by its argument list, never through a shell. */
  run(argv: readonly [program: string, ...args: string[]], options: CommandOptions): Promise<CommandOutput & CommandEnd>;
}
