/**
 * The items of one dispatcher: their records in memory and on disk, and the one way in which an item moves on. Events of one
 * item are carried out one after the other; items do not wait for each other (DSP-33).
 */
import type { JsonObject, JsonValue } from "@loopx/core/domain";
import { isJsonObject } from "@loopx/core/domain";
import type { Machine, Progress } from "../machine.ts";
import { resumeMachine, runMachine, type Ground } from "../machine.ts";
import { carryingOut, RELEASING } from "./effects.ts";
import type { Place } from "./forge.ts";
import type { GiteaGround } from "./ground.ts";
import { isFinal, itemKey, ItemSchema, type Item, type ItemEffect } from "./item.ts";
import { itemStep, SERVICE_STOPPED, type ItemEvent } from "./machine.ts";
import { decide, forgetItem, loadItems, readRecord, saveItem, type Held } from "./records.ts";

const MAX_EFFECTS = 200;

export interface Board {
  all(): readonly Item[];
  get(place: Place): Item | null;
  /** The living item that this number belongs to: itself, or the issue whose pull it is. */
  holderOf(place: Place): Item | null;
  /** A new item, as its record. */
  add(item: Item): Promise<void>;
  /** Changes what the machine does not look at: a cursor, a title. Waits for its turn. */
  touch(place: Place, change: (item: Item) => Item): Promise<void>;
  /** The event takes its turn; `still` is asked right before, and a no drops the event. */
  happen(place: Place, event: ItemEvent, still?: (item: Item) => boolean): Promise<void>;
  /** Goes on with every plan that was left, by a crash or a fault, as soon as its time has come. */
  resume(): void;
  isBusy(place: Place): boolean;
  /** Answers when no item moves. */
  settled(): Promise<void>;
  prune(before_ms: number): Promise<void>;
  readonly damaged: readonly string[];
}

/** The items of the state directory. `ending`: from then on a plan rests after its effect, and what was claimed is given back (DSP-3). */
export async function openBoard(ground: GiteaGround, onFault: (item: Item, message: string) => void, ending: AbortSignal): Promise<Board> {
  const loaded = await loadItems(ground);
  const held = new Map<string, Held>(loaded.held.map((each) => [itemKey(each.item), each]));
  const turns = new Map<string, Promise<void>>();

  const save = async (item: Item): Promise<void> => {
    const key = itemKey(item);
    const revision = await saveItem(ground, item, held.get(key)?.revision ?? null);
    held.set(key, { item, revision });
  };
  // Made anew each time: the bounds may have been configured anew.
  const driving = () => drivingGround(ground, save, onFault, ending);

  const inTurn = (place: Place, act: () => Promise<void>): Promise<void> => {
    const key = itemKey(place);
    const turn = (turns.get(key) ?? Promise.resolve()).then(act).finally(() => {
      if (turns.get(key) === turn) turns.delete(key);
    });
    turns.set(key, turn);
    // Whoever waits is told; a turn that nobody waits for is told as a fault.
    turn.catch((error: unknown) => {
      const item = held.get(key)?.item;
      if (item !== undefined) onFault(item, error instanceof Error ? error.message : String(error));
    });
    return turn;
  };
  const adoptPull = async ({ repo, pull }: Item): Promise<void> => {
    const before = pull === null ? undefined : held.get(itemKey({ repo, number: pull }))?.item;
    if (pull === null || (before !== undefined && !isFinal(before))) return;
    const found = await readRecord(ground, { repo, number: pull });
    if (found !== null) held.set(itemKey(found.item), found);
  };
  const drive = async (key: string, act: (item: Item) => Promise<Item>): Promise<void> => {
    const before = held.get(key)?.item;
    if (before === undefined || isFinal(before)) return;
    const after = await act(before);
    await adoptPull(after);
  };

  return {
    all: () => [...held.values()].map(({ item }) => item),
    get: (place) => held.get(itemKey(place))?.item ?? null,
    holderOf: (place) => {
      const own = held.get(itemKey(place))?.item;
      if (own !== undefined && !isFinal(own)) return own;
      return [...held.values()].find(({ item }) => item.repo === place.repo && item.pull === place.number && !isFinal(item))?.item ?? null;
    },
    add: (item) =>
      inTurn(item, async () => {
        const before = held.get(itemKey(item))?.item;
        if (before === undefined || isFinal(before)) await save(item);
      }),
    touch: (place, change) =>
      inTurn(place, async () => {
        const before = held.get(itemKey(place))?.item;
        const after = before === undefined ? undefined : change(before);
        if (after !== undefined && JSON.stringify(after) !== JSON.stringify(before)) await save(after);
      }),
    happen: (place, event, still = () => true) =>
      inTurn(place, () => drive(itemKey(place), async (item) => (still(item) ? runMachine(driving(), item, event) : item))),
    resume: () => {
      const now = ground.now().ms;
      for (const { item } of held.values()) {
        const isLate = item.not_before === null || Date.parse(item.not_before) <= now;
        if (item.plan.length === 0 || !isLate || turns.has(itemKey(item))) continue;
        const pending = item.plan.slice(0, 1);
        void inTurn(item, () =>
          drive(itemKey(item), (state) => resumeMachine(driving(), { state, seq: 0, pending }, { kind: "interrupted" })),
        ).catch(() => undefined);
      }
    },
    isBusy: (place) => turns.has(itemKey(place)),
    settled: async () => {
      while (turns.size > 0) await Promise.allSettled(turns.values());
    },
    prune: async (before_ms) => {
      for (const each of held.values()) {
        const { item } = each;
        if (!isFinal(item) || item.ended_at === null || Date.parse(item.ended_at) > before_ms || turns.has(itemKey(item))) continue;
        await forgetItem(ground, each);
        held.delete(itemKey(item));
      }
    },
    damaged: loaded.damaged,
  };
}

