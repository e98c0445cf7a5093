/** A project's pages for agents, such as `CLAUDE.md`: read, replaced at once, or removed. A path or link that leads out of the project is refused. */
import { lstatSync, readFileSync, realpathSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { basename, dirname, join, sep } from "node:path";
import { LoopxError } from "@loopx/core/domain";

const LIMIT = 1024 * 1024;

/** The file that a name stands for: its real path, and its text; null: there is none. */
export interface InstructionFile {
  readonly path: string;
  readonly text: string | null;
}

/** Reads `root/name`. Two names may be one file. */
export function readInstructions(root: string, name: string): InstructionFile {
  const path = placeOf(root, name);
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (found === undefined) return { path, text: null };
  if (!found.isFile() || found.size > LIMIT) throw refused(name, `is no file of at most ${LIMIT} bytes`);
  const bytes = readFileSync(path);
  const text = bytes.toString("utf8");
  if (!Buffer.from(text, "utf8").equals(bytes)) throw refused(name, "is not UTF-8");
  return { path, text };
}

/** Replaces or removes the file; its mode stays. */
export function writeInstructions({ path }: InstructionFile, text: string | null): void {
  if (text === null) return rmSync(path, { force: true });
  const sibling = join(dirname(path), `.${basename(path)}.${process.pid}.loopx-tmp`);
  const mode = (statSync(path, { throwIfNoEntry: false })?.mode ?? 0o644) & 0o777;
  writeFileSync(sibling, text, { mode, flag: "wx" });
  renameSync(sibling, path);
}

function placeOf(root: string, name: string): string {
  const path = join(root, name);
  const link = lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() === true;
  const real = link ? realOf(path, name) : join(realOf(dirname(path), name), basename(path));
  if (real.startsWith(`${realpathSync(root)}${sep}`)) return real;
  throw refused(name, "lies outside of the project");
}

function realOf(path: string, name: string): string {
  try {
    return realpathSync(path);
  } catch {
    throw refused(name, "leads nowhere");
  }
}

function refused(name: string, why: string): LoopxError {
  return new LoopxError("invalid_value", `${name} ${why}`, { details: { file: name } });
}
