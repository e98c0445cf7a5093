/** What the server knows, kept up to date: loaded once, again at every word of a change, and kept on the screen when the server is silent. */
import { useEffect, useState } from "react";
import type { GoalDetail, GoalOverview, LoopView, WindowCapabilities, WindowStatusAnswer } from "@loopx/core/domain";
import { getCapabilities, getGoal, getGoals, getLoops, getStatus, listen, Refused } from "./api.ts";

const RETRY_MS = 1_500;
const UNREACHABLE = new Refused(0, "unreachable", "", "");

export interface Known {
  readonly api: WindowCapabilities;
  readonly status: WindowStatusAnswer;
  readonly goals: readonly GoalOverview[];
  readonly loops: readonly LoopView[];
  readonly at: number;
}

export type Live =
  | { readonly kind: "loading" }
  /** Nothing was known before the fault. */
  | { readonly kind: "failed"; readonly fault: Refused }
  /** `stale` is why it may not be so any more. */
  | { readonly kind: "known"; readonly known: Known; readonly stale: Refused | null; readonly round: number };

/** Everything but single goals. `again` loads at once. */
export function useLive(lang: string): { readonly live: Live; readonly again: () => void } {
  const [live, setLive] = useState<Live>({ kind: "loading" });
  const [asked, setAsked] = useState(0);
  useEffect(() => {
    const stop = new AbortController();
    let round = 0;
    let retry: ReturnType<typeof setTimeout> | undefined;
    /** False where asking again is of no use: who has no token does not get one by that. */
    const load = async (): Promise<boolean> => {
      const mine = ++round;
      clearTimeout(retry);
      try {
        const api = await getCapabilities();
        const [status, goals, loops] = await Promise.all([
          getStatus(api.status_url, lang),
          getGoals(api.goals_url, lang),
          getLoops(api.loops_url),
        ]);
        if (stop.signal.aborted || mine !== round) return true;
        const known = { api, status, goals: goals.goals, loops: loops.loops, at: Date.now() };
        setLive((before) => ({ kind: "known", known, stale: null, round: before.kind === "known" ? before.round + 1 : 1 }));
        return true;
      } catch (error) {
        if (stop.signal.aborted || mine !== round) return true;
        const fault = error instanceof Refused ? error : UNREACHABLE;
        setLive((before) => (before.kind === "known" ? { ...before, stale: fault } : { kind: "failed", fault }));
        if (fault.status === 401) return false;
        retry = setTimeout(() => void load(), RETRY_MS);
        return true;
      }
    };
    const follow = async (): Promise<void> => {
      while (await load()) {
        await listen("/events", () => void load(), stop.signal).catch(() => undefined);
        if (stop.signal.aborted) return;
        setLive((before) => (before.kind === "known" ? { ...before, stale: UNREACHABLE } : before));
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
      }
    };
    void follow();
    return () => {
      clearTimeout(retry);
      stop.abort();
    };
  }, [lang, asked]);
  return { live, again: () => setAsked((count) => count + 1) };
}

export type LiveGoal =
  | { readonly kind: "loading" }
  | { readonly kind: "failed"; readonly fault: Refused }
  | { readonly kind: "known"; readonly goal: GoalDetail };

/** One goal, again with each round of the whole. */
export function useGoal(goal_id: string, lang: string, round: number): LiveGoal {
  const [found, setFound] = useState<{ readonly goal_id: string; readonly live: LiveGoal }>({ goal_id, live: { kind: "loading" } });
  useEffect(() => {
    const stop = new AbortController();
    getGoal(goal_id, lang, stop.signal).then(
      (goal) => setFound({ goal_id, live: { kind: "known", goal } }),
      (error: unknown) => {
        if (stop.signal.aborted) return;
        const fault = error instanceof Refused ? error : UNREACHABLE;
        setFound((before) =>
          before.goal_id === goal_id && before.live.kind === "known" ? before : { goal_id, live: { kind: "failed", fault } },
        );
      },
    );
    return () => stop.abort();
  }, [goal_id, lang, round]);
  return found.goal_id === goal_id ? found.live : { kind: "loading" };
}
