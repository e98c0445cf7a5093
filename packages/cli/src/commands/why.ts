import { ERRORS, why } from "@loopx/core";
import type { Answer, Call } from "../call.ts";
import type { WHY_FLAGS } from "../options/quota.ts";
import { renderWhy } from "../render/why.ts";

/** The rule that decided, and the command that would change the verdict (CMD-81). */
export async function run({ input, globals, host }: Call<typeof WHY_FLAGS>): Promise<Answer> {
  const payload = await why(await host(), { ...input, cwd: globals.cwd });
  return { payload: { ...unknownGoal(payload), ...payload }, lines: () => renderWhy(payload) };
}

/** A goal nobody has is an error for every command; what would change it stands beside it (CMD-20). */
function unknownGoal({ rule, goal_id, to_change }: Awaited<ReturnType<typeof why>>): object {
  if (rule !== "goal_not_found") return {};
  return {
    error: {
      code: rule,
      message: `no goal of this registry is called ${goal_id}`,
      hint: to_change[0]?.command ?? ERRORS[rule].next,
      details: { goal_id },
    },
  };
}
