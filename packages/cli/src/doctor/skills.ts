/** The skills that agents read: are they there, are they this program's, does an agent find one of them twice (CMD-68, CMD-143). */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { shellLine } from "@loopx/core";
import { realPath } from "../installation.ts";
import { copyOf, skillsFolder, type Copy, targetsOf } from "../skills/copies.ts";
import { type ShippedSkill, shippedSkills } from "../skills/shipped.ts";
import { check, type Check, type Patient } from "./check.ts";

export type SkillCopy = Copy & { readonly name: string };

const INSTALL = "loopx skills install";

/** Every skill in every agent's folder; none where this installation brought none. */
export function skillCopies({ io, cwd }: Patient): readonly SkillCopy[] {
  return shipped().flatMap((skill) =>
    targetsOf(undefined, io.home).map((target) => ({ name: skill.name, ...copyOf(skill, target, { ...io, cwd }) })),
  );
}

export function installedSkillExists(copies: readonly SkillCopy[]): Check {
  const absent = copies.filter(({ state }) => state === "absent");
  const detail = copies.length === 0 ? "this installation has no skills" : told(absent, copies, "installed", "not installed");
  return check("installed_skill_exists", false, copies.length > 0 && absent.length === 0, detail, INSTALL);
}

/** A copy that a person edited does not match, either; installing keeps it beside. */
export function installedSkillMatches(copies: readonly SkillCopy[]): Check {
  const present = copies.filter(({ state }) => state !== "absent");
  const other = present.filter(({ state }) => state !== "current");
  const detail = present.length === 0 ? "none is installed" : told(other, present, "as shipped", "not as shipped");
  return check("installed_skill_matches_release", false, other.length === 0, detail, INSTALL);
}

/** An agent reads every folder beside the copy and below its home: a second one of that name teaches something else. */
export function skillInstalledTwice(patient: Patient, copies: readonly SkillCopy[]): Check {
  const names = new Set(copies.map(({ name }) => name));
  const own = new Set(copies.map(({ path }) => realPath(path) ?? path));
  const others = foldersRead(patient)
    .flatMap(skillsBelow)
    .filter(({ path, name }) => names.has(name) && !own.has(realPath(path) ?? path));
  const paths = [...new Set(others.map(({ path }) => path))];
  const detail = paths.length === 0 ? "each agent finds each skill once" : `also found in ${paths.join(", ")}`;
  const away = join(patient.io.home, "loopx-skills-set-aside");
  return check(
    "skill_installed_twice",
    false,
    paths.length === 0,
    detail,
    `${shellLine(["mkdir", "-p", away])} && ${shellLine(["mv", ...paths, away])}`,
  );
}

function shipped(): readonly ShippedSkill[] {
  try {
    return shippedSkills().skills;
  } catch {
    return [];
  }
}

/** Where the agents look, the usual place of Codex too when a variable names another. */
function foldersRead({ io, cwd }: Patient): readonly string[] {
  const named = targetsOf(undefined, io.home).map((target) => skillsFolder(target, { ...io, cwd }));
  return [...new Set([...named, join(io.home, ".codex", "skills")])];
}

function skillsBelow(folder: string): { path: string; name: string }[] {
  return namesIn(folder).flatMap((entry) => {
    const path = join(folder, entry);
    const name = nameOf(join(path, "SKILL.md"));
    return name === null ? [] : [{ path, name }];
  });
}

/** The name by which an agent knows the skill; null where there is none. */
function nameOf(file: string): string | null {
  try {
    return /^name:[ \t]*["']?([^"'\r\n]*?)["']?[ \t]*$/m.exec(readFileSync(file, "utf8"))?.[1] ?? null;
  } catch {
    return null;
  }
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder).sort();
  } catch {
    return [];
  }
}

function told(wrong: readonly SkillCopy[], all: readonly SkillCopy[], good: string, bad: string): string {
  return wrong.length === 0 ? `${all.length} ${good}` : `${bad}: ${wrong.map(({ path, state }) => `${path} (${state})`).join(", ")}`;
}
