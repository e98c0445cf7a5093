import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { FRESH } from "./autopoll.ts";
import { step, type LooperEffect, type LooperEvent, type LooperState, type Order, type RunOrder } from "./machine.ts";

const NOW = { ms: 1_800_000_000_000, offset_minutes: 0 };
const LIMITS = { poll_seconds: 300, stale_seconds: 600, max_runs_per_day: 48, max_failures: 5 };

const idle: LooperState = {
  scope: "service",
  limits: LIMITS,
  ongoing: null,
  runs: [],
  auto: FRESH,
  same_prompt: null,
  no_progress: 0,
  closing: false,
};

const order = (id: string, more: Partial<Order> = {}, run: Partial<RunOrder> = {}): Order => ({
  request_id: id,
  trigger: "http",
  message: "Looper trigger",
  announcement_required: true,
  run: { run_id: `run_${id}`, workspace: "/w", prompt_sha256: "p", delay_seconds: 2, check_seconds: 1, ...run },
  ...more,
});

function play(state: LooperState, ...events: LooperEvent[]): { state: LooperState; effects: LooperEffect[]; said: string[] } {
  const effects: LooperEffect[] = [];
  let now = state;
  for (const event of events) {
    const next = step(now, event, NOW);
    effects.push(...next.effects);
    now = next.state;
  }
  const said = effects.map((effect) => (effect.kind === "answer" ? `answer ${effect.answer.status}` : effect.kind));
  return { state: now, effects, said };
}

const STARTED: LooperEvent[] = [{ kind: "announced", zulip_output: "sent id=1" }, { kind: "delayed" }, { kind: "started" }];
const RUNNING: LooperEvent = { kind: "checked", exit_code: null, tail: "" };
const live = play(idle, { kind: "asked", order: order("a") }, ...STARTED, RUNNING).state;

describe("a request (LPR-30 to LPR-34)", () => {
  test("announces, waits, starts, checks and answers, in that order", () => {
    const { said, state } = play(idle, { kind: "asked", order: order("a") }, ...STARTED, RUNNING);
    expect(said).toEqual(["announce", "delay", "start", "check", "answer 200"]);
    expect([state.ongoing, state.runs.map((run) => run.run_id), state.same_prompt]).toEqual([
      null,
      ["run_a"],
      { prompt_sha256: "p", count: 1 },
    ]);
  });

  test("stops the live run before it waits; a pid that remains ends it", () => {
    const gone: LooperEvent[] = [
      { kind: "announced", zulip_output: "" },
      { kind: "ended", run_id: "run_a", end: "stopped", progress: null },
      { kind: "stopped", killed: [7], remaining: [] },
    ];
    expect(play(live, { kind: "asked", order: order("b") }, ...gone).said).toEqual(["announce", "stop", "delay"]);
    const stuck: LooperEvent[] = [
      { kind: "announced", zulip_output: "" },
      { kind: "stopped", killed: [], remaining: [7, 8] },
    ];
    const { effects, state } = play(live, { kind: "asked", order: order("b") }, ...stuck);
    expect(effects.at(-1)).toMatchObject({ answer: { status: 500, error: "could not stop pids: 7, 8", code: "stop_failed" } });
    expect([state.ongoing, state.runs.length]).toEqual([null, 1]);
  });

  test("in another workspace stops nothing when the scope is the workspace", () => {
    const events: LooperEvent[] = [
      { kind: "asked", order: order("b", {}, { workspace: "/v" }) },
      { kind: "announced", zulip_output: "" },
    ];
    expect(play(live, ...events).said).toEqual(["announce", "stop"]);
    expect(play({ ...live, scope: "workspace" }, ...events).said).toEqual(["announce", "delay"]);
  });

  test("that comes while another is carried out is busy, and changes nothing", () => {
    const { said, state } = play(idle, { kind: "asked", order: order("a") }, { kind: "asked", order: order("b") });
    expect(said).toEqual(["announce", "answer 409"]);
    expect(state.ongoing?.order.request_id).toBe("a");
  });

  test("that only announces stops and starts nothing", () => {
    const { said, state } = play(live, { kind: "asked", order: order("b", { run: null }) }, { kind: "announced", zulip_output: "sent" });
    expect([said, state.runs.length]).toEqual([["announce", "answer 200"], 1]);
  });

  test("ends with a failed announcement, unless that is allowed to fail", () => {
    const failed: LooperEvent = { kind: "announce_failed", text: "down" };
    expect(play(idle, { kind: "asked", order: order("a") }, failed).said).toEqual(["announce", "answer 500"]);
    const { said, state } = play(idle, { kind: "asked", order: order("a", { announcement_required: false }) }, failed);
    expect([said, state.ongoing?.zulip_output]).toEqual([["announce", "delay"], "failed: down"]);
  });

  test("of an agent that exits at once is refused with its code; exit 0 is not", () => {
    const asked: LooperEvent = { kind: "asked", order: order("a") };
    expect(play(idle, asked, ...STARTED, { kind: "checked", exit_code: 2, tail: "no" }).effects.at(-1)).toMatchObject({
      answer: { status: 500, error: "codex exec exited immediately with code 2", more: { tail: "no" } },
    });
    expect(play(idle, asked, ...STARTED, { kind: "checked", exit_code: 0, tail: "" }).said.at(-1)).toBe("answer 200");
  });

  test("is refused while the service ends", () => {
    expect(play(idle, { kind: "closing" }, { kind: "asked", order: order("a") }).said).toEqual(["answer 503"]);
  });
});

