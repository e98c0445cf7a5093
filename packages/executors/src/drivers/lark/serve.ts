/** Puts a real `lark serve` together: settings, token, port, and the look at the gates that goes on while it serves. */
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { openHost, type FileHost } from "@loopx/core";
import { formatInstant, LoopxError, type Moment } from "@loopx/core/domain";
import type { CallbackKeys } from "@loopx/lark-card/crypto";
import type { Io } from "@loopx/cli/program";
import { larkServer } from "../../lark-http/server.ts";
import { tendGates, type PressGround } from "../../lark-gates/press.ts";
import type { Outbox } from "../../notify/outbox.ts";
import { allowedChats, larkIdentity, listOf, value, wrong, type NotifySettings, type Variables } from "../../notify/settings.ts";
import { machineMoment } from "../clock.ts";
import { listen, type Listening, type ServerLimits } from "@loopx/cli/http";
import { openNotify, readSecret, settingsOf } from "../notify/open.ts";
import type { Timing } from "../../scenario/run.ts";
import { realTiming } from "../timing.ts";
import { isSameToken, readToken, writeToken } from "../token.ts";

const EXECUTOR = "lark";
const PROOF = { kind: "executor_state", executor: EXECUTOR, name: "callbacks.json" } as const;
/** REL-106, REL-107. */
export const LIMITS: ServerLimits = { headers_ms: 3_000, request_ms: 5_000, connections: 64, header_bytes: 8_192 };
const TOKEN_LENGTH = 16;
/** How often the gates are looked at, and for how long a proof of the way back holds. */
const TICK_MS = 30_000;
const PROOF_MS = 90_000;
const CLOSE_MS = 3_000;
const OPEN_ID = /^ou_[\w-]{1,64}$/;

/** Where a line stands. */
export interface LarkPlace {
  readonly io: Io;
  readonly cwd: string;
  readonly runtime_root: string;
  /** Others in tests. */
  readonly timing?: Timing;
  readonly limits?: Partial<ServerLimits>;
}

/** What the variables say about the server (LRK-89, LRK-94). */
export interface ServeSettings {
  readonly host: string;
  readonly port: number;
  readonly chats: readonly string[];
  readonly keys: CallbackKeys | null;
  readonly operators: readonly string[];
  readonly token: string | null;
  readonly notify: NotifySettings;
}

/** The settings, or the first variable that is wrong. */
export function serveSettings(env: Variables, home: string): ServeSettings {
  const host = value(env, "LARK_SERVE_HOST") ?? "127.0.0.1";
  const port = Number(value(env, "LARK_SERVE_PORT") ?? "8082");
  if (!Number.isInteger(port) || port < 0 || port > 65_535) throw wrong("LARK_SERVE_PORT", "is a port");
  const token = value(env, "LARK_SEND_TOKEN") ?? null;
  if (token !== null && token.length < TOKEN_LENGTH) throw wrong("LARK_SEND_TOKEN", `has ${TOKEN_LENGTH} characters or more`);
  if (!["127.0.0.1", "::1", "localhost"].includes(host) && token === null)
    throw wrong("LARK_SERVE_HOST", "is not this machine alone, so LARK_SEND_TOKEN has to be set");
  const operators = listOf(env, "LARK_GATE_OPERATORS");
  if (operators.some((id) => !OPEN_ID.test(id))) throw wrong("LARK_GATE_OPERATORS", "is a comma list of open ids (ou_…)");
  return { host, port, chats: allowedChats(env), keys: callbackKeys(env, operators), operators, token, notify: settingsOf(env, home) };
}

function callbackKeys(env: Variables, operators: readonly string[]): CallbackKeys | null {
  const events = value(env, "LARK_EVENTS") ?? "off";
  if (events === "off") return null;
  if (events !== "http") throw wrong("LARK_EVENTS", "is off or http");
  const names = ["LARK_ENCRYPT_KEY", "LARK_VERIFICATION_TOKEN"] as const;
  for (const name of names)
    if ((value(env, name) ?? "").length < 8) throw wrong(name, "has to be set, with 8 characters or more, for LARK_EVENTS=http");
  if (operators.length === 0)
    throw wrong("LARK_GATE_OPERATORS", "names nobody, so nobody could decide; it has to be set for LARK_EVENTS=http");
  const identity = larkIdentity(env, readSecret);
  if (identity === null) throw wrong("LARK_APP_ID", "has to be set with its secret for LARK_EVENTS=http");
  const [encrypt_key = "", verification_token = ""] = names.map((name) => value(env, name));
  return { encrypt_key, verification_token, app_id: identity.app_id };
}

