/**
 * The copies of skills in an agent's own folder. A copy carries a note of what was put there, so that one which a person
 * edited is known: it is never overwritten and never removed.
 */
import { lstatSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { isJsonObject } from "@loopx/core/domain";
import type { Environment } from "../io.ts";
import { realPath } from "../installation.ts";
import { digestsOf, type Digests, type ShippedSkill } from "./shipped.ts";

export const TARGETS = ["codex", "claude"] as const;
export type Target = (typeof TARGETS)[number];

/** `outdated`: as an earlier LoopX put it there. `edited`: anything else, a link too. */
export type CopyState = "absent" | "current" | "outdated" | "edited";

/** The note inside a copy; what stands in it is not part of the skill. */
export const NOTE = ".loopx-skill.json";

export interface Copy {
  readonly target: Target;
  readonly path: string;
  readonly state: CopyState;
}

/** What says where an agent's folder lies. */
export interface Surroundings {
  readonly env: Environment;
  readonly home: string;
  readonly cwd: string;
}

/** Where that agent looks for skills. */
export function skillsFolder(target: Target, { env, home, cwd }: Surroundings): string {
  if (target === "claude") return join(home, ".claude", "skills");
  return resolve(cwd, env["LOOPX_SKILLS_DIR"] || join(env["CODEX_HOME"] || join(home, ".codex"), "skills"));
}

/** The agents meant: the named one, or Codex, and Claude where it is in use. */
export function targetsOf(named: Target | "all" | undefined, home: string): readonly Target[] {
  if (named !== undefined && named !== "all") return [named];
  return realPath(join(home, ".claude")) === null ? ["codex"] : TARGETS;
}

export function copyOf(skill: ShippedSkill, target: Target, surroundings: Surroundings): Copy {
  const path = join(skillsFolder(target, surroundings), skill.name);
  return { target, path, state: stateOf(path, skill.files) };
}

/** What cannot be read is somebody's, as what was edited is. */
function stateOf(path: string, shipped: Digests): CopyState {
  try {
    return lstatSync(path).isDirectory() ? stateOfFolder(path, shipped) : "edited";
  } catch (error) {
    return ["ENOENT", "ENOTDIR"].includes((error as NodeJS.ErrnoException).code ?? "") ? "absent" : "edited";
  }
}

function stateOfFolder(path: string, shipped: Digests): CopyState {
  const { [NOTE]: _note, ...present } = digestsOf(path);
  if (sameFiles(present, shipped)) return "current";
  const put = putThere(join(path, NOTE));
  return put !== null && sameFiles(present, put) ? "outdated" : "edited";
}

function sameFiles(one: Digests, other: Digests): boolean {
  const names = Object.keys(one);
  return names.length === Object.keys(other).length && names.every((name) => Object.hasOwn(other, name) && one[name] === other[name]);
}

/** The files that an installation wrote down; null where it cannot be read. */
function putThere(note: string): Digests | null {
  try {
    const value: unknown = JSON.parse(readFileSync(note, "utf8"));
    const files = isJsonObject(value) ? value["files"] : null;
    return isJsonObject(files) ? (files as Digests) : null;
  } catch {
    return null;
  }
}
