/** What is attacked, and the requests that it would take: an attack is one of these with one thing changed. */
import type { Sent } from "./exchange.ts";

/** A route that changes something. */
export interface AttackedWrite {
  readonly path: string;
  /** A body that it takes, with the token and `application/json`. */
  readonly body: string;
  /** What it says to a key that means nothing, and to no body at all. */
  readonly unknown_field: "refused" | "ignored";
  readonly empty_body: "refused" | "taken";
}

/** A server as its test opened it: with the product's bounds on sizes, and short ones on time. */
export interface Attacked {
  readonly port: number;
  readonly token: string;
  /** A second header that takes the token. */
  readonly token_header?: string;
  /** Answers 200 to a GET of everybody. */
  readonly open: string;
  /** Answers 200 to a GET, and whether only to those who have the token. */
  readonly reads: readonly { readonly path: string; readonly token: boolean }[];
  /** GETs whose query names what it may not; 400. */
  readonly bad_reads?: readonly string[];
  readonly writes: readonly AttackedWrite[];
  readonly body_bytes: number;
  readonly connections: number;
  /** Everything that was done so far, as a text; two equal texts mean that nothing was done in between. */
  readonly effects: () => string | Promise<string>;
  /** Logs, argument lists and environments, in which no token may stand. */
  readonly traces: () => string | Promise<string>;
}

/** A token that nobody has. */
export const WRONG_TOKEN = ["wrong", "token", "that", "nobody", "wrote"].join("-");

/** The lines of a request. A header that is null is left out. */
function lines(start: string, headers: readonly (readonly [string, string | null])[]): string {
  const said = headers.flatMap(([name, value]) => (value === null ? [] : [`${name}: ${value}\r\n`]));
  return `${start} HTTP/1.1\r\n${said.join("")}\r\n`;
}

/** What is not as it should be; null leaves a header out. */
export interface Changes {
  readonly method?: string;
  readonly host?: string | null;
  readonly token?: string | null;
  readonly type?: string | null;
  readonly length?: string | null;
  /** Leaves the end of the connection to the server. */
  readonly keep?: true;
  readonly more?: readonly (readonly [string, string])[];
}

/** A POST to that path, right but for the changes. */
export function posted(server: Attacked, path: string, body: string | Buffer, changes: Changes = {}): Sent {
  const { method = "POST", host = `127.0.0.1:${server.port}`, token = `Bearer ${server.token}`, type = "application/json" } = changes;
  const { length = String(Buffer.byteLength(body)), more = [] } = changes;
  const headers = [
    ["Host", host],
    ["Connection", changes.keep === true ? "keep-alive" : "close"],
    ["Authorization", token],
    ["Content-Type", type],
    ["Content-Length", length],
    ...more,
  ] as const;
  return [lines(`${method} ${path}`, headers), body];
}

/** A GET of that path, right but for the changes. */
export function got(server: Attacked, path: string, changes: Changes = {}): Sent {
  const { method = "GET", host = `127.0.0.1:${server.port}`, token = `Bearer ${server.token}`, more = [] } = changes;
  return [lines(`${method} ${path}`, [["Host", host], ["Connection", "close"], ["Authorization", token], ...more])];
}
