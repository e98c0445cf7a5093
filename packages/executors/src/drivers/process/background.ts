/** Starts a command of this program in the background: below a keeper, with everything it prints in a rotating log. */
import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { launch, type LaunchGround, type LaunchOutcome } from "./launch.ts";

const LOG_BYTES = 8 * 1024 * 1024;

/** A command of this program. */
export interface BackgroundOrder {
  /** The program's file. */
  readonly entry: string;
  readonly words: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  readonly log: string;
  readonly redact: readonly string[];
}

/**
 * Marks by which processes of a server or a run are found and ended. Who asks may be such a process, and what it asks for has
 * to outlive it (WTL-131).
 */
const MARKS: ReadonlySet<string> = new Set(["LOOPX_INSTANCE_ID", "LOOPX_RUN_ID", "LOOPX_RESULT_FILE", "LOOPX_MODEL_TOKEN", "PORT"]);

/** Started with what its caller has in its environment, because it is the caller's own program; but for the marks of its caller. */
export function launchInBackground(order: BackgroundOrder, ground: LaunchGround): Promise<LaunchOutcome> {
  mkdirSync(dirname(order.log), { recursive: true });
  return launch(
    {
      program: process.execPath,
      argv: [order.entry, ...order.words],
      env: Object.fromEntries(
        Object.entries(order.env).filter((pair): pair is [string, string] => pair[1] !== undefined && !MARKS.has(pair[0])),
      ),
      cwd: order.cwd,
      stdin: null,
      log: { path: order.log, limit: LOG_BYTES, policy: "rotate" },
      stdout_copy: null,
      exit_file: null,
      redact: order.redact,
    },
    ground,
  );
}
