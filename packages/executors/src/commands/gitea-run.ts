import { fields, title, type Answer, type Call } from "@loopx/cli/program";
import { openGitea } from "../drivers/gitea/assemble.ts";
import { giteaPlace } from "../drivers/gitea/place.ts";
import { realTiming } from "../drivers/timing.ts";
import { endService, serveGitea } from "../gitea/service.ts";
import type { GITEA_RUN_FLAGS } from "../options/gitea.ts";
import { dryTick } from "./gitea-once.ts";
import { untilSignalled } from "./until-signalled.ts";

/** The service, until a signal (DSP-1, DSP-3). */
export async function run(call: Call<typeof GITEA_RUN_FLAGS>): Promise<Answer> {
  const place = giteaPlace(call, call.input);
  if (call.input.dry_run === true) return dryTick(call, place);
  const { io, input } = call;
  const wakes = { news: new AbortController() };
  const wake = (): void => wakes.news.abort();
  const woken = (): AbortSignal => {
    wakes.news = new AbortController();
    return wakes.news.signal;
  };
  const ended_by = await untilSignalled(call, async (signal) => {
    const opened = await openGitea(place, { dry_run: false, wake });
    for (const warning of place.warnings) await io.write("stderr", `warning: ${warning}\n`);
    await io.write(
      "stderr",
      `The dispatcher works for ${place.config.bot_user} at ${place.config.url}; its state lies in ${place.state_dir}\n`,
    );
    try {
      const { dispatcher, ground, agents, cut, reconfigure, configFault } = opened;
      const told = new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
      const last = serveGitea({ dispatcher, ground, timing: realTiming, reconfigure, configFault, woken, until: signal });
      // A tick may be waiting for a slow server: the end does not wait for it.
      await Promise.race([told, last]);
      await endService({ dispatcher, timing: realTiming, leave_running: input.leave_running === true, idle: agents.idle, last, cut });
    } finally {
      await opened.close();
    }
    return String(signal.reason ?? "");
  });
  const payload = { url: place.config.url, state_dir: place.state_dir, ended_by, leave_running: input.leave_running === true };
  return { payload, lines: () => [title("Gitea Dispatcher"), ...fields(payload, ["url", "ended_by", "leave_running"])] };
}
