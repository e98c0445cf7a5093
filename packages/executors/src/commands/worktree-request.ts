import { LoopxError, formatInstant } from "@loopx/core/domain";
import { fields, title, type Answer, type Call } from "@loopx/cli/program";
import { commitOf, placeOf } from "../drivers/git/checkout.ts";
import { answerOf, writeRequest, type RequestAnswer } from "../drivers/requests.ts";
import { realTiming } from "../drivers/timing.ts";
import type { REQUEST_FLAGS } from "../options/worktree.ts";
import { RESULT_EXITS } from "../worktree/exits.ts";
import type { Site } from "../worktree/site.ts";
import { liveWatcher } from "../worktree/watcher-record.ts";
import { siteOf, working } from "./loop-site.ts";

const LOOK_MS = 200;
/** An answer may have been written in the moment in which the watcher ended. */
const LAST_LOOKS = 5;

/** Puts a request into the queue; another process does the work, so the requester may be restarted by it (WTL-13). */
export async function run(call: Call<typeof REQUEST_FLAGS>): Promise<Answer> {
  const { base_sha, retry, reason, wait } = call.input;
  const site = await siteOf(call);
  const sha = base_sha === undefined ? null : await commitOf(site.git, placeOf(site.root), base_sha);
  if (base_sha !== undefined && sha === null)
    throw new LoopxError("invalid_value", `${base_sha} is no commit of ${site.root.dir}`, { details: { base_sha } });
  const watcher = await liveWatcher(site);
  if (wait === true && watcher === null)
    throw new LoopxError("conflict", "no watcher runs, so nobody would answer", { hint: "loopx-loop test start" });
  const request_id = site.host.ids.next("request_");
  const at = formatInstant(site.now(), "milliseconds");
  const folder = `${site.state_dir}/requests`;
  writeRequest(folder, { request_id, base_sha: sha, retry: retry === true, reason: reason ?? "", at });
  const payload = { request_id, watcher: watcher === null ? "none" : "running", base_sha: sha };
  if (wait !== true) return { payload, lines: () => [title("Cycle Requested"), ...fields(payload, ["request_id", "watcher", "base_sha"])] };
  const answer = await working(call, ({ signal }) => awaited(site, request_id, signal));
  return {
    payload: { ...payload, ...answer },
    lines: () => [
      title(`Cycle: ${answer.result.replaceAll("_", " ")}`),
      ...fields({ ...payload, ...answer }, ["request_id", "result", "reason", "base_sha", "cycle_id"]),
    ],
    exit_code: RESULT_EXITS[answer.result],
  };
}

/** The answer of the watcher; its end without one is an error, never a result. */
export async function awaited(site: Site, request_id: string, signal: AbortSignal): Promise<RequestAnswer> {
  const folder = `${site.state_dir}/requests`;
  for (let alone = 0; !signal.aborted; alone = (await liveWatcher(site)) === null ? alone + 1 : 0) {
    const answer = answerOf(folder, request_id);
    if (answer !== null) return answer;
    if (alone > LAST_LOOKS)
      throw new LoopxError("conflict", `the watcher ended; ${request_id} stays in the queue`, { hint: "loopx-loop test start" });
    await realTiming.pause(LOOK_MS, signal);
  }
  throw new LoopxError("conflict", `waiting was ended; ${request_id} stays in the queue`, { hint: "loopx-loop worktree status" });
}
