import type { Io } from "./io.ts";

/**
 * The process with an observer where it asked for one: spans and counters go to the OpenTelemetry that the process was
 * started with. Nothing of it is loaded otherwise.
 */
export async function observedIo(io: Io): Promise<Io> {
  if (io.env["LOOPX_TELEMETRY"] !== "opentelemetry") return io;
  const { registeredObserver } = await import("./telemetry.ts");
  return { ...io, observer: registeredObserver(io.version) };
}
