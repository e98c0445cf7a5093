import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { RESULTS } from "../worktree/cycle.ts";
import { LAUNCH_PHASES, LAUNCH_RESULTS, newLaunch, type Launch, type LaunchEffect, type LaunchEvent, type LaunchPhase } from "./launch.ts";
import { launchMachine, step } from "./machine.ts";

const START = {
  launch_id: "launch_1",
  keep_running: true,
  started_at: "2026-11-21T10:00:00Z",
  limits: { max_retries: 3 },
  fix_enabled: true,
};
const at = (phase: LaunchPhase, more: Partial<Launch> = {}): Launch => ({ ...newLaunch(START), ...more, phase });
const cycle = (result: Extract<LaunchEvent, { kind: "cycle" }>["result"]): LaunchEvent => ({ kind: "cycle", result, reason: "r" });

/** `notice, notice, phase` in one line. */
const asked = (effects: readonly LaunchEffect[]): string =>
  effects.map((effect) => (effect.kind === "phase" ? effect.phase : `${effect.notice}${effect.repairing ? "!" : ""}`)).join(" ");

describe("the launch machine", () => {
  test.each<[LaunchPhase, LaunchEvent, Partial<Launch>, string, string]>([
    ["look", { kind: "begin" }, {}, "look", "look"],
    ["look", { kind: "running" }, {}, "already_running", ""],
    ["look", { kind: "running" }, { keep_running: false }, "build", "build"],
    ["look", { kind: "running" }, { repairs: 1 }, "ready", "fixed"],
    ["look", { kind: "down" }, {}, "build", "build"],
    ["build", { kind: "built" }, {}, "start", "start"],
    ["build", { kind: "failed", reason: "x" }, {}, "repair", "build_failed! attempt! repair"],
    ["build", { kind: "failed", reason: "x" }, { fix_enabled: false }, "not_ready", "build_failed"],
    ["build", { kind: "failed", reason: "x" }, { repairs: 3 }, "exhausted", "exhausted"],
    ["build", cycle("busy"), {}, "busy", "ended"],
    ["start", { kind: "ready" }, {}, "ready", "ready"],
    ["start", { kind: "ready" }, { repairs: 1 }, "ready", "fixed"],
    ["start", { kind: "not_ready", reason: "x" }, {}, "repair", "start_failed! attempt! repair"],
    ["start", { kind: "not_ready", reason: "x" }, { limits: { max_retries: 0 } }, "exhausted", "exhausted"],
    ["start", { kind: "not_ready", reason: "x" }, { code_is_good: true }, "exhausted", "exhausted"],
    ["start", { kind: "foreign_port", reason: "pid 9" }, {}, "foreign_port", "ended"],
    ["repair", cycle("promoted"), { repairs: 1 }, "look", "look"],
    ["repair", cycle("validated"), { repairs: 1 }, "look", "look"],
    ["repair", cycle("base_moved"), { repairs: 1 }, "look", "look"],
    ["repair", cycle("fix_exhausted"), { repairs: 1 }, "exhausted", "exhausted"],
    ["repair", cycle("skipped_quota"), { repairs: 1 }, "skipped_quota", "ended"],
    ["repair", cycle("busy"), { repairs: 1 }, "busy", "ended"],
    ["start", { kind: "fault", reason: "disk" }, {}, "infra_error", "ended"],
    ["build", { kind: "aborted", reason: "told" }, {}, "aborted", "ended"],
    ["build", { kind: "ready" }, {}, "infra_error", "ended"],
    ["done", { kind: "begin" }, {}, "done", ""],
  ])("in %s on %j with %j goes to %s, asking for: %s", (phase, event, more, next, effects) => {
    const answer = step(at(phase, more), event);
    expect([answer.state.result ?? answer.state.phase, asked(answer.effects)]).toEqual([next, effects]);
  });

  test("a commit that passes as it is is not repaired again: the bot's own settings are at fault", () => {
    const validated = step(at("repair", { repairs: 1 }), cycle("validated")).state;
    const started = step({ ...validated, phase: "start" }, { kind: "not_ready", reason: "no config" });
    expect(started.state).toMatchObject({ result: "exhausted", repairs: 1, reason: expect.stringContaining("own settings: no config") });
  });
});

