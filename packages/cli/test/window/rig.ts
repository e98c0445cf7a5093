/** A window over goals of its own: a project with real files below a fresh home, and the server that `serve-status` starts. */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { addTodo, connect, openHost, refreshState, type FileHost } from "@loopx/core";
import { serveWindow, type ServedWindow, type ServeOptions } from "../../src/window/serve.ts";

export interface Yard {
  readonly folder: string;
  readonly project: string;
  readonly host: FileHost;
  readonly served: ServedWindow;
  readonly faults: unknown[];
  /** The status and body of an answer. */
  get(path: string, headers?: Record<string, string>): Promise<{ status: number; body: Record<string, unknown>; text: string }>;
  /** The same for a write, with the token. */
  post(path: string, body: object): Promise<{ status: number; body: Record<string, unknown> }>;
  close(): Promise<void>;
}

/** Connects `goals`, gives each a run, and serves them. */
export async function openYard(goals: readonly string[], options: Partial<ServeOptions> = {}): Promise<Yard> {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "loopx-window-")));
  const project = join(folder, "project");
  mkdirSync(project);
  const open = { cwd: project, home: folder, env: { PATH: process.env["PATH"] }, project: "." };
  const host = openHost(open);
  for (const goal_id of goals) {
    await connect(host, { project, cwd: project, goal_id });
    await refreshState(host, {
      goal_id,
      classification: "built_the_parser",
      delivery_outcome: "outcome_progress",
      artifact: ["a.ts"],
      validation: "tests pass",
    });
  }
  const faults: unknown[] = [];
  const served = await serveWindow({
    host: "127.0.0.1",
    port: 0,
    path: "/status.json",
    limit: 5,
    writes: { reward: true, gate: true, control_plane: true },
    require_token: false,
    global_registry: false,
    open: { ...open, project: undefined },
    onFault: (error) => faults.push(error),
    ...options,
  }).catch((error: unknown) => {
    rmSync(folder, { recursive: true, force: true });
    throw error;
  });
  const origin = `http://127.0.0.1:${served.port}`;
  const read = async (response: Response) => {
    const text = await response.text();
    return { status: response.status, text, body: (text.startsWith("{") ? JSON.parse(text) : {}) as Record<string, unknown> };
  };
  return {
    folder,
    project,
    host,
    served,
    faults,
    get: async (path, headers = {}) => read(await fetch(`${origin}${path}`, { headers })),
    post: async (path, body) =>
      read(
        await fetch(`${origin}${path}`, {
          method: "POST",
          headers: { authorization: `Bearer ${served.token}`, "content-type": "application/json" },
          body: JSON.stringify(body),
        }),
      ),
    close: async () => {
      await served.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** A gate that is a todo. */
export async function askedTodo({ host, project }: Pick<Yard, "host" | "project">, goal_id: string, text: string): Promise<string> {
  const { todo_id } = await addTodo(host, { goal_id, cwd: project, role: "user", text });
  return todo_id;
}

/** Every file below a folder with its text, in order. */
export function textsBelow(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()
    .map((path) => `${path}\n${readFileSync(path, "utf8")}`);
}
