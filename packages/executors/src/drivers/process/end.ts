/** Asks one of our own long-running commands to end, by its recorded identity, and waits; it ends its children itself (WTL-83). */
import { isAlive, type ProcessTable, type RecordedProcess } from "./identity.ts";

const LOOK_MS = 100;
/** A killed process is gone within moments. */
const GONE_MS = 5_000;

/** True when it is gone. Only that process is signalled, killed when its time is over. */
export async function endProcess(recorded: RecordedProcess, table: ProcessTable, patience_ms: number): Promise<boolean> {
  for (const [signal, limit_ms] of [["SIGTERM", patience_ms] as const, ["SIGKILL", GONE_MS] as const]) {
    if (!isAlive(recorded, table)) return true;
    send(recorded.pid, signal);
    const until = performance.now() + limit_ms;
    while (isAlive(recorded, table) && performance.now() < until)
      await new Promise((resolve) => {
        setTimeout(resolve, LOOK_MS);
      });
  }
  return !isAlive(recorded, table);
}

function send(pid: number, signal: "SIGTERM" | "SIGKILL"): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}
