import type { Answer, Call } from "@loopx/cli/program";
import type { GITEA_FLAGS } from "../options/gitea.ts";
import { controlled } from "./gitea-pause.ts";

/** Claims again. */
export async function run(call: Call<typeof GITEA_FLAGS>): Promise<Answer> {
  return controlled(call, { kind: "run", reason: "" });
}
