import { voidSlot } from "@loopx/core";
import type { Answer, Call } from "../call.ts";
import type { VOID_SLOT_FLAGS } from "../options/quota.ts";
import { renderSpend } from "../render/spend.ts";

/** Undoes one spend; its record is unspent again (CMD-84). */
export async function run({ input, globals, host }: Call<typeof VOID_SLOT_FLAGS>): Promise<Answer> {
  const payload = await voidSlot(await host(), { ...input, cwd: globals.cwd });
  return { payload, lines: () => renderSpend("Void", payload) };
}
