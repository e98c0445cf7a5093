/** What a line of `loopx-loop` stands in, for tests: nothing is printed, no signal comes, and nothing is looked at but what is given. */
import type { Io } from "@loopx/cli/program";

interface Place {
  readonly cwd: string;
  readonly env: Io["env"];
  readonly home: string;
  readonly clock?: Exclude<Io["clock"], undefined>;
  readonly write?: Io["write"];
}

/** An `Io` at this place. */
export function ioAt(place: Place): Io {
  return {
    version: "0.0.0",
    node: process.versions.node,
    platform: "test",
    entry: null,
    write: async () => {},
    isTerminal: () => false,
    elapsedMs: () => 0,
    takeSignals: () => () => {},
    atExit: () => {},
    ...place,
  };
}
