/**
 * The outside of one command line: where it stands, what surrounds it and where its words go.
 * `output.ts` gives the real one; tests and the demo give their own, so that everything runs in-process.
 */
import type { Clock, Ids, Observer } from "@loopx/core";
import type { Screen } from "./watch/watch.ts";

/** Variables as a process has them. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** What ends a process that does not take it. */
export type EndSignal = "SIGINT" | "SIGTERM" | "SIGHUP";

/** What one command line may use of the process it runs in. */
export interface Io {
  /** The program's own version. */
  readonly version: string;
  /** Node's version, and `linux-x64` and the like. */
  readonly node: string;
  readonly platform: string;
  readonly cwd: string;
  readonly env: Environment;
  readonly home: string;
  /** The started program file, for commands beside it; null when there is none. */
  readonly entry: string | null;
  write(stream: "stdout" | "stderr", text: string): Promise<void>;
  /** Asked only when colour may be used. */
  isTerminal(): boolean;
  /** The terminal behind standard output, for what stays on it; null where there is none. */
  screen?(): Screen | null;
  /** Milliseconds since the process began, for `--verbose`. */
  elapsedMs(): number;
  /** Hands these signals to somebody else instead of ending on them; what it returns gives them back. */
  takeSignals(handler: (signal: EndSignal) => void): () => void;
  /** Runs the clean-up when the process ends, however it ends. */
  atExit(cleanUp: () => void): void;
  readonly clock?: Clock;
  readonly ids?: Ids;
  /** The number `statfs` gives the file system of a folder, or null where it cannot be told. */
  readonly fileSystemOf?: (folder: string) => number | null;
  /** Who looks on at the actions of every command. */
  readonly observer?: Observer;
}
