/**
 * The attack table that every server of this project has to stand (REL-106 to REL-107, REL-120 to REL-134, REL-171), over raw sockets, because a client
 * library would correct half of it. A test opens its server, says what it is, and expects no faults:
 * `expect((await attack(server)).faults).toEqual([])`. Rows that change nothing are compared with what the server had done
 * before; the last rows show that the same requests, rightly made, do work.
 */
import type { Socket } from "node:net";
import { connected, exchange, exchangeOn, type Said } from "./attack/exchange.ts";
import { got, posted, WRONG_TOKEN, type Attacked } from "./attack/request.ts";
import { rowsOf, type Row } from "./attack/rows.ts";

/** What a row came to. */
export interface Attacks {
  readonly rows: readonly string[];
  /** Empty when the server stood all of them. */
  readonly faults: readonly string[];
}

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
  const tokens = [null, `Bearer ${WRONG_TOKEN}`, ["Bearer", server.token.slice(0, -1)].join(" "), "Bearer "];
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
