/** `lark serve` on loopback: who may send, and how a genuine press becomes one record and no other request does (LRK-90 to LRK-95). */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync } from "node:fs";
import { request as httpRequest } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect, history, openHost, operatorGate, type FileHost } from "@loopx/core";
import type { Io } from "@loopx/cli/program";
import { buildLarkMarkdownReplyCard } from "@loopx/lark-card";
import { callbackSignature } from "@loopx/lark-card/crypto";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { serveSettings } from "../../src/drivers/lark/serve-settings.ts";
import { callbacksProven } from "../../src/drivers/lark/callbacks.ts";
import { serveLark, type ServedLark } from "../../src/drivers/lark/serve.ts";
import { askGate, type Asked, type GateQuestion } from "../../src/lark-gates/ask.ts";
import { realTiming } from "../../src/drivers/timing.ts";
import type { Timing } from "../../src/scenario/run.ts";
import { changeGates, readGates, type StoredGate } from "../../src/lark-gates/gates.ts";
import { larkDouble, type LarkDouble } from "../rig/lark-double.ts";
import { ioAt } from "../rig/io.ts";

const TOKEN = ["token", "of", "the", "sender"].join("-");
const KEYS = { LARK_ENCRYPT_KEY: "encrypt-me-please", LARK_VERIFICATION_TOKEN: "verify-me-please" };
const NONCE = "a".repeat(32);
const QUESTION: GateQuestion = {
  goal_id: "parser",
  gate: "promote",
  question: "May it?",
  sha: "1".repeat(40),
  expires_hours: 1,
  dialect: "1.0",
  locale: "en",
};

let folder: string;
let lark: LarkDouble;
let host: FileHost;
let served: ServedLark;
let env: Record<string, string>;

function io(): Io {
  return ioAt({
    cwd: folder,
    env,
    home: folder,
  });
}

const runtimeRoot = (): string => join(folder, "runtime");
const start = async (timing: Timing = realTiming): Promise<ServedLark> =>
  serveLark(serveSettings(env, folder), { io: io(), cwd: folder, runtime_root: runtimeRoot(), timing });

beforeEach(async () => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), "loopx-lark-serve-")));
  mkdirSync(join(folder, ".git"));
  lark = await larkDouble();
  env = {
    HOME: folder,
    LOOPX_RUNTIME_ROOT: runtimeRoot(),
    LARK_APP_ID: "cli_a",
    LARK_APP_SECRET: ["app", "value"].join("-"),
    PRIMARY_LARK_CHAT_ID: "oc_primary",
    LARK_BASE_DOMAIN: lark.url,
    LARK_SERVE_PORT: "0",
    LARK_SEND_TOKEN: TOKEN,
    LARK_EVENTS: "http",
    LARK_GATE_OPERATORS: "ou_operator",
    ...KEYS,
  };
  host = openHost({ cwd: folder, env, home: folder, project: "." });
  await connect(host, { cwd: folder, project: ".", goal_id: "parser", objective: "Make the parser whole" });
  served = await start();
});
afterEach(async () => {
  await served.close();
  await lark.close();
  rmSync(folder, { recursive: true, force: true });
});

interface Answered {
  readonly status: number;
  readonly body: Record<string, unknown> | null;
  readonly headers: Readonly<Record<string, unknown>>;
}

async function ask(
  method: string,
  path: string,
  text: string,
  headers: Readonly<Record<string, string | string[]>> = {},
): Promise<Answered> {
  return new Promise((resolve, reject) => {
    const { port } = served.listening;
    const request = httpRequest({ host: "127.0.0.1", port, method, path, headers }, (response) => {
      const parts: Buffer[] = [];
      response.on("data", (part: Buffer) => parts.push(part));
      response.on("end", () => {
        const answer = Buffer.concat(parts).toString();
        resolve({
          status: response.statusCode ?? 0,
          body: answer === "" ? null : (JSON.parse(answer) as Record<string, unknown>),
          headers: response.headers,
        });
      });
    });
    request.on("error", reject);
    request.end(text);
  });
}

const json = { "content-type": "application/json" };
const owner = { ...json, authorization: `Bearer ${TOKEN}` };
const post = async (body: unknown, headers: Readonly<Record<string, string | string[]>> = owner) =>
  ask("POST", "/api/lark/send", JSON.stringify(body), headers);
