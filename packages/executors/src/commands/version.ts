import { fields, title, type AnyCall, type Answer } from "@loopx/cli/program";

/** Version and platform; every record of a loop names this version (WTL-1). */
export async function run({ io }: AnyCall): Promise<Answer> {
  const payload = { version: io.version, node: io.node, platform: io.platform };
  return { payload, lines: () => [title("Loop Version"), ...fields(payload, ["version", "node", "platform"])] };
}
