/**
 * Ready means: the process we started lives, it answers well, it is the one that answers, and still so a moment later
 * (WTL-77). An old process that still holds the port, or a new one that dies of it, is never taken for the new one.
 */
import { isAlive, type ProcessTable, type RecordedProcess } from "../process/identity.ts";
import { membersOf } from "../process/members.ts";
import { pause } from "../timing.ts";
import { listenerOn } from "./listener.ts";
import { probe, type Probed } from "./probe.ts";

const LOOK_MS = 1_000;
const STILL_MS = 2_000;

/** How the answering server is recognised. */
export type HealthIdentity = "auto" | "echo" | "listener";

/** One server that was started. */
export interface Server {
  readonly process: RecordedProcess;
  /** The value of `LOOPX_INSTANCE_ID` in its environment. */
  readonly instance_id: string;
  /** Null: nothing to ask; that it lives is all that can be known. */
  readonly port: number | null;
  readonly path: string;
  readonly identity: HealthIdentity;
}

/** Why a server is not well, or that it is. */
export type Health =
  | { readonly kind: "well" }
  | { readonly kind: "gone" }
  | { readonly kind: "unwell"; readonly why: string }
  /** Another process answers or listens. */
  | { readonly kind: "foreign"; readonly pid: number | null; readonly command: string };

/** Times of looking; shorter in tests. */
export interface Patience {
  readonly ready_ms: number;
  readonly look_ms?: number;
  readonly still_ms?: number;
}

/** How it is now. */
export async function healthOf(server: Server, table: ProcessTable): Promise<Health> {
  if (!isAlive(server.process, table)) return { kind: "gone" };
  const { port } = server;
  if (port === null) return { kind: "well" };
  const probed = await probe({ ...server, port });
  // It may have died while somebody else answered.
  if (!isAlive(server.process, table)) return { kind: "gone" };
  const foreign = stranger({ ...server, port }, probed, table);
  if (foreign !== null) return foreign;
  if (probed.kind === "silent") return { kind: "unwell", why: probed.why };
  return probed.kind === "well" ? { kind: "well" } : { kind: "unwell", why: `status ${probed.status}` };
}

/** Waits until it is ready; otherwise the last thing that was wrong. */
export async function untilReady(server: Server, table: ProcessTable, patience: Patience, signal: AbortSignal): Promise<Health> {
  const { ready_ms, look_ms = LOOK_MS, still_ms = STILL_MS } = patience;
  const until = performance.now() + ready_ms;
  for (;;) {
    let health = await healthOf(server, table);
    if (health.kind === "well") {
      await pause(still_ms, signal);
      health = await healthOf(server, table);
      if (health.kind === "well") return health;
    }
    if (health.kind === "gone" || signal.aborted || performance.now() >= until) return health;
    await pause(look_ms, signal);
  }
}

/** Somebody else's answer, or nothing wrong with who answers. */
function stranger(server: Server & { readonly port: number }, probed: Probed, table: ProcessTable): Health | null {
  if (probed.kind === "silent") return null;
  const { identity, instance_id } = server;
  if (identity !== "listener" && probed.instance !== null) {
    if (probed.instance === instance_id) return null;
    const other = listenerOn(server.port);
    return { kind: "foreign", pid: other?.pid ?? null, command: other?.command ?? "another instance" };
  }
  if (identity === "echo") return { kind: "unwell", why: "it does not say which instance it is" };
  const listener = listenerOn(server.port);
  if (listener === null) return { kind: "unwell", why: "nobody listens on the port" };
  const ours = membersOf(server.process, { name: "LOOPX_INSTANCE_ID", value: instance_id }, table);
  return ours.some(({ pid }) => pid === listener.pid) ? null : { kind: "foreign", ...listener };
}
