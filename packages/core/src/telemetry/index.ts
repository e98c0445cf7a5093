/**
 * `@loopx/core/telemetry`: actions as spans and counters of OpenTelemetry, for who asks for it. The tracer and the meter
 * are the caller's: LoopX brings no exporter, opens no connection and needs no package at run time.
 */
import type { Meter, Span, Tracer } from "@opentelemetry/api";
import type { ActionCall, Observer } from "../ports/observer.ts";
import { codeOf, goalOf, isConflict, slotsPaid, verdictOf, type Told } from "./outcome.ts";

/** Where to tell it; one of the two is enough. */
export interface Telemetry {
  readonly tracer?: Tracer;
  readonly meter?: Meter;
}

/** OpenTelemetry's own number for a span that failed. */
const FAILED = 2;

/**
 * An observer for `openHost({ observer })`. Spans are named `loopx.<action>`. Metrics: `loopx.actions` (duration in ms, by
 * action and code), `loopx.verdicts` (by rule), `loopx.spends` (slots really paid), `loopx.conflicts` (by code).
 */
export function openTelemetryObserver({ tracer, meter }: Telemetry): Observer {
  const tell = meter === undefined ? () => {} : metrics(meter);
  return {
    action: async (call, run) => {
      const began = call.clock.monotonicMs();
      const within = async (span: Span | null) => {
        const ended = (outcome: unknown): void => {
          if (span !== null) close(span, outcome);
          tell(call, outcome, call.clock.monotonicMs() - began);
        };
        return run().then(
          (result) => {
            ended(result);
            return result;
          },
          (thrown: unknown) => {
            ended(thrown);
            throw thrown;
          },
        );
      };
      const attributes = { "loopx.action": call.name, ...goalOf(call.input) };
      return tracer === undefined ? within(null) : tracer.startActiveSpan(`loopx.${call.name}`, { attributes }, within);
    },
  };
}

function close(span: Span, outcome: unknown): void {
  const code = codeOf(outcome);
  span.setAttributes({ ...verdictOf(outcome), ...coded(code) });
  if (code !== null) span.setStatus({ code: FAILED, message: code });
  span.end();
}

function metrics(meter: Meter): (call: ActionCall, outcome: unknown, ms: number) => void {
  const actions = meter.createHistogram("loopx.actions", { description: "actions of the control plane", unit: "ms" });
  const verdicts = meter.createCounter("loopx.verdicts", { description: "verdicts given" });
  const spends = meter.createCounter("loopx.spends", { description: "slots paid", unit: "{slot}" });
  const conflicts = meter.createCounter("loopx.conflicts", { description: "actions that somebody else was ahead of" });
  return ({ name, input }, outcome, ms) => {
    const goal = goalOf(input);
    const code = codeOf(outcome);
    actions.record(ms, { "loopx.action": name, ...coded(code) });
    const verdict = verdictOf(outcome);
    if (verdict !== null) verdicts.add(1, { ...goal, ...verdict });
    const paid = slotsPaid(name, outcome);
    if (paid > 0) spends.add(paid, goal);
    if (code !== null && isConflict(code)) conflicts.add(1, { "loopx.action": name, ...coded(code) });
  };
}

function coded(code: string | null): Told {
  return code === null ? {} : { "loopx.code": code };
}
