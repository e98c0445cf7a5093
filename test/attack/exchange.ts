/** One connection of an attack: the bytes as they are, and what the server said before it closed. */
import { connect, type Socket } from "node:net";

/** What a server said; status 0 when it said nothing. */
export interface Said {
  readonly status: number;
  readonly head: string;
  readonly body: string;
}

/** Pieces that are sent in one go. */
export type Sent = readonly (string | Buffer)[];

const DRIP_MS = 20;

export function connected(port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, "127.0.0.1", () => resolve(socket));
    socket.once("error", reject);
  });
}

/** Sends the parts and waits until the server has closed the connection, whatever it said before. */
export async function exchange(port: number, parts: Sent, drips = false): Promise<Said> {
  return exchangeOn(connect(port, "127.0.0.1"), parts, drips);
}

export function exchangeOn(socket: Socket, parts: Sent, drips = false): Promise<Said> {
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
