/**
 * What a story with a real client stands on: the scripted model, a repository, and each client as a person has it: logged in,
 * at a model that costs nothing. A story gives a loop `env` and `program(client)`, writes down the model's steps, and looks at what came of it.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { inject } from "vitest";
import { repository, type Repository } from "../../packages/executors/test/rig/repository.ts";
import { modelServer, type ModelServer } from "./model-server.ts";

export type Client = "codex" | "claude";
export const CLIENTS: readonly Client[] = ["codex", "claude"];

export interface Story {
  readonly model: ModelServer;
  readonly repo: Repository;
  /** The variables of a person who has logged in to both. */
  readonly env: Record<string, string>;
  program(client: Client): string;
  remove(): Promise<void>;
}

/** A repository with one commit of these files, outside of any other. */
export async function story(files: Readonly<Record<string, string>>): Promise<Story> {
  const model = await modelServer();
  const repo = repository(files);
  const home = join(repo.outside, "home");
  const codexHome = join(home, ".codex");
  mkdirSync(codexHome, { recursive: true, mode: 0o700 });
  writeFileSync(join(codexHome, "config.toml"), codexConfig(model.port));
  const claude = join(repo.outside, "claude");
  // As a stored login would: the address and the key are claude's own, not the loop's.
  writeFileSync(
    claude,
    `#!/bin/sh\nexport ANTHROPIC_BASE_URL=http://127.0.0.1:${model.port} ANTHROPIC_API_KEY=scripted\nexec "${inject("clients").claude}" "$@"\n`,
    { mode: 0o755 },
  );
  const programs: Readonly<Record<Client, string>> = { codex: inject("clients").codex, claude };
  const env = {
    PATH: process.env["PATH"] ?? "",
    HOME: home,
    LANG: "C",
    CODEX_HOME: codexHome,
    CODEX_EXEC_BINARY: programs.codex,
    CLAUDE_BIN: programs.claude,
    LOOPX_RUNTIME_ROOT: join(repo.outside, "runtime"),
  };
  mkdirSync(env.LOOPX_RUNTIME_ROOT, { mode: 0o700 });
  return {
    model,
    repo,
    env,
    program: (client) => programs[client],
    remove: async () => {
      await model.close();
      repo.remove();
    },
  };
}

function codexConfig(port: number): string {
  return [
    'model = "scripted"',
    'model_provider = "scripted"',
    "[model_providers.scripted]",
    'name = "scripted"',
    `base_url = "http://127.0.0.1:${port}/v1"`,
    'wire_api = "responses"',
    "request_max_retries = 0",
    "stream_max_retries = 0",
    "",
  ].join("\n");
}