const codeOf = ({ status, body }: Answered) => [status, (body?.["error"] as { code?: string } | undefined)?.code];

describe("POST /api/lark/send (LRK-91)", () => {
  const message = { chat_id: "oc_primary", text: "message" };

  it("sends the text of the source document's body, and says the message's id", async () => {
    expect(await post(message)).toMatchObject({ status: 200, body: { ok: true, message_id: "om_1", driver: "lark_app" } });
    expect(lark.messages[0]?.body).toMatchObject({ receive_id: "oc_primary", msg_type: "text", content: '{"text":"message"}' });
  });

  it("sends a card of ours, and the same uuid once", async () => {
    const card = buildLarkMarkdownReplyCard("**Done**");
    const both = [await post({ chat_id: "oc_primary", card, uuid: "u1" }), await post({ chat_id: "oc_primary", card, uuid: "u1" })];
    expect(both.map(({ body }) => body?.["message_id"])).toEqual(["om_1", "om_1"]);
    expect(lark.delivered).toEqual([JSON.stringify(card)]);
  });

  it.each<[number, string, unknown, Record<string, string | string[]>]>([
    [421, "host_refused", message, { ...owner, host: "evil.example" }],
    [403, "origin_refused", message, { ...owner, origin: "http://evil.example" }],
    [401, "unauthorized", message, json],
    [401, "unauthorized", message, { ...json, authorization: "Bearer wrong" }],
    [401, "unauthorized", message, { ...json, authorization: [`Bearer ${TOKEN}`, `Bearer ${TOKEN}`] }],
    [415, "unsupported_media_type", message, { ...owner, "content-type": "text/plain" }],
    [413, "too_large", { ...message, text: "x".repeat(70_000) }, owner],
    [400, "bad_json", [message], owner],
    [400, "bad_request", { ...message, k: 1 }, owner],
    [400, "bad_request", { ...message, chat_id: "ou_a" }, owner],
    [400, "bad_request", { ...message, text: "" }, owner],
    [400, "bad_request", { ...message, text: "x".repeat(10_001) }, owner],
    [400, "bad_request", { ...message, uuid: "a b" }, owner],
    [400, "bad_request", { ...message, card: {} }, owner],
    [400, "bad_request", { chat_id: "oc_primary", card: { elements: [] } }, owner],
    [400, "bad_request", { chat_id: "oc_primary", card: buildLarkMarkdownReplyCard("x", { mentions: { open_ids: ["ou_a"] } }) }, owner],
    [403, "chat_not_allowed", { ...message, chat_id: "oc_other" }, owner],
  ])("answers %s %s and sends nothing (%#)", async (status, code, body, headers) => {
    const answered = await post(body, headers);
    expect(codeOf(answered)).toEqual([status, code]);
    expect(lark.messages).toEqual([]);
    expect(Object.keys(answered.headers).filter((name) => name.startsWith("access-control"))).toEqual([]);
  });

  it("tells what the platform refused", async () => {
    lark.plan({ status: 400, body: { code: 230002, msg: "bot not in chat" } });
    expect(await post(message)).toMatchObject({ status: 502, body: { ok: false, error: { code: "lark_failed", lark_code: "230002" } } });
  });

  it("knows no other routes and methods", async () => {
    expect(codeOf(await ask("GET", "/api/lark/send", ""))).toEqual([405, "method_not_allowed"]);
    expect(codeOf(await ask("POST", "/", ""))).toEqual([404, "not_found"]);
    expect((await ask("GET", "/health", "")).body).toEqual({ ok: true });
  });
});

/** Asks the gate with buttons, through an outbox like the command's. */
async function asked(more: Partial<GateQuestion> = {}, nonce = NONCE): Promise<Asked> {
  const now = () => ({ ms: Date.now(), offset_minutes: 0 });
  return askGate(
    { host, outbox: served.outbox, now, nonce: () => nonce, callbacks: true, chat_id: "oc_primary" },
    { ...QUESTION, ...more },
  );
}

