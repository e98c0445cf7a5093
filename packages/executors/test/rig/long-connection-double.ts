/**
 * The platform's side of a long connection on loopback: it takes any message, names its endpoint, takes one WebSocket, sends events in the
 * platform's own frames, and hands what is answered to the test.
 */
import { createHash } from "node:crypto";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";

export interface LongConnectionDouble {
  readonly url: string;
  /** Bodies of the requests for an endpoint. */
  readonly asked: readonly Record<string, unknown>[];
  /** The next request for an endpoint is answered so. */
  planEndpoint(body: unknown): void;
  connected(): Promise<void>;
  /** Sends an event and resolves with what it is answered: `data`, decoded, or null. */
  event(body: unknown): Promise<{ readonly code: number; readonly data: Record<string, unknown> | null }>;
  /** Cuts the connection. */
  cut(): void;
  close(): Promise<void>;
}

export async function longConnectionDouble(): Promise<LongConnectionDouble> {
  const asked: Record<string, unknown>[] = [];
  const planned: unknown[] = [];
  const answers: ((text: string) => void)[] = [];
  const waiting: (() => void)[] = [];
  let socket: Duplex | null = null;
  let port = 0;
  let sent = 0;
  const server = createServer((request, response) => {
    void textOf(request).then((text) => {
      if (request.url !== "/callback/ws/endpoint") {
        // Everything else is a token or a message.
        const body = { code: 0, tenant_access_token: "t-1", expire: 7_200, data: { message_id: "om_1" } };
        response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(body));
        return;
      }
      asked.push(JSON.parse(text) as Record<string, unknown>);
      const config = { PingInterval: 120, ReconnectCount: -1, ReconnectInterval: 0.01, ReconnectNonce: 0 };
      const usual = { code: 0, msg: "", data: { URL: `ws://127.0.0.1:${port}/ws?device_id=d1&service_id=7`, ClientConfig: config } };
      response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(planned.shift() ?? usual));
    });
  });
  server.on("upgrade", (request, given: Duplex) => {
    const key = `${request.headers["sec-websocket-key"] ?? ""}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`;
    const accept = createHash("sha1").update(key).digest("base64");
    given.write(`HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`);
    socket = given;
    given.on("error", () => {});
    let bytes = Buffer.alloc(0);
    given.on("data", (part: Buffer) => {
      bytes = Buffer.concat([bytes, part]);
      for (let frame = unmasked(bytes); frame !== null; frame = unmasked(bytes)) {
        bytes = bytes.subarray(frame.size);
        const payload = frame.opcode === 2 ? payloadOf(frame.payload) : null;
        if (payload !== null) answers.shift()?.(payload);
      }
    });
    for (const wake of waiting.splice(0)) wake();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  port = (server.address() as AddressInfo).port;
  return {
    url: `http://127.0.0.1:${port}`,
    asked,
    planEndpoint: (body) => void planned.push(body),
    connected: async () => (socket === null ? new Promise((wake) => waiting.push(wake)) : undefined),
    event: async (body) => {
      const answer = new Promise<string>((resolve) => answers.push(resolve));
      const headers = { type: "event", message_id: `m${++sent}`, sum: "1", seq: "0", trace_id: "t" };
      socket?.write(masklessFrame(frameOf(headers, JSON.stringify(body))));
      const { code, data } = JSON.parse(await answer) as { code: number; data?: string };
      const decoded = data === undefined ? null : (JSON.parse(Buffer.from(data, "base64").toString()) as Record<string, unknown>);
      return { code, data: decoded };
    },
    cut: () => {
      socket?.destroy();
      socket = null;
    },
    close: () =>
      new Promise((resolve) => {
        socket?.destroy();
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

async function textOf(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return Buffer.concat(parts).toString("utf8");
}

/** A frame of the platform: service 7, method 1 (data), headers, payload. */
function frameOf(headers: Readonly<Record<string, string>>, payload: string): Buffer {
  const text = (field: number, value: string): Buffer => {
    const bytes = Buffer.from(value);
    return Buffer.concat([Buffer.from([field * 8 + 2]), varint(bytes.length), bytes]);
  };
  const pairs = Object.entries(headers).map(([key, value]) => Buffer.concat([text(1, key), text(2, value)]));
  return Buffer.concat([
    Buffer.from([8, 1, 16, 0, 24, 7, 32, 1]),
    ...pairs.map((pair) => Buffer.concat([Buffer.from([42]), varint(pair.length), pair])),
    text(8, payload),
  ]);
}

/** Field 8 of a frame of data; null for a ping, which has none. */
function payloadOf(frame: Buffer): string | null {
  for (let at = 0; at < frame.length;) {
    const tag = readVarint(frame, at);
    const value = readVarint(frame, tag.next);
    if (tag.value % 8 !== 2) at = value.next;
    else if (tag.value === 66) return frame.subarray(value.next, value.next + value.value).toString("utf8");
    else at = value.next + value.value;
  }
  return null;
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  for (let rest = value; ; rest = Math.floor(rest / 128)) {
    bytes.push(rest < 128 ? rest : (rest % 128) + 128);
    if (rest < 128) return Buffer.from(bytes);
  }
}

function readVarint(bytes: Buffer, from: number): { readonly value: number; readonly next: number } {
  let value = 0;
  for (let at = from, factor = 1; ; at++, factor *= 128) {
    const byte = bytes[at] ?? 0;
    value += (byte % 128) * factor;
    if (byte < 128) return { value, next: at + 1 };
  }
}

function masklessFrame(payload: Buffer): Buffer {
  const length = payload.length < 126 ? Buffer.from([payload.length]) : Buffer.from([126, payload.length >> 8, payload.length & 255]);
  return Buffer.concat([Buffer.from([0x82]), length, payload]);
}

/** The first whole frame of a client; null while it has not come. */
function unmasked(bytes: Buffer): { readonly opcode: number; readonly payload: Buffer; readonly size: number } | null {
  if (bytes.length < 2) return null;
  const short = (bytes[1] ?? 0) & 127;
  const start = short === 126 ? 4 : 2;
  if (short === 127 || bytes.length < start + 4) return null;
  const length = short === 126 ? bytes.readUInt16BE(2) : short;
  const size = start + 4 + length;
  if (bytes.length < size) return null;
  const mask = bytes.subarray(start, start + 4);
  const payload = Buffer.from(bytes.subarray(start + 4, size).map((byte, index) => byte ^ (mask[index % 4] ?? 0)));
  return { opcode: (bytes[0] ?? 0) & 15, payload, size };
}
