import { readOnlyMap } from "@loopx/core";
import type { Answer, Call } from "../call.ts";
import type { READ_ONLY_MAP_FLAGS } from "../options/state.ts";
import { renderMap } from "../render/read-only-map.ts";

/** Looks at a read-only project once and records what is there (CMD-111). */
export async function run({ input, host }: Call<typeof READ_ONLY_MAP_FLAGS>): Promise<Answer> {
  const payload = await readOnlyMap(await host(), input);
  return { payload, lines: () => renderMap(payload) };
}
