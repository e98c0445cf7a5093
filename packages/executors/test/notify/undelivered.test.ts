/** What did not arrive is kept for a status, and told again when a person has to see it (LRK-80, WTL-87). */
import { memoryHost, type MemoryHost } from "@loopx/core/testing";
import { beforeEach, describe, expect, it } from "vitest";
import { quickTime } from "../rig/quick-time.ts";
import type { Notice, Notifier, Sent } from "../../src/notify/notice.ts";
import { openOutbox, type Outbox } from "../../src/notify/outbox.ts";
import { toSendAgain, undeliveredBook, undeliveredOf } from "../../src/notify/undelivered.ts";

let host: MemoryHost;
let answers: Sent[];

beforeEach(() => {
  host = memoryHost();
  answers = [];
});

const now = () => host.clock.moment();
const place = () => ({ documents: host.documents, executor: "loop-a" });
const SENT: Sent = { ok: true, message_id: null };
const FAILED: Sent = { ok: false, code: "timeout", retryable: true, detail: "no answer" };
const REFUSED: Sent = { ok: false, code: "230002", retryable: false, detail: "bot not in chat" };
const notice = (key: string, more: Partial<Notice> = {}): Notice => ({ key, level: "needs_person", text: `text of ${key}`, ...more });

/** A process with an outbox whose driver answers what the test has laid ready. */
function outbox(): Outbox {
  const notifier: Notifier = {
    driver: "lark_app",
    send: async () => answers.shift() ?? SENT,
  };
  return openOutbox({ notifier, timing: quickTime(), safe: (each) => each, book: undeliveredBook(place(), now) });
}

describe("a notice that did not arrive", () => {
  it("is seen by another process, with its reason, until it arrives", async () => {
    answers = [FAILED, REFUSED];
    const box = outbox();
    await box.push(notice("a", { level: "info" }));
    await box.push(notice("b"));
    await box.close(0);
    expect(await undeliveredOf(place())).toMatchObject({
      count: 2,
      newest: [
        { level: "needs_person", code: "230002", detail: "bot not in chat", text: "text of b" },
        { level: "info", code: "timeout", text: "text of a" },
      ],
    });
    const later = outbox();
    await later.push(notice("a", { level: "info" }));
    await later.close(0);
    expect(await undeliveredOf(place())).toMatchObject({ count: 1, newest: [{ text: "text of b" }] });
  });

  it("of a killed process is sent again with its key, when a person has to see it; what was refused or only informs is not", async () => {
    const book = undeliveredBook(place(), now);
    await book.begun(notice("killed", { chat_id: "oc_a" }));
    await book.begun(notice("progress", { level: "info" }));
    answers = [REFUSED, FAILED, FAILED];
    const box = outbox();
    for (const each of [notice("refused"), notice("failed"), notice("info", { level: "info" })]) await box.push(each);
    await box.close(0);
    expect((await undeliveredOf(place())).count).toBe(4);
    expect(await toSendAgain(place(), now())).toEqual([notice("killed", { chat_id: "oc_a" }), notice("failed")]);
    host.clock.tick(25 * 3_600_000);
    expect(await toSendAgain(place(), now())).toEqual([]);
  });

  it("is forgotten after a week, and of many the newest stay", async () => {
    answers = Array.from({ length: 61 }, () => FAILED);
    const box = outbox();
    for (let at = 0; at < 60; at++) await box.push(notice(`k${at}`));
    await box.close(0);
    expect((await undeliveredOf(place())).count).toBe(50);
    host.clock.tick(8 * 24 * 3_600_000);
    const later = outbox();
    await later.push(notice("new"));
    await later.close(0);
    expect(await undeliveredOf(place())).toMatchObject({ count: 1, newest: [{ text: "text of new" }] });
    expect(await toSendAgain(place(), now())).toHaveLength(1);
  });

  it("leaves a file that nobody can read aside, and no loop stops for it", async () => {
    await host.documents.update({ kind: "executor_state", executor: "loop-a", name: "undelivered.json" }, () => ({
      write: "{not json",
      value: null,
    }));
    expect(await undeliveredOf(place())).toEqual({ count: 0, newest: [] });
    answers = [FAILED];
    const box = outbox();
    expect(await box.push(notice("a"))).toEqual(FAILED);
    await box.close(0);
    expect((await undeliveredOf(place())).count).toBe(1);
  });
});