const stored = async (): Promise<StoredGate[]> => Object.values(await readGates(host));
const records = async () =>
  (await history(host, { goal_id: "parser", limit: 50 })).runs.filter(({ classification }) => classification.startsWith("operator_gate_"));

interface Press {
  readonly event_id?: string;
  readonly decision?: string;
  readonly operator?: string;
  readonly message_id?: string;
  readonly app_id?: string;
  readonly value?: Record<string, unknown>;
}

async function press(
  more: Press = {},
  headers: Record<string, string> = {},
  change: (raw: string) => string = (raw) => raw,
): Promise<Answered> {
  const [gate] = await stored();
  const value = {
    v: 1,
    kind: "loopx_gate",
    goal_id: "parser",
    gate: "promote",
    decision: more.decision ?? "approve",
    nonce: NONCE,
    exp: gate?.expires_at ?? 0,
    sha: QUESTION.sha,
    ...more.value,
  };
  const raw = JSON.stringify({
    schema: "2.0",
    header: {
      event_id: more.event_id ?? "e1",
      token: KEYS.LARK_VERIFICATION_TOKEN,
      event_type: "card.action.trigger",
      app_id: more.app_id ?? "cli_a",
    },
    event: {
      operator: { open_id: more.operator ?? "ou_operator" },
      action: { tag: "button", value },
      context: { open_message_id: more.message_id ?? gate?.message_id ?? "", open_chat_id: "oc_primary" },
    },
  });
  const timestamp = String(Math.floor(Date.now() / 1_000));
  const raw_body = new TextEncoder().encode(raw);
  const signature = callbackSignature("sha256", { timestamp, nonce: "n1", secret: KEYS.LARK_ENCRYPT_KEY, raw_body });
  const lines = { "x-lark-request-timestamp": timestamp, "x-lark-request-nonce": "n1", "x-lark-signature": signature, ...headers };
  return ask("POST", "/api/lark/callback", change(raw), { ...json, ...lines });
}

describe("a genuine press (LRK-92)", () => {
  it("becomes one record of the gate, with references in place of ids, and the card is settled", async () => {
    await asked();
    const answered = await press();
    expect(answered).toMatchObject({ status: 200, body: { toast: { type: "success", content: "Approved and recorded." } } });
    expect(JSON.stringify(answered.body?.["card"])).not.toContain("button");
    const [record, ...more] = await records();
    expect(more).toEqual([]);
    expect(record).toMatchObject({
      classification: "operator_gate_approved",
      operator_gate: {
        gate: "promote",
        decision: "approve",
        operator_question: "May it?",
        reason_summary: "Decided in Lark by an allowed operator",
        channel: {
          kind: "lark",
          operator_ref: expect.stringMatching(/^[0-9a-f]{16}$/),
          event_ref: expect.stringMatching(/^[0-9a-f]{16}$/),
        },
      },
    });
    expect(await stored()).toMatchObject([{ state: "decided", decision: "approve", run_id: record?.run_id }]);
    expect(JSON.stringify([record, await stored()])).not.toMatch(/ou_operator|aaaaaaaa/);
  });

  it("is taken at the other address as well, and proves the way back", async () => {
    expect(await callbacksProven(host, Date.now())).toBe(false);
    const challenge = JSON.stringify({ type: "url_verification", token: KEYS.LARK_VERIFICATION_TOKEN, challenge: "abc" });
    expect(await ask("POST", "/lark/callback", challenge, json)).toMatchObject({ status: 200, body: { challenge: "abc" } });
    expect(await callbacksProven(host, Date.now())).toBe(true);
  });

  it("counts once: the same event again, and another answer, change nothing", async () => {
    await asked();
    await press();
    expect((await press()).body).toMatchObject({ toast: { type: "error", content: "This answer was taken already." } });
    expect((await press({ event_id: "e2", decision: "reject" })).body).toMatchObject({
      toast: { content: "This question was answered already." },
    });
    expect(await records()).toHaveLength(1);
  });

  it("at once with another one: one record, the other is told", async () => {
    await asked();
    const both = await Promise.all([press({ event_id: "e1" }), press({ event_id: "e2", decision: "reject" })]);
    const toasts = both.map(({ body }) => String((body?.["toast"] as { type: string } | undefined)?.type)).sort();
    expect([toasts, (await records()).length]).toEqual([["error", "success"], 1]);
  });
});

