import { fields, title, type Answer, type Call } from "@loopx/cli/program";
import { exists, looperConfig } from "../drivers/looper/place.ts";
import { absolute } from "../drivers/scenario-files.ts";
import { writeToken } from "@loopx/cli/http";
import type { TOKEN_FLAGS } from "../options/looper.ts";
import { looperPlace } from "./looper-serve.ts";

/** Where the token stands, never what it is. A running service keeps the old one until it is started again. */
export async function run({ input, globals, io }: Call<typeof TOKEN_FLAGS>): Promise<Answer> {
  const { config } = looperConfig({ dir: input.dir }, looperPlace({ globals, io }));
  const path = absolute(config.dir, "token");
  if (input.rotate === true) writeToken(path);
  const payload = { token_file: path, exists: exists(path), rotated: input.rotate === true };
  return { payload, lines: () => [title("Looper Token"), ...fields(payload, ["token_file", "exists", "rotated"])] };
}
