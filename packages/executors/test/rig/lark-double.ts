/**
 * A Lark (and a Zulip) on loopback that a test answers: every request is kept, and each waits for the answer that the test
 * has laid ready, or gets the usual one. It drops a second message with one uuid, as the platform does.
 */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export interface Seen {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly body: Readonly<Record<string, unknown>>;
  readonly text: string;
}

/** An answer to one request: a status with a body and headers, silence, or a cut connection. */
export type Reply = Spoken | "hang" | "reset";

interface Spoken {
  readonly status?: number;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface LarkDouble {
  readonly url: string;
  /** Requests for messages, in the order they came. */
  readonly messages: readonly Seen[];
  readonly tokens: readonly Seen[];
  /** The chat as people see it: one entry a message that arrived, by its uuid. */
  readonly delivered: readonly string[];
  /** Answers for the next requests for messages, in order. */
  plan(...replies: readonly Reply[]): void;
  planToken(...replies: readonly Reply[]): void;
  /** Resolves when so many requests for messages have come. */
  came(count: number): Promise<void>;
  close(): Promise<void>;
}

export async function larkDouble(): Promise<LarkDouble> {
  const messages: Seen[] = [];
  const tokens: Seen[] = [];
  const delivered: string[] = [];
  const planned: Reply[] = [];
  const plannedTokens: Reply[] = [];
  const uuids = new Map<string, string>();
  const waiting: (() => void)[] = [];

  const answer = (seen: Seen, response: ServerResponse): void => {
    const isToken = seen.path.startsWith("/open-apis/auth/");
    (isToken ? tokens : messages).push(seen);
    const usual = isToken
      ? { body: { code: 0, msg: "ok", tenant_access_token: `t-${tokens.length}`, expire: 7_200 } }
      : { body: accept(seen) };
    const reply: Reply = (isToken ? plannedTokens : planned).shift() ?? usual;
    for (const wake of waiting.splice(0)) wake();
    if (reply === "hang") return;
    if (reply === "reset") return void response.socket?.destroy();
    const body = reply.body ?? {};
    response.writeHead(reply.status ?? 200, { "content-type": "application/json", ...reply.headers });
    response.end(typeof body === "string" ? body : JSON.stringify(body));
  };
  const accept = (seen: Seen): unknown => {
    const uuid = typeof seen.body["uuid"] === "string" ? seen.body["uuid"] : `none-${messages.length}`;
    const known = uuids.get(uuid);
    const message_id = known ?? `om_${messages.length}`;
    if (known === undefined) {
      uuids.set(uuid, message_id);
      delivered.push(String(seen.body["content"] ?? seen.text));
    }
    return { code: 0, msg: "success", result: "success", id: delivered.length, data: { message_id } };
  };
  const server = createServer((request, response) => {
    void read(request).then((seen) => answer(seen, response));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    messages,
    tokens,
    delivered,
    plan: (...replies) => void planned.push(...replies),
    planToken: (...replies) => void plannedTokens.push(...replies),
    came: async (count) => {
      while (messages.length < count) await new Promise<void>((wake) => waiting.push(wake));
    },
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

async function read(request: IncomingMessage): Promise<Seen> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  const text = Buffer.concat(parts).toString("utf8");
  const isForm = request.headers["content-type"]?.includes("form") === true;
  const body = (text === "" ? {} : isForm ? Object.fromEntries(new URLSearchParams(text)) : JSON.parse(text)) as Record<string, unknown>;
  return { method: request.method ?? "", path: request.url ?? "", headers: request.headers, body, text };
}
