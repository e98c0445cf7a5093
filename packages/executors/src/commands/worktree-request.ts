import { LoopxError, formatInstant } from "@loopx/core/domain";
import { fields, title, type Answer, type Call } from "@loopx/cli/program";
import { commitOf, placeOf } from "../drivers/git/checkout.ts";
import { isAlive } from "../drivers/process/identity.ts";
import { writeRequest } from "../drivers/requests.ts";
import type { REQUEST_FLAGS } from "../options/worktree.ts";
import { readWatcher } from "../worktree/watcher.ts";
import { siteOf } from "./loop-site.ts";

/** Puts a request into the queue; another process does the work, so the requester may be restarted by it (WTL-13). */
export async function run(call: Call<typeof REQUEST_FLAGS>): Promise<Answer> {
  const { base_sha, retry, reason } = call.input;
  const site = await siteOf(call);
  const sha = base_sha === undefined ? null : await commitOf(site.git, placeOf(site.root), base_sha);
  if (base_sha !== undefined && sha === null)
    throw new LoopxError("invalid_value", `${base_sha} is no commit of ${site.root.dir}`, { details: { base_sha } });
  const request_id = site.host.ids.next("request_");
  const at = formatInstant(site.now(), "milliseconds");
  writeRequest(`${site.state_dir}/requests`, { request_id, base_sha: sha, retry: retry === true, reason: reason ?? "", at });
  const watcher = await readWatcher(site);
  const payload = {
    request_id,
    watcher: watcher !== null && isAlive(watcher.process, site.launch.table) ? "running" : "none",
    base_sha: sha,
  };
  return { payload, lines: () => [title("Cycle Requested"), ...fields(payload, ["request_id", "watcher", "base_sha"])] };
}
