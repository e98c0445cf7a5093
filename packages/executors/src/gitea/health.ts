/** How the service stands, as it writes it down for `status` (DSP-80). No secret, and no text of others. */
import { isJsonObject } from "@loopx/core/domain";
import type { Dispatcher } from "./dispatcher.ts";
import type { GiteaGround } from "./ground.ts";
import { utcText } from "./claims.ts";

type Instants = Readonly<Record<"poll" | "scan" | "reconcile", string | null>>;

export interface Health {
  readonly at: string;
  readonly healthy: boolean;
  readonly last_good: Instants;
  readonly ignored: Readonly<Record<string, number>>;
  readonly latency: { readonly p50: number | null; readonly p95: number | null };
  readonly errors: readonly string[];
  readonly missing_labels: Readonly<Record<string, readonly string[]>>;
  readonly config_fault: string | null;
}

type Store = Pick<GiteaGround, "documents" | "executor">;

function keyOf({ executor }: Pick<Store, "executor">) {
  return { kind: "executor_state", executor, name: "health.json" } as const;
}

export function healthOf(dispatcher: Dispatcher, config_fault: string | null): Health {
  const { sources, inbox, latency } = dispatcher;
  return {
    at: utcText(dispatcher.now().ms),
    healthy: !sources.isUnhealthy() && config_fault === null,
    last_good: sources.lastGood(),
    ignored: inbox.ignored(),
    latency: latency.ranks(),
    errors: dispatcher.errors(),
    missing_labels: sources.missingLabels(),
    config_fault,
  };
}

/** A document that cannot be written is left: the service goes on, and `status` shows an old age. */
export async function writeHealth(store: Store, health: Health): Promise<void> {
  const text = `${JSON.stringify(health, null, 2)}\n`;
  await store.documents.update(keyOf(store), () => ({ write: text, value: null }), { set_aside: true });
}

/** What the service last wrote; null when there is nothing that can be read. */
export async function readHealth(store: Store): Promise<Health | null> {
  const found = await store.documents.read(keyOf(store));
  if (found.kind !== "found") return null;
  try {
    const value: unknown = JSON.parse(found.text);
    return isJsonObject(value) && typeof value["at"] === "string" && isJsonObject(value["last_good"]) ? (value as unknown as Health) : null;
  } catch {
    return null;
  }
}
