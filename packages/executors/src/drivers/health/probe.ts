/**
 * Asks a server on this machine whether it is well, and whether it is the one we started: an answer of another process is
 * not health (WTL-77). One request, no redirect, no proxy, bounded in time and bytes.
 */
import { request } from "node:http";

const PROBE_MS = 2_000;
const BODY_LIMIT = 64 * 1024;

/** What to ask. */
export interface Probe {
  readonly port: number;
  /** Begins with `/`. */
  readonly path: string;
  readonly timeout_ms?: number;
}

/** What came back. `instance`: who the answering server says it is. */
export type Probed =
  | { readonly kind: "well"; readonly status: number; readonly instance: string | null }
  | { readonly kind: "unwell"; readonly status: number; readonly instance: string | null }
  | { readonly kind: "silent"; readonly why: string };

/** One look; never throws for what a server does. */
export function probe({ port, path, timeout_ms = PROBE_MS }: Probe): Promise<Probed> {
  return new Promise((resolve) => {
    const asked = request(
      {
        host: "127.0.0.1",
        port,
        path,
        method: "GET",
        agent: false,
        headers: { connection: "close", accept: "application/json, text/plain" },
      },
      (answer) => {
        const chunks: Buffer[] = [];
        let size = 0;
        answer.on("data", (chunk: Buffer) => {
          size += chunk.length;
          if (size <= BODY_LIMIT) chunks.push(chunk);
          else answer.destroy();
        });
        const done = (): void => {
          const status = answer.statusCode ?? 0;
          const header = answer.headers["x-loopx-instance"];
          const instance = typeof header === "string" ? header : instanceIn(Buffer.concat(chunks).toString("utf8"));
          settle({ kind: status >= 200 && status < 300 ? "well" : "unwell", status, instance });
        };
        answer.once("end", done).once("close", done).once("error", done);
      },
    );
    const timer = setTimeout(() => asked.destroy(new Error("no answer in time")), timeout_ms);
    const settle = (probed: Probed): void => {
      clearTimeout(timer);
      resolve(probed);
    };
    asked.once("error", (error: NodeJS.ErrnoException) => settle({ kind: "silent", why: error.code ?? error.message }));
    asked.end();
  });
}

function instanceIn(body: string): string | null {
  try {
    const value = JSON.parse(body) as { instance_id?: unknown } | null;
    return typeof value?.instance_id === "string" ? value.instance_id : null;
  } catch {
    return null;
  }
}
