/** A process that runs one cycle and kills itself right after a line of its journal: it cannot tidy up, and nothing does it for it. */
import { isJsonObject } from "@loopx/core/domain";
import { openSite } from "../../src/worktree/open-site.ts";
import { runCycle } from "../../src/worktree/run-cycle.ts";
import type { Site } from "../../src/worktree/site.ts";

/** What it is told. */
export interface KilledLoop {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  readonly home: string;
  readonly keeper: string;
  readonly patience: Site["patience"];
  readonly base_sha: string;
  /** The line after which it dies: the effect is about to begin, or has ended and nobody has heard of it. */
  readonly dies: { readonly phase: string; readonly intent: boolean };
}

const { dies, base_sha, ...options } = JSON.parse(process.argv[2] ?? "") as KilledLoop;
const site = await openSite({ ...options, profile: "worktree", version: "0.0.0", notify: () => async () => undefined });
const { logs } = site.host;
const append: typeof logs.append = async (key, line, more) => {
  const outcome = await logs.append(key, line, more);
  const isThere = key.kind === "executor_log" && line["phase"] === dies.phase && (line["intent"] === true) === dies.intent;
  // A notice has lines in the journal, too: its effect is of another kind, and it ends without an event.
  const isPhase = dies.intent ? isJsonObject(line["effect"]) && line["effect"]["kind"] === "phase" : isJsonObject(line["event"]);
  if (isThere && isPhase) process.kill(process.pid, "SIGKILL");
  return outcome;
};
await runCycle({ ...site, host: { ...site.host, logs: { ...logs, append } } }, { base_sha, go_on: false }, new AbortController().signal);