/** A server that serves. */
export interface ServedLark {
  readonly listening: Listening;
  readonly token_path: string | null;
  readonly outbox: Outbox;
  /** Looks at the gates now; it also happens by itself. */
  tick(): Promise<void>;
  close(): Promise<void>;
}

/** Opens the port. Only one server may stand over a runtime root: two would each write the record of a press. */
export async function serveLark(settings: ServeSettings, place: LarkPlace): Promise<ServedLark> {
  const { io, timing = realTiming } = place;
  const host = larkHost(place);
  const dir = join(place.runtime_root, "executors", EXECUTOR);
  const held = await host.lock.acquire(join(dir, "lock", "service"), { wait_ms: 0, command: "loopx-loop lark serve" });
  if (held.kind === "busy") throw new LoopxError("port_busy", "another lark serve stands over this runtime root", { hint: "end it first" });
  const now = (): Moment => machineMoment(io.clock);
  const outbox = openNotify({ host, env: io.env, home: io.home, timing, now, executor: EXECUTOR }, settings.notify);
  const token_path = settings.token === null ? join(dir, "send.token") : null;
  const token = settings.token ?? readToken(token_path ?? "") ?? writeToken(token_path ?? "");
  let port = settings.port;
  let proven = false;
  const press: PressGround = { host, outbox, policy: { operators: settings.operators }, now, recording: new Map() };
  const prove = async (): Promise<void> => {
    proven = true;
    await host.documents.update(PROOF, () => ({ write: `${JSON.stringify({ until_ms: now().ms + PROOF_MS })}\n`, value: null }));
  };
  const app = larkServer({
    ...press,
    hosts: () => ["127.0.0.1", "localhost", "[::1]"].map((name) => `${name}:${port}`),
    isToken: (given) => isSameToken(given, token),
    chats: settings.chats,
    keys: settings.keys,
    proven: prove,
    newKey: () => host.ids.next("send_"),
    timing,
    log: (event, fields) => {
      const line = { at: formatInstant(now(), "milliseconds"), event, ...fields };
      void host.logs.append({ kind: "executor_log", executor: EXECUTOR, name: "server" }, line);
    },
  });
  const listening = await listen((request, env) => app.fetch(request, env), { host: settings.host, port }, { ...LIMITS, ...place.limits });
  port = listening.port;
  const tick = async (): Promise<void> => {
    if (proven) await prove();
    if (settings.keys !== null) await tendGates(press);
  };
  await tick();
  const timer = setInterval(() => void tick().catch(() => {}), TICK_MS);
  return {
    listening,
    token_path,
    outbox,
    tick,
    close: async () => {
      clearInterval(timer);
      await listening.close(CLOSE_MS);
      await outbox.close(CLOSE_MS);
      await host.documents.update(PROOF, () => ({ write: `${JSON.stringify({ until_ms: 0 })}\n`, value: null }));
      await held.release();
    },
  };
}

/** True while a server of this runtime root hears the platform. */
export async function callbacksProven(host: FileHost, now_ms: number): Promise<boolean> {
  const found = await host.documents.read(PROOF);
  if (found.kind !== "found") return false;
  try {
    const proof: unknown = JSON.parse(found.text);
    return typeof proof === "object" && proof !== null && "until_ms" in proof && Number(proof.until_ms) > now_ms;
  } catch {
    return false;
  }
}

/** A nonce that nobody can guess. */
export function freshNonce(): string {
  return randomBytes(16).toString("hex");
}

function larkHost({ io, cwd, runtime_root }: LarkPlace): FileHost {
  return openHost({
    cwd,
    env: io.env,
    home: io.home,
    command: "loopx-loop lark serve",
    runtime_root,
    ...(io.clock === undefined ? {} : { clock: io.clock }),
    ...(io.ids === undefined ? {} : { ids: io.ids }),
  });
}
