/** Notices against a Lark and a Zulip on loopback: each arrives exactly once or its failure is told (LRK-80 to LRK-88). */
import { memoryHost, type MemoryHost } from "@loopx/core/testing";
import { buildGateCard, buildLarkMarkdownReplyCard, buildProgressCard } from "@loopx/lark-card";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { openNotify, settingsOf } from "../../src/drivers/notify/open.ts";
import type { Notice } from "../../src/notify/notice.ts";
import type { Outbox } from "../../src/notify/outbox.ts";
import { larkDouble, type LarkDouble } from "../rig/lark-double.ts";
import { quickTime, type QuickTime } from "../rig/quick-time.ts";

const SECRET = ["app", "secret", "value", "7f3a9c"].join("-");
const HOOK = ["hook", "0a1b2c3d4e5f"].join("-");
const CARD = buildLarkMarkdownReplyCard("**Done**");

let lark: LarkDouble;
let time: QuickTime;
let host: MemoryHost;
let printed: string[];

beforeEach(async () => {
  lark = await larkDouble();
  time = quickTime();
  host = memoryHost();
  printed = [];
  for (const stream of [process.stdout, process.stderr])
    vi.spyOn(stream, "write").mockImplementation((text) => {
      printed.push(String(text));
      return true;
    });
});
afterEach(async () => {
  vi.restoreAllMocks();
  await lark.close();
});

type Env = Record<string, string>;
const appEnv = (): Env => ({
  LARK_APP_ID: "cli_a",
  LARK_APP_SECRET: SECRET,
  PRIMARY_LARK_CHAT_ID: "oc_primary",
  LARK_BASE_DOMAIN: lark.url,
});
const hookEnv = (): Env => ({ LARK_WEBHOOK_URL: `${lark.url}/open-apis/bot/v2/hook/${HOOK}`, LARK_WEBHOOK_SECRET: "demo" });
const zulipEnv = (): Env => ({ ZULIP_SITE: lark.url, ZULIP_BOT_EMAIL: "bot@example.com", ZULIP_BOT_API_KEY: SECRET });

function outbox(env: Env): Outbox {
  return openNotify({ host, env, home: "/nowhere", timing: time, now: () => host.clock.moment(), executor: "worktree", random: () => 0.5 });
}

const never = (): never => {
  throw new Error("no message came");
};
const notice = (more: Partial<Notice> = {}): Notice => ({ key: "k1", level: "info", text: "Tests passed.", ...more });

