import type { Answer, Call } from "../call.ts";
import type { SKILLS_FLAGS } from "../options/installation.ts";
import { renderSkills } from "../render/skills.ts";
import { copyOf, targetsOf } from "../skills/copies.ts";
import { shippedSkills } from "../skills/shipped.ts";

/** The skills that come with LoopX, and what of them the agents have (CMD-143). */
export async function run({ input, io, globals }: Call<typeof SKILLS_FLAGS>): Promise<Answer> {
  const { folder, skills } = shippedSkills();
  const targets = targetsOf(input.target, io.home);
  const payload = {
    source: folder,
    skills: skills.flatMap((skill) =>
      targets.map((target) => ({
        name: skill.name,
        description: skill.description,
        ...copyOf(skill, target, { ...io, cwd: globals.cwd }),
      })),
    ),
  };
  return { payload, lines: () => renderSkills(payload.skills) };
}
