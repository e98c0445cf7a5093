/**
 * An item as its picture needs it: the places where it rests, and what moves it from one to the next. What a claim, a result
 * or a release consists of is carried out within one arrow here; the machine is the one that runs.
 */
import type { Moment } from "@loopx/core/domain";
import { freshItem, isFinal, type Item } from "./item.ts";
import { itemStep, type ItemEvent } from "./machine.ts";

const RULES = { max_rounds: 2, max_attempts: 2, redispatch_seconds: 1_800 };
const step = itemStep(RULES);

/** What happens between two places of rest: every effect that is called for in between succeeds. */
type Story = readonly ItemEvent[];

function starts(): readonly Item[] {
  const cursor = { comment_id: 0, review_id: 0, timeline_id: 0, body: null };
  const of = { repo: "o/r", number: 1, cause: "bot_label", by: null, title: "", priority: false, cursor, queued_at: "" } as const;
  const pull = freshItem({ ...of, is_pull: true, step: "review", foreign: false });
  return [freshItem({ ...of, is_pull: false, step: "work", foreign: false }), pull, { ...pull, foreign: true }];
}

const WORDS = { reason: "", notes: "" };
const ended = (outcome: string | null, more: { end?: string; findings?: number } = {}): ItemEvent => ({
  kind: "run_ended",
  class: outcome === null ? "retryable" : "done",
  end: "ok",
  findings: 0,
  reviewed_sha: "a".repeat(40),
  outcome,
  ...WORDS,
  ...more,
});
const DISPATCH: ItemEvent = { kind: "dispatch", claim_id: "claim", expires_at: "", run_id: "run", cooled: { sign: "", until: "" } };
const MOVED: ItemEvent = { kind: "head_moved", head_sha: "b".repeat(40) };
const REFUSED: ItemEvent = { kind: "refused", ...WORDS };

type Where = "waiting" | "working" | "reviewing" | "agent" | "anywhere";
const STORIES: readonly { readonly name: string; readonly where: Where; readonly story: Story }[] = [
  { name: "claimed", where: "waiting", story: [DISPATCH] },
  { name: "somebody else holds it", where: "waiting", story: [DISPATCH, { kind: "held_elsewhere", until: "" }] },
  { name: "changes, gate passed, pushed", where: "working", story: [ended("done")] },
  { name: "gate or policy refuses", where: "working", story: [ended("done"), REFUSED] },
  { name: "passed", where: "reviewing", story: [ended("pass")] },
  { name: "failed", where: "reviewing", story: [ended("fail", { findings: 1 })] },
  { name: "nothing to do", where: "agent", story: [ended("noop")] },
  { name: "blocked", where: "agent", story: [ended("blocked")] },
  { name: "agent ended badly", where: "agent", story: [ended(null, { end: "timeout" })] },
  { name: "head moved", where: "reviewing", story: [MOVED] },
  { name: "@bot stop", where: "anywhere", story: [{ kind: "stop", reason: "command" }] },
  { name: "closed, merged, label gone", where: "anywhere", story: [{ kind: "gone", reason: "closed", dead: false }] },
];
const ASKED: ItemEvent = { kind: "asked", cause: "changes_requested", by: "person", step: "rework", human: true };

function told(item: Item, story: Story, now: Moment): { readonly state: Item; readonly effects: readonly never[] } {
  let state = item;
  for (const event of story) {
    state = step(state, event, now).state;
    if (event !== story.at(-1)) continue;
    while (state.plan.length > 0) state = step(state, { kind: "done", facts: {} }, now).state;
  }
  return { state, effects: [] };
}

function fits({ state, step: which }: Item, where: Where): boolean {
  if (where === "anywhere") return true;
  if (where === "waiting") return state === "queued" || state === "cooling";
  return state === "running" && (where === "agent" || (where === "reviewing") === (which === "review"));
}

/** What the drawing of an item is made of. */
export function drawnItem() {
  return {
    machine: { step: told },
    starts: starts(),
    events: [],
    outside: [
      ...STORIES.map(({ name, where, story }) => ({ name, eventIn: (item: Item): Story | null => (fits(item, where) ? story : null) })),
      { name: "head moved", eventIn: ({ state, is_pull }: Item): Story | null => (state === "blocked_human" && is_pull ? [MOVED] : null) },
      { name: "a person asks for changes", eventIn: ({ state }: Item): Story | null => (state === "blocked_human" ? [ASKED] : null) },
    ],
    phaseOf: ({ state, step: which }: Item) => (state === "queued" || state === "running" ? `${state}_${which}` : state),
    // Counters only where they decide.
    deciding: ({ state, step: which, is_pull, foreign, round, attempts }: Item) =>
      JSON.stringify([state, which, is_pull, foreign, Math.min(round, RULES.max_rounds), Math.min(attempts, RULES.max_attempts)]),
    resultOf: (item: Item) => (isFinal(item) ? item.last_reason : null),
    ending: "done",
    done: "done",
  };
}
