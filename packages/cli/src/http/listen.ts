/**
 * A server on this machine: bound where it was told, limited in time, size and number of connections (REL-120 ff, LPR-14).
 * It knows no route; what it is given answers.
 */
import type { IncomingMessage } from "node:http";
import { createAdaptorServer, type HttpBindings } from "@hono/node-server";
import { LoopxError } from "@loopx/core/domain";
import { headerPairs, type RawHeaders } from "./policy.ts";

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

/** Throws `port_busy` when somebody else listens there. Port 0 is any free one. */
export async function listen(answer: Answering, at: { host: string; port: number }, limits: ServerLimits): Promise<Listening> {
  const server = createAdaptorServer({
    fetch: answer as Parameters<typeof createAdaptorServer>[0]["fetch"],
    overrideGlobalObjects: false,
    serverOptions: {
      headersTimeout: limits.headers_ms,
      requestTimeout: limits.request_ms,
      connectionsCheckingInterval: 500,
      maxHeaderSize: limits.header_bytes,
      keepAliveTimeout: 5_000,
    },
  });
  server.maxConnections = limits.connections;
  const port = await new Promise<number>((resolve, reject) => {
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
  return {
    host: at.host,
    port,
    close: async (grace_ms) => {
      const closed = new Promise<void>((resolve) => {
        server.close(() => resolve());
      });
      if ("closeIdleConnections" in server) server.closeIdleConnections();
      const timer = setTimeout(() => {
        if ("closeAllConnections" in server) server.closeAllConnections();
      }, grace_ms);
      await closed;
      clearTimeout(timer);
    },
  };
}

/** The headers as they came, doubled ones too. */
export function rawHeaders({ incoming }: { readonly incoming: Pick<IncomingMessage, "rawHeaders"> }): RawHeaders {
  return headerPairs(incoming.rawHeaders);
}

/** Where the client stands. */
export function addressOf({ incoming }: { readonly incoming: IncomingMessage }): string {
  return incoming.socket.remoteAddress ?? "unknown";
}

/** The body up to its limit; null past it, claimed or real. */
export async function readBody(request: Request, max: number): Promise<Uint8Array | null> {
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const part of request.body ?? []) {
    size += part.length;
    if (size > max) return null;
    parts.push(part);
  }
  return Buffer.concat(parts);
}
