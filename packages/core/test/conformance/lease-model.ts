/**
 * The lease and fence protocol as single steps of processes that are paused, resumed and killed anywhere (REL-163).
 * What is granted is decided by the product's own rules; what is modelled here is when a process reads and writes.
 */
import type { GoalId } from "../../src/domain/ids.ts";
import type { Lease } from "../../src/domain/lease/lease.ts";
import { acquireLease, fenceHolds, releaseLease } from "../../src/domain/lease/rules.ts";
import type { Protocol } from "../explore.ts";

const KEY = { goal_id: "g" as GoalId, todo_id: "todo_abc" };
const MINUTE_MS = 60_000;

/** How a variant differs from the protocol; `sound` is the protocol itself. */
export type Variant =
  | "sound"
  /** The token comes from a counter, before the row is locked. */
  | "token_before_lock"
  /** The row is read and written without a lock. */
  | "no_row_lock"
  /** The fence is checked, but its lock is let go before the write. */
  | "fence_outside_lock";

type Place = "idle" | "drawn" | "locked" | "read" | "holding" | "fence_locked" | "fence_checked" | "dead";

interface Actor {
  at: Place;
  grants_left: number;
  /** The row as this process read it. */
  seen: Lease | null;
  drawn: number;
  token: number;
}

interface World {
  row: Lease | null;
  /** Who has the row's lock, by index. */
  lock: number | null;
  counter: number;
  minutes: number;
  /** Ghosts: the highest token ever granted. */
  highest: number;
  actors: Actor[];
  crashes_left: number;
  ticks_left: number;
  steps_back_left: number;
}

export interface Bounds {
  readonly actors: number;
  readonly grants: number;
  readonly crashes: number;
  readonly ticks: number;
  readonly steps_back: number;
}

type Step = { step: string; state: World; broken?: string };

export function leaseProtocol(variant: Variant, bounds: Bounds): Protocol<World> {
  return {
    initial: {
      row: null,
      lock: null,
      counter: 0,
      minutes: 0,
      highest: 0,
      actors: Array.from({ length: bounds.actors }, () => ({ at: "idle", grants_left: bounds.grants, seen: null, drawn: 0, token: 0 })),
      crashes_left: bounds.crashes,
      ticks_left: bounds.ticks,
      steps_back_left: bounds.steps_back,
    },
    next: function* (world) {
      for (const index of world.actors.keys()) {
        yield* stepOf(variant, world, index);
        if (world.crashes_left > 0 && world.actors[index]?.at !== "dead") yield crashed(world, index);
      }
      if (world.ticks_left > 0) yield changed(world, "the lease's time passes", (after) => ((after.minutes += 1), (after.ticks_left -= 1)));
      if (world.steps_back_left > 0)
        yield changed(world, "the clock steps back", (after) => ((after.minutes -= 1), (after.steps_back_left -= 1)));
    },
  };
}

function* stepOf(variant: Variant, world: World, index: number): Iterable<Step> {
  const actor = actorOf(world, index);
  const free = world.lock === null || variant === "no_row_lock";
  switch (actor.at) {
    case "idle":
      if (actor.grants_left === 0) return;
      if (variant === "token_before_lock")
        yield acted(world, index, "draws a token", (after, me) => ((me.drawn = after.counter += 1), (me.at = "drawn")));
      else if (free) yield acted(world, index, "locks the row", (after, me) => ((after.lock = index), (me.at = "locked")));
      return;
    case "drawn":
      if (free) yield acted(world, index, "locks the row", (after, me) => ((after.lock = index), (me.at = "locked")));
      return;
    case "locked":
      yield acted(world, index, "reads the row", (after, me) => ((me.seen = after.row), (me.at = "read")));
      return;
    case "read":
      yield writesRow(variant, world, index);
      return;
    case "holding":
      yield acted(world, index, "forgets its lease", (_after, me) => (me.at = "idle"));
      if (free) yield releases(world, index);
      if (free) yield acted(world, index, "locks the row for its fence", (after, me) => ((after.lock = index), (me.at = "fence_locked")));
      return;
    case "fence_locked":
      yield checksFence(variant, world, index);
      return;
    case "fence_checked":
      yield commits(world, index);
      return;
    case "dead":
  }
}

/** Grant or refusal, both with the lock let go: the next reader sees the whole new row. */
function writesRow(variant: Variant, world: World, index: number): Step {
  const actor = actorOf(world, index);
  const ground = { current: actor.seen, others: [], archived_token: 0 };
  const answer = acquireLease(KEY, { holder: `p${index}`, ttl_minutes: 1, write_scopes: [] }, ground, momentOf(world));
  if (answer.kind !== "granted")
    return acted(world, index, "is refused", (after, me) => ((me.seen = null), (me.at = "idle"), (after.lock = lockWithout(after, index))));
  const token = variant === "token_before_lock" ? actor.drawn : answer.lease.token;
  const step = acted(world, index, `is granted token ${token}`, (after, me) => {
    after.row = { ...answer.lease, token };
    after.highest = Math.max(after.highest, token);
    after.lock = lockWithout(after, index);
    me.seen = null;
    me.token = token;
    me.grants_left -= 1;
    me.at = "holding";
  });
  return token > world.highest ? step : { ...step, broken: "tokens of one key only grow" };
}

/** One step: the lock is free, and nothing of it is seen by others before it is let go again. */
function releases(world: World, index: number): Step {
  const actor = actorOf(world, index);
  const answer = releaseLease(world.row, { ...KEY, holder: `p${index}`, token: actor.token }, {}, momentOf(world));
  return acted(world, index, `releases token ${actor.token}: ${answer.kind}`, (after, me) => {
    if (answer.kind === "released") after.row = answer.lease;
    me.at = "idle";
  });
}

function checksFence(variant: Variant, world: World, index: number): Step {
  const actor = actorOf(world, index);
  const holds = fenceHolds(world.row, { holder: `p${index}`, token: actor.token }, momentOf(world));
  if (!holds) return acted(world, index, "is fenced off", (after, me) => ((after.lock = lockWithout(after, index)), (me.at = "holding")));
  return acted(world, index, "passes its fence", (after, me) => {
    if (variant === "fence_outside_lock") after.lock = lockWithout(after, index);
    me.at = "fence_checked";
  });
}

function commits(world: World, index: number): Step {
  const { token } = actorOf(world, index);
  const step = acted(
    world,
    index,
    `writes under token ${token}`,
    (after, me) => ((after.lock = lockWithout(after, index)), (me.at = "holding")),
  );
  return token === world.highest ? step : { ...step, broken: "no write of an older token follows a newer grant" };
}

/** A dead process's lock is cleared by the lock protocol, which has a checker of its own (REL-162). */
function crashed(world: World, index: number): Step {
  return acted(
    world,
    index,
    "dies",
    (after, me) => ((me.at = "dead"), (me.seen = null), (after.lock = lockWithout(after, index)), (after.crashes_left -= 1)),
  );
}

function acted(world: World, index: number, what: string, change: (after: World, me: Actor) => void): Step {
  return changed(world, `p${index} ${what}`, (after) => change(after, actorOf(after, index)));
}

function actorOf(world: World, index: number): Actor {
  const actor = world.actors[index];
  if (actor === undefined) throw new RangeError(`no process ${index}`);
  return actor;
}

function changed(world: World, step: string, change: (after: World) => void): Step {
  const state = structuredClone(world);
  change(state);
  return { step, state };
}

function lockWithout(world: World, index: number): number | null {
  return world.lock === index ? null : world.lock;
}

function momentOf(world: World) {
  return { ms: world.minutes * MINUTE_MS, offset_minutes: 0 };
}