describe("the Lark app (LRK-82, LRK-86)", () => {
  it("gets a tenant token once and sends a card to the chat with the event's uuid, and prints nothing (LRK-58)", async () => {
    const box = outbox(appEnv());
    expect(await box.push(notice({ card: CARD }))).toEqual({ ok: true, message_id: "om_1" });
    expect(await box.push(notice({ key: "k2" }))).toEqual({ ok: true, message_id: "om_2" });
    expect(lark.tokens.map(({ body }) => body)).toEqual([{ app_id: "cli_a", app_secret: SECRET }]);
    const [card, text] = lark.messages;
    expect([card?.path, card?.headers["authorization"], card?.body["receive_id"], JSON.parse(String(card?.body["content"]))]).toEqual([
      "/open-apis/im/v1/messages?receive_id_type=chat_id",
      "Bearer t-1",
      "oc_primary",
      CARD,
    ]);
    expect([card?.body["uuid"], text?.body["content"]]).toEqual([expect.stringMatching(/^[0-9a-f]{40}$/), '{"text":"Tests passed."}']);
    expect(printed).toEqual([]);
  });

  it("replies, and updates in place", async () => {
    const box = outbox(appEnv());
    await box.push(notice({ card: CARD, reply_to: "om_parent" }));
    const progress = buildProgressCard({
      cycle_id: "c1",
      profile: "lark",
      base_sha: "a".repeat(40),
      attempt: 1,
      max_attempts: 5,
      phases: [],
      elapsed_seconds: 1,
    });
    await box.push(notice({ key: "k2", card: progress, update_message_id: "om_1" }));
    expect(lark.messages.map(({ method, path }) => `${method} ${path}`)).toEqual([
      "POST /open-apis/im/v1/messages/om_parent/reply",
      "PATCH /open-apis/im/v1/messages/om_1",
    ]);
  });

  it.each([
    ["429 twice", [{ status: 429, headers: { "retry-after": "3" } }, { status: 429 }], [3_000, 2_000]],
    ["a frequency code", [{ status: 400, body: { code: 99991400, msg: "slow down" } }, { body: { code: 230020 } }], [1_000, 2_000]],
    ["a server error with HTML", [{ status: 502, body: "<html>" }], [1_000]],
    ["a cut connection", ["reset", "reset"], [1_000, 2_000]],
  ] as const)("is asked again after %s, with the same uuid, and the message arrives once", async (_, replies, waits) => {
    lark.plan(...replies);
    const sent = await outbox(appEnv()).push(notice());
    expect([sent.ok, time.waits, lark.delivered.length]).toEqual([true, waits, 1]);
    expect(new Set(lark.messages.map(({ body }) => body["uuid"])).size).toBe(1);
  });

  it("that carried out what it did not answer shows the message once", async () => {
    const box = outbox(appEnv());
    await box.push(notice({ key: "first" }));
    lark.plan("hang");
    const sending = box.push(notice());
    await lark.came(2);
    time.expire();
    expect([(await sending).ok, time.waits]).toEqual([true, [1_000]]);
  });

  it("that never answers is a failure after four sends, and the loop goes on", async () => {
    lark.plan("hang", "hang", "hang", "hang");
    const box = outbox(appEnv());
    const sending = box.push(notice());
    for (const count of [1, 2, 3, 4]) {
      await lark.came(count);
      time.expire();
    }
    expect(await sending).toMatchObject({ ok: false, code: "timeout", retryable: true });
    expect(box.status()).toMatchObject({ driver: "lark_app", sent: 0, failed: 1, last_failure: { key: "k1", code: "timeout" } });
  });

  it("gets a fresh token once when it refuses the old one", async () => {
    lark.plan({ status: 400, body: { code: 99991663, msg: "token expired" } });
    expect((await outbox(appEnv()).push(notice())).ok).toBe(true);
    expect(lark.messages.map(({ headers }) => headers["authorization"])).toEqual(["Bearer t-1", "Bearer t-2"]);
  });

  it.each([
    ["the bot is not in the chat", { status: 400, body: { code: 230002, msg: "bot not in chat" } }, "230002"],
    ["a redirect", { status: 302, headers: { location: "https://example.com" } }, "http_302"],
    ["an unknown code", { body: { code: 1, msg: "no" } }, "1"],
  ])("is not asked again when %s", async (_, reply, code) => {
    lark.plan(reply);
    expect(await outbox(appEnv()).push(notice())).toMatchObject({ ok: false, code, retryable: false });
    expect([lark.messages.length, time.waits]).toEqual([1, []]);
  });

  it("that refuses the app's secret is a failure, told without it", async () => {
    lark.planToken({ status: 400, body: { code: 10014, msg: `app secret ${SECRET.slice(0, 3)} invalid` } });
    expect(await outbox(appEnv()).push(notice())).toMatchObject({ ok: false, code: "10014" });
    expect(lark.messages).toEqual([]);
  });

  it("that refuses the card gets the text instead", async () => {
    lark.plan({ status: 400, body: { code: 230099, msg: "inner 11310" } });
    expect((await outbox(appEnv()).push(notice({ card: CARD }))).ok).toBe(true);
    expect(lark.messages.map(({ body }) => body["msg_type"])).toEqual(["interactive", "text"]);
  });

  it("that finds a card too long gets a shorter one, then the text", async () => {
    const long = buildLarkMarkdownReplyCard("漢".repeat(8_000), { max_markdown_chars: 8_000 });
    lark.plan({ body: { code: 230025 } }, { body: { code: 230025 } });
    expect((await outbox(appEnv()).push(notice({ card: long }))).ok).toBe(true);
    const sizes = lark.messages.map(({ text }) => Buffer.byteLength(text));
    const [first = 0, second = Infinity] = sizes;
    expect([first > 20_000, second < 14_336, lark.messages[2]?.body["msg_type"]]).toEqual([true, true, "text"]);
  });
});

