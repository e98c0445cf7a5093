/** What follows an end: try again, ask a person, or go on (AGT-31). Pure. */
import type { AgentEnd } from "./agent.ts";

export type RetryClass = "done" | "retryable" | "needs_person";

/** `again`: the run before it, for the same item, ended in the same class of fault. A stop was somebody's wish. */
export function retryClass(end: AgentEnd, http_status: number | null, again: boolean): RetryClass {
  switch (end) {
    case "ok":
    case "stopped":
      return "done";
    case "spawn_failed":
    case "timeout":
    case "stalled":
    case "lost":
      return "retryable";
    case "agent_failed":
      if (http_status !== null && (http_status === 429 || http_status >= 500)) return "retryable";
      return again ? "needs_person" : "retryable";
    case "denied":
    case "no_result":
      return again ? "needs_person" : "retryable";
    case "stop_failed":
      return "needs_person";
  }
}
