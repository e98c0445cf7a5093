/** The queue of notices: in order, bounded, each once (LRK-85, LRK-87). */
import { describe, expect, it } from "vitest";
import { quickTime } from "../../test/rig/quick-time.ts";
import type { Notice, Notifier, Sent } from "./notice.ts";
import { openOutbox, type Outbox } from "./outbox.ts";
import { freshRates, windowsOf } from "./rates.ts";

const notice = (key: string, more: Partial<Notice> = {}): Notice => ({ key, level: "info", text: key, ...more });

/** A notifier that the test answers, one notice after another. */
function steered(): { readonly notifier: Notifier; readonly begun: string[]; answer(sent?: Sent): void; box: Outbox } {
  const begun: string[] = [];
  const open: ((sent: Sent) => void)[] = [];
  const notifier: Notifier = {
    driver: "log",
    send: async ({ key }) => {
      begun.push(key);
      return new Promise((resolve) => open.push(resolve));
    },
  };
  const box = openOutbox({ notifier, timing: quickTime(), safe: (each) => each });
  return { notifier, begun, answer: (sent = { ok: true, message_id: null }) => open.shift()?.(sent), box };
}

const settled = async (): Promise<void> => {
  for (let turn = 0; turn < 20; turn++) await Promise.resolve();
};

describe("an outbox", () => {
  it("sends one chat's notices in order, and another chat's beside them", async () => {
    const { box, begun, answer } = steered();
    void box.push(notice("a1", { chat_id: "oc_a" }));
    void box.push(notice("a2", { chat_id: "oc_a" }));
    void box.push(notice("b1", { chat_id: "oc_b" }));
    await settled();
    expect(begun).toEqual(["a1", "b1"]);
    answer();
    await settled();
    expect(begun).toEqual(["a1", "b1", "a2"]);
  });

  it("tells an event once, and again only when it failed", async () => {
    const { box, begun, answer } = steered();
    const [first, second] = [box.push(notice("k")), box.push(notice("k"))];
    await settled();
    answer({ ok: false, code: "timeout", retryable: true, detail: "" });
    expect([await first, await second].map(({ ok }) => ok)).toEqual([false, false]);
    const third = box.push(notice("k"));
    await settled();
    answer();
    expect([await third, await box.push(notice("k"))]).toEqual([
      { ok: true, message_id: null },
      { ok: true, message_id: null, deduplicated: true },
    ]);
    expect(begun).toEqual(["k", "k"]);
  });

  it("puts a newer update in the place of one that waits", async () => {
    const { box, begun, answer } = steered();
    void box.push(notice("first"));
    const old = box.push(notice("u1", { update_message_id: "om_1" }));
    void box.push(notice("u2", { update_message_id: "om_1" }));
    expect(await old).toEqual({ ok: true, message_id: "om_1", deduplicated: true });
    answer();
    await settled();
    expect(begun).toEqual(["first", "u2"]);
  });

  it("when full drops the oldest information and counts it, and never what a person needs", async () => {
    const { box } = steered();
    void box.push(notice("begun"));
    await settled();
    void box.push(notice("person", { level: "needs_person" }));
    const oldest = box.push(notice("oldest"));
    for (let at = 0; at < 198; at++) void box.push(notice(`i${at}`));
    await settled();
    expect(box.status()).toMatchObject({ queued: 200, dropped: 0 });
    void box.push(notice("resolved", { level: "resolved" }));
    expect(await oldest).toMatchObject({ ok: false, code: "dropped" });
    expect(box.status()).toMatchObject({ queued: 200, dropped: 1, last_failure: { key: "oldest", code: "dropped" } });
  });

  it("gives up what is left when it closes, also a driver that hangs", async () => {
    const time = quickTime();
    const hanging: Notifier = { driver: "log", send: async () => new Promise(() => {}) };
    const box = openOutbox({ notifier: hanging, timing: time, safe: (each) => each });
    void box.push(notice("hangs"));
    const waiting = box.push(notice("waits"));
    const closing = box.close(3_000);
    await settled();
    time.expire();
    await closing;
    expect(await waiting).toMatchObject({ code: "dropped" });
    expect(await box.push(notice("late"))).toMatchObject({ code: "dropped" });
  });

  it("survives a driver that throws", async () => {
    const broken: Notifier = { driver: "log", send: async () => Promise.reject(new Error("bug")) };
    const box = openOutbox({ notifier: broken, timing: quickTime(), safe: (each) => each });
    expect(await box.push(notice("k"))).toMatchObject({ ok: false, code: "internal" });
  });
});

describe("rates", () => {
  it("let twelve notices to one chat go four a second, in any window (LRK-85)", () => {
    const rates = freshRates();
    const windows = windowsOf("lark_app", notice("k", { chat_id: "oc_a" }));
    const at: number[] = [];
    for (let now = 0; at.length < 12;) {
      const wait = rates.take(windows, now);
      if (wait === 0) at.push(now);
      now += wait;
    }
    expect(at).toEqual([0, 0, 0, 0, 1_000, 1_000, 1_000, 1_000, 2_000, 2_000, 2_000, 2_000]);
  });

  it("of a custom bot are two a second and sixty a minute", () => {
    const rates = freshRates();
    const windows = windowsOf("lark_webhook", notice("k"));
    let now = 0;
    for (let sent = 0; sent < 61;) {
      const wait = rates.take(windows, now);
      if (wait === 0) sent++;
      now += wait;
    }
    expect(now).toBe(60_000);
  });
});