describe("a custom bot (LRK-84)", () => {
  it("gets signed messages, its keyword, and no buttons", async () => {
    const box = outbox({ ...hookEnv(), LARK_WEBHOOK_KEYWORD: "loopx" });
    const gate = buildGateCard({ goal_id: "g1", gate: "x", question: "Go?", nonce: "a".repeat(32), expires_at: 1, callbacks: true });
    await box.push(notice({ card: CARD }));
    await box.push(notice({ key: "k2", card: gate }));
    const [card, text] = lark.messages;
    expect(card?.body).toMatchObject({
      timestamp: expect.stringMatching(/^\d{10}$/),
      sign: expect.stringMatching(/=$/),
      msg_type: "interactive",
    });
    expect(JSON.stringify(card?.body["card"])).toContain('{"tag":"plain_text","content":"loopx"}');
    expect(text?.body).toMatchObject({ msg_type: "text", content: { text: "Tests passed.\nloopx" } });
  });

  it("that does not answer may have sent it: it is not asked again, and the doubt is told", async () => {
    lark.plan("reset");
    expect(await outbox(hookEnv()).push(notice())).toMatchObject({ ok: false, code: "unknown_delivery", retryable: false });
    expect(lark.messages).toHaveLength(1);
  });

  it("that is too busy is asked again; one that refuses the signature is not", async () => {
    lark.plan({ body: { code: 11232, msg: "frequency limited" } });
    expect((await outbox(hookEnv()).push(notice())).ok).toBe(true);
    lark.plan({ body: { code: 19021, msg: "sign match fail" } });
    expect(await outbox(hookEnv()).push(notice({ key: "k2" }))).toMatchObject({ ok: false, code: "19021", retryable: false });
  });
});

describe("Zulip (LPR-53)", () => {
  it("gets the text of a notice, with dead mentions, in its stream and topic", async () => {
    const box = outbox(zulipEnv());
    expect(await box.push(notice({ card: CARD, text: `@**all** ${"x".repeat(10_100)}` }))).toEqual({ ok: true, message_id: "1" });
    const [{ body, headers } = never()] = lark.messages;
    expect(body).toMatchObject({ type: "stream", to: "coding", topic: "verified-cad" });
    expect([String(body["content"]).startsWith("@\u2060**all**"), String(body["content"]).endsWith("\n… (cut)")]).toEqual([true, true]);
    expect([...String(body["content"])].length).toBe(10_000);
    expect(headers["authorization"]).toMatch(/^Basic /);
  });

  it("is asked again once after what it asks for", async () => {
    const limited = { status: 429, body: { result: "error", code: "RATE_LIMIT_HIT" }, headers: { "retry-after": "0" } };
    lark.plan(limited);
    expect((await outbox(zulipEnv()).push(notice())).ok).toBe(true);
    lark.plan(limited, limited);
    expect(await outbox(zulipEnv()).push(notice())).toMatchObject({ ok: false, code: "zulip_failed" });
    expect(lark.messages).toHaveLength(4);
  });

  it("that knows no such stream says so, though its status is 400", async () => {
    lark.plan({ status: 400, body: { result: "error", code: "STREAM_DOES_NOT_EXIST", msg: "Stream 'x' does not exist" } });
    expect(await outbox(zulipEnv()).push(notice())).toMatchObject({
      ok: false,
      detail: "Stream 'x' does not exist (STREAM_DOES_NOT_EXIST)",
    });
  });
});

describe("without an account", () => {
  it("notices are lines of a log (LRK-81)", async () => {
    const box = outbox({});
    expect(await box.push(notice({ goal_id: "parser" }))).toEqual({ ok: true, message_id: null });
    const page = await host.logs.tail({ kind: "executor_log", executor: "worktree", name: "notify" }, { limit: 2 });
    expect(page).toMatchObject({ entries: [{ record: { key: "k1", level: "info", goal_id: "parser", text: "Tests passed." } }] });
  });
});

