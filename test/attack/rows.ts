/** The rows of the attack table: requests as bytes, and what each is answered (REL-171). */
import type { Sent } from "./exchange.ts";
import { got, posted, WRONG_TOKEN, type Attacked, type AttackedWrite, type Changes } from "./request.ts";

/** One request and its answer. */
export interface Row {
  readonly name: string;
  readonly status: readonly number[];
  readonly send: Sent;
  /** Goes on byte by byte, until the server has had enough. */
  readonly drips?: true;
  /** Refused rows change nothing. */
  readonly refused: boolean;
}

/** The whole table for that server. */
export function rowsOf(server: Attacked): readonly Row[] {
  return [...server.writes.flatMap((write) => writeRows(server, write)), ...readRows(server), ...pathRows(server), ...goodRows(server)];
}

function writeRows(server: Attacked, { path, body, unknown_field, empty_body }: AttackedWrite): readonly Row[] {
  const { port, body_bytes } = server;
  const row = (name: string, status: readonly number[], send: Sent): Row => ({
    name: `POST ${path}, ${name}`,
    status,
    send,
    refused: true,
  });
  const by = (name: string, status: number, changes: Changes): Row => row(name, [status], posted(server, path, body, changes));
  const of = (name: string, text: string | Buffer): Row => row(name, [400], posted(server, path, text));
  const filled = (key: string): string => `${body.slice(0, -1)}${body === "{}" ? "" : ","}${key}}`;
  const deep = filled(`"deep":${"[".repeat(32)}${"]".repeat(32)}`);
  const big = `${body.slice(0, -1)}${" ".repeat(body_bytes)}}`;
  const chunk = `${body_bytes.toString(16)}\r\n${" ".repeat(body_bytes)}\r\n`;
  return [
    by("another Host", 421, { host: `evil.example:${port}` }),
    by("a Host that begins like ours", 421, { host: `127.0.0.1.evil.example:${port}` }),
    by("another port", 421, { host: `127.0.0.1:${port === 65_535 ? 1 : port + 1}` }),
    by("no port", 421, { host: "127.0.0.1" }),
    by("an empty Host", 421, { host: "" }),
    by("no Host", 421, { host: null }),
    by("two Hosts", 400, { more: [["Host", `127.0.0.1:${port}`]] }),
    by("a Host twice, the second foreign", 400, { more: [["host", "evil.example"]] }),
    by("a page of another origin", 403, { more: [["Origin", "https://evil.example"]] }),
    by("a page of no origin", 403, { more: [["Origin", "null"]] }),
    by("a page of another port", 403, { more: [["Origin", "http://localhost:9"]] }),
    by("a page of ours by https", 403, { more: [["Origin", `https://127.0.0.1:${port}`]] }),
    by("another site", 403, { more: [["Sec-Fetch-Site", "cross-site"]] }),
    by("a neighbour's site", 403, { more: [["Sec-Fetch-Site", "same-site"]] }),
    by("a preflight", 405, {
      method: "OPTIONS",
      more: [
        ["Origin", "https://evil.example"],
        ["Access-Control-Request-Method", "POST"],
      ],
    }),
    by("PUT", 405, { method: "PUT" }),
    by("DELETE", 405, { method: "DELETE" }),
    by("TRACE", 405, { method: "TRACE" }),
    by("GET with a body", 405, { method: "GET" }),
    by("a method in another header", 405, { method: "PATCH", more: [["X-HTTP-Method-Override", "POST"]] }),
    by("no token", 401, { token: null }),
    by("a wrong token", 401, { token: `Bearer ${WRONG_TOKEN}` }),
    by("an empty token", 401, { token: "Bearer " }),
    by("the token with more behind it", 401, { token: `Bearer ${server.token}x` }),
    by("the token's beginning", 401, { token: ["Bearer", server.token.slice(0, -1)].join(" ") }),
    by("the token of another scheme", 401, { token: ["Basic", server.token].join(" ") }),
    by("the token twice", 401, { more: [["Authorization", `Bearer ${server.token}`]] }),
    by("the token as a cookie", 401, { token: null, more: [["Cookie", ["token", server.token].join("=")]] }),
    row("the token in the query", [401], posted(server, `${path}?${["token", server.token].join("=")}`, body, { token: null })),
    ...(server.token_header === undefined
      ? []
      : [
          by("two tokens that differ", 401, { more: [[server.token_header, WRONG_TOKEN]] }),
          by("its own header twice", 401, {
            token: null,
            more: [
              [server.token_header, server.token],
              [server.token_header, server.token],
            ],
          }),
        ]),
    by("plain text", 415, { type: "text/plain" }),
    by("a form", 415, { type: "application/x-www-form-urlencoded" }),
    by("no type", 415, { type: null }),
    by("a type that begins like ours", 415, { type: "application/json-patch+json" }),
    by("two types", 415, { more: [["Content-Type", "text/plain"]] }),
    row("a length over the limit", [413], posted(server, path, "{", { length: "9000000", keep: true })),
    row("one byte over the limit", [413], posted(server, path, big.slice(0, body_bytes + 1))),
    row(
      "chunks over the limit",
      [413],
      [...posted(server, path, "", { length: null, keep: true, more: [["Transfer-Encoding", "chunked"]] }), chunk, chunk],
    ),
    by("length and chunks", 400, { more: [["Transfer-Encoding", "chunked"]] }),
    by("two lengths", 400, { more: [["Content-Length", String(Buffer.byteLength(body))]] }),
    by("two lengths that differ", 400, { more: [["Content-Length", "1"]] }),
    by("a negative length", 400, { length: "-1" }),
    by("a length that is no number", 400, { length: "0x10" }),
    row(
      "an encoding nobody knows",
      [400, 501],
      posted(server, path, body, { length: null, more: [["Transfer-Encoding", "chunked, identity"]] }),
    ),
    row(
      "a chunk of nonsense",
      [400],
      [...posted(server, path, "", { length: null, more: [["Transfer-Encoding", "chunked"]] }), "zz\r\n{}\r\n0\r\n\r\n"],
    ),
    of("a prototype", filled('"__proto__":{}')),
    of("a prototype inside", filled('"a":[{"__proto__":{"polluted":1}}]')),
    of("33 levels", deep),
    of("100,000 levels", "[".repeat(Math.min(100_000, body_bytes))),
    of("a list", "[]"),
    of("a text", '"x"'),
    of("null", "null"),
    of("two documents", `${body}${body}`),
    of("no JSON", body.slice(0, -1)),
    of("bytes that are no UTF-8", Buffer.concat([Buffer.from(filled('"a":"').slice(0, -1)), Buffer.from([0xff, 0xfe]), Buffer.from('"}')])),
    ...(empty_body === "refused" ? [of("no body", "")] : []),
    ...(unknown_field === "refused" ? [of("an unknown key", filled('"unknown_key":1'))] : []),
    by("a header of 9,000 bytes", 431, { more: [["X-Long", "x".repeat(9_000)]] }),
    row("a query of 2,049 bytes", [400], posted(server, `${path}?${"q".repeat(2_049)}`, body)),
    row("an absolute target", [400], posted(server, `http://127.0.0.1:${port}${path}`, body)),
    row("a folded header", [400], [`POST ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nX-A: b\r\n c\r\nConnection: close\r\n\r\n`]),
    row("a blank before the colon", [400], [`POST ${path} HTTP/1.1\r\nHost : 127.0.0.1:${port}\r\nConnection: close\r\n\r\n`]),
    { ...row("a body one byte at a time", [408], posted(server, path, body.slice(0, 1), { length: "9999" })), drips: true },
  ];
}

