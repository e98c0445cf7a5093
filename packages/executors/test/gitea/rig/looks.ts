/** What a test looks at of a dispatcher in use, and the steps in which it looks: on what {@link startWorks} has opened. */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import { writeControl } from "../../../src/gitea/control.ts";
import type { Item } from "../double/records.ts";
import { lines, type Shift, type Works } from "./works.ts";

/** What an agent does that lives until it is stopped. */
export const HANG = "sleep 600";

/** One round of runs, from their start to what came of them. */
export async function step(shift: Shift): Promise<void> {
  await shift.ticks(1);
  await shift.now.agents.idle();
  await shift.ticks(1, 1);
}

export function pause(shift: Shift, whether: boolean): Promise<void> {
  return writeControl(shift.now.ground, { kind: whether ? "paused" : "run", reason: "" });
}

/** How many claims stand on the item. */
export function claims({ entries }: Item): number {
  return entries.filter(({ body }) => body.includes("loopx-claim")).length;
}

/** The part of each run that an agent lived to see, in their order. */
export function roles(shift: Shift): readonly string[] {
  return shift.ran().map(({ role }) => role);
}

/** What the bot wrote on the server from a place of the journal on; that a notification was read does not count. */
export function writes({ gitea: { journal } }: Pick<Works, "gitea">, from: number): readonly string[] {
  return journal
    .slice(from)
    .filter(({ method, path }) => method !== "GET" && !path.endsWith("/git-upload-pack") && !path.includes("/notifications/"))
    .map(({ method, path }) => `${method} ${path.replace("/api/v1/repos/human/", "")}`);
}

/** What became of the item's events, the newest last. */
export function became(shift: Shift, { repo, number }: Item): readonly (string | undefined)[] {
  const all = lines(shift, "inbox");
  const key = `${repo.owner.login}/${repo.name}#${number}`;
  const events = all.filter(({ item }) => item === key).map(({ event_id }) => event_id);
  return all
    .filter(({ event_id, disposition }) => disposition !== undefined && events.includes(event_id))
    .map(({ reason, disposition }) => reason ?? disposition);
}

/** The file of the one record whose name begins so. */
export function recordOf(shift: Shift, start: string): string {
  const items = join(shift.state_dir, "items");
  return join(items, readdirSync(items).find((name) => name.startsWith(start) && name.endsWith(".json")) ?? expect.fail());
}

export async function heldLeases({ now: { ground } }: Shift): Promise<number> {
  return (await ground.leases.list({ executor: ground.executor })).leases.filter(({ state }) => state === "held").length;
}
