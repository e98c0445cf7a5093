/** The process's own OpenTelemetry, as `node --import ./tracing.mjs` registered it; without one, calls that do nothing. */
import { metrics, trace } from "@opentelemetry/api";
import type { Observer } from "@loopx/core";
import { openTelemetryObserver } from "@loopx/core/telemetry";

const SCOPE = "loopx";

/** An observer that tells the registered tracer and meter. */
export function registeredObserver(version: string): Observer {
  return openTelemetryObserver({ tracer: trace.getTracer(SCOPE, version), meter: metrics.getMeter(SCOPE, version) });
}