describe("notices", () => {
  test("three runs in a row that change nothing raise one (LPR-38)", () => {
    const round = (id: string): LooperEvent[] => [
      { kind: "asked", order: order(id) },
      ...STARTED,
      RUNNING,
      { kind: "ended", run_id: `run_${id}`, end: "ok", progress: "no_progress" },
    ];
    const { said, state } = play(idle, ...round("a"), ...round("b"), ...round("c"), ...round("d"));
    expect(said.filter((each) => each === "notice")).toHaveLength(1);
    expect([state.no_progress, state.same_prompt?.count]).toEqual([1, 4]);
  });
});

/** What the world may say next, late and doubled events among it; `at` makes every request another. */
const SAYINGS: readonly ((state: LooperState, at: number) => LooperEvent)[] = [
  (_state, at) => ({ kind: "asked", order: order(String(at), {}, { workspace: at % 2 === 0 ? "/w" : "/v" }) }),
  (_state, at) => ({ kind: "asked", order: order(String(at), { run: null, announcement_required: false }) }),
  (_state, at) => ({
    kind: "tick",
    facts: { newest_log_ms: null, goal_refusal: at % 5 === 0 ? "paused" : null, held_elsewhere: at % 7 === 0 },
    order: order(String(at), { trigger: "auto" }),
  }),
  () => ({ kind: "announced", zulip_output: "" }),
  () => ({ kind: "announce_failed", text: "x" }),
  () => ({ kind: "stopped", killed: [1], remaining: [] }),
  () => ({ kind: "stopped", killed: [], remaining: [1] }),
  () => ({ kind: "delayed" }),
  () => ({ kind: "delayed" }),
  () => ({ kind: "started" }),
  () => ({ kind: "started" }),
  () => ({ kind: "start_failed", refusal: { status: 500, error: "x", code: "missing_tool" } }),
  (state) => ({ kind: "faulted", request_id: state.ongoing?.order.request_id ?? "none" }),
  () => RUNNING,
  () => ({ kind: "checked", exit_code: 1, tail: "" }),
  (state, at) => ({
    kind: "ended",
    run_id: state.runs[at % 2]?.run_id ?? "run_none",
    end: at % 3 === 0 ? "ok" : "agent_failed",
    progress: null,
  }),
  (_state, at) => (at > 55 ? { kind: "closing" } : { kind: "delayed" }),
];

describe("any sequence of requests and events", () => {
  test.each(["service", "workspace"] as const)("keeps the invariants of the service, scope %s", (scope) => {
    let startedRuns = 0;
    fc.assert(
      fc.property(fc.array(fc.nat({ max: SAYINGS.length - 1 }), { minLength: 40, maxLength: 80 }), (moves) => {
        let state: LooperState = { ...idle, scope };
        const begun: string[] = [];
        const answered: string[] = [];
        for (const [at, move] of moves.entries()) {
          const next = SAYINGS[move]?.(state, at) ?? RUNNING;
          // A stop that leaves nothing alive is told after the ends of what it stopped.
          if (next.kind === "stopped" && next.remaining.length === 0 && state.ongoing?.phase === "stop")
            state = { ...state, runs: othersOf(state) };
          const stepped = step(state, next, NOW);
          const refused = stepped.effects.some((effect) => effect.kind === "answer" && effect.answer.status === 409);
          if (refused) expect([stepped.state, stepped.effects.map((effect) => effect.kind)]).toEqual([state, ["answer"]]);
          else if (stepped.effects.some((effect) => effect.kind === "announce")) begun.push(stepped.state.ongoing?.order.request_id ?? "");
          for (const effect of stepped.effects) {
            if (effect.kind === "answer" && !refused && effect.answer.status !== 503) answered.push(effect.request_id);
            if (effect.kind === "start") expect([state.closing, (startedRuns += 1) > 0]).toEqual([false, true]);
          }
          state = stepped.state;
          for (const workspace of ["/w", "/v"])
            expect(state.runs.filter((run) => scope === "service" || run.workspace === workspace).length).toBeLessThanOrEqual(1);
        }
        // Every request that began was answered once, but for the one that is still being carried out.
        const open = state.ongoing === null ? [] : [state.ongoing.order.request_id];
        if (!state.closing) expect([...answered, ...open].sort()).toEqual(begun.sort());
      }),
      { numRuns: 1_000 },
    );
    expect(startedRuns).toBeGreaterThan(500);
  });
});

function othersOf({ scope, runs, ongoing }: LooperState): LooperState["runs"] {
  return runs.filter((run) => scope === "workspace" && run.workspace !== ongoing?.order.run?.workspace);
}
