import { section, title, type Answer, type AnyCall, type Call } from "@loopx/cli/program";
import { openGitea } from "../drivers/gitea/assemble.ts";
import { giteaPlace, type GiteaPlace } from "../drivers/gitea/place.ts";
import { isFinal, itemKey, type Item } from "../gitea/item.ts";
import { realTiming } from "../drivers/timing.ts";
import { endService, tickOnce } from "../gitea/service.ts";
import type { GITEA_ONCE_FLAGS } from "../options/gitea.ts";
import { untilSignalled } from "./until-signalled.ts";

/** One whole tick (DSP-1). Runs that it starts are waited for with `--wait`, and left to the next process without. */
export async function run(call: Call<typeof GITEA_ONCE_FLAGS>): Promise<Answer> {
  const place = giteaPlace(call, call.input);
  if (call.input.dry_run === true) return dryTick(call, place);
  const wait = call.input.wait === true;
  return untilSignalled(call, async (signal) => {
    const opened = await openGitea(place, { dry_run: false, wake: () => undefined });
    try {
      const { dispatcher, agents, cut } = opened;
      await tickOnce(dispatcher, { signal }, wait ? agents.idle : null);
      const leave_running = !signal.aborted;
      await endService({ dispatcher, timing: realTiming, leave_running, idle: agents.idle, last: Promise.resolve(), cut });
      const items = dispatcher.board.all().filter((item) => !isFinal(item));
      const payload = { items: items.map(shown), errors: [...dispatcher.errors()] };
      return {
        payload,
        lines: () => [title("Gitea Tick"), ...section("Items", items.map(line)), ...section("Errors", payload.errors)],
        exit_code: items.some(({ state }) => state === "blocked_human") || payload.errors.length > 0 ? 1 : 0,
      };
    } finally {
      await opened.close();
    }
  });
}

/** Asks the server, and says what would be done; nothing is written anywhere (DSP-2). */
export async function dryTick(call: AnyCall, place: GiteaPlace): Promise<Answer> {
  return untilSignalled(call, async (signal) => {
    const opened = await openGitea(place, { dry_run: true, wake: () => undefined });
    signal.addEventListener("abort", () => opened.cut(), { once: true });
    await opened.dispatcher.tick({ all: true });
    await opened.dispatcher.settled();
    const effects = opened.would;
    const errors = [...opened.dispatcher.errors()];
    const payload = { applied: false, effects: [...effects], errors };
    return {
      payload,
      lines: () => [
        title("Gitea Dry Run"),
        ...section(
          "Would do",
          effects.map(({ item, effect, reason }) => `- ${item}: ${effect}${reason === "" ? "" : ` (${reason})`}`),
        ),
        ...section("Errors", errors),
      ],
      exit_code: errors.length > 0 ? 1 : 0,
    };
  });
}

function shown(item: Item) {
  const { state, step, last_reason: reason, round, attempts, pull } = item;
  return { item: itemKey(item), state, step, reason, round, attempts, pull };
}

function line(item: Item): string {
  return `- ${itemKey(item)}: ${item.state.replaceAll("_", " ")}, ${item.step}, ${item.last_reason}`;
}
