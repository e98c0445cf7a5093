/** The skills that come with this program: folders of `skills/` beside it, each with its SKILL.md (CMD-143). */
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { LoopxError } from "@loopx/core";

/** Path inside the folder, with `/`, to the digest of the file. */
export type Digests = Readonly<Record<string, string>>;

export interface ShippedSkill {
  readonly name: string;
  readonly description: string;
  readonly folder: string;
  readonly files: Digests;
}

export interface Shipment {
  readonly folder: string;
  readonly skills: readonly ShippedSkill[];
}

/** The nearest `skills/` above this program's own files: the bundle carries its own, a checkout has them at its top. */
export function shippedSkills(from: string = import.meta.dirname): Shipment {
  const folder = join(from, "skills");
  if (existsSync(join(folder, "loopx-project", "SKILL.md"))) return { folder, skills: skillsIn(folder) };
  if (from !== dirname(from)) return shippedSkills(dirname(from));
  throw new LoopxError("doctor_failed", "this installation has no skills", { hint: "install LoopX again" });
}

function skillsIn(parent: string): readonly ShippedSkill[] {
  return readdirSync(parent)
    .filter((name) => existsSync(join(parent, name, "SKILL.md")))
    .sort()
    .map((name) => {
      const folder = join(parent, name);
      return { name, description: descriptionOf(readFileSync(join(folder, "SKILL.md"), "utf8")), folder, files: digestsOf(folder) };
    });
}

function descriptionOf(text: string): string {
  return /^description: (.*)$/m.exec(text)?.[1] ?? "";
}

/** Every file below the folder; what is neither file nor folder has a digest that equals none. */
export function digestsOf(folder: string, prefix = ""): Digests {
  const found: Record<string, string> = {};
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    const shown = `${prefix}${entry.name}`;
    if (entry.isDirectory()) Object.assign(found, digestsOf(path, `${shown}/`));
    else found[shown] = entry.isFile() ? createHash("sha256").update(readFileSync(path)).digest("hex") : "no file";
  }
  return found;
}
