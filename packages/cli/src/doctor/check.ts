/** One look at one thing of an installation, and how to repair it (CMD-68). */
import { accessSync, constants, readFileSync, statSync, type Stats } from "node:fs";
import { findProgram } from "../outside.ts";
import type { Io } from "../io.ts";

export interface Check {
  readonly id: string;
  /** A required check that fails makes `doctor` fail. */
  readonly required: boolean;
  readonly ok: boolean;
  readonly detail: string;
  /** The command or step that repairs it; null when nothing is wrong. */
  readonly fix: string | null;
}

/** What is looked at. */
export interface Patient {
  readonly io: Io;
  /** Where the call stands. */
  readonly cwd: string;
  readonly runtime_root: string;
  readonly global_registry: string;
}

/** A check with its repair, which is only told when it is needed. */
export function check(id: string, required: boolean, ok: boolean, detail: string, fix: string): Check {
  return { id, required, ok, detail, fix: ok ? null : fix };
}

/** The file that a wrapper of `scripts/install-local.sh` starts; null when the path is no such wrapper. */
export function wrappedProgram(path: string): string | null {
  try {
    const quoted = /^exec node '((?:[^']|'\\'')*)' "\$@"$/m.exec(readFileSync(path, "utf8"))?.[1];
    return quoted?.replaceAll("'\\''", "'") ?? null;
  } catch {
    return null;
  }
}

/** The program of that name on PATH, not the one beside this file. */
export function programOnPath(name: string, io: Io): string | null {
  return findProgram(name, { ...io, entry: null });
}

/** Nothing also below a file. */
export function statOrNothing(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}

export const CAN_READ = constants.R_OK;
export const CAN_WRITE = constants.W_OK;
export const CAN_RUN = constants.X_OK;

export function allows(path: string, mode: number): boolean {
  try {
    accessSync(path, mode);
    return true;
  } catch {
    return false;
  }
}