function drivingGround(
  ground: GiteaGround,
  save: (item: Item) => Promise<void>,
  onFault: (item: Item, message: string) => void,
  ending: AbortSignal,
): Ground<Item, ItemEvent, ItemEffect> {
  const progress: Progress<Item, ItemEvent, ItemEffect> = {
    save: ({ state }) => save(state),
    // Every effect looks first whether it was made already, so nobody has to know that it had begun.
    begin: async () => undefined,
    end: async ({ state }, event) => {
      const [effect] = state.plan;
      await decide(ground, {
        id: ground.randomHex(16),
        item: itemKey(state),
        decision: effect === undefined ? "event" : effect.label === undefined ? effect.kind : `${effect.kind} ${effect.label}`,
        reason: event === null ? "" : event.kind === "done" ? "done" : "reason" in event ? event.reason : event.kind,
        detail: detailOf(event),
      });
    },
  };
  return { machine: machineOf(ground, onFault), progress, carryOut: carryingOut(ground), now: ground.now, signal: ending };
}

function machineOf(ground: GiteaGround, onFault: (item: Item, message: string) => void): Machine<Item, ItemEvent, ItemEffect> {
  const { max_rounds, max_attempts, redispatch_cooldown } = ground.config();
  return {
    step: itemStep({ max_rounds, max_attempts, redispatch_seconds: redispatch_cooldown }),
    idOf: itemKey,
    journalFields: ({ state, step }) => ({ state, step }),
    fault: (item, { kind }, message) => {
      onFault(item, `${kind}: ${message}`);
      return { kind: "fault", effect: kind, message: ground.redact(message).slice(0, 300) };
    },
    recover: () => null,
    abort: (item, { kind }) => {
      if (RELEASING.has(kind)) return null;
      return item.state === "claimed" && !item.kept ? { kind: "stop", reason: SERVICE_STOPPED } : { kind: "pause" };
    },
    max_effects: MAX_EFFECTS,
    read: {
      state: (value) => {
        const parsed = ItemSchema.safeParse(value);
        return parsed.success ? parsed.data : null;
      },
      event: (value) => (isJsonObject(value) && typeof value["kind"] === "string" ? (value as unknown as ItemEvent) : null),
      effect: (value) => (isJsonObject(value) && typeof value["kind"] === "string" ? (value as unknown as ItemEffect) : null),
    },
  };
}

/** What differs at a conflict, which commit was pushed, whose pull it is; never a text of others. */
function detailOf(event: ItemEvent | null): JsonObject {
  if (event?.kind === "conflict") return { was: event.was, now: event.now };
  if (event?.kind === "held_elsewhere") return { until: event.until };
  if (event?.kind !== "done") return {};
  const { pull, head_sha, gated_sha } = event.facts;
  const found: Record<string, JsonValue | undefined> = { pull, head_sha, gated_sha };
  return Object.fromEntries(
    Object.entries(found).filter((entry): entry is [string, JsonValue] => entry[1] !== undefined && entry[1] !== null),
  );
}
