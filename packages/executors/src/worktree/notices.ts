/**
 * How a loop tells people: by the driver that its configuration names, else by the first that has what it needs (LRK-81). A
 * line is handed over and never waited for; what a killed loop may not have told is told again by the next one (WTL-87).
 */
import type { Io } from "@loopx/cli/program";
import { noticeVariables } from "../dual-agent/config.ts";
import { openNotify, settingsOf } from "../drivers/notify/open.ts";
import { realTiming } from "../drivers/timing.ts";
import type { Outbox } from "../notify/outbox.ts";
import { toSendAgain } from "../notify/undelivered.ts";
import type { Notify, Site } from "./site.ts";

/** At the end of a command the queue gets this long (LRK-87). */
const CLOSE_MS = 3_000;

/** What telling stands on: a site that is just being opened. */
export type NoticePlace = Pick<Site, "host" | "config" | "executor" | "env" | "now">;

/** One process's ways to tell, by the settings that they were opened with: a configuration that changes opens another. */
export interface Notices {
  readonly of: (place: NoticePlace) => Notify;
  /** Sends what is waiting, and nothing after it. */
  close(): Promise<void>;
}

/** Notices of one command line: each line on standard error as well, unless it is to be quiet. */
export function openNotices(io: Pick<Io, "write" | "home">, quiet: boolean): Notices {
  const open = new Map<string, Outbox>();
  const boxFor = (place: NoticePlace): Outbox => {
    const { driver, chat_id } = place.config.profile.notify;
    const name = JSON.stringify([place.executor, driver, chat_id]);
    const known = open.get(name);
    if (known !== undefined) return known;
    const own = place.config.name === "lark" ? noticeVariables(place.env) : place.env;
    const env = chat_id === undefined ? own : { ...own, PRIMARY_LARK_CHAT_ID: chat_id };
    const { host, executor, now } = place;
    const box = openNotify({ host, env, home: io.home, timing: realTiming, now, executor }, settingsOf(env, io.home, driver));
    open.set(name, box);
    void sendAgain(place, box);
    return box;
  };
  return {
    of: (place) => {
      const box = boxFor(place);
      return async (text, { key, level = "info" } = {}) => {
        if (!quiet) await io.write("stderr", `${text}\n`);
        const { goal_id } = place.config;
        void box.push({
          key: key ?? `${place.executor}|${place.host.ids.next("notice_")}`,
          level,
          text,
          ...(goal_id === null ? {} : { goal_id }),
        });
      };
    },
    close: async () => {
      await Promise.all([...open.values()].map((box) => box.close(CLOSE_MS)));
    },
  };
}

/** What an earlier process did not hear the end of. The same key is the same message, so it is shown once. */
async function sendAgain({ host: { documents }, executor, now }: NoticePlace, box: Outbox): Promise<void> {
  for (const notice of await toSendAgain({ documents, executor }, now())) void box.push(notice);
}
