/** Puts a real `lark serve` together: settings, token, port, and the look at the gates that goes on while it serves. */
import { join } from "node:path";
import { openHost, type FileHost } from "@loopx/core";
import { formatInstant, LoopxError, type Moment } from "@loopx/core/domain";
import type { Io } from "@loopx/cli/program";
import { larkServer } from "../../lark-http/server.ts";
import { tendGates } from "../../lark-gates/press.ts";
import type { AnswerGround } from "../../lark-gates/press-answer.ts";
import type { Outbox } from "../../notify/outbox.ts";
import type { Timing } from "../../scenario/run.ts";
import { machineMoment } from "../clock.ts";
import { isSameToken, listen, readToken, writeToken, type Listening, type ServerLimits } from "@loopx/cli/http";
import { openNotify } from "../notify/open.ts";
import { realTiming } from "../timing.ts";
import { wayBack } from "./callbacks.ts";
import { openLongConnection } from "./long-connection.ts";
import type { ServeSettings } from "./serve-settings.ts";

const EXECUTOR = "lark";
/** REL-106, REL-107. */
export const LIMITS: ServerLimits = { headers_ms: 3_000, request_ms: 5_000, connections: 64, header_bytes: 8_192 };
/** How often the gates are looked at. */
const TICK_MS = 30_000;
const CLOSE_MS = 3_000;

/** Where a line stands. */
export interface LarkPlace {
  readonly io: Io;
  readonly cwd: string;
  readonly runtime_root: string;
  /** Others in tests. */
  readonly timing?: Timing;
  readonly limits?: Partial<ServerLimits>;
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
  const press = pressGround(host, outbox, settings.operators, now, timing);
  const way = wayBack(host, now);
  const app = larkServer({
    ...press,
    hosts: () => ["127.0.0.1", "localhost", "[::1]"].map((name) => `${name}:${port}`),
    isToken: (given) => isSameToken(given, token),
    chats: settings.chats,
    keys: settings.events.kind === "http" ? settings.events.keys : null,
    proven: () => way.open(true),
    newKey: () => host.ids.next("send_"),
  });
  const listening = await listen((request, env) => app.fetch(request, env), { host: settings.host, port }, { ...LIMITS, ...place.limits });
  port = listening.port;
  const connection =
    settings.events.kind === "ws" ? await openLongConnection(settings.events.listener, press, (ready) => void way.open(ready)) : null;
  const tick = async (): Promise<void> => {
    await connection?.revive();
    await way.renew();
    if (settings.events.kind !== "off") await tendGates(press);
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
      connection?.close();
      await listening.close(CLOSE_MS);
      await outbox.close(CLOSE_MS);
      await way.open(false);
      await held.release();
    },
  };
}

function pressGround(host: FileHost, outbox: Outbox, operators: readonly string[], now: () => Moment, timing: Timing): AnswerGround {
  return {
    host,
    outbox,
    policy: { operators },
    now,
    recording: new Map(),
    timing,
    log: (event, fields) => {
      const line = { at: formatInstant(now(), "milliseconds"), event, ...fields };
      void host.logs.append({ kind: "executor_log", executor: EXECUTOR, name: "server" }, line);
    },
  };
}

function larkHost({ io, cwd, runtime_root }: LarkPlace): FileHost {
  return openHost({
    cwd,
    env: io.env,
    home: io.home,
    command: "loopx-loop lark serve",
    runtime_root,
    observer: io.observer,
    ...(io.clock === undefined ? {} : { clock: io.clock }),
    ...(io.ids === undefined ? {} : { ids: io.ids }),
  });
}
