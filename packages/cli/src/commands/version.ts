import type { AnyCall, Answer } from "../call.ts";
import { installationOf } from "../installation.ts";
import { fields, title } from "../render/markdown.ts";

/** Version, platform and where the program came from (CMD-25). */
export async function run({ io }: AnyCall): Promise<Answer> {
  const { release, channel } = installationOf(io.entry);
  const payload = { version: io.version, node: io.node, platform: io.platform, release, channel };
  return { payload, lines: () => [title("Version"), ...fields(payload, ["version", "node", "platform", "release", "channel"])] };
}
