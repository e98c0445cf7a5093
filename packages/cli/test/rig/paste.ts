/**
 * A printed command as a person would paste it: `sh` reads the line, runs what is not ours (git, mv, cd, an editor) and
 * hands us the words behind `loopx`, which then run in this process on the sandbox's clock.
 */
import { spawnSync } from "node:child_process";
import type { Printed, Sandbox } from "./sandbox.ts";

export interface Pasted extends Printed {
  /** Where the shell stands afterwards. */
  readonly cwd: string;
  /** The words behind `loopx`; null when the line calls something else only. */
  readonly words: readonly string[] | null;
}

const END = "\u0001";

export async function paste(sandbox: Sandbox, line: string, cwd: string, env: Readonly<Record<string, string>> = {}): Promise<Pasted> {
  const script = `loopx() { printf '%s\\0' "$@"; printf '%s\\0' '${END}'; }\n{ ${line}; } && pwd`;
  const shell = spawnSync("sh", ["-c", script], {
    cwd,
    encoding: "utf8",
    env: { PATH: process.env["PATH"], HOME: sandbox.home, EDITOR: "true", ...env },
  });
  if (shell.status !== 0) return { code: shell.status ?? 1, stdout: shell.stdout, stderr: shell.stderr, cwd, words: null };
  const parts = shell.stdout.split("\0");
  const after = (parts.at(-1) ?? "").trimEnd().split("\n").at(-1) ?? cwd;
  const end = parts.indexOf(END);
  if (end < 0) return { code: 0, stdout: "", stderr: "", cwd: after, words: null };
  const words = parts.slice(0, end);
  return { ...(await sandbox.run([...words, "--json"], { cwd: after })), cwd: after, words };
}
