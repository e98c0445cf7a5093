import { LoopxError, type ErrorCode, type JsonObject } from "@loopx/core/domain";
import { fields, title, type Answer, type Call } from "@loopx/cli/program";
import { textAt } from "../drivers/agents/json.ts";
import { askLooper, promptFile, type LooperAddress } from "../drivers/looper/client.ts";
import { absolute } from "../drivers/scenario-files.ts";
import { realTiming } from "../drivers/timing.ts";
import type { RUN_FLAGS } from "../options/looper.ts";
import { addressOf, refusalHint } from "./looper-status.ts";

const LOOK_MS = 500;
const DEFAULT_MESSAGE = "Looper trigger";

/** Asks for one run; what the service refuses is an error with its own words (LPR-3). */
export async function run(call: Call<typeof RUN_FLAGS>): Promise<Answer> {
  const { input, words, globals } = call;
  const address = addressOf(call);
  const prompt =
    input.notify_only === true ? "" : input.prompt_file === undefined ? input.prompt : promptFile(absolute(globals.cwd, input.prompt_file));
  const body: JsonObject = {
    zulip_message: words[0] ?? DEFAULT_MESSAGE,
    ...(prompt === undefined ? {} : { codex_prompt: prompt }),
    ...(input.workspace === undefined ? {} : { workspace: absolute(globals.cwd, input.workspace) }),
    ...(input.goal_id === undefined ? {} : { goal_id: input.goal_id }),
    ...(input.binary === undefined ? {} : { codex_exec_binary: input.binary }),
    ...(input.delay === undefined ? {} : { codex_exec_delay_seconds: input.delay }),
    ...(input.startup_check === undefined ? {} : { codex_exec_startup_check_seconds: input.startup_check }),
  };
  const answered = await askLooper(
    address,
    "/run",
    body,
    input.idempotency_key === undefined ? {} : { "idempotency-key": input.idempotency_key },
  );
  if (answered.body["ok"] !== true) throw refused(answered);
  const run_id = answered.body["run_id"];
  const ended = input.wait === true && typeof run_id === "string" ? await waited(address, run_id) : null;
  const { ok: _ok, ...rest } = answered.body;
  const payload = {
    ...rest,
    ...(ended === null ? {} : { ended }),
    ...(ended === null || ended["end"] === "ok" ? {} : { error: notWell(ended) }),
  };
  return {
    payload,
    lines: () => [
      title("Looper Run"),
      ...fields(answered.body as Record<string, string>, ["run_id", "zulip_output", "workspace", "codex_exec_started"]),
      ...(ended === null ? [] : fields(ended as Record<string, string>, ["end", "reason", "commit"])),
    ],
  };
}

async function waited(address: LooperAddress, run_id: string): Promise<JsonObject> {
  for (;;) {
    const { body } = await askLooper(address, `/runs/${run_id}`, null);
    const run = body["run"] as JsonObject | undefined;
    if (run?.["state"] === "ended") return run;
    await realTiming.pause(LOOK_MS, new AbortController().signal);
  }
}

function notWell(ended: JsonObject): { code: "check_failed"; message: string; hint: string; details: object } {
  return {
    code: "check_failed",
    message: `the run ended ${textAt(ended, "end")}: ${textAt(ended, "reason")}`,
    hint: `see ${textAt(ended, "log_path") || "its log"}`,
    details: { end: ended["end"] },
  };
}

/** Exit 1: refused by the goal, a check or a failed start; 2: the request is wrong; 3: busy (LPR-3). */
function refused({ status, body }: { readonly status: number; readonly body: JsonObject }): LoopxError {
  const said = textAt(body, "error") || `Looper answered ${status}`;
  const code: ErrorCode =
    body["code"] === "goal_not_runnable" || status >= 500 ? "check_failed" : status === 409 ? "conflict" : "invalid_value";
  return new LoopxError(code, said, { hint: refusalHint(status), details: { status, code: textAt(body, "code") } });
}