function readRows(server: Attacked): readonly Row[] {
  const { port } = server;
  const row = (name: string, status: readonly number[], send: Sent): Row => ({ name, status, send, refused: true });
  const all = [{ path: server.open, token: false }, ...server.reads];
  const each = all.flatMap(({ path, token }) => [
    row(`GET ${path}, another Host`, [421], got(server, path, { host: `evil.example:${port}` })),
    row(`GET ${path}, a name that points here`, [421], got(server, path, { host: `rebound.example:${port}` })),
    row(`GET ${path}, another origin`, [403], got(server, path, { more: [["Origin", "https://evil.example"]] })),
    row(`GET ${path}, another site`, [403], got(server, path, { more: [["Sec-Fetch-Site", "cross-site"]] })),
    row(`POST ${path}`, [405], posted(server, path, "{}")),
    row(`OPTIONS ${path}`, [405], got(server, path, { method: "OPTIONS", more: [["Origin", "https://evil.example"]] })),
    ...(token
      ? [
          row(`GET ${path}, no token`, [401], got(server, path, { token: null })),
          row(`GET ${path}, the token in the query`, [401], got(server, `${path}?${["token", server.token].join("=")}`, { token: null })),
        ]
      : []),
  ]);
  return [
    ...each,
    ...(server.bad_reads ?? []).map((path) => row(`GET ${path}`, [400], got(server, path))),
    row("HTTP/1.0 without Host", [421], [`GET ${server.open} HTTP/1.0\r\nConnection: close\r\n\r\n`]),
    row("HTTP/1.1 without Host", [421], got(server, server.open, { host: null })),
    row("an absolute target", [400], got(server, `http://evil.example${server.open}`)),
    row("an absolute target of ours", [400], got(server, `http://127.0.0.1:${port}${server.open}`)),
    row("a target without a path", [400], got(server, "*", { method: "OPTIONS" })),
    { ...row("headers one byte at a time", [408], [`GET ${server.open} HTTP/1.1\r\nX-Slow: `]), drips: true },
    row("half of a header, and no more", [408], [`GET ${server.open} HTTP/1.1\r\nHo`]),
    row("no HTTP", [400], ["hello\r\n\r\n"]),
    row("another protocol's greeting", [400], [Buffer.from([0x16, 0x03, 0x01, 0x02, 0x00, 0x01, 0x00, 0x01])]),
  ];
}

