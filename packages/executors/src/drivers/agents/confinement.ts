/**
 * Whether a client confines the commands of its agent on this machine (AGT-43, AGT-52). codex brings its own sandbox, which is
 * asked to do what it has to prevent; claude's needs two programs; the others have none.
 */
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { nodeCommands, systemClock, type Commands } from "@loopx/core";
import type { ClientName } from "./agent.ts";
import { findProgram } from "./binary.ts";

type Variables = Readonly<Record<string, string | undefined>>;

const PROBE_MS = 10_000;
const RAN = "loopx-probe-ran";

/** What claude's sandbox is made of. */
const CLAUDE_NEEDS = ["bwrap", "socat"];

/** `none`: commands of that client may do whatever this user may. Starts codex once, and no model. */
export async function confinementOf(
  client: ClientName,
  program: string,
  env: Variables,
  commands: Commands = nodeCommands(systemClock),
): Promise<"client" | "none"> {
  if (client === "codex") return codexConfinement(program, env, commands);
  return client === "claude" && missingForClaude(env).length === 0 ? "client" : "none";
}

/** What would have to be installed for claude's sandbox. */
export function missingForClaude(env: Variables): readonly string[] {
  return CLAUDE_NEEDS.filter((tool) => findProgram(tool, env) === null);
}

/** Only a command that ran and wrote where it may not counts against it; one that cannot run at all harms nobody. */
async function codexConfinement(program: string, env: Variables, commands: Commands): Promise<"client" | "none"> {
  const folder = mkdtempSync(join(tmpdir(), "loopx-probe-"));
  const file = join(folder, "written");
  const { PATH = "", HOME = "", CODEX_HOME } = env;
  try {
    const end = await commands.run(
      [program, "sandbox", "-c", "sandbox_mode=read-only", "--", "/bin/sh", "-c", `echo ${RAN}; echo x > "$0"`, file],
      {
        cwd: folder,
        env: { PATH, HOME, ...(CODEX_HOME === undefined ? {} : { CODEX_HOME }) },
        timeout_ms: PROBE_MS,
        max_output_bytes: 10_000,
      },
    );
    return end.stdout.includes(RAN) && existsSync(file) ? "none" : "client";
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
