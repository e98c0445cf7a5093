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

export interface ServiceGround {
  readonly dispatcher: Dispatcher;
  readonly ground: GiteaGround;
  readonly timing: Pick<Timing, "pause">;
  readonly reconfigure: () => void;
  readonly configFault: () => string | null;
  /** Aborted by whoever has news: a run that ended. Asked for anew before each wait. */
  readonly woken: () => AbortSignal;
}

/** Serves until the ground's signal. */
export async function serveGitea({ dispatcher, ground, timing, reconfigure, configFault, woken }: ServiceGround): Promise<void> {
  let healthMs = Number.NEGATIVE_INFINITY;
  const tell = async (): Promise<void> => {
    if (ground.now().ms - healthMs < HEALTH_MS) return;
    healthMs = ground.now().ms;
    await writeHealth(ground, healthOf(dispatcher, configFault()));
  };
  while (!ground.signal.aborted) {
    const wake = woken();
    reconfigure();
    await tried(dispatcher, () => dispatcher.tick());
    await tried(dispatcher, tell);
    await timing.pause(PAUSE_MS, AbortSignal.any([ground.signal, wake]));
  }
}

async function tried(dispatcher: Dispatcher, act: () => Promise<void>): Promise<void> {
  try {
    await act();
  } catch (error) {
    dispatcher.fault(error instanceof Error ? error.message : String(error));
  }
}

/** One tick with everything that follows from it; `wait`: until no run lives and nothing more begins. */
export async function tickOnce(dispatcher: Dispatcher, ground: GiteaGround, idle: (() => Promise<void>) | null): Promise<void> {
  await dispatcher.tick({ all: true });
  await dispatcher.settled();
  if (idle === null) return;
  while (!ground.signal.aborted && dispatcher.board.all().some(({ state }) => state === "running")) {
    await idle();
    await dispatcher.tick();
    await dispatcher.settled();
  }
}
