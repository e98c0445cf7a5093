import { fields, title, type Answer, type Call } from "@loopx/cli/program";
import type { SITE_FLAGS } from "../options/worktree.ts";
import { watch } from "../worktree/watcher.ts";
import { working } from "./loop-site.ts";

/** Watches until a signal comes; the cycle that runs then is stopped, or finished when its promotion has begun (WTL-3). */
export async function run(call: Call<typeof SITE_FLAGS>): Promise<Answer> {
  const payload = await working(call, ({ open, signal }) => watch(open, signal));
  return { payload, lines: () => [title("Watch"), ...fields(payload, ["cycles"])] };
}
