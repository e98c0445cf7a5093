import { why } from "@loopx/core";
import type { Answer, Call } from "../call.ts";
import type { WHY_FLAGS } from "../options/quota.ts";
import { renderWhy } from "../render/why.ts";

/** The rule that decided, and the command that would change the verdict (CMD-81). */
export async function run({ input, globals, host }: Call<typeof WHY_FLAGS>): Promise<Answer> {
  const payload = await why(await host(), { ...input, cwd: globals.cwd });
  return { payload, lines: () => renderWhy(payload) };
}
