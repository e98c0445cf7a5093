/**
 * One server that a loop starts: stopped only by its recorded identity, started only when its port is free, and ready only when
 * it is the one that answers (WTL-75 to WTL-79). Nothing that the loop did not start is ever signalled.
 */
import { createHash, randomBytes } from "node:crypto";
import { existsSync, mkdirSync } from "node:fs";
import { dirname } from "node:path";
import type { Documents, Lock } from "@loopx/core";
import { formatInstant, LoopxError, type Moment } from "@loopx/core/domain";
import * as z from "zod/mini";
import { listenerOn } from "./health/listener.ts";
import { healthOf, untilReady, type Health, type HealthIdentity, type Patience, type Server } from "./health/ready.ts";
import { isAlive } from "./process/identity.ts";
import { launch, type LaunchGround } from "./process/launch.ts";
import { stopRun } from "./process/stop.ts";

const LOG_BYTES = 32 * 1024 * 1024;
const PORT_MS = 5_000;
const LOOK_MS = 50;
/** Longer than stopping one takes, with its grace and its port. */
const LOCK_MS = 30_000;

export const ComponentRecordSchema = z.looseObject({
  name: z.string(),
  /** Null: it was about to be started; only its instance tells whether it was. */
  process: z.nullable(z.object({ pid: z.int(), pgid: z.int(), start_ticks: z.string(), boot_id: z.string(), uid: z.int() })),
  instance_id: z.string(),
  sha: z.string(),
  artifact_dir: z.nullable(z.string()),
  port: z.nullable(z.int()),
  argv_sha256: z.string(),
  started_at: z.string(),
  wanted: z.enum(["up", "down"]),
});
/** A server as its record keeps it. */
export type ComponentRecord = z.infer<typeof ComponentRecordSchema>;

/** What to start. */
export interface ComponentOrder {
  readonly name: string;
  readonly argv: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  /** Null: no port, so no health to ask for; alive is ready. */
  readonly port: number | null;
  readonly health: { readonly path: string; readonly identity: HealthIdentity };
  readonly patience: Patience;
  readonly sha: string;
  readonly artifact_dir: string | null;
  readonly log: string;
  readonly redact: readonly string[];
}

export interface ComponentGround {
  readonly launch: LaunchGround;
  readonly documents: Documents;
  readonly executor: string;
  /** One process at a time exchanges a server; the folder is where the locks lie. */
  readonly lock: Lock;
  readonly lock_dir: string;
  readonly now: () => Moment;
  readonly term_grace_ms?: number;
}

/** How a start went. */
export type ComponentStart =
  | { readonly kind: "ready"; readonly record: ComponentRecord }
  | { readonly kind: "not_ready"; readonly reason: string }
  | { readonly kind: "foreign_port"; readonly reason: string };

const keyOf = (executor: string, name: string) => ({ kind: "executor_state", executor, name: `components/${name}.json` }) as const;

/** The record; null when there is none that can be read. */
export async function readComponent(
  ground: Pick<ComponentGround, "documents" | "executor">,
  name: string,
): Promise<ComponentRecord | null> {
  const found = await ground.documents.read(keyOf(ground.executor, name));
  if (found.kind !== "found") return null;
  try {
    return ComponentRecordSchema.safeParse(JSON.parse(found.text)).data ?? null;
  } catch {
    return null;
  }
}

/** True when the recorded process runs. */
export function isUp(record: ComponentRecord, ground: Pick<ComponentGround, "launch">): boolean {
  return record.process !== null && isAlive(record.process, ground.launch.table);
}

/** Stops it and everything it started; answers whether it ran. Its port is free afterwards, or the answer is an error. */
export function stopComponent(name: string, ground: ComponentGround, wanted: "up" | "down"): Promise<{ readonly was_running: boolean }> {
  return exclusively(name, ground, () => stopRecorded(name, ground, wanted));
}

/** Stops the old one, starts the new one and waits until it is ready. */
export async function startComponent(order: ComponentOrder, ground: ComponentGround, signal: AbortSignal): Promise<ComponentStart> {
  return readied(await exclusively(order.name, ground, () => exchange(order, ground)), order, ground, signal);
}

/**
 * Starts it again after its process has gone; null when it is not that instance any more, not wanted, or runs: somebody
 * else was quicker.
 */
export async function reviveComponent(
  order: ComponentOrder,
  instance_id: string,
  ground: ComponentGround,
  signal: AbortSignal,
): Promise<ComponentStart | null> {
  const exchanged = await exclusively(order.name, ground, async () => {
    const record = await readComponent(ground, order.name);
    const isGone = record?.instance_id === instance_id && record.wanted === "up" && !isUp(record, ground);
    return isGone ? exchange(order, ground) : null;
  });
  return exchanged === null ? null : readied(exchanged, order, ground, signal);
}

/** Waiting until it is ready is outside: who wants to stop it meanwhile may. */
async function exclusively<Value>(name: string, ground: ComponentGround, act: () => Promise<Value>): Promise<Value> {
  const lock = await ground.lock.acquire(`${ground.lock_dir}/component-${name}`, { wait_ms: LOCK_MS, command: `loopx-loop ${name}` });
  if (lock.kind === "busy") throw new LoopxError("lock_timeout", `pid ${lock.owner?.pid ?? "unknown"} is exchanging ${name}`);
  try {
    return await act();
  } finally {
    await lock.release();
  }
}