function pathRows(server: Attacked): readonly Row[] {
  const row = (path: string, status: readonly number[] = [404]): Row => ({
    name: `GET ${path}`,
    status,
    send: got(server, path),
    refused: true,
  });
  const { open } = server;
  const tricks = [
    "/../../etc/passwd",
    "/%2e%2e/",
    "/%2e%2e/%2e%2e/etc/passwd",
    "/..%2fetc%2fpasswd",
    "/nothing",
    `/${open}`,
    `/x/..${open}`,
    `${open}/`,
    `${open}/.`,
  ];
  const encoded = [
    `${open}%00`,
    `${open};a=b`,
    `${open}%3fa`,
    `/%${open.charCodeAt(1).toString(16)}${open.slice(2)}`,
    "/__proto__",
    "/constructor",
  ];
  return [...[...tricks, ...encoded].map((path) => row(path)), row("/\\..\\x", [400]), row(`${open}\0`, [400]), row(`${open} x`, [400])];
}

/** The same requests, rightly made: without these the table would say nothing. */
function goodRows(server: Attacked): readonly Row[] {
  const row = (name: string, send: Sent): Row => ({ name, status: [200], send, refused: false });
  const own = `http://127.0.0.1:${server.port}`;
  return [
    row(`good GET ${server.open}`, got(server, server.open, { token: null })),
    row(
      `good GET ${server.open} of our own page`,
      got(server, server.open, {
        more: [
          ["Origin", own],
          ["Sec-Fetch-Site", "same-origin"],
        ],
      }),
    ),
    ...server.reads.map(({ path, token }) => row(`good GET ${path}`, got(server, path, token ? {} : { token: null }))),
    ...server.writes.map(({ path, body }) => row(`good POST ${path}`, posted(server, path, body))),
  ];
}