describe("a press whose record has to wait (LRK-92)", () => {
  it("while the core's lock is held is answered in time; record and card follow when the lock is free", async () => {
    await served.close();
    const late = new AbortController();
    // Two seconds pass when the test says so.
    const within: Timing["within"] = async (ms, outer, act) => realTiming.within(600_000, ms === 2_000 ? late.signal : outer, act);
    served = await start({ ...realTiming, within });
    await asked();
    const index = join(runtimeRoot(), "goals", "parser", "runs", "index.jsonl");
    const held = await host.lock.acquire(index, { wait_ms: 0, command: "another command" });
    if (held.kind !== "held") throw new Error("the lock is busy");
    const answering = press();
    while ((await stored())[0]?.state !== "deciding") await new Promise((resolve) => setImmediate(resolve));
    late.abort();
    expect((await answering).body).toMatchObject({ toast: { type: "info", content: "Your answer is being recorded." } });
    expect(await records()).toEqual([]);
    await held.release();
    await lark.came(2);
    expect(lark.messages.at(-1)).toMatchObject({ method: "PATCH", path: "/open-apis/im/v1/messages/om_1" });
    expect([(await records()).length, (await stored())[0]?.state]).toEqual([1, "decided"]);
  });
});

describe("a request that is not genuine, or not for this gate", () => {
  const line = (name: string, value: string) => ({ [`x-lark-${name}`]: value });

  it.each<[string, number, Press, Record<string, string>, ((raw: string) => string) | undefined]>([
    ["a changed byte", 401, {}, {}, (raw) => raw.replace("approve", "approvE")],
    ["re-serialised JSON", 401, {}, {}, (raw) => JSON.stringify(JSON.parse(raw), null, 1)],
    ["another key's signature", 401, {}, line("signature", "0".repeat(64)), undefined],
    ["an old timestamp", 401, {}, line("request-timestamp", "1700000000"), undefined],
    ["a body that is too large", 413, {}, {}, (raw) => raw + " ".repeat(70_000)],
    ["another app", 401, { app_id: "cli_b" }, {}, undefined],
    ["another operator", 200, { operator: "ou_other" }, {}, undefined],
    ["another message", 200, { message_id: "om_other" }, {}, undefined],
    ["another goal", 200, { value: { goal_id: "atlas" } }, {}, undefined],
    ["another gate", 200, { value: { gate: "deploy" } }, {}, undefined],
    ["another commit", 200, { value: { sha: "2".repeat(40) } }, {}, undefined],
    ["an unknown nonce", 200, { value: { nonce: "b".repeat(32) } }, {}, undefined],
    ["another expiry", 200, { value: { exp: 4_000_000_000 } }, {}, undefined],
    ["an extra key", 200, { value: { admin: true } }, {}, undefined],
    ["a decision that is not offered", 200, { decision: "merge" }, {}, undefined],
  ])("changes nothing, and stands in the log as refused: %s", async (_, status, given, headers, change) => {
    await asked();
    const before = await stored();
    const answered = await press(given, headers, change);
    expect(answered.status).toBe(status);
    expect(answered.body === null || (answered.body["toast"] as { type: string }).type === "error").toBe(true);
    expect([await records(), await stored()]).toEqual([[], before]);
    const log = readFileSync(join(runtimeRoot(), "executors", "lark", "server.jsonl"), "utf8");
    expect(log).toMatch(/"event":"(?:callback|press)_refused"/);
    expect(log).not.toMatch(/please|ou_|aaaaaaaa/);
  });

  it("comes too late for a gate that has expired", async () => {
    await asked();
    await changeGates(host, 0, (gates) => ({
      gates: Object.fromEntries(Object.entries(gates).map(([key, gate]) => [key, { ...gate, expires_at: 1_700_000_000 }])),
      value: null,
    }));
    expect((await press({ value: { exp: 1_700_000_000 } })).body).toMatchObject({ toast: { content: "This question has expired." } });
    expect(await records()).toEqual([]);
  });
});

