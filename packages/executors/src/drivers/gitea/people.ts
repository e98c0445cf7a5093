/** Who is told, as the configuration says now: drivers that were taken out are closed, those that came in are opened (DSP-6). */
import type { Moment } from "@loopx/core/domain";
import type { GiteaConfig } from "../../gitea/config.ts";
import type { GiteaNotice } from "../../gitea/ground.ts";
import type { NotifyDriver } from "../../notify/notice.ts";
import type { Outbox } from "../../notify/outbox.ts";
import { openNotify } from "../notify/open.ts";
import { realTiming } from "../timing.ts";
import type { GiteaPlace } from "./place.ts";

const NOTICE_MS = 2_000;
/** Lark has two ways; the settings know which of them has what it needs. */
const DRIVERS: Readonly<Record<string, NotifyDriver | undefined>> = { log: "log", zulip: "zulip" };

export interface People {
  /** Opens and closes what changed; a driver that cannot be opened throws the first time, and is a fault later. */
  choose(names: GiteaConfig["notify"]): void;
  tell(this: void, notice: GiteaNotice): void;
  /** Drivers that the configuration names and that cannot be opened. */
  fault(): string | null;
  close(): Promise<void>;
}

export function peopleOf({ host, call, executor }: GiteaPlace, now: () => Moment): People {
  const { env, home } = call.io;
  const open = new Map<string, Outbox>();
  const closing: Promise<unknown>[] = [];
  let chosen: string | null = null;
  let fault: string | null = null;
  const opened = (name: string): Outbox => {
    const driver = DRIVERS[name];
    return openNotify({ host, env, home, timing: realTiming, now, executor, ...(driver === undefined ? {} : { driver }) });
  };
  return {
    choose: (names) => {
      const wanted = new Set<string>(names);
      const key = [...wanted].join(" ");
      if (key === chosen) return;
      const first = chosen === null;
      chosen = key;
      fault = null;
      for (const name of wanted)
        try {
          if (!open.has(name)) open.set(name, opened(name));
        } catch (error) {
          if (first) throw error;
          fault = `notify: ${name}: ${error instanceof Error ? error.message : String(error)}`;
        }
      for (const [name, outbox] of open)
        if (!wanted.has(name)) {
          open.delete(name);
          closing.push(outbox.close(NOTICE_MS));
        }
    },
    tell: ({ key, level, text }) => {
      for (const outbox of open.values()) void outbox.push({ key, level, text }).catch(() => undefined);
    },
    fault: () => fault,
    close: async () => {
      await Promise.all([...closing, ...[...open.values()].map((outbox) => outbox.close(NOTICE_MS))]);
    },
  };
}
