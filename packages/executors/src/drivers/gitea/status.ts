/** Reads what `status` shows from the state directory. Damaged records are left to the service, which sets them aside. */
import { readControl } from "../../gitea/control.ts";
import { settingsOf } from "../../gitea/config.ts";
import { readHealth } from "../../gitea/health.ts";
import { itemKey, parseItem, type Item } from "../../gitea/item.ts";
import { giteaStatus, type GiteaStatus } from "../../gitea/status.ts";
import { machineMoment } from "../clock.ts";
import { itemNames } from "./place.ts";
import type { GiteaState } from "./state.ts";

export async function readStatus(
  place: GiteaState & { readonly fault: string | null },
  wanted: string | null,
): Promise<{ readonly status: GiteaStatus; readonly found: Item | null }> {
  const { host, executor, state_dir, config } = place;
  const now = machineMoment(place.call.io.clock);
  const store = { documents: host.documents, executor, now: () => now };
  const items: Item[] = [];
  for (const name of itemNames(state_dir)) {
    const read = await host.documents.read({ kind: "executor_state", executor, name: `items/${name}` });
    const item = read.kind === "found" ? parseItem(read.text) : null;
    if (item !== null) items.push(item);
  }
  const found = wanted === null ? null : (items.find((item) => itemKey(item).toLowerCase() === wanted.toLowerCase()) ?? null);
  const { leases } = await host.leases.list({ executor });
  const status = giteaStatus({
    items: wanted === null ? items : found === null ? [] : [found],
    control: await readControl(store),
    health: await readHealth(store),
    config_fault: place.fault,
    leases,
    limits: config.limits,
    poll_delay: config.poll_delay,
    runner: (item) => (item.step === "review" ? config.reviewer_runner : (settingsOf(config, item.repo)?.runner ?? config.runner)),
    now,
  });
  return { status, found };
}
