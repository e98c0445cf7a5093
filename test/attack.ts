/**
 * The attack table that every server of this project has to stand (REL-120 ff, REL-171), over raw sockets, because a client
 * library would correct half of it. A test opens its server, says what it is, and expects no faults:
 * `expect((await attack(server)).faults).toEqual([])`. Rows that change nothing are compared with what the server had done
 * before; the last rows show that the same requests, rightly made, do work.
 */
import { connect, type Socket } from "node:net";

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

/** What a row came to. */
export interface Attacks {
  readonly rows: readonly string[];
  /** Empty when the server stood all of them. */
  readonly faults: readonly string[];
}

/** One answer, and whether the server then closed the connection. */
interface Said {
  readonly status: number;
  readonly head: string;
  readonly body: string;
}

interface Row {
  readonly name: string;
  readonly status: readonly number[];
  readonly send: readonly (string | Buffer)[];
  /** Goes on byte by byte, until the server has had enough. */
  readonly drips?: true;
  /** Refused rows change nothing. */
  readonly refused: boolean;
}

const DRIP_MS = 20;
const WRONG_TOKEN = ["wrong", "token", "that", "nobody", "wrote"].join("-");

/** Plays the whole table against the server. */
export async function attack(server: Attacked): Promise<Attacks> {
  const faults: string[] = [];
  const answers: string[] = [];
  const rows = rowsOf(server);
  for (const row of rows) {
    const before = await server.effects();
    const said = await exchange(server.port, row.send, row.drips);
    answers.push(said.head, said.body);
    faults.push(...faultsOf(row, said).map((fault) => `${row.name}: ${fault}`));
    if (row.refused && (await server.effects()) !== before) faults.push(`${row.name}: had an effect`);
    if (!row.refused && row.name.startsWith("good POST") && (await server.effects()) === before) faults.push(`${row.name}: had no effect`);
  }
  faults.push(...(await sameRefusals(server)), ...(await tooManyConnections(server)));
  const seen = `${answers.join("\n")}\n${await server.traces()}`;
  for (const planted of [server.token, WRONG_TOKEN])
    if (seen.includes(planted)) faults.push("a token stands in an answer, log, argument list or environment");
  return { rows: rows.map(({ name }) => name), faults };
}

function rowsOf(server: Attacked): readonly Row[] {
  return [...server.writes.flatMap((write) => writeRows(server, write)), ...readRows(server), ...pathRows(server), ...goodRows(server)];
}

/** The lines of a request. A header that is null is left out. */
function lines(start: string, headers: readonly (readonly [string, string | null])[]): string {
  const said = headers.flatMap(([name, value]) => (value === null ? [] : [`${name}: ${value}\r\n`]));
  return `${start} HTTP/1.1\r\n${said.join("")}\r\n`;
}

interface Changes {
  readonly method?: string;
  readonly host?: string | null;
  readonly token?: string | null;
  readonly type?: string | null;
  readonly length?: string | null;
  /** Leaves the end of the connection to the server. */
  readonly keep?: true;
  readonly more?: readonly (readonly [string, string])[];
}

