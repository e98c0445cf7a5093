/**
 * One server that a loop starts: stopped only by its recorded identity, started only when its port is free, and ready only when
 * it is the one that answers (WTL-75 to WTL-79). Nothing that the loop did not start is ever signalled.
 */
import { createHash, randomBytes } from "node:crypto";
import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import type { Documents } from "@loopx/core";
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

export const ComponentRecordSchema = z.looseObject({
  name: z.string(),
  process: z.object({ pid: z.int(), pgid: z.int(), start_ticks: z.string(), boot_id: z.string(), uid: z.int() }),
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
  return isAlive(record.process, ground.launch.table);
}

/** Stops it and everything it started; answers whether it ran. Its port is free afterwards, or the answer is an error. */
export async function stopComponent(
  name: string,
  ground: ComponentGround,
  wanted: "up" | "down",
): Promise<{ readonly was_running: boolean }> {
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

/** Stops the old one, starts the new one and waits until it is ready. */
export async function startComponent(order: ComponentOrder, ground: ComponentGround, signal: AbortSignal): Promise<ComponentStart> {
  await stopComponent(order.name, ground, "up");
  const listener = order.port === null ? null : listenerOn(order.port);
  if (listener !== null)
    return { kind: "foreign_port", reason: `port ${order.port ?? ""} is held by pid ${listener.pid ?? "unknown"}: ${listener.command}` };
  const instance_id = `${order.name}-${randomBytes(8).toString("hex")}`;
  const [program = "", ...argv] = order.argv;
  mkdirSync(dirname(order.log), { recursive: true });
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
  const record: ComponentRecord = {
    name: order.name,
    process: launched.process,
    instance_id,
    sha: order.sha,
    artifact_dir: order.artifact_dir,
    port: order.port,
    argv_sha256: createHash("sha256").update(JSON.stringify(order.argv)).digest("hex"),
    started_at: formatInstant(ground.now(), "milliseconds"),
    wanted: "up",
  };
  await writeComponent(ground, record);
  const health = await untilReady(serverOf(record, order), ground.launch.table, order.patience, signal);
  return health.kind === "well" ? { kind: "ready", record } : { kind: "not_ready", reason: wordsFor(health) };
}

/** How a recorded server is now. */
export function componentHealth(
  record: ComponentRecord,
  order: Pick<ComponentOrder, "health">,
  ground: Pick<ComponentGround, "launch">,
): Promise<Health> {
  return healthOf(serverOf(record, order), ground.launch.table);
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

function serverOf(record: ComponentRecord, { health }: Pick<ComponentOrder, "health">): Server {
  return { process: record.process, instance_id: record.instance_id, port: record.port, ...health };
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
