import type { Answer, Call } from "../call.ts";
import type { SKILLS_CHANGE_FLAGS } from "../options/installation.ts";
import { changeSkills } from "../skills/change-all.ts";

/** Takes the skills out of the agents' own folders (CMD-143). */
export async function run(call: Call<typeof SKILLS_CHANGE_FLAGS>): Promise<Answer> {
  return changeSkills("remove", call);
}
