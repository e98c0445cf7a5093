/** A bot that serves HTTP on this machine: each request is a POST of one JSON document, its answer another. */
import { remoteGateways } from "../../scenario/remote-gateway.ts";
import { notLoadable, type OpenedGateways } from "./open.ts";

const LOOPBACK: ReadonlySet<string> = new Set(["127.0.0.1", "localhost", "[::1]"]);
const MAX_ANSWER_BYTES = 1_048_576;

export function httpGateways(address: string): OpenedGateways {
  const url = URL.canParse(address) ? new URL(address) : null;
  if (url === null || url.protocol !== "http:" || !LOOPBACK.has(url.hostname) || url.username !== "")
    throw notLoadable(address, "it has to be http:// on this machine, such as http://127.0.0.1:8080/scenario");
  return {
    create: remoteGateways(async (request, signal) => {
      const response = await fetch(url, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify(request),
        redirect: "error",
        signal,
      });
      const text = await textOf(response);
      if (!response.ok) throw new Error(`the bot's server answered ${response.status}`);
      return JSON.parse(text) as unknown;
    }),
    close: async () => {},
  };
}

/** The body, up to its limit. */
async function textOf(response: Response): Promise<string> {
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const part of response.body ?? []) {
    size += part.length;
    if (size > MAX_ANSWER_BYTES) throw new Error(`an answer of the bot is over ${MAX_ANSWER_BYTES} bytes`);
    parts.push(part);
  }
  return Buffer.concat(parts).toString("utf8");
}
