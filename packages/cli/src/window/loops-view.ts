/**
 * The loops of this machine as their own records show them: worktree cycles, Looper's runs, items of a forge, and any
 * other loop by its phase. It reads what the store gives and trusts none of it; no loop is asked, none is touched.
 */
import type { ExecutorFolder, Host } from "@loopx/core";
import { isJsonObject, type JsonObject, type JsonValue, type LoopView } from "@loopx/core/domain";

/** Newest runs of Looper, and items of a forge, that are shown. */
const RUN_LINES = 200;
const SHOWN_RUNS = 30;
const SHOWN_CYCLES = 20;
const ENDED_ITEMS = 30;

type Stores = Pick<Host, "documents" | "logs">;

/** Live ones first, then the newest. */
export async function loopsView(host: Stores, folders: readonly ExecutorFolder[]): Promise<readonly LoopView[]> {
  const found: LoopView[] = [];
  for (const folder of folders) found.push(...(await loopsOf(host, folder)));
  const at = (loop: LoopView): string => loop.ended_at ?? loop.since ?? "";
  return found.toSorted((a, b) => Number(b.live) - Number(a.live) || (at(a) < at(b) ? 1 : at(a) > at(b) ? -1 : 0));
}

async function loopsOf(host: Stores, { executor, documents }: ExecutorFolder): Promise<readonly LoopView[]> {
  if (executor === "looper") return looperRuns(host, executor);
  const read = async (name: string): Promise<JsonObject | null> => {
    const found = await host.documents.read({ kind: "executor_state", executor, name });
    return found.kind === "found" ? objectIn(found.text) : null;
  };
  const loops: LoopView[] = [];
  const items: LoopView[] = [];
  for (const name of documents) {
    const document = await read(name);
    if (document === null) continue;
    if (document["schema_version"] === "loopx_gitea_item_v1") items.push(forgeItem(executor, document));
    else if (name === "watch.json") loops.push(...endedCycles(executor, document));
    else if (document["schema_version"] === "loopx_loop_state_v1") loops.push(...liveLoop(executor, name, document));
  }
  const ended = items.filter(({ live }) => !live).toSorted((a, b) => ((a.ended_at ?? "") < (b.ended_at ?? "") ? 1 : -1));
  return [...loops, ...items.filter(({ live }) => live), ...ended.slice(0, ENDED_ITEMS)];
}

/** The snapshot of a loop that has not ended. */
function liveLoop(executor: string, name: string, { state }: JsonObject): LoopView[] {
  if (!isJsonObject(state)) return [];
  const phase = text(state["phase"]) ?? text(state["state"]) ?? "unknown";
  if (phase === "done") return [];
  const isCycle = name === "cycle.json";
  const limits = isJsonObject(state["limits"]) ? state["limits"] : {};
  const sha = text(state["candidate_sha"]) ?? text(state["base_sha"]);
  return [
    {
      ...BLANK,
      kind: isCycle ? "worktree" : "loop",
      executor,
      id: text(state["cycle_id"]) ?? text(state["run_id"]) ?? name.replace(/\.json$/, ""),
      title: sha === null ? executor : sha.slice(0, 12),
      phase,
      live: true,
      since: text(state["started_at"]),
      goal_id: text(state["goal_id"]),
      attempt: count(state["attempt"]),
      of: count(limits["max_cycles"]),
    },
  ];
}

function endedCycles(executor: string, { ended }: JsonObject): LoopView[] {
  return (Array.isArray(ended) ? ended : [])
    .filter(isJsonObject)
    .slice(-SHOWN_CYCLES)
    .toReversed()
    .map((cycle) => ({
      ...BLANK,
      kind: "worktree",
      executor,
      id: text(cycle["cycle_id"]) ?? "",
      title: (text(cycle["sha"]) ?? "").slice(0, 12),
      phase: "done",
      ended_at: text(cycle["at"]),
      result: text(cycle["result"]),
      detail: text(cycle["reason"]),
    }));
}

async function looperRuns(host: Stores, executor: string): Promise<LoopView[]> {
  const page = await host.logs.tail({ kind: "executor_log", executor, name: "runs" }, { limit: RUN_LINES });
  if (page.kind === "unreadable") return [];
  const runs = new Map<string, JsonObject>();
  // A page is newest first; the newest value of each field counts.
  for (const entry of page.entries) {
    if (entry.kind !== "record") continue;
    const id = text(entry.record["run_id"]);
    if (id !== null) runs.set(id, { ...entry.record, ...runs.get(id), started_at: entry.record["at"] ?? null });
  }
  return [...runs].slice(0, SHOWN_RUNS).map(([id, run]) => {
    const state = text(run["state"]) ?? "unknown";
    const live = state !== "ended";
    return {
      ...BLANK,
      kind: "looper",
      executor,
      id,
      title: text(run["trigger"]) ?? executor,
      phase: state,
      live,
      since: text(run["started_at"]),
      ended_at: live ? null : text(run["at"]),
      result: text(run["end"]),
      goal_id: text(run["goal_id"]),
      detail: text(run["reason"]) ?? text(run["commit"]),
    };
  });
}

function forgeItem(executor: string, item: JsonObject): LoopView {
  const state = text(item["state"]) ?? "unknown";
  const ended = state === "done" || state === "dead";
  const step = text(item["step"]);
  return {
    ...BLANK,
    kind: "gitea",
    executor,
    id: `${text(item["repo"]) ?? ""}#${count(item["number"]) ?? 0}`,
    title: text(item["title"]) ?? "",
    phase: step === null || ended ? state : `${state}: ${step}`,
    live: !ended,
    since: text(item["queued_at"]),
    ended_at: text(item["ended_at"]),
    result: ended ? state : null,
    goal_id: text(item["goal_id"]),
    attempt: count(item["round"]),
    detail: text(item["cause"]),
  };
}

const BLANK = { live: false, since: null, ended_at: null, result: null, goal_id: null, attempt: null, of: null, detail: null } as const;
const TEXT_LIMIT = 200;

function text(value: JsonValue | undefined): string | null {
  return typeof value === "string" && value !== "" ? value.slice(0, TEXT_LIMIT) : null;
}

function count(value: JsonValue | undefined): number | null {
  return typeof value === "number" && Number.isFinite(value) ? value : null;
}

function objectIn(content: string): JsonObject | null {
  try {
    const value: unknown = JSON.parse(content);
    return isJsonObject(value) ? value : null;
  } catch {
    return null;
  }
}
