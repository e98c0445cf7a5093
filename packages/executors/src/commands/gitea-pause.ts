import { fields, title, type Answer, type AnyCall, type Call } from "@loopx/cli/program";
import { machineMoment } from "../drivers/clock.ts";
import { giteaState, type PlaceInput } from "../drivers/gitea/state.ts";
import { writeControl, type Control } from "../gitea/control.ts";
import type { GITEA_PAUSE_FLAGS } from "../options/gitea.ts";

/** No new claims from the next tick on; a running service reads it, and a later one too. */
export async function run(call: Call<typeof GITEA_PAUSE_FLAGS>): Promise<Answer> {
  return controlled(call, { kind: "paused", reason: call.input.reason ?? "" });
}

/** Writes what a person wants, and shows it. */
export async function controlled(call: AnyCall & { readonly input: PlaceInput }, control: Control): Promise<Answer> {
  const { host, executor, state_dir } = giteaState(call, call.input);
  await writeControl({ documents: host.documents, executor, now: () => machineMoment(call.io.clock) }, control);
  const payload = { control: control.kind, reason: control.reason, state_dir };
  return { payload, lines: () => [title("Gitea Dispatcher"), ...fields(payload, ["control", "reason", "state_dir"])] };
}
