import { LoopxError } from "@loopx/core/domain";
import { field, fields, title, type Answer, type Call } from "@loopx/cli/program";
import type { SITE_FLAGS } from "../options/worktree.ts";
import { startBackground, stopBackground, type Background } from "../worktree/background.ts";
import type { Site } from "../worktree/site.ts";
import { working, type SiteCall } from "./loop-site.ts";

/** `test start`, `test stop` and `test restart`: the verb is the row's own. */
export async function run(call: Call<typeof SITE_FLAGS>): Promise<Answer> {
  const { entry } = call.io;
  if (entry === null) throw new LoopxError("internal", "the file of this program is unknown");
  const verb = call.row.path[1];
  const done = await working(call, async ({ open, signal }): Promise<Background> => {
    const site = await open();
    if (verb === "stop") return stopBackground(site);
    if (verb === "restart") await stopBackground(site);
    return startBackground(site, { entry, words: watcherWords(call, site) }, signal);
  });
  const { watcher, test, log } = done;
  const reason = watcher.state === "running" && !watcher.changed ? "already running" : "";
  return {
    payload: { ...done, reason },
    lines: () => [
      title(`Watcher: ${watcher.state}`),
      ...fields({ ...watcher, reason, log }, ["pid", "reason", "log"]),
      ...field("test server", test === null ? "" : `${test.state}${test.reason === "" ? "" : ` (${test.reason})`}`),
    ],
    exit_code: test?.state === "unhealthy" ? 1 : 0,
  };
}

/** The watcher reads what this line reads. */
export function watcherWords({ input, globals }: SiteCall, { root, config }: Pick<Site, "root" | "config">): readonly string[] {
  const { registry, runtime_root, locale } = globals;
  const given = { "--config": input.config, "--registry": registry, "--runtime-root": runtime_root, "--locale": locale };
  const flags = Object.entries(given).flatMap(([name, value]) => (value === undefined ? [] : [name, value]));
  return [config.name, "watch", "--root", root.dir, "--cwd", globals.cwd, ...flags];
}
