/** The files of a scenario run: what is read, within limits, and the reports, each whole or not at all. */
import {
  closeSync,
  constants,
  fstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { dirname, join, resolve } from "node:path";
import { LoopxError } from "@loopx/core/domain";
import type { ScenarioText } from "../scenario/read.ts";

const MAX_BYTES = 1_048_576;

/** A path as typed, from the folder a line stands in. */
export function absolute(cwd: string, path: string): string {
  return resolve(cwd, path);
}

/** `*.yaml` and `*.yml` of the folder, not of folders below it, by name. Throws `invalid_value` for a folder that cannot be read. */
export function scenarioTexts(folder: string, shown: string): ScenarioText[] {
  let names: string[];
  try {
    names = readdirSync(folder);
  } catch (error) {
    throw new LoopxError("invalid_value", `the folder ${shown} cannot be read (${errnoOf(error)})`, {
      hint: "name the folder of the scenario files with --dir",
      details: { flag: "--dir", value: shown },
    });
  }
  return names
    .filter((name) => /\.ya?ml$/.test(name))
    .sort()
    .map((name) => ({ file: join(shown, name), ...textOf(join(folder, name)) }));
}

function textOf(path: string): { text: string } | { fault: string } {
  let fd: number;
  try {
    fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    return { fault: `it cannot be read (${errnoOf(error)})` };
  }
  try {
    const stat = fstatSync(fd);
    if (!stat.isFile()) return { fault: "it is no regular file" };
    if (stat.size > MAX_BYTES) return { fault: `it has ${stat.size} bytes; the limit is ${MAX_BYTES}` };
    return { text: new TextDecoder("utf-8", { fatal: true }).decode(readFileSync(fd)) };
  } catch (error) {
    return { fault: error instanceof TypeError ? "it is no valid UTF-8" : `it cannot be read (${errnoOf(error)})` };
  } finally {
    closeSync(fd);
  }
}

/** Makes the report's folder and proves that a file can be made in it: a long run must not end without its report. */
export function requireWritable(path: string): void {
  const probe = sibling(path);
  try {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(probe, "", { flag: "wx" });
    rmSync(probe);
  } catch (error) {
    throw notWritten(path, error);
  }
}

/** Replaces the report at once. */
export function writeReport(path: string, text: string): void {
  const whole = sibling(path);
  try {
    writeFileSync(whole, text, { flag: "wx" });
    renameSync(whole, path);
  } catch (error) {
    rmSync(whole, { force: true });
    throw notWritten(path, error);
  }
}

function sibling(path: string): string {
  return `${path}.${process.pid}.loopx-tmp`;
}

function notWritten(path: string, error: unknown): LoopxError {
  return new LoopxError("write_failed", `the report ${path} cannot be written (${errnoOf(error)})`, {
    hint: "name another place for it",
    details: { file: path, errno: errnoOf(error) },
  });
}

function errnoOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "unknown";
}
