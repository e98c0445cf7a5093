/**
 * Commands of somebody else: `loopx NAME` runs `loopx-NAME` from beside this program, else from PATH (CMD-12).
 * The child gets our standard streams, its own arguments untouched, and our global flags as variables.
 */
import { spawn } from "node:child_process";
import { accessSync, constants, readdirSync, realpathSync, statSync } from "node:fs";
import { constants as system } from "node:os";
import { basename, delimiter, dirname, join, resolve } from "node:path";
import { LoopxError } from "@loopx/core";
import type { Io } from "./io.ts";
import type { Program } from "./options/program.ts";
import type { Line } from "./parse/line.ts";
import { unknownCommand } from "./parse/refusals.ts";

/** Runs the command and returns its exit code; 128 and the signal's number when a signal ended it. */
export async function runOutside(line: Extract<Line, { kind: "outside" }>, io: Io, ours: Program): Promise<number> {
  const program = findProgram(`${ours.name}-${line.name}`, io);
  if (program === null) throw unknownCommand(ours, line.name);
  const child = spawn(program, [...line.args], { stdio: "inherit", cwd: line.globals.cwd, env: { ...io.env, ...line.variables } });
  const giveBack = io.takeSignals((signal) => {
    // The terminal sends an interrupt to the child as well; we wait for what it makes of it.
    if (signal === "SIGTERM") child.kill(signal);
  });
  try {
    return await new Promise((end, fail) => {
      child.on("error", (cause) =>
        fail(
          new LoopxError("usage", `${program} cannot be started`, { hint: `check that ${program} is a program for this machine`, cause }),
        ),
      );
      child.on("exit", (code, signal) => end(code ?? 128 + (signal === null ? 0 : system.signals[signal])));
    });
  } finally {
    giveBack();
  }
}

/** The program of that name, from beside ours (links followed), else from PATH. */
export function findProgram(name: string, io: Pick<Io, "entry" | "env" | "cwd">): string | null {
  return (
    searched(io)
      .map((folder) => join(folder, name))
      .find(isProgram) ?? null
  );
}

/** Where commands of somebody else are looked for, in that order. */
function searched(io: Pick<Io, "entry" | "env" | "cwd">): readonly string[] {
  const folders = (io.env["PATH"] ?? "").split(delimiter).filter((folder) => folder !== "");
  return [...besideUs(io.entry), ...folders].map((folder) => resolve(io.cwd, folder));
}

function besideUs(entry: string | null): string[] {
  if (entry === null) return [];
  try {
    return [dirname(entry), dirname(realpathSync(entry))];
  } catch {
    return [];
  }
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

/** The commands of somebody else that {@link findProgram} would find, by name. */
export function outsideNames(io: Pick<Io, "entry" | "env" | "cwd">): readonly string[] {
  const named = searched(io).flatMap((folder) => namesIn(folder).map((name) => join(folder, name)));
  const names = named.filter(isProgram).map((path) => basename(path).slice("loopx-".length));
  return [...new Set(names)].sort();
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder).filter((name) => /^loopx-[a-z][a-z0-9-]{0,39}$/.test(name));
  } catch {
    return [];
  }
}
