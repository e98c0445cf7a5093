/** The bot that `--gateway` names: the one for trying, a module, a program or a server on this machine (WTL-100, WTL-104). */
import { LoopxError } from "@loopx/core/domain";
import type { CreateGateway } from "../../scenario/gateway.ts";
import { referenceGateway } from "../../scenario/reference-gateway.ts";

/** A way to bots, and how to end what stands behind it. */
export interface OpenedGateways {
  readonly create: CreateGateway;
  close(): Promise<void>;
}

/** Where a bot is looked for and what its program may know. */
export interface GatewayPlace {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** Throws `invalid_value` when the bot cannot be loaded. */
export async function openGateways(name: string, place: GatewayPlace): Promise<OpenedGateways> {
  if (name === "reference") return { create: referenceGateway, close: async () => {} };
  const colon = name.indexOf(":");
  const rest = name.slice(colon + 1);
  switch (name.slice(0, colon)) {
    case "module":
      return (await import("./module.ts")).moduleGateways(rest, place);
    case "command":
      return (await import("./command.ts")).commandGateways(rest, place);
    case "http":
      return (await import("./http.ts")).httpGateways(name);
    default:
      throw notLoadable(name, "it is none of reference, module:PATH, command:JSON, http://127.0.0.1:PORT/PATH");
  }
}

/** The error of a bot that cannot be loaded. */
export function notLoadable(name: string, why: string, cause?: unknown): LoopxError {
  return new LoopxError("invalid_value", `the gateway ${name} cannot be loaded: ${why}`, {
    hint: "loopx-loop scenario run --gateway reference tries the scenarios without a bot of yours",
    details: { gateway: name },
    cause,
  });
}
