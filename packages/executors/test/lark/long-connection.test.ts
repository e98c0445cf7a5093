/** Presses by the platform's long connection: genuine ones are recorded once, and nothing else is heard (LRK-94, LRK-114). */
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect, history, openHost, type FileHost } from "@loopx/core";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { serveSettings } from "../../src/drivers/lark/serve-settings.ts";
import { callbacksProven } from "../../src/drivers/lark/callbacks.ts";
import { serveLark, type ServedLark } from "../../src/drivers/lark/serve.ts";
import { askGate } from "../../src/lark-gates/ask.ts";
import { longConnectionDouble, type LongConnectionDouble } from "../rig/long-connection-double.ts";
import { ioAt } from "../rig/io.ts";

const NONCE = "a".repeat(32);
const TOKEN = ["verify", "me", "please"].join("-");
const SECRET = ["app", "value"].join("-");
const APP = "cli_0123456789abcdef";

let folder: string;
let lark: LongConnectionDouble;
let host: FileHost;
let served: ServedLark;
let env: Record<string, string>;
let printed: string[];

const settings = (more: Record<string, string> = {}) => serveSettings({ ...env, ...more }, folder);

beforeEach(async () => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), "loopx-lark-ws-")));
  mkdirSync(join(folder, ".git"));
  lark = await longConnectionDouble();
  const runtime_root = join(folder, "runtime");
  env = {
    HOME: folder,
    LOOPX_RUNTIME_ROOT: runtime_root,
    LARK_APP_ID: APP,
    LARK_APP_SECRET: SECRET,
    PRIMARY_LARK_CHAT_ID: "oc_primary",
    LARK_BASE_DOMAIN: lark.url,
    LARK_SERVE_PORT: "0",
    LARK_EVENTS: "ws",
    LARK_GATE_OPERATORS: "ou_operator",
    LARK_VERIFICATION_TOKEN: TOKEN,
  };
  printed = [];
  for (const stream of [process.stdout, process.stderr])
    vi.spyOn(stream, "write").mockImplementation((text) => {
      printed.push(String(text));
      return true;
    });
  host = openHost({ cwd: folder, env, home: folder, project: "." });
  await connect(host, { cwd: folder, project: ".", goal_id: "parser", objective: "Make the parser whole" });
  served = await serveLark(settings(), { io: ioAt({ env, home: folder, cwd: folder }), cwd: folder, runtime_root });
  await lark.connected();
});
afterEach(async () => {
  await served.close();
  await lark.close();
  vi.restoreAllMocks();
  rmSync(folder, { recursive: true, force: true });
});

/** Resolves when a server says, or no longer says, that it hears presses. */
async function proven(is: boolean): Promise<void> {
  while ((await callbacksProven(host, Date.now())) !== is) await new Promise((resolve) => setImmediate(resolve));
}

async function ask(): Promise<number> {
  const now = () => ({ ms: Date.now(), offset_minutes: 0 });
  const question = { goal_id: "parser", gate: "promote", question: "May it?", expires_hours: 1, dialect: "1.0", locale: "en" } as const;
  const asked = await askGate(
    { host, outbox: served.outbox, now, nonce: () => NONCE, callbacks: await callbacksProven(host, Date.now()), chat_id: "oc_primary" },
    question,
  );
  expect(asked).toMatchObject({ kind: "asked", callbacks: true, message_id: "om_1" });
  return Math.floor(Date.now() / 1_000) + 3_600;
}

function press(exp: number, more: { header?: Record<string, unknown>; operator?: string } = {}) {
  const value = { v: 1, kind: "loopx_gate", goal_id: "parser", gate: "promote", decision: "approve", nonce: NONCE, exp };
  return {
    schema: "2.0",
    header: { event_id: "e1", token: TOKEN, event_type: "card.action.trigger", app_id: APP, ...more.header },
    event: {
      operator: { open_id: more.operator ?? "ou_operator" },
      action: { tag: "button", value },
      context: { open_message_id: "om_1", open_chat_id: "oc_primary" },
    },
  };
}

const records = async () =>
  (await history(host, { goal_id: "parser", limit: 50 })).runs.filter(({ classification }) => classification.startsWith("operator_gate_"));
const exps = async (asked: number): Promise<number> => {
  const gates = JSON.parse(readFileSync(join(folder, "runtime", "executors", "lark", "gates.json"), "utf8")) as {
    gates: Record<string, { expires_at: number }>;
  };
  return Object.values(gates.gates)[0]?.expires_at ?? asked;
};

describe("the long connection", () => {
  it("hears a press of an open gate, which becomes one record; the same event again does not", async () => {
    await proven(true);
    const exp = await exps(await ask());
    expect(await lark.event(press(exp))).toMatchObject({ code: 200, data: { toast: { type: "success" }, card: { type: "raw" } } });
    expect(await lark.event(press(exp))).toMatchObject({ code: 200, data: { toast: { type: "error" } } });
    expect(await records()).toMatchObject([{ classification: "operator_gate_approved" }]);
    expect(lark.asked).toMatchObject([{ AppID: APP, AppSecret: SECRET }]);
    expect(printed).toEqual([]);
  });

  it.each<[string, object, RegExp | null]>([
    ["a chat message", { schema: "2.0", header: { event_type: "im.message.receive_v1", token: TOKEN, app_id: APP }, event: {} }, null],
    ["a press with another token", press(0, { header: { token: "other" } }), /bad_token/],
    ["a press of another app", press(0, { header: { app_id: "cli_ffffffffffffffff" } }), /bad_app/],
    ["no object at all", ["card.action.trigger"], null],
  ])("answers %s with nothing, and records nothing", async (_, body, logged) => {
    await proven(true);
    await ask();
    expect(await lark.event(body)).toEqual({ code: 200, data: null });
    expect(await records()).toEqual([]);
    const log = join(folder, "runtime", "executors", "lark", "server.jsonl");
    if (logged !== null) expect(readFileSync(log, "utf8")).toMatch(logged);
  });

  it("refuses a press of somebody else, with a word to him", async () => {
    await proven(true);
    const exp = await exps(await ask());
    expect(await lark.event(press(exp, { operator: "ou_other" }))).toMatchObject({ data: { toast: { type: "error" } } });
    expect(await records()).toEqual([]);
  });

  it("that is cut shows no buttons until it stands again, and comes back by itself", async () => {
    await proven(true);
    lark.cut();
    await proven(false);
    await lark.connected();
    await proven(true);
    expect(lark.asked).toHaveLength(2);
  });

  it("is never believed to stand after the server has ended", async () => {
    await proven(true);
    await served.close();
    expect(await callbacksProven(host, Date.now())).toBe(false);
  });
});

describe("its settings", () => {
  it.each<[Record<string, string>, string]>([
    [{ LARK_VERIFICATION_TOKEN: "" }, "LARK_VERIFICATION_TOKEN"],
    [{ LARK_GATE_OPERATORS: "" }, "LARK_GATE_OPERATORS"],
    [{ LARK_APP_SECRET: "" }, "LARK_APP_ID"],
    [{ LARK_APP_ID: "cli_a" }, "LARK_APP_ID"],
  ])("that are not enough do not start: %j", (more, name) => {
    expect(() => settings(more)).toThrow(expect.objectContaining({ code: "config_invalid", details: { variable: name } }));
  });

  it("need no key for requests: nobody has to reach this machine", () => {
    expect(settings().events).toMatchObject({ kind: "ws", listener: { app_id: APP } });
  });
});
