/** `skills install` and `skills remove`: every skill in every agent's folder, planned first, then carried out. */
import { systemClock } from "@loopx/core";
import { formatStamp } from "@loopx/core/domain";
import type { Answer, Call } from "../call.ts";
import type { SKILLS_CHANGE_FLAGS } from "../options/installation.ts";
import { renderSkillChanges } from "../render/skills.ts";
import { install, plannedInstall, plannedRemoval, remove } from "./change.ts";
import { copyOf, targetsOf } from "./copies.ts";
import { shippedSkills } from "./shipped.ts";

export function changeSkills(verb: "install" | "remove", { input, io, globals }: Call<typeof SKILLS_CHANGE_FLAGS>): Answer {
  const dryRun = input.dry_run === true;
  const { folder, skills } = shippedSkills();
  const stamp = formatStamp({ ms: (io.clock ?? systemClock).now().getTime(), offset_minutes: 0 });
  const planned = skills.flatMap((skill) =>
    targetsOf(input.target, io.home).map((target) => {
      const copy = copyOf(skill, target, { ...io, cwd: globals.cwd });
      return { skill, copy, change: verb === "install" ? plannedInstall(copy, stamp) : plannedRemoval(copy) };
    }),
  );
  if (!dryRun) {
    for (const { skill, copy, change } of planned) {
      if (verb === "install") install(skill, copy, change, io.version);
      else remove(copy, change);
    }
  }
  const payload = {
    dry_run: dryRun,
    applied: !dryRun,
    source: folder,
    skills: planned.map(({ skill, copy, change }) => ({ name: skill.name, ...copy, ...change })),
  };
  return { payload, lines: () => renderSkillChanges(verb, payload) };
}
