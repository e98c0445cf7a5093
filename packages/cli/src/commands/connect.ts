import { connect } from "@loopx/core";
import type { Answer, Call } from "../call.ts";
import type { CONNECT_FLAGS } from "../options/connecting.ts";
import { renderConnect } from "../render/connect.ts";

/** Connects a project; running it again completes what is missing and keeps the rest (CMD-30 to CMD-36). */
export async function run({ input, globals, host }: Call<typeof CONNECT_FLAGS>): Promise<Answer> {
  const payload = await connect(await host({ project: input.project }), { ...input, cwd: globals.cwd });
  return { payload, lines: () => renderConnect(payload) };
}
