/** Threads of notifications (DSP-S5 to DSP-S7). */
import { no, notFound, page, timeAsked, type Ask, type Reply, type Routes } from "../answers.ts";
import type { Thread } from "../records.ts";
import { seePushes } from "../pulls.ts";
import { threadShape } from "../shapes.ts";

export const NOTIFICATIONS: Routes = [
  ["GET", "/notifications/new", signed((ask) => ({ status: 200, json: { new: own(ask).filter(isUnread).length } }))],
  ["GET", "/notifications", signed(list)],
  ["PUT", "/notifications", signed(readAll)],
  ["GET", "/notifications/threads/:id", signed(onThread((ask, thread) => ({ status: 200, json: threadShape(ask.site, thread) })))],
  ["PATCH", "/notifications/threads/:id", signed(onThread(move))],
];

function signed(act: (ask: Ask) => Reply) {
  return (ask: Ask): Reply => {
    if (ask.login === null) return no(ask, 401, "token is required");
    seePushes(ask.site.world);
    return act(ask);
  };
}

function isUnread({ status }: Thread): boolean {
  return status === "unread";
}

function own({ site, login }: Ask): readonly Thread[] {
  return site.world.threads.filter((thread) => thread.login === login);
}

/** Newest first; without `status-types` what is unread and what is pinned. */
function list(ask: Ask): Reply {
  const asked = ask.query.getAll("status-types");
  const wanted = ask.query.get("all") === "true" ? ["unread", "pinned", "read"] : asked.length > 0 ? asked : ["unread", "pinned"];
  const since = timeAsked(ask, "since");
  const found = own(ask)
    .filter(({ status, updated }) => wanted.includes(status) && (since === null || updated >= since))
    .sort((one, other) => other.updated - one.updated || other.id - one.id);
  return page(
    ask,
    found.map((thread) => threadShape(ask.site, thread)),
  );
}

/** 205 without a body (DSP-S6). */
function readAll(ask: Ask): Reply {
  const until = timeAsked(ask, "last_read_at") ?? Number.POSITIVE_INFINITY;
  for (const thread of own(ask)) if (isUnread(thread) && thread.updated <= until) thread.status = "read";
  return { status: 205 };
}

function onThread(act: (ask: Ask, thread: Thread) => Reply) {
  return (ask: Ask): Reply => {
    const thread = ask.site.world.threads.find(({ id }) => id === Number(ask.path("id")));
    if (thread === undefined) return notFound(ask);
    return thread.login === ask.login
      ? act(ask, thread)
      : no(ask, 403, "only user itself and admin are allowed to read/change this thread");
  };
}

function move(ask: Ask, thread: Thread): Reply {
  const to = ask.query.get("to-status") ?? "read";
  if (to === "read" || to === "unread" || to === "pinned") thread.status = to;
  return { status: 205 };
}
