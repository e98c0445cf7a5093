/** A bot that serves HTTP on this machine: each request is a POST of one JSON document, its answer another. */
import { boundedBytes } from "@loopx/cli/http";
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
      const bytes = await boundedBytes(response, MAX_ANSWER_BYTES);
      if (bytes === null) throw new Error(`an answer of the bot is over ${MAX_ANSWER_BYTES} bytes`);
      if (!response.ok) throw new Error(`the bot's server answered ${response.status}`);
      return JSON.parse(bytes.toString("utf8")) as unknown;
    }),
    close: async () => {},
  };
}