const events = fc.oneof(
  fc.constantFrom<LaunchEvent>(
    { kind: "begin" },
    { kind: "running" },
    { kind: "down" },
    { kind: "built" },
    { kind: "failed", reason: "x" },
    { kind: "ready" },
    { kind: "not_ready", reason: "x" },
    { kind: "foreign_port", reason: "x" },
    { kind: "fault", reason: "x" },
    { kind: "aborted", reason: "x" },
  ),
  fc.constantFrom(...RESULTS).map(cycle),
);

/** What belongs to the phase, mostly failures: so that long launches are common. */
const fitting: Readonly<Record<LaunchPhase, readonly LaunchEvent[]>> = {
  look: [{ kind: "down" }, { kind: "down" }, { kind: "running" }],
  build: [{ kind: "built" }, { kind: "failed", reason: "x" }],
  start: [{ kind: "not_ready", reason: "x" }, { kind: "not_ready", reason: "y" }, { kind: "ready" }],
  repair: [cycle("promoted"), cycle("base_moved"), cycle("validated")],
  done: [{ kind: "begin" }],
};

const starts = fc.record({
  limits: fc.record({ max_retries: fc.integer({ min: 0, max: 6 }) }),
  fix_enabled: fc.boolean(),
  keep_running: fc.boolean(),
});
const scripts = fc.array(fc.record({ any: events, fit: fc.nat(2), random: fc.nat(9) }), { maxLength: 60 });

function traceOf(more: Partial<typeof START>, script: readonly { any: LaunchEvent; fit: number; random: number }[]) {
  let { state, effects } = step(newLaunch({ ...START, ...more }), { kind: "begin" });
  const [states, all] = [[state], [...effects]];
  for (const { any, fit, random } of script) {
    const likely = fitting[state.phase];
    ({ state, effects } = step(state, random === 0 ? any : (likely[fit % likely.length] ?? any)));
    states.push(state);
    all.push(...effects);
  }
  return {
    states,
    effects: all,
    entered: (phase: LaunchPhase) => all.filter((each) => each.kind === "phase" && each.phase === phase).length,
  };
}

describe("whatever happens (10,000 sequences)", () => {
  test("MAX_RETRIES holds for repairs and starts, and nothing is repaired unless it is allowed", () => {
    fc.assert(
      fc.property(starts, scripts, (more, script) => {
        const { states, entered } = traceOf(more, script);
        const most = more.fix_enabled ? more.limits.max_retries : 0;
        return (
          entered("repair") <= most &&
          entered("start") <= most + 1 &&
          entered("build") <= most + 1 &&
          states.every(({ repairs }) => repairs <= most)
        );
      }),
      { numRuns: 10_000 },
    );
  });

  test("a bot is stopped only after its successor is built: a start follows a build and nothing else", () => {
    fc.assert(
      fc.property(starts, scripts, (more, script) => {
        const phases = traceOf(more, script).effects.flatMap((each) => (each.kind === "phase" ? [each.phase] : []));
        return phases.every((phase, index) => phase !== "start" || phases[index - 1] === "build");
      }),
      { numRuns: 1_000 },
    );
  });

  test("a launch that meets what fits ends, with a result, and all of it can be written down and read back", () => {
    fc.assert(
      fc.property(starts, fc.array(fc.nat(2), { minLength: 60, maxLength: 60 }), (more, choices) => {
        const { states, effects } = traceOf(
          more,
          choices.map((fit) => ({ any: { kind: "begin" } as const, fit, random: 1 })),
        );
        expect(states.at(-1)?.phase).toBe("done");
        expect(LAUNCH_RESULTS).toContain(states.at(-1)?.result);
        for (const state of states) expect(launchMachine.read.state(JSON.parse(JSON.stringify(state)))).toEqual(state);
        for (const effect of effects) expect(launchMachine.read.effect(JSON.parse(JSON.stringify(effect)))).toEqual(effect);
      }),
      { numRuns: 100 },
    );
  });

  test("a killed launch goes on where it was; one that is told to end does", () => {
    for (const phase of LAUNCH_PHASES) {
      expect(launchMachine.recover(at(phase), { kind: "phase", phase }, "interrupted")).toBeNull();
      expect(launchMachine.abort(at(phase), { kind: "phase", phase })).toMatchObject({ kind: "aborted" });
    }
  });
});
