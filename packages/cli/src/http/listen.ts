/**
 * A server on this machine: bound where it was told, limited in time, size and number of connections (REL-106, REL-107,
 * REL-128, LPR-14). It knows no route; what it is given answers. A request that nobody could read the same way twice is
 * refused here, with the headers that every answer carries.
 */
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { Duplex } from "node:stream";
import { getRequestListener, type HttpBindings } from "@hono/node-server";
import { headerPairs, isMalformed, LoopxError, type RawHeaders, type RawRequest } from "@loopx/core/domain";

/** Bounds of a server; a client that is slower or larger is cut off. */
export interface ServerLimits {
  readonly headers_ms: number;
  readonly request_ms: number;
  readonly connections: number;
  readonly header_bytes: number;
}

export interface Listening {
  readonly host: string;
  readonly port: number;
  /** Takes no new request; open ones have that long. */
  close(grace_ms: number): Promise<void>;
}

/** What a route of such a server finds as `c.env`. */
export type Bindings = HttpBindings;

type Answering = (request: Request, env: Bindings) => Response | Promise<Response>;

/** What stands in every answer, whatever it says (REL-131). */
export const ANSWER_HEADERS = {
  "cache-control": "no-store",
  "x-content-type-options": "nosniff",
  "cross-origin-resource-policy": "same-origin",
  "referrer-policy": "no-referrer",
} as const;

/** Node looks for slow clients every 30 s by itself. */
const LOOK_MS = 500;

/** Throws `port_busy` when somebody else listens there. Port 0 is any free one. */
export async function listen(answer: Answering, at: { host: string; port: number }, limits: ServerLimits): Promise<Listening> {
  // A request without a Host is still answered by the server, which refuses it in its own form.
  const act = getRequestListener(answer as Parameters<typeof getRequestListener>[0], { hostname: at.host, overrideGlobalObjects: false });
  const options = {
    headersTimeout: limits.headers_ms,
    requestTimeout: limits.request_ms,
    connectionsCheckingInterval: Math.min(LOOK_MS, limits.headers_ms),
    maxHeaderSize: limits.header_bytes,
    keepAliveTimeout: 5_000,
    // Said by the server in its own form, like every other refusal of a Host.
    requireHostHeader: false,
  };
  const server = createServer(options, (incoming, outgoing) => {
    if (isMalformed(rawRequest({ incoming }))) refuse(outgoing.socket ?? incoming.socket, 400);
    else void act(incoming, outgoing);
  });
  server.maxConnections = limits.connections;
  server.on("clientError", (error: NodeJS.ErrnoException, socket) => refuse(socket, STATUS_OF[error.code ?? ""] ?? 400));
  const port = await opened(server, at);
  return {
    host: at.host,
    port,
    close: async (grace_ms) => {
      const closed = new Promise<void>((resolve) => {
        server.close(() => resolve());
      });
      server.closeIdleConnections();
      const timer = setTimeout(() => server.closeAllConnections(), grace_ms);
      await closed;
      clearTimeout(timer);
    },
  };
}

async function opened(server: Server, at: { readonly host: string; readonly port: number }): Promise<number> {
  return new Promise<number>((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => {
      reject(
        error.code === "EADDRINUSE"
          ? new LoopxError("port_busy", `port ${at.port} of ${at.host} is in use`, {
              hint: "stop the other program, or choose another --port",
            })
          : error,
      );
    });
    server.listen(at.port, at.host, () => {
      const address = server.address();
      resolve(typeof address === "object" && address !== null ? address.port : at.port);
    });
  });
}

const STATUS_OF: Readonly<Record<string, Unread>> = { HPE_HEADER_OVERFLOW: 431, ERR_HTTP_REQUEST_TIMEOUT: 408 };
const WORDS = { 400: "Bad Request", 408: "Request Timeout", 431: "Request Header Fields Too Large" } as const;
type Unread = keyof typeof WORDS;

/** The answer to what was no request, and the end of its connection. */
function refuse(socket: Duplex, status: Unread): void {
  if (!socket.writable) return void socket.destroy();
  const headers = { ...ANSWER_HEADERS, "content-length": "0", connection: "close" };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.end(`HTTP/1.1 ${status} ${WORDS[status]}\r\n${lines.join("")}\r\n`, () => socket.destroy());
}

/** Method, target and headers as they came, doubled ones too. */
export function rawRequest({ incoming }: { readonly incoming: Pick<IncomingMessage, "method" | "url" | "rawHeaders"> }): RawRequest {
  return { method: incoming.method ?? "", target: incoming.url ?? "", headers: rawHeaders({ incoming }) };
}

/** The headers as they came. */
export function rawHeaders({ incoming }: { readonly incoming: Pick<IncomingMessage, "rawHeaders"> }): RawHeaders {
  return headerPairs(incoming.rawHeaders);
}

/** Where the client stands. */
export function addressOf({ incoming }: { readonly incoming: IncomingMessage }): string {
  return incoming.socket.remoteAddress ?? "unknown";
}
