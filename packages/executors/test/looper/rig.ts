/** A Looper in this process: real HTTP on loopback, real child processes that the test steers, a project with its own git. */
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { request as httpRequest } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Io } from "@loopx/cli/program";
import { serveLooper, type ServedLooper } from "../../src/drivers/looper/assemble.ts";
import { looperConfig, type LooperPlace } from "../../src/drivers/looper/place.ts";
import type { LooperFlags } from "../../src/looper/config.ts";
import { fakeCommand, type FakeCommand, type Invocation } from "../rig/fake-command.ts";
import { ioAt } from "../rig/io.ts";

export const TOKEN = ["token", "of", "the", "operator"].join("-");
export const COMPLETED = `${JSON.stringify({ type: "turn.completed", usage: { input_tokens: 3 } })}\n`;

export interface Answered {
  readonly status: number;
  readonly body: Record<string, unknown>;
  readonly headers: Readonly<Record<string, unknown>>;
}

export interface Yard {
  readonly folder: string;
  readonly project: string;
  readonly codex: FakeCommand;
  /** The agent's program as the service finds it. */
  readonly program: string;
  env: Record<string, string>;
  served: ServedLooper;
  /** What the service sees of its surroundings. */
  io(): Io;
  serve(flags?: LooperFlags, more?: Partial<LooperPlace>): Promise<ServedLooper>;
  nextRun(): Promise<Invocation>;
  ask(method: string, path: string, body?: unknown, headers?: Readonly<Record<string, string | readonly string[]>>): Promise<Answered>;
  post(body: object, headers?: Readonly<Record<string, string>>): Promise<Answered>;
  git(...args: string[]): string;
  remove(): Promise<void>;
}

export async function openYard(keeper: string, more: Readonly<Record<string, string>> = {}): Promise<Yard> {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "loopx-looper-")));
  const project = join(folder, "project");
  mkdirSync(project);
  const codex = await fakeCommand(join(folder, "bin"), "steered");
  const program = join(folder, "bin/codex");
  // Asking for the version and the sandbox is no run; `exec` keeps the pid.
  writeFileSync(
    program,
    `#!/bin/sh\n[ "$1" = --version ] && echo codex-cli 0.0.0 && exit 0\n[ "$1" = sandbox ] && exit 1\nexec ${codex.path} "$@"\n`,
    { mode: 0o755 },
  );
  const git = (...args: string[]): string =>
    execFileSync("git", ["-c", "user.name=t", "-c", "user.email=t@localhost", ...args], { cwd: project, encoding: "utf8" });
  git("init", "-q", "-b", "main");
  writeFileSync(join(project, ".gitignore"), ".loopx/\n.codex/goals/\n");
  git("add", ".gitignore");
  git("commit", "-qm", "begin");
  const env: Record<string, string> = {
    PATH: process.env["PATH"] ?? "",
    HOME: folder,
    CODEX_EXEC_BINARY: program,
    CODEX_EXEC_DELAY_SECONDS: "0",
    CODEX_EXEC_STARTUP_CHECK_SECONDS: "0.05",
    LOOPER_API_TOKEN: TOKEN,
    ...more,
  };
  const open: ServedLooper[] = [];
  const io = (): Io =>
    ioAt({
      cwd: project,
      env: yard.env,
      home: folder,
    });
  const yard: Yard = {
    folder,
    project,
    codex,
    env,
    served: undefined as unknown as ServedLooper,
    io,
    serve: async (flags = {}, others = {}) => {
      const place = { io: io(), cwd: project, runtime_root: join(folder, "runtime"), keeper, ...others };
      const { config } = looperConfig({ port: 0, workspace: project, ...flags }, place);
      const served = await serveLooper(config, place);
      open.push(served);
      yard.served = served;
      return served;
    },
    program,
    nextRun: () => codex.nextInvocation(),
    ask: (method, path, body, headers = {}) => asked(yard.served.listening.port, method, path, body, headers),
    post: (body, headers = {}) => yard.ask("POST", "/run", body, headers),
    git,
    remove: async () => {
      for (const served of open) await served.close(false);
      await codex.remove();
      rmSync(folder, { recursive: true, force: true });
    },
  };
  return yard;
}

/** Raw, so that Host and doubled headers are the test's own. */
function asked(
  port: number,
  method: string,
  path: string,
  body: unknown,
  headers: Readonly<Record<string, string | readonly string[]>>,
): Promise<Answered> {
  const text = body === undefined ? null : typeof body === "string" ? body : JSON.stringify(body);
  return new Promise((resolve, reject) => {
    const request = httpRequest({
      host: "127.0.0.1",
      port,
      method,
      path,
      agent: false,
      headers: {
        host: `127.0.0.1:${port}`,
        authorization: `Bearer ${TOKEN}`,
        ...(text === null ? {} : { "content-type": "application/json", "content-length": String(Buffer.byteLength(text)) }),
        ...(headers as Record<string, string>),
      },
    });
    request.on("error", reject);
    request.on("response", (response) => {
      let said = "";
      response.on("data", (part: Buffer) => (said += part.toString()));
      response.on("end", () =>
        resolve({
          status: response.statusCode ?? 0,
          body: said.startsWith("{") ? (JSON.parse(said) as Record<string, unknown>) : { text: said },
          headers: response.headers,
        }),
      );
    });
    request.end(text ?? undefined);
  });
}