describe("a gate", () => {
  it("is asked once while it is open; a newer commit takes its place", async () => {
    expect(await asked()).toMatchObject({ kind: "asked", message_id: "om_1" });
    expect(await asked({}, "b".repeat(32))).toMatchObject({ kind: "already_open", message_id: "om_1" });
    expect(lark.messages).toHaveLength(1);
    expect(await asked({ sha: "2".repeat(40) }, "c".repeat(32))).toMatchObject({ kind: "asked" });
    expect((await stored()).map(({ state, decision }) => [state, decision])).toEqual(
      expect.arrayContaining([
        ["closed", "superseded"],
        ["open", null],
      ]),
    );
    expect(lark.messages.map(({ method }) => method)).toEqual(["POST", "PATCH", "POST"]);
  });

  it("that was answered by a command closes its card (LRK-95)", async () => {
    await asked();
    await operatorGate(host, { goal_id: "parser", gate: "promote", decision: "reject", reason_summary: "not now" });
    await served.tick();
    expect(await stored()).toMatchObject([{ state: "decided", decision: "reject" }]);
    expect(lark.messages.at(-1)).toMatchObject({ method: "PATCH", path: "/open-apis/im/v1/messages/om_1" });
    expect((await press()).body).toMatchObject({ toast: { type: "error" } });
    expect(await records()).toHaveLength(1);
  });

  it("whose process died after the press was taken, or after its record was written, gets exactly one record (LRK-93)", async () => {
    await asked();
    const taken = async (state: Partial<StoredGate>) =>
      changeGates(host, 0, (gates) => ({
        gates: Object.fromEntries(Object.entries(gates).map(([key, gate]) => [key, { ...gate, ...state }])),
        value: null,
      }));
    const died: Partial<StoredGate> = {
      state: "deciding",
      decision: "approve",
      event_ids: ["e1"],
      operator_ref: "0".repeat(16),
      event_ref: "1".repeat(16),
    };
    await taken(died);
    await served.tick();
    const [record] = await records();
    expect(await stored()).toMatchObject([{ state: "decided", run_id: record?.run_id }]);
    await taken({ ...died, run_id: null, settled_at: null });
    await served.tick();
    expect([(await records()).length, await stored()]).toMatchObject([1, [{ state: "decided", run_id: record?.run_id }]]);
  });
});

describe("the settings of the server (LRK-94)", () => {
  it.each<[Record<string, string>, string]>([
    [{ LARK_ENCRYPT_KEY: "" }, "LARK_ENCRYPT_KEY"],
    [{ LARK_VERIFICATION_TOKEN: "short" }, "LARK_VERIFICATION_TOKEN"],
    [{ LARK_GATE_OPERATORS: "" }, "LARK_GATE_OPERATORS"],
    [{ LARK_GATE_OPERATORS: "someone" }, "LARK_GATE_OPERATORS"],
    [{ LARK_EVENTS: "maybe" }, "LARK_EVENTS"],
    [{ LARK_SEND_TOKEN: "", LARK_SERVE_HOST: "0.0.0.0" }, "LARK_SERVE_HOST"],
    [{ LARK_SEND_TOKEN: "short" }, "LARK_SEND_TOKEN"],
    [{ LARK_SERVE_PORT: "x" }, "LARK_SERVE_PORT"],
    [{ LARK_ALLOWED_CHAT_IDS: "ou_a" }, "LARK_ALLOWED_CHAT_IDS"],
  ])("that would be unsafe do not start: %j", (more, name) => {
    expect(() => serveSettings({ ...env, ...more }, folder)).toThrow(
      expect.objectContaining({ code: "config_invalid", details: { variable: name } }),
    );
  });

  it("let one server stand over a runtime root, and keep its token to its owner", async () => {
    await expect(start()).rejects.toMatchObject({ code: "port_busy" });
    await served.close();
    env = { ...env, LARK_SEND_TOKEN: "" };
    served = await start();
    expect(readFileSync(served.token_path ?? "", "utf8").trim().length).toBeGreaterThan(40);
    expect(readdirSync(join(runtimeRoot(), "executors", "lark"))).toContain("send.token");
  });

  it("without events have no route for presses", async () => {
    await served.close();
    env = { ...env, LARK_EVENTS: "off" };
    served = await start();
    expect((await press()).status).toBe(404);
  });
});