async function stopRecorded(name: string, ground: ComponentGround, wanted: "up" | "down"): Promise<{ readonly was_running: boolean }> {
  const record = await readComponent(ground, name);
  if (record === null) return { was_running: false };
  const was_running = isUp(record, ground);
  const mark = { name: "LOOPX_INSTANCE_ID", value: record.instance_id };
  const grace = ground.term_grace_ms === undefined ? {} : { term_grace_ms: ground.term_grace_ms };
  const { still_alive } = await stopRun(record.process, mark, { table: ground.launch.table, ...grace });
  if (still_alive.length > 0) throw new LoopxError("port_busy", `${name} cannot be stopped: ${still_alive.join(", ")} still run`);
  if (record.wanted !== wanted) await writeComponent(ground, { ...record, wanted });
  if (was_running && record.port !== null) await untilFree(record.port);
  return { was_running };
}

type Exchanged = { readonly kind: "started"; readonly record: ComponentRecord } | Exclude<ComponentStart, { kind: "ready" }>;

async function exchange(order: ComponentOrder, ground: ComponentGround): Promise<Exchanged> {
  await stopRecorded(order.name, ground, "up");
  const listener = order.port === null ? null : listenerOn(order.port);
  if (listener !== null)
    return { kind: "foreign_port", reason: `port ${order.port ?? ""} is held by pid ${listener.pid ?? "unknown"}: ${listener.command}` };
  const instance_id = `${order.name}-${randomBytes(8).toString("hex")}`;
  const [program = "", ...argv] = order.argv;
  mkdirSync(dirname(order.log), { recursive: true });
  if (!existsSync(order.cwd)) return { kind: "not_ready", reason: `its folder ${order.cwd} does not exist` };
  const record: ComponentRecord = {
    name: order.name,
    process: null,
    instance_id,
    sha: order.sha,
    artifact_dir: order.artifact_dir,
    port: order.port,
    argv_sha256: createHash("sha256").update(JSON.stringify(order.argv)).digest("hex"),
    started_at: formatInstant(ground.now(), "milliseconds"),
    wanted: "up",
  };
  // Before it runs: who dies in between leaves a name by which the next one finds it.
  await writeComponent(ground, record);
  const launched = await launch(
    {
      program,
      argv,
      env: { ...order.env, LOOPX_INSTANCE_ID: instance_id, ...(order.port === null ? {} : { PORT: String(order.port) }) },
      cwd: order.cwd,
      stdin: null,
      log: { path: order.log, limit: LOG_BYTES, policy: "rotate" },
      stdout_copy: null,
      exit_file: null,
      redact: order.redact,
    },
    ground.launch,
  );
  if (launched.kind === "not_started") return { kind: "not_ready", reason: `${program} cannot be started (${launched.errno})` };
  launched.letGo();
  const started = { ...record, process: launched.process };
  await writeComponent(ground, started);
  return { kind: "started", record: started };
}

async function readied(exchanged: Exchanged, order: ComponentOrder, ground: ComponentGround, signal: AbortSignal): Promise<ComponentStart> {
  if (exchanged.kind !== "started") return exchanged;
  const server = serverOf(exchanged.record, order);
  if (server === null) return { kind: "not_ready", reason: "it ended" };
  const health = await untilReady(server, ground.launch.table, order.patience, signal);
  return health.kind === "well" ? { kind: "ready", record: exchanged.record } : { kind: "not_ready", reason: wordsFor(health) };
}

/** How a recorded server is now. */
export function componentHealth(
  record: ComponentRecord,
  order: Pick<ComponentOrder, "health">,
  ground: Pick<ComponentGround, "launch">,
): Promise<Health> {
  const server = serverOf(record, order);
  return server === null ? Promise.resolve({ kind: "gone" }) : healthOf(server, ground.launch.table);
}

async function writeComponent(ground: Pick<ComponentGround, "documents" | "executor">, record: ComponentRecord): Promise<void> {
  const outcome = await ground.documents.update(
    keyOf(ground.executor, record.name),
    () => ({ write: `${JSON.stringify(record, null, 2)}\n`, value: null }),
    {
      set_aside: true,
    },
  );
  if (outcome.kind !== "written" && outcome.kind !== "unchanged")
    throw new LoopxError("write_failed", `the record of ${record.name} cannot be written (${outcome.kind})`);
}

function serverOf({ process, instance_id, port }: ComponentRecord, { health }: Pick<ComponentOrder, "health">): Server | null {
  return process === null ? null : { process, instance_id, port, ...health };
}

export function wordsFor(health: Health): string {
  switch (health.kind) {
    case "well":
      return "";
    case "gone":
      return "it ended";
    case "unwell":
      return `it does not answer well: ${health.why}`;
    case "foreign":
      return `another process answers: pid ${health.pid ?? "unknown"}, ${health.command}`;
  }
}

async function untilFree(port: number): Promise<void> {
  const until = performance.now() + PORT_MS;
  while (listenerOn(port) !== null && performance.now() < until) {
    await new Promise((resolve) => {
      setTimeout(resolve, LOOK_MS);
    });
  }
}
