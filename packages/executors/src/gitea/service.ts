/**
 * The service: ticks until it is told to end, and writes down how it stands for whoever asks from another process. A tick that
 * fails is a line of the errors and never the end.
 */
import type { Timing } from "../scenario/run.ts";
import type { Dispatcher } from "./dispatcher.ts";
import type { GiteaGround } from "./ground.ts";
import { healthOf, writeHealth } from "./health.ts";

const PAUSE_MS = 1_000;
const HEALTH_MS = 5_000;

/** A client that ignores SIGTERM is gone after 5 to 10 seconds; what takes longer is left to the next process (DSP-3). */
const STOP_MS = 12_000;

export interface ServiceGround {
  readonly dispatcher: Dispatcher;
  readonly ground: GiteaGround;
  readonly timing: Pick<Timing, "pause">;
  readonly reconfigure: () => void;
  readonly configFault: () => string | null;
  /** Aborted by whoever has news: a run that ended. Asked for anew before each wait. */
  readonly woken: () => AbortSignal;
  /** Aborted when the service is to end. */
  readonly until: AbortSignal;
}

/** Serves until it is told to end. */
export async function serveGitea({ dispatcher, ground, timing, reconfigure, configFault, woken, until }: ServiceGround): Promise<void> {
  let healthMs = Number.NEGATIVE_INFINITY;
  const tell = async (): Promise<void> => {
    if (ground.now().ms - healthMs < HEALTH_MS) return;
    healthMs = ground.now().ms;
    await writeHealth(ground, healthOf(dispatcher, configFault()));
  };
  while (!until.aborted) {
    const wake = woken();
    reconfigure();
    await tried(dispatcher, () => dispatcher.tick());
    await tried(dispatcher, tell);
    await timing.pause(PAUSE_MS, AbortSignal.any([until, wake]));
  }
}

async function tried(dispatcher: Dispatcher, act: () => Promise<void>): Promise<void> {
  try {
    await act();
  } catch (error) {
    dispatcher.fault(error instanceof Error ? error.message : String(error));
  }
}

/** One tick with everything that follows from it; `idle`: until no run lives and nothing more begins, or it is told to end. */
export async function tickOnce(
  dispatcher: Dispatcher,
  { signal }: Pick<GiteaGround, "signal">,
  idle: (() => Promise<void>) | null,
): Promise<void> {
  const told = new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
  await Promise.race([told, dispatcher.tick({ all: true }).then(dispatcher.settled)]);
  if (idle === null) return;
  while (!signal.aborted && dispatcher.board.all().some(({ state }) => state === "running")) {
    await Promise.race([told, idle()]);
    if (signal.aborted) return;
    await dispatcher.tick();
    await dispatcher.settled();
  }
}

/** What a service that ends goes through. */
export interface Ending {
  readonly dispatcher: Dispatcher;
  readonly timing: Pick<Timing, "within">;
  readonly leave_running: boolean;
  /** Answers when no run lives. */
  readonly idle: () => Promise<void>;
  /** What is still under way, such as the last tick. */
  readonly last: Promise<void>;
  /** Ends every request and every program of ours at once. */
  readonly cut: () => void;
}

/** Stops, gives back and finishes what had begun, within a time that nothing makes longer (DSP-3). */
export async function endService({ dispatcher, timing, leave_running, idle, last, cut }: Ending): Promise<void> {
  const whole = async (): Promise<true> => {
    await Promise.all([dispatcher.close(leave_running, idle), last]);
    return true;
  };
  const done = await timing.within(STOP_MS, new AbortController().signal, whole);
  if (done === null) cut();
}
