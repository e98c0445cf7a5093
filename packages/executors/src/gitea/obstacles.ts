/**
 * What stands before a claim and only others can tell: the goal, the counts, the agent's program, the labels, the disk (DSP-35,
 * DSP-36). Whatever cannot be learned stands before it too.
 */
import type { Board } from "./board.ts";
import { settingsOf } from "./config.ts";
import type { GiteaGround } from "./ground.ts";
import { itemKey, type Item } from "./item.ts";
import { isFull } from "./queue.ts";
import { labelsOf } from "./rules.ts";

const FREE_BYTES = 1024 ** 3;

/** What one look through the queue has learned: it holds for the whole look, so that no later item overtakes an earlier one. */
export interface Look {
  readonly beginning: ReadonlySet<string>;
  readonly goals: Map<string, Promise<string | null>>;
  /** Asked once: a gateway takes seconds to tell. */
  live?: Promise<readonly string[] | null>;
  /** Repositories that have all they may have; `*` stands for everything. */
  readonly full: Set<string>;
}

/** Why an item may not be claimed now; `why` is what a person has to know beside it. */
export interface Obstacle {
  readonly reason: string;
  readonly why?: string;
}

/** The first of them; null when the item may be claimed. */
export async function lateObstacle(ground: GiteaGround, board: Board, item: Item, look: Look): Promise<Obstacle | null> {
  const settings = settingsOf(ground.config(), item.repo);
  if (settings === null) return { reason: "not_watched" };
  const { goal_id } = settings;
  try {
    if (goal_id !== null) {
      const asked = look.goals.get(goal_id) ?? ground.goals.obstacle(goal_id);
      look.goals.set(goal_id, asked);
      const why = await asked;
      if (why !== null) return { reason: "goal_not_runnable", why };
    }
    if (await isCapped(ground, board, item.repo, settings.max_agents, look)) return { reason: "waiting_capacity" };
    const runner = item.step === "review" ? ground.config().reviewer_runner : settings.runner;
    const unhealthy = await ground.runs.obstacle(runner);
    if (unhealthy !== null) return { reason: "runner_unhealthy", why: unhealthy };
    const { missing } = await labelsOf(ground, item.repo);
    if (missing.length > 0) return { reason: "label_missing", why: missing.join(", ") };
    const free = await ground.checkouts.freeBytes();
    return free !== null && free < FREE_BYTES ? { reason: "disk_full", why: `${free} bytes are free` } : null;
  } catch (error) {
    return { reason: "unknown", why: error instanceof Error ? error.message : String(error) };
  }
}

/** Items whose run is not a process yet, or not any more, count too; so do processes that no item knows. */
async function isCapped(ground: GiteaGround, board: Board, repo: string, max_in_repo: number, look: Look): Promise<boolean> {
  if (look.full.has("*") || look.full.has(repo)) return true;
  look.live ??= ground.runs.live();
  const live = await look.live;
  // A run that has ended takes no place while its claim is still to be given back.
  const isRunning = ({ state, plan, run_id }: Item): boolean =>
    state === "running" && (plan.length === 0 || run_id === null || live?.includes(run_id) !== false);
  const busy = board.all().filter((item) => isRunning(item) || item.state === "claimed" || look.beginning.has(itemKey(item)));
  const own = new Set(busy.map(({ run_id }) => run_id));
  const others = live?.filter((run_id) => !own.has(run_id)).length ?? null;
  const here = busy.filter((item) => item.repo === repo).length;
  if (isFull(others === null ? null : others + busy.length, ground.config().max_agents)) look.full.add("*");
  if (isFull(here, max_in_repo)) look.full.add(repo);
  return look.full.has("*") || look.full.has(repo);
}
