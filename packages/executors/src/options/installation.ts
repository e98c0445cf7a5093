/** The table's rows about the program itself. */
import type { CommandRow } from "@loopx/cli/program";

export const INSTALLATION: readonly CommandRow[] = [
  {
    path: ["version"],
    summary: "version and platform",
    kind: "query",
    flags: {},
    schema: "loop version",
    examples: ["loopx-loop version", "loopx-loop version --json"],
    reads: "nothing",
    writes: "nothing",
    load: () => import("../commands/version.ts"),
  },
];
