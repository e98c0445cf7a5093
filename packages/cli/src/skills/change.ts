/** Puts skills into an agent's folder and takes them out again: each copy whole or not at all, a person's kept (CMD-143). */
import { cpSync, mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { LoopxError } from "@loopx/core";
import { realPath } from "../installation.ts";
import { NOTE, type Copy } from "./copies.ts";
import type { ShippedSkill } from "./shipped.ts";

export type Action = "created" | "replaced" | "unchanged" | "removed" | "kept";

export interface Change {
  readonly action: Action;
  /** Where a copy that a person edited went. */
  readonly kept_as: string | null;
}

/** What installing does to that copy; `stamp` names what a person edited. */
export function plannedInstall({ state, path }: Copy, stamp: string): Change {
  switch (state) {
    case "absent":
      return { action: "created", kept_as: null };
    case "current":
      return { action: "unchanged", kept_as: null };
    case "outdated":
      return { action: "replaced", kept_as: null };
    case "edited":
      return { action: "replaced", kept_as: freeName(`${path}.before-${stamp}`) };
  }
}

/** What removing does to that copy. */
export function plannedRemoval({ state }: Copy): Change {
  if (state === "absent") return { action: "unchanged", kept_as: null };
  return { action: state === "edited" ? "kept" : "removed", kept_as: null };
}

/** Carries a planned installation out. */
export function install(skill: ShippedSkill, { path, state }: Copy, change: Change, version: string): void {
  if (change.action === "unchanged") return;
  const temporary = join(dirname(path), `.${basename(path)}.${process.pid}.loopx-tmp`);
  const old = change.kept_as ?? `${temporary}-old`;
  attempt(path, () => {
    mkdirSync(dirname(path), { recursive: true });
    rmSync(temporary, { recursive: true, force: true });
    cpSync(skill.folder, temporary, { recursive: true });
    writeFileSync(join(temporary, NOTE), `${JSON.stringify({ schema_version: "loopx_skill_v1", version, files: skill.files }, null, 2)}\n`);
    if (state !== "absent") renameSync(path, old);
    renameSync(temporary, path);
    if (change.kept_as === null) rmSync(old, { recursive: true, force: true });
  });
}

/** Carries a planned removal out. */
export function remove({ path }: Copy, change: Change): void {
  if (change.action === "removed") attempt(path, () => rmSync(path, { recursive: true }));
}

function attempt(path: string, write: () => void): void {
  try {
    write();
  } catch (cause) {
    const { code = "unknown error" } = cause as NodeJS.ErrnoException;
    const denied = ["EACCES", "EPERM", "EROFS"].includes(code);
    throw new LoopxError(denied ? "write_denied" : "write_failed", `${path} cannot be written (${code})`, { cause });
  }
}

function freeName(name: string, count = 1): string {
  const tried = count === 1 ? name : `${name}-${count}`;
  return realPath(tried) === null ? tried : freeName(name, count + 1);
}