describe("no secret", () => {
  it("is in a notice, a log, an error, or anything printed (LRK-88)", async () => {
    const told: string[] = [];
    const all = { ...appEnv(), ...hookEnv(), ...zulipEnv() };
    for (const driver of ["lark_app", "lark_webhook", "zulip", "log"]) {
      lark.plan({ status: 500, body: { code: 7, msg: "no" } }, { status: 400, body: { code: 7, msg: `no ${SECRET} for ${HOOK}` } });
      const box = outbox({ ...all, LOOPX_NOTIFY_DRIVER: driver });
      told.push(JSON.stringify([await box.push(notice({ text: `key ${SECRET} of ${HOOK}`, card: CARD })), box.status()]));
    }
    const bodies = lark.messages.map(({ text }) => text);
    expect([...told, ...bodies, ...printed, ...Object.values(host.files())].join("\n")).not.toMatch(new RegExp(`${SECRET}|${HOOK}`));
    expect(bodies.join("\n")).not.toContain("Bearer");
  });

  it("of another kind is told either: a private path takes its whole text along", async () => {
    const path = ["", "home", "someone", "notes.md"].join("/");
    await outbox(appEnv()).push(notice({ text: `see ${path}`, card: buildLarkMarkdownReplyCard(`see ${path}`) }));
    expect(lark.messages[0]?.text).toContain("(redacted: local_private_path)");
    expect(lark.messages[0]?.text).not.toContain("someone");
  });
});

describe("settings (LRK-83, LRK-89)", () => {
  it.each<[string, Env, string]>([
    ["nothing", {}, "log"],
    [
      "the second bot of the source document",
      { SECONDARY_LARK_APP_ID: "cli_b", SECONDARY_LARK_APP_SECRET: "x", PRIMARY_LARK_CHAT_ID: "oc_a" },
      "lark_app",
    ],
    ["an app without a chat", { LARK_APP_ID: "cli_a", LARK_APP_SECRET: "x" }, "log"],
    ["a webhook", { LARK_WEBHOOK_URL: `https://open.larksuite.com/open-apis/bot/v2/hook/${HOOK}` }, "lark_webhook"],
    ["the word none", { LOOPX_NOTIFY_DRIVER: "none", LARK_APP_ID: "cli_a" }, "none"],
  ])("with %s", (_, env, driver) => {
    expect(settingsOf(env, "/nowhere").driver).toBe(driver);
  });

  it.each<[Env, string]>([
    [{ LARK_APP_ID: "cli_a", LARK_APP_SECRET: "x", PRIMARY_LARK_CHAT_ID: "ou_a" }, "PRIMARY_LARK_CHAT_ID"],
    [
      { LARK_APP_ID: "cli_a", LARK_APP_SECRET: "x", PRIMARY_LARK_CHAT_ID: "oc_a", LARK_BASE_DOMAIN: "https://evil.example" },
      "LARK_BASE_DOMAIN",
    ],
    [
      { LARK_APP_ID: "cli_a", LARK_APP_SECRET: "x", PRIMARY_LARK_CHAT_ID: "oc_a", LARK_BASE_DOMAIN: "http://lark.example" },
      "LARK_BASE_DOMAIN",
    ],
    [{ LARK_WEBHOOK_URL: `https://evil.example/open-apis/bot/v2/hook/${HOOK}` }, "LARK_WEBHOOK_URL"],
    [{ ZULIP_SITE: "http://zulip.example", ZULIP_BOT_EMAIL: "a@b.c", ZULIP_BOT_API_KEY: SECRET }, "ZULIP_"],
    [{ LOOPX_NOTIFY_DRIVER: "pigeon" }, "LOOPX_NOTIFY_DRIVER"],
    [{ LOOPX_NOTIFY_DRIVER: "lark_app" }, "LOOPX_NOTIFY_DRIVER"],
    [{ LARK_APP_ID: "cli_a", LARK_APP_SECRET_FILE: "/nowhere", PRIMARY_LARK_CHAT_ID: "oc_a" }, "LARK_APP_SECRET_FILE"],
  ])("that are wrong name the variable and not its value: %j", (env, name) => {
    expect(() => settingsOf(env, "/nowhere")).toThrow(
      expect.objectContaining({ code: "config_invalid", message: expect.stringContaining(name) }),
    );
    expect(() => settingsOf(env, "/nowhere")).not.toThrow(new RegExp(`${HOOK}|evil|pigeon`));
  });
});
