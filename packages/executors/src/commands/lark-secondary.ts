import { LoopxError, formatInstant } from "@loopx/core/domain";
import { field, fields, title, type Answer, type Call } from "@loopx/cli/program";
import { changesOf, placeOf } from "../drivers/git/checkout.ts";
import { writeRequest } from "../drivers/requests.ts";
import { UNCOMMITTED } from "../dual-agent/sentences.ts";
import type { LARK_BOT_FLAGS, SecondaryVerb } from "../options/dual-agent.ts";
import { ensureWatcher, stopBackground } from "../worktree/background.ts";
import { RESULT_EXITS } from "../worktree/exits.ts";
import type { Site } from "../worktree/site.ts";
import { followed } from "./component-logs.ts";
import { working } from "./loop-site.ts";
import { watcherWords } from "./test-serve.ts";
import { judged } from "./worktree-gate.ts";
import { awaited } from "./worktree-request.ts";
import { run as status } from "./worktree-status.ts";

/** `lark secondary VERB`: the bot that tests, repairs, restarts the other one and tells people, as `lark2.sh` did (000; WTL-14). */
export async function run(call: Call<typeof LARK_BOT_FLAGS>): Promise<Answer> {
  const verb = (call.words[0] ?? "start") as SecondaryVerb;
  switch (verb) {
    case "start":
    case "up":
    case "restart":
      return requested(call);
    case "stop":
    case "down":
      return stopped(call);
    case "status":
      return status(call);
    case "test":
      return judged(call, "fast", null);
    case "logs":
      return followed(call, "lark-loop");
  }
}

/** Whoever asks may be restarted by what he asked for, so another process does the work; this one answers at once (WTL-131). */
async function requested(call: Call<typeof LARK_BOT_FLAGS>): Promise<Answer> {
  const { entry } = call.io;
  if (entry === null) throw new LoopxError("internal", "the file of this program is unknown");
  if (call.input.wait === true && call.io.env["LOOPX_INSTANCE_ID"] !== undefined)
    throw new LoopxError("conflict", "a bot that is about to be restarted cannot wait for it", {
      hint: "loopx-loop lark secondary restart, without --wait",
    });
  const done = await working(call, async ({ open, signal }) => {
    const site = await open();
    await tellUncommitted(call, site);
    const watcher = await ensureWatcher(site, { entry, words: watcherWords(call, site) }, signal);
    const request_id = site.host.ids.next("request_");
    const at = formatInstant(site.now(), "milliseconds");
    writeRequest(`${site.state_dir}/requests`, { request_id, base_sha: null, retry: true, reason: "lark secondary", at });
    const answer = call.input.wait === true ? await awaited(site, request_id, signal) : null;
    return { request_id, watcher, answer };
  });
  const { request_id, watcher, answer } = done;
  const payload = { request_id, watcher, ...answer };
  return {
    payload,
    lines: () => [
      title(answer === null ? "Cycle Requested" : `Cycle: ${answer.result.replaceAll("_", " ")}`),
      ...fields(payload, ["request_id"]),
      ...field("watcher", `${watcher.state}, pid ${watcher.pid ?? "unknown"}${watcher.changed ? "" : " (already)"}`),
      ...(answer === null ? field("next", "loopx-loop lark secondary logs") : fields(answer, ["result", "reason", "base_sha", "cycle_id"])),
    ],
    exit_code: answer === null ? 0 : RESULT_EXITS[answer.result],
  };
}

/** Only commits are tested (WTL-14). */
async function tellUncommitted({ io, globals }: Call<typeof LARK_BOT_FLAGS>, site: Site): Promise<void> {
  const changes = (await changesOf(site.git, placeOf(site.root))).filter(({ path }) => !/^(?:logs|\.worktrees)\//.test(path));
  if (changes.length > 0 && !globals.quiet) await io.write("stderr", `${UNCOMMITTED[site.locale](changes.length)}\n`);
}

async function stopped(call: Call<typeof LARK_BOT_FLAGS>): Promise<Answer> {
  const payload = await working(call, async ({ open }) => stopBackground(await open()));
  return {
    payload,
    lines: () => [title("Secondary: stopped"), ...field("watcher", payload.watcher.changed ? "was ended" : "did not run")],
  };
}
