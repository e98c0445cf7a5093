/**
 * The dispatcher: hints of the server become events of items, items that may begin are claimed, and ended runs are applied.
 * A tick does what is due and waits for nothing that an item does. An error is never an empty list, and an unknown count is
 * a full one: both stop dispatching and widen nothing (DSP-91, DSP-99).
 */
import { instantMs, type Moment } from "@loopx/core/domain";
import { retryClass } from "../drivers/agents/retry.ts";
import type { AgentResult } from "../drivers/agents/agent.ts";
import type { DeclaredResult } from "../drivers/agents/declared-result.ts";
import { openBoard, type Board } from "./board.ts";
import { utcText } from "./claims.ts";
import { settingsOf } from "./config.ts";
import { readControl, type Control } from "./control.ts";
import type { GiteaGround } from "./ground.ts";
import { openInbox, type Inbox } from "./inbox.ts";
import { itemKey, type Item } from "./item.ts";
import { freshLatency, type Latency } from "./latency.ts";
import { SERVICE_STOPPED } from "./machine.ts";
import { decide } from "./records.ts";
import { lateObstacle, type Look, type Obstacle } from "./obstacles.ts";
import { isCooling, inOrder, isWaiting, earlyObstacle, signOf } from "./queue.ts";
import { openSources, type Sources } from "./sources.ts";
import { findingsText } from "./texts.ts";

const CLAIM_SLACK_SECONDS = 300;
const KEEP_FINAL_MS = 3_600_000;

export interface Dispatcher {
  /** What is due now; `all`: everything, due or not. */
  tick(how?: { readonly all: boolean }): Promise<void>;
  /** Answers when nothing moves but agents. */
  settled(): Promise<void>;
  /**
   * No new claims; effects that had begun end. Live runs are stopped and their items queued again, unless they are left to the
   * next process. `idle` answers when no run lives (DSP-3).
   */
  close(leave_running: boolean, idle: () => Promise<void>): Promise<void>;
  readonly board: Board;
  readonly inbox: Inbox;
  readonly sources: Sources;
  readonly latency: Latency;
  readonly errors: () => readonly string[];
  /** Something went wrong that no item is to blame for. */
  readonly fault: (message: string) => void;
  readonly now: () => Moment;
  readonly control: () => Control;
}

const ERRORS_KEPT = 20;
/** Obstacles that no time takes away: they stand among the errors of `status` too. */
const SAID: ReadonlySet<string> = new Set(["runner_unhealthy", "disk_full", "unknown"]);

export async function openDispatcher(ground: GiteaGround): Promise<Dispatcher> {
  const errors: string[] = [];
  const trouble = (text: string): void => {
    errors.push(`${utcText(ground.now().ms)} ${ground.redact(text).slice(0, 300)}`);
    if (errors.length > ERRORS_KEPT) errors.shift();
  };
  const ending = new AbortController();
  const board = await openBoard(ground, (item, message) => trouble(`${itemKey(item)}: ${message}`), ending.signal);
  for (const name of board.damaged)
    ground.tell({ key: `damaged ${name}`, level: "needs_person", text: `a record could not be read: ${name}` });
  const inbox = await openInbox(ground);
  const sources = openSources(ground, board, inbox, trouble);
  const latency = freshLatency();
  let control: Control = { kind: "run", reason: "" };
  let lastBatchMs = Number.NEGATIVE_INFINITY;
  /** Claims that were begun and are not to be seen in the records yet. */
  const beginning = new Set<string>();

  const skip = async (item: Item, { reason, why = "" }: Obstacle): Promise<void> => {
    if (item.last_reason === reason) return;
    const detail = why === "" ? {} : { detail: { why: ground.redact(why).slice(0, 300) } };
    await decide(ground, { id: ground.randomHex(16), item: itemKey(item), decision: "skip", reason, ...detail });
    if (SAID.has(reason)) trouble(`${itemKey(item)}: ${reason}: ${why}`);
    await board.touch(item, (now) => ({
      ...now,
      last_reason: reason,
      ...(reason === "waiting_capacity" ? { state: "waiting_capacity" as const } : {}),
    }));
  };

  const dispatch = async (): Promise<void> => {
    const now = ground.now();
    const { batch, cooldown, spawn_delay_seconds } = ground.config();
    const mayBatch = now.ms - lastBatchMs >= cooldown * 1_000;
    let started = 0;
    const look: Look = { beginning, goals: new Map(), full: new Set() };
    for (const item of inOrder(board.all().filter(isWaiting))) {
      if (ending.signal.aborted) return;
      if (board.isBusy(item)) continue;
      const watched = settingsOf(ground.config(), item.repo) !== null;
      const early = earlyObstacle(item, { control: control.kind, watched, now });
      if (early !== null) {
        if (early !== "not_before") await skip(item, { reason: early });
        continue;
      }
      if (isCooling(item, now)) continue;
      if (item.cause !== "continuation" && (!mayBatch || started >= batch)) continue;
      const obstacle = await lateObstacle(ground, board, item, look);
      if (obstacle !== null) {
        await skip(item, obstacle);
        continue;
      }
      if (started > 0 && spawn_delay_seconds > 0) await ground.wait(spawn_delay_seconds * 1_000);
      if (ending.signal.aborted) return;
      beginning.add(itemKey(item));
      void begin(ground, board, item, latency).finally(() => beginning.delete(itemKey(item)));
      started += 1;
      lastBatchMs = now.ms;
    }
  };

  return {
    tick: async (how = { all: false }) => {
      if (ending.signal.aborted) return;
      control = await readControl(ground);
      await board.prune(ground.now().ms - KEEP_FINAL_MS);
      board.resume();
      await lookAtRuns(ground, board);
      await sources.tick(how.all, lastBatchMs);
      await dispatch();
    },
    settled: () => board.settled(),
    close: async (leave_running, idle) => {
      ending.abort();
      // A run that was just about to start is live when this has settled.
      for (let turn = 0; turn < 2; turn += 1) {
        if (!leave_running)
          for (const item of board.all())
            if (item.state === "running" && item.run_id !== null) ground.runs.stop(item.run_id, SERVICE_STOPPED);
        await board.settled();
      }
      if (leave_running) return;
      await idle();
      await lookAtRuns(ground, board);
      await board.settled();
    },
    board,
    inbox,
    sources,
    latency,
    errors: () => errors,
    fault: trouble,
    now: ground.now,
    control: () => control,
  };
}

