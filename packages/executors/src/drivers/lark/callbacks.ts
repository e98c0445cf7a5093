/** Whether presses of buttons reach this machine, as a server of this runtime root proves it again and again (LRK-94). */
import { randomBytes } from "node:crypto";
import type { FileHost } from "@loopx/core";
import type { Moment } from "@loopx/core/domain";

const PROOF = { kind: "executor_state", executor: "lark", name: "callbacks.json" } as const;
/** For how long a proof holds. */
const PROOF_MS = 90_000;

/** Whether presses are known to arrive, for whoever asks a gate meanwhile (LRK-94). What is not renewed is over by itself. */
export function wayBack(host: FileHost, now: () => Moment): { open(is: boolean): Promise<void>; renew(): Promise<void> } {
  let isOpen = false;
  const write = async (): Promise<void> => {
    const until_ms = isOpen ? now().ms + PROOF_MS : 0;
    await host.documents.update(PROOF, () => ({ write: `${JSON.stringify({ until_ms })}\n`, value: null }));
  };
  return {
    open: async (is) => {
      isOpen = is;
      await write();
    },
    renew: async () => (isOpen ? write() : undefined),
  };
}

/** True while a server of this runtime root hears the platform. */
export async function callbacksProven(host: FileHost, now_ms: number): Promise<boolean> {
  const found = await host.documents.read(PROOF);
  if (found.kind !== "found") return false;
  try {
    const proof: unknown = JSON.parse(found.text);
    return typeof proof === "object" && proof !== null && "until_ms" in proof && Number(proof.until_ms) > now_ms;
  } catch {
    return false;
  }
}

/** A nonce that nobody can guess. */
export function freshNonce(): string {
  return randomBytes(16).toString("hex");
}
