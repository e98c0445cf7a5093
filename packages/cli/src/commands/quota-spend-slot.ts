import { spendSlot } from "@loopx/core";
import type { Answer, Call } from "../call.ts";
import type { SPEND_SLOT_FLAGS } from "../options/quota.ts";
import { renderSpend } from "../render/spend.ts";

/** Pays once for one finished, recorded piece of work (CMD-83). */
export async function run({ input, globals, host }: Call<typeof SPEND_SLOT_FLAGS>): Promise<Answer> {
  const payload = await spendSlot(await host(), { ...input, cwd: globals.cwd });
  return { payload, lines: () => renderSpend("Spend", payload) };
}
