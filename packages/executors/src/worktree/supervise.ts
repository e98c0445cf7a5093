/**
 * Watches over the servers of a profile while a watcher runs (WTL-80 to WTL-83). Each has a loop of its own, so none delays
 * another. It starts what had been deployed, and nothing else; a cycle's servers are the cycle's.
 */
import { formatInstant } from "@loopx/core/domain";
import { componentHealth, isUp, readComponent, reviveComponent, type ComponentRecord } from "../drivers/component.ts";
import { logLine } from "../drivers/loop-files.ts";
import { realTiming } from "../drivers/timing.ts";
import { componentOf, orderToRevive, type ComponentName } from "./components.ts";
import type { Phase } from "./cycle.ts";
import { unfinishedCycle } from "./run-cycle.ts";
import { COOLED_DOWN } from "./sentences.ts";
import { componentGround, type Site } from "./site.ts";
import { blocked, SupervisedSchema, tick, UNSEEN, type Sight, type Supervised, type Tick } from "./supervisor.ts";

const TICK_MS = 1_000;

/** Phases in which a cycle itself stops and starts that server. */
const DEPLOYING: readonly Phase[] = ["deploy_test", "deploy_main", "roll_back", "record"];
const HELD: Readonly<Record<ComponentName, ReadonlySet<Phase>>> = {
  main: new Set(DEPLOYING),
  test: new Set([
    ...DEPLOYING,
    ...(["stop_test", "reset", "prepare", "build", "start_test", "fast_gate", "slow_gate", "fix", "commit", "approve", "promote"] as const),
  ]),
};

const keyOf = (site: Pick<Site, "executor">, name: ComponentName) =>
  ({ kind: "executor_state", executor: site.executor, name: `supervision/${name}.json` }) as const;

/** What its supervisor last knew; a file that cannot be read counts as nothing known. */
export async function readSupervised(site: Pick<Site, "executor" | "host">, name: ComponentName): Promise<Supervised> {
  const found = await site.host.documents.read(keyOf(site, name));
  if (found.kind !== "found") return UNSEEN;
  try {
    return SupervisedSchema.safeParse(JSON.parse(found.text)).data ?? UNSEEN;
  } catch {
    return UNSEEN;
  }
}

/** Watches over both servers until it is told to end; `current` is the site as it was last opened. */
export async function supervise(current: () => Site, signal: AbortSignal): Promise<void> {
  await Promise.all((["main", "test"] as const).map((name) => superviseOne(current, name, signal)));
}

async function superviseOne(current: () => Site, name: ComponentName, signal: AbortSignal): Promise<void> {
  let told = "";
  while (!signal.aborted) {
    try {
      await superviseNow(current(), name, signal);
    } catch (error) {
      // A full disk, a record that cannot be read: told once, tried again.
      const message = `${name}: ${error instanceof Error ? error.message : String(error)}`;
      if (message !== told) await tell(current(), message);
      told = message;
    }
    await realTiming.pause(TICK_MS, signal);
  }
}

/** One look at one server, and what follows from it. */
export async function superviseNow(site: Site, name: ComponentName, signal: AbortSignal): Promise<void> {
  const before = await readSupervised(site, name);
  const record = await readComponent(componentGround(site), name);
  if (record === null) return;
  const sight = await sightOf(site, name, record);
  const looked = tick(before, sight, site.now().ms);
  await write(site, name, before, looked);
  if (looked.act.kind === "tell") await tellCooldown(site, name, "");
  if (looked.act.kind !== "start") return;
  const config = componentOf(site, name);
  const order = config === null ? null : await orderToRevive(site, name, config, record);
  if (order === null) return tell(site, `${name}: ${record.sha.slice(0, 12)} cannot be started again; the folder holds something else`);
  const started = await reviveComponent(order, record.instance_id, componentGround(site), signal);
  if (started === null) return;
  if (started.kind !== "foreign_port")
    return tell(site, started.kind === "ready" ? `${name} had ended; it runs again` : `${name}: ${started.reason}`);
  await write(site, name, looked.next, blocked(looked.next, site.now().ms));
  await tellCooldown(site, name, started.reason);
}

async function sightOf(site: Site, name: ComponentName, record: ComponentRecord): Promise<Sight> {
  const config = componentOf(site, name);
  const wanted = config !== null && config.supervise && record.wanted === "up";
  const ground = componentGround(site);
  if (!wanted || config === null) return { wanted: false, held: false, health: "gone", young: false };
  if (!isUp(record, ground)) return { wanted, held: await isHeld(site, name), health: "gone", young: false };
  const { kind } = await componentHealth(record, config, ground);
  const young = site.now().ms - Date.parse(record.started_at) < config.health.ready_seconds * 1000;
  return { wanted, held: false, health: kind === "well" ? "well" : kind === "gone" ? "gone" : "unwell", young };
}

/** A killed loop's cycle holds too, until somebody has finished it. */
export async function isHeld(site: Site, name: ComponentName): Promise<boolean> {
  const cycle = await unfinishedCycle(site);
  return cycle !== null && cycle !== "damaged" && HELD[name].has(cycle.phase);
}

/** Looks that change nothing write nothing. */
async function write(site: Site, name: ComponentName, before: Supervised, { next }: Tick): Promise<void> {
  if (JSON.stringify(before) === JSON.stringify(next)) return;
  await site.host.documents.update(keyOf(site, name), () => ({ write: `${JSON.stringify(next, null, 2)}\n`, value: null }), {
    set_aside: true,
  });
}

function tellCooldown(site: Site, name: ComponentName, reason: string): Promise<void> {
  return tell(site, COOLED_DOWN[site.locale]({ name, reason }));
}

async function tell(site: Site, text: string): Promise<void> {
  const safe = site.secrets.redact(text);
  logLine(`${site.root.dir}/logs/lark-loop.log`, `${formatInstant(site.now(), "seconds")} ${safe}`);
  await site.notify(safe);
}
