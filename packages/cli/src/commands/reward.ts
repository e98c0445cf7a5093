import { rewardRun } from "@loopx/core";
import type { Answer, Call } from "../call.ts";
import type { REWARD_FLAGS } from "../options/state.ts";
import { renderReward } from "../render/reward.ts";

/** Records a person's judgement of a run (CMD-113). */
export async function run({ input, globals, host }: Call<typeof REWARD_FLAGS>): Promise<Answer> {
  const payload = await rewardRun(await host(), { ...input, cwd: globals.cwd });
  return { payload, lines: () => renderReward(payload) };
}