function posted(server: Attacked, path: string, body: string | Buffer, changes: Changes = {}): readonly (string | Buffer)[] {
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

function got(server: Attacked, path: string, changes: Changes = {}): readonly (string | Buffer)[] {
  const { method = "GET", host = `127.0.0.1:${server.port}`, token = `Bearer ${server.token}`, more = [] } = changes;
  return [lines(`${method} ${path}`, [["Host", host], ["Connection", "close"], ["Authorization", token], ...more])];
}

function writeRows(server: Attacked, { path, body, unknown_field, empty_body }: AttackedWrite): readonly Row[] {
  const { port, body_bytes } = server;
  const row = (name: string, status: readonly number[], send: Row["send"]): Row => ({
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
    by("the token's beginning", 401, { token: `Bearer ${server.token.slice(0, -1)}` }),
    by("the token of another scheme", 401, { token: `Basic ${server.token}` }),
    by("the token twice", 401, { more: [["Authorization", `Bearer ${server.token}`]] }),
    by("the token as a cookie", 401, { token: null, more: [["Cookie", `token=${server.token}`]] }),
    row(
      "the token in the query",
      [401],
      posted(server, `${path}?token=${server.token}&access_token=${server.token}`, body, { token: null }),
    ),
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
  const row = (name: string, status: readonly number[], send: Row["send"]): Row => ({ name, status, send, refused: true });
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
          row(`GET ${path}, the token in the query`, [401], got(server, `${path}?token=${server.token}`, { token: null })),
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
  const row = (name: string, send: Row["send"]): Row => ({ name, status: [200], send, refused: false });
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

function faultsOf({ status }: Row, { status: answered, head }: Said): readonly string[] {
  const wanted = [
    "cache-control: no-store",
    "x-content-type-options: nosniff",
    "cross-origin-resource-policy: same-origin",
    "referrer-policy: no-referrer",
  ];
  const said = head.toLowerCase();
  return [
    ...(status.includes(answered) ? [] : [`${answered === 0 ? "no answer" : answered} in place of ${status.join(" or ")}`]),
    ...(said.includes("access-control-") ? ["lets other origins read"] : []),
    ...(answered === 0 ? [] : wanted.filter((header) => !said.includes(header)).map((header) => `says no ${header}`)),
    ...(answered === 405 && !/\nallow: [A-Z, ]+\r/i.test(head) ? ["does not say what is allowed"] : []),
  ];
}

/** Nobody learns from a refusal how near he was. */
async function sameRefusals(server: Attacked): Promise<readonly string[]> {
  const [write] = server.writes;
  if (write === undefined) return [];
  const tokens = [null, `Bearer ${WRONG_TOKEN}`, `Bearer ${server.token.slice(0, -1)}`, "Bearer "];
  const bodies: string[] = [];
  for (const token of tokens) bodies.push((await exchange(server.port, posted(server, write.path, write.body, { token }))).body);
  return new Set(bodies).size === 1 ? [] : ["a refusal says which token was wrong how"];
}

/** One connection more than there may be is closed; those that were there go on. */
async function tooManyConnections(server: Attacked): Promise<readonly string[]> {
  const first = await connected(server.port);
  const open: Socket[] = [first];
  try {
    for (let at = 1; at < server.connections; at += 1) open.push(await connected(server.port));
    const more = await exchange(server.port, got(server, server.open));
    const kept = await exchangeOn(first, got(server, server.open));
    return [
      ...(more.status === 0 ? [] : [`connection ${server.connections + 1} was served`]),
      ...(kept.status === 200 ? [] : ["the first connection died when one came too many"]),
    ];
  } finally {
    for (const socket of open) socket.destroy();
    await Promise.all(open.map(async (socket) => (socket.closed ? undefined : new Promise((resolve) => socket.once("close", resolve)))));
  }
}

function connected(port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, "127.0.0.1", () => resolve(socket));
    socket.once("error", reject);
  });
}

/** Sends the parts and waits until the server has closed the connection, whatever it said before. */
async function exchange(port: number, parts: Row["send"], drips = false): Promise<Said> {
  return exchangeOn(connect(port, "127.0.0.1"), parts, drips);
}

function exchangeOn(socket: Socket, parts: Row["send"], drips = false): Promise<Said> {
  return new Promise((resolve) => {
    const heard: Buffer[] = [];
    socket.on("data", (part) => heard.push(part));
    // A server that has said its last word may not hear ours.
    socket.on("error", () => undefined);
    const drip = drips ? setInterval(() => socket.write("x"), DRIP_MS) : undefined;
    socket.once("close", () => {
      clearInterval(drip);
      resolve(read(Buffer.concat(heard).toString("latin1")));
    });
    for (const part of parts) socket.write(part);
  });
}

function read(text: string): Said {
  const end = text.indexOf("\r\n\r\n");
  const status = /^HTTP\/1\.1 (\d{3})/.exec(text)?.[1];
  return { status: Number(status ?? 0), head: end < 0 ? text : text.slice(0, end + 2), body: end < 0 ? "" : text.slice(end + 4) };
}