/** The claim goes on by itself; the item counts as begun at once. */
function begin(ground: GiteaGround, board: Board, item: Item, latency: Latency): Promise<void> {
  const { limits, gate_seconds, redispatch_cooldown } = ground.config();
  const limit = item.step === "review" ? limits.reviewer : limits.worker;
  const claim_id = ground.randomHex(32);
  const now = ground.now();
  const expires_at = utcText(now.ms + (limit + CLAIM_SLACK_SECONDS + 2 * gate_seconds) * 1_000);
  const cooled = { sign: signOf(item), until: utcText(now.ms + redispatch_cooldown * 1_000) };
  const run_id = `run_${ground.digest(claim_id).slice(0, 16)}`;
  return board
    .happen(item, { kind: "dispatch", claim_id, expires_at, run_id, cooled }, isWaiting)
    .then(() => {
      const after = board.get(item);
      if (after?.state === "running" && item.cause !== "continuation") latency.add(ground.now().ms - (instantMs(item.seen_at) ?? 0));
    })
    .catch(() => undefined);
}

/** Runs that ended are applied; those that nobody knows are lost; the leases of the others are renewed. */
async function lookAtRuns(ground: GiteaGround, board: Board): Promise<void> {
  for (const item of board.all()) {
    if (board.isBusy(item)) continue;
    if (item.claim?.fencing_token !== null && item.claim !== null) await renew(ground, item);
    if (item.run_id === null || !isUnapplied(item, ground.now().ms)) continue;
    const look = await ground.runs.look(item.run_id);
    const { run_id, state } = item;
    const still = (now: Item): boolean => now.state === state && now.run_id === run_id && now.plan.length === 0;
    if (look.kind === "ended") void board.happen(item, endedEvent(item, look.result), still).catch(() => undefined);
    else if (look.kind === "absent") void board.happen(item, lostEvent(), still).catch(() => undefined);
  }
}

/** A run that lives, or one whose result somebody was in the way of (PSM-4). */
function isUnapplied({ state, plan, not_before }: Item, now_ms: number): boolean {
  if (plan.length > 0) return false;
  return state === "running" || (state === "applying" && now_ms >= (instantMs(not_before ?? "") ?? 0));
}

async function renew(ground: GiteaGround, item: Item): Promise<void> {
  const { fencing_token = null, expires_at = "" } = item.claim ?? {};
  const left = ((instantMs(expires_at) ?? 0) - ground.now().ms) / 60_000;
  if (fencing_token === null || left <= 0) return;
  const ref = { executor: ground.executor, item: itemKey(item), holder: ground.holder, token: fencing_token };
  const read = await ground.leases.read({ executor: ground.executor, item: itemKey(item) });
  // Written only when half of it is over: a tick costs no write.
  if (read.kind !== "found" || (instantMs(read.lease.expires_at) ?? 0) - ground.now().ms > CLAIM_SLACK_SECONDS * 500) return;
  await ground.leases.renew(ref, { ttl_minutes: Math.max(1, Math.ceil(left)) });
}

function lostEvent() {
  const reason = "lost";
  return { kind: "run_ended", class: "retryable", end: "lost", outcome: null, findings: 0, reason, notes: "", reviewed_sha: null } as const;
}

function endedEvent(item: Item, { end, reason, http_status, declared, output_tail }: AgentResult) {
  const again = item.history.findLast(({ decision }) => decision === "run_ended")?.reason.startsWith(end) === true;
  return {
    kind: "run_ended",
    class: retryClass(end, http_status, again),
    end,
    outcome: declared?.outcome ?? null,
    findings: declared?.findings?.length ?? 0,
    reason: end === "stopped" ? reason : end === "ok" ? (declared?.outcome ?? "ok") : `${end}: ${reason}`.slice(0, 200),
    notes: declared === null ? joined([end === "ok" ? "" : reason, output_tail]) : notesOf(declared),
    reviewed_sha: declared?.reviewed_sha ?? null,
  } as const;
}

/** What the next run has to know of this one. */
function notesOf(declared: DeclaredResult): string {
  return joined([declared.blocker ?? "", declared.comment ?? "", findingsText(declared.findings ?? [])]);
}

function joined(parts: readonly string[]): string {
  return parts.filter((part) => part !== "").join("\n\n");
}
