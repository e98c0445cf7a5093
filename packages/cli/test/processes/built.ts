/**
 * The command as the build leaves it, started as real processes in a world below one temporary directory: a home, and
 * projects beside it. Nothing of the caller's environment but PATH reaches it.
 */
import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const CLI = fileURLToPath(new URL("../../", import.meta.url));
const BUILT = join(CLI, "dist", "main.cjs");

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Yard {
  readonly root: string;
  readonly home: string;
  /** A new empty folder beside the home. */
  folder(name: string): string;
  /** Waits for the end of `loopx …`. */
  run(cwd: string, ...argv: string[]): Ended;
  /** The JSON document that `loopx … --json` prints. */
  json(cwd: string, ...argv: string[]): Record<string, unknown>;
  /** Waits for the end of a shell line that has `loopx` on its PATH. */
  shell(cwd: string, line: string): Ended;
  /** Starts `loopx …`; the answer comes when it has ended. */
  start(cwd: string, ...argv: string[]): Promise<Ended>;
  /** Starts `loopx …` and hands out the process. */
  launch(cwd: string, ...argv: string[]): ChildProcess;
  read(...path: string[]): string;
  remove(): void;
}

/** A yard with its own copy of the build, so that a build that runs beside the tests disturbs none. */
export function openYard(): Yard {
  if (!existsSync(BUILT)) throw new Error(`${BUILT} is missing: run "npm run build" first ("npm test" does)`);
  const root = realpathSync(mkdtempSync(join(tmpdir(), "loopx-yard-")));
  for (const part of ["bin", "dist"]) cpSync(join(CLI, part), join(root, "program", part), { recursive: true });
  const entry = join(root, "program", "bin", "loopx.cjs");
  const [home, bin] = [join(root, "home"), join(root, "bin")];
  for (const folder of [home, bin]) mkdirSync(folder);
  symlinkSync(entry, join(bin, "loopx"));
  const env = { PATH: `${bin}:${process.env["PATH"] ?? ""}`, HOME: home, TZ: "UTC" };
  const ended = ({ status, stdout, stderr }: { status: number | null; stdout: string; stderr: string }): Ended => ({
    code: status,
    stdout,
    stderr,
  });
  const yard: Yard = {
    root,
    home,
    folder: (name) => {
      const path = join(root, name);
      mkdirSync(path);
      return path;
    },
    run: (cwd, ...argv) => ended(spawnSync(process.execPath, [entry, ...argv], { cwd, env, encoding: "utf8" })),
    json: (cwd, ...argv) => JSON.parse(yard.run(cwd, ...argv, "--json").stdout) as Record<string, unknown>,
    shell: (cwd, line) => ended(spawnSync("/bin/sh", ["-c", line], { cwd, env, encoding: "utf8" })),
    start: (cwd, ...argv) => endOf(yard.launch(cwd, ...argv)),
    launch: (cwd, ...argv) => spawn(process.execPath, [entry, ...argv], { cwd, env, stdio: ["ignore", "pipe", "pipe"] }),
    read: (...path) => readFileSync(join(root, ...path), "utf8"),
    remove: () => rmSync(root, { recursive: true, force: true }),
  };
  return yard;
}

/** How a process ends; `code` is null when a signal ended it. */
export function endOf(child: ChildProcess): Promise<Ended> {
  const printed = { stdout: "", stderr: "" };
  for (const stream of ["stdout", "stderr"] as const)
    child[stream]?.setEncoding("utf8").on("data", (text: string) => (printed[stream] += text));
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => resolve({ code, ...printed }));
  });
}

/** The ids of the goals of a registry file, in its order. */
export function goalIds(text: string): string[] {
  return (JSON.parse(text) as { goals: { id: string }[] }).goals.map((goal) => goal.id);
}

/** The records of an index; a line that is no JSON fails. */
export function indexRows(text: string): Record<string, unknown>[] {
  return text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}
