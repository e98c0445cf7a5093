/** A bot in an ES module of the user: it exports `createGateway(setup)` and runs in this process. */
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import type { CreateGateway, Gateway } from "../../scenario/gateway.ts";
import { reactionOf } from "../../scenario/remote-gateway.ts";
import { notLoadable, type GatewayPlace, type OpenedGateways } from "./open.ts";

export async function moduleGateways(path: string, { cwd }: GatewayPlace): Promise<OpenedGateways> {
  const file = resolve(cwd, path);
  let create: unknown;
  try {
    const module = (await import(pathToFileURL(file).href)) as { readonly createGateway?: unknown };
    create = module.createGateway;
  } catch (error) {
    throw notLoadable(`module:${path}`, error instanceof Error ? error.message : String(error), error);
  }
  if (typeof create !== "function") throw notLoadable(`module:${path}`, `${file} exports no function createGateway`);
  const made = create as CreateGateway;
  return { create: async (setup) => checked(await made(setup)), close: async () => {} };
}

/** What a module answers is checked like every other answer. */
function checked(gateway: Gateway): Gateway {
  return {
    inject: async (message, options) => reactionOf(await gateway.inject(message, options)),
    close: async () => gateway.close(),
  };
}
