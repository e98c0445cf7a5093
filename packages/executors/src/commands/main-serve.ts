import { fields, title, type Answer, type Call } from "@loopx/cli/program";
import type { SITE_FLAGS } from "../options/worktree.ts";
import { restartServer, startServer, stopServer, type Served } from "../worktree/serve.ts";
import { working } from "./loop-site.ts";

/** `main start`, `main stop` and `main restart`: the verb is the row's own. */
export async function run(call: Call<typeof SITE_FLAGS>): Promise<Answer> {
  const served = await working(call, async ({ open, signal }): Promise<Served> => {
    const site = await open();
    if (call.row.path[1] === "stop") return stopServer(site, "main");
    return call.row.path[1] === "restart" ? restartServer(site, "main", signal) : startServer(site, "main", signal);
  });
  return {
    payload: served,
    lines: () => [title(`Main: ${served.state}`), ...fields(served, ["state", "changed", "pid", "port", "sha", "reason"])],
    exit_code: served.state === "unhealthy" ? 1 : 0,
  };
}
