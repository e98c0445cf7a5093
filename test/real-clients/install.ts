/**
 * The real clients, in a folder of their own that is no part of this workspace: those that `CODEX_EXEC_BINARY` and `CLAUDE_BIN`
 * name, else the pinned versions, installed once from the registry that npm knows (AGT-90, AGT-91). Runs before the suite.
 */
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import type { TestProject } from "vitest/node";

/** Exactly these, wherever they come from (AGT-91). */
export const VERSIONS = { "@openai/codex": "0.169.0", "@anthropic-ai/claude-code": "2.1.329" } as const;

declare module "vitest" {
  export interface ProvidedContext {
    /** Paths of the programs. */
    clients: { readonly codex: string; readonly claude: string };
  }
}

/** Tells the tests where the clients are. */
export default function setup({ provide }: TestProject): void {
  const { CODEX_EXEC_BINARY: codex, CLAUDE_BIN: claude } = process.env;
  if (codex && claude) return provide("clients", { codex, claude });
  const folder = process.env["REAL_CLIENTS_DIR"] || join(homedir(), ".cache/loopx-real-clients");
  const modules = join(install(folder), "node_modules");
  provide("clients", {
    codex: codex || join(modules, ".bin/codex"),
    // The link that npm would make needs a script of the package; its native part does not.
    claude: claude || join(modules, `@anthropic-ai/claude-code-${process.platform}-${process.arch}`, "claude"),
  });
}

/** The folder of these versions; one that is half made has another name. */
function install(folder: string): string {
  const done = join(folder, Object.values(VERSIONS).join("_"));
  if (existsSync(done)) return done;
  const making = `${done}.${process.pid}`;
  mkdirSync(making, { recursive: true });
  writeFileSync(join(making, "package.json"), JSON.stringify({ private: true, dependencies: VERSIONS }));
  execFileSync("npm", ["install", "--ignore-scripts", "--no-audit", "--no-fund", "--no-package-lock"], { cwd: making, stdio: "inherit" });
  if (existsSync(done)) rmSync(making, { recursive: true });
  else renameSync(making, done);
  return done;
}
