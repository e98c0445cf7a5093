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
import type { NotifySettings } from "../notify/settings.ts";
import { gateCards } from "./gate-cards.ts";
import type { GateCards, Notify, Progress, Site } from "./site.ts";

/** At the end of a command the queue gets this long (LRK-87). */
const CLOSE_MS = 3_000;

/** What telling stands on: a site that is just being opened. */
export type NoticePlace = Pick<Site, "host" | "config" | "executor" | "env" | "now">;

/** One process's ways to tell, by the settings that they were opened with: a configuration that changes opens another. */
export interface Notices {
  readonly of: (place: NoticePlace) => Notify;
  /** Null where no card can be shown. */
  readonly cardsOf: (place: NoticePlace) => GateCards | null;
  /** Sends what is waiting, and nothing after it. */
  close(): Promise<void>;
}

/** Notices of one command line: each line on standard error as well, unless it is to be quiet. */
export function openNotices(io: Pick<Io, "write" | "home">, quiet: boolean): Notices {
  const open = new Map<string, OpenBox>();
  const asking = new Set<Promise<void>>();
  const boxFor = (place: NoticePlace): OpenBox => {
    const { driver, chat_id } = place.config.profile.notify;
    const name = JSON.stringify([place.executor, driver, chat_id]);
    const known = open.get(name);
    if (known !== undefined) return known;
    const own = place.config.name === "lark" ? noticeVariables(place.env) : place.env;
    const env = chat_id === undefined ? own : { ...own, PRIMARY_LARK_CHAT_ID: chat_id };
    const { host, executor, now } = place;
    const settings = settingsOf(env, io.home, driver);
    const box = openNotify({ host, env, home: io.home, timing: realTiming, now, executor }, settings);
    const opened = { box, settings };
    open.set(name, opened);
    void sendAgain(place, box);
    return opened;
  };
  return {
    of: (place) => {
      const { box } = boxFor(place);
      const show = progressIn(box);
      // Only an app's messages can be updated.
      const cards = box.status().driver === "lark_app";
      return async (text, { key, level = "info", progress: asked } = {}) => {
        const progress = cards ? asked : undefined;
        if (!quiet) await io.write("stderr", `${text}\n`);
        if (progress !== undefined) void show(progress, text);
        if (progress !== undefined && level === "info") return;
        const { goal_id } = place.config;
        void box.push({
          key: key ?? `${place.executor}|${place.host.ids.next("notice_")}`,
          level,
          text,
          ...(goal_id === null ? {} : { goal_id }),
        });
      };
    },
    cardsOf: (place) => {
      const opened = boxFor(place);
      if (opened.settings.driver !== "lark_app" && opened.settings.driver !== "lark_webhook") return null;
      return gateCards(
        { place, ...opened },
        (work) => {
          asking.add(work);
          void work.finally(() => asking.delete(work));
        },
        quiet ? null : io.write,
      );
    },
    close: async () => {
      // A question stands in the store first, then it is queued.
      const enough = new AbortController();
      await Promise.race([Promise.all(asking), realTiming.pause(CLOSE_MS, enough.signal)]);
      enough.abort();
      await Promise.all([...open.values()].map(({ box }) => box.close(CLOSE_MS)));
      await Promise.all(asking);
    },
  };
}

interface OpenBox {
  readonly box: Outbox;
  readonly settings: NotifySettings;
}

/** One card for each thing that goes on: sent once, then updated; a new process begins with the same key, so with the same card. */
function progressIn(box: Outbox): (progress: Progress, text: string) => Promise<void> {
  let now: { readonly about: string; readonly message: Promise<string | null>; count: number } | null = null;
  return async ({ about, card }, text) => {
    if (now?.about !== about) {
      const sent = box.push({ key: `${about}|progress|1`, level: "info", text, card });
      now = { about, message: sent.then((each) => (each.ok ? each.message_id : null)), count: 1 };
      return;
    }
    const key = `${about}|progress|${(now.count += 1)}`;
    const update_message_id = await now.message;
    if (update_message_id !== null) await box.push({ key, level: "info", text, card, update_message_id });
  };
}

/** What an earlier process did not hear the end of. The same key is the same message, so it is shown once. */
async function sendAgain({ host: { documents }, executor, now }: NoticePlace, box: Outbox): Promise<void> {
  for (const notice of await toSendAgain({ documents, executor }, now())) void box.push(notice);
}
