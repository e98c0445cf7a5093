/** Where a client's program lies and which version it is (AGT-7). Nothing is started but `--version`. */
import { accessSync, constants, realpathSync, statSync } from "node:fs";
import { delimiter, isAbsolute, join } from "node:path";
import { nodeCommands, systemClock, type Commands } from "@loopx/core";
import type { ClientName } from "./agent.ts";

const VERSION_MS = 10_000;
type Variables = Readonly<Record<string, string | undefined>>;

/** The usual name of each client's program, and the variable that names another one. */
export const PROGRAMS: Readonly<Record<Exclude<ClientName, "command">, { readonly name: string; readonly variable: string }>> = {
  codex: { name: "codex", variable: "CODEX_EXEC_BINARY" },
  claude: { name: "claude", variable: "CLAUDE_BIN" },
  openclaw: { name: "openclaw", variable: "OPENCLAW_BIN" },
};

/** The real path of the program: as configured, else by its variable, else from PATH. Null: no such program for this user. */
export function findBinary(client: ClientName, configured: string | null, env: Variables): string | null {
  const wanted = client === "command" ? configured : (configured ?? env[PROGRAMS[client].variable] ?? PROGRAMS[client].name);
  return wanted === null || wanted === "" || wanted.startsWith("-") ? null : findProgram(wanted, env);
}

/** A program by path or by name; only a file that this user may run. */
export function findProgram(wanted: string, env: Variables): string | null {
  const folders = (env["PATH"] ?? "").split(delimiter).filter((folder) => isAbsolute(folder));
  const places = wanted.includes("/") ? (isAbsolute(wanted) ? [wanted] : []) : folders.map((folder) => join(folder, wanted));
  for (const place of places) {
    try {
      accessSync(place, constants.X_OK);
      const real = realpathSync(place);
      if (statSync(real).isFile()) return real;
    } catch {
      // The next folder may have it.
    }
  }
  return null;
}

/** The first line that `--version` prints; null when it prints none in time. */
export async function versionOf(program: string, env: Variables, commands: Commands = nodeCommands(systemClock)): Promise<string | null> {
  const { PATH = "", HOME = "" } = env;
  const end = await commands.run([program, "--version"], {
    cwd: "/",
    env: { PATH, HOME },
    timeout_ms: VERSION_MS,
    max_output_bytes: 10_000,
  });
  return end.kind === "exited" && end.exit_code === 0 ? (end.stdout.split("\n")[0]?.trim().slice(0, 100) ?? null) : null;
}
