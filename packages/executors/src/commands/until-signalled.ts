/** Runs work with a signal that SIGINT and SIGTERM abort; both are given back afterwards. */
import type { AnyCall } from "@loopx/cli/program";

export async function untilSignalled<Value>({ io }: Pick<AnyCall, "io">, work: (signal: AbortSignal) => Promise<Value>): Promise<Value> {
  const ending = new AbortController();
  const giveBack = io.takeSignals((signal) => ending.abort(signal));
  try {
    return await work(ending.signal);
  } finally {
    giveBack();
  }
}
