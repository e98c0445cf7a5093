/** What the executor tells a keeper, and what the keeper answers. Both are lines of JSON; secrets travel here and nowhere else. */
import type { LogTarget } from "./bounded-log.ts";

/** One program to keep. */
export interface Order {
  readonly program: string;
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  /** The file that is the child's standard input; null for none. */
  readonly stdin: string | null;
  /** Everything the child prints. */
  readonly log: LogTarget;
  /** Its standard output once more, alone. */
  readonly stdout_copy: LogTarget | null;
  /** Where the end is written for an executor that was not there to hear it; null when nobody will ask. */
  readonly exit_file: string | null;
  /** Values that no file may hold. */
  readonly redact: readonly string[];
}

/** Why bytes of the output are missing. */
export type LogTruncated = "limit" | "write_error" | null;

/** How the child ended, as its parent saw it. */
export interface Exit {
  readonly exit_code: number | null;
  readonly signal: string | null;
}

/** A line of the keeper. */
export type KeeperLine =
  | { readonly kind: "started"; readonly pid: number }
  | { readonly kind: "not_started"; readonly errno: string }
  /** The child printed something since the last line of this kind. */
  | { readonly kind: "output" }
  | ({ readonly kind: "exited" } & Exit)
  /** The log is complete. */
  | { readonly kind: "closed"; readonly log_truncated: LogTruncated };
