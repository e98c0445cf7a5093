import { fields, title, type Answer, type Call } from "@loopx/cli/program";
import { machineMoment } from "../drivers/clock.ts";
import { giteaState } from "../drivers/gitea/state.ts";
import { readStatus } from "../drivers/gitea/status.ts";
import { realTiming } from "../drivers/timing.ts";
import { writeControl } from "../gitea/control.ts";
import type { GITEA_DRAIN_FLAGS } from "../options/gitea.ts";
import { untilSignalled } from "./until-signalled.ts";

const LOOK_MS = 500;
const MOVING: ReadonlySet<string> = new Set(["claimed", "running", "applying"]);

/** Pauses, then waits until nothing moves; the pause stays (DSP-1). */
export async function run(call: Call<typeof GITEA_DRAIN_FLAGS>): Promise<Answer> {
  const place = giteaState(call, call.input);
  const now = () => machineMoment(call.io.clock);
  await writeControl({ documents: place.host.documents, executor: place.executor, now }, { kind: "draining", reason: "drain" });
  const until = realTiming.monotonicMs() + (call.input.timeout ?? 3_600) * 1_000;
  const left = await untilSignalled(call, async (signal) => {
    for (;;) {
      const { status } = await readStatus(place, null);
      const moving = status.queue.filter(({ state }) => MOVING.has(state)).length;
      if (moving === 0 || signal.aborted || realTiming.monotonicMs() >= until) return moving;
      await realTiming.pause(LOOK_MS, signal);
    }
  });
  const payload = { drained: left === 0, still_moving: left };
  return {
    payload,
    lines: () => [title("Gitea Drain"), ...fields(payload, ["drained", "still_moving"])],
    exit_code: left === 0 ? 0 : 1,
  };
}
