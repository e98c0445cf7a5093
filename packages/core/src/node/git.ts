/** The few questions LoopX asks git. All of them only look. */
import type { Commands } from "../ports/commands.ts";
import { COMMAND_OUTPUT_LIMIT, COMMAND_TIME_MS } from "./limits.ts";

export interface Git {
  /** Standard output of a git command that ended with 0; null for any other end. */
  ask(cwd: string, args: readonly string[], stdin?: string): Promise<string | null>;
}

/** git with a clean environment: no prompt, no optional locks, no inherited repository (REL-142). */
export function readingGit(commands: Commands, env: Readonly<Record<string, string | undefined>>): Git {
  const childEnv: Record<string, string> = { GIT_TERMINAL_PROMPT: "0", GIT_OPTIONAL_LOCKS: "0", LC_ALL: "C" };
  for (const name of ["PATH", "HOME", "XDG_CONFIG_HOME"]) {
    const value = env[name];
    if (value !== undefined) childEnv[name] = value;
  }
  return {
    ask: async (cwd, args, stdin) => {
      const end = await commands.run(["git", ...args], {
        cwd,
        env: childEnv,
        timeout_ms: COMMAND_TIME_MS,
        max_output_bytes: COMMAND_OUTPUT_LIMIT,
        ...(stdin === undefined ? {} : { stdin }),
      });
      return end.kind === "exited" && end.exit_code === 0 ? end.stdout : null;
    },
  };
}
