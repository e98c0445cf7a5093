/** What the server knows, kept up to date: loaded once, again at every word of a change, and kept on the screen when the server is silent. */
import { useEffect, useState } from "react";
import type { GoalDetail, GoalOverview, LoopView, WindowCapabilities, WindowStatusAnswer } from "@loopx/core/domain";
import { getCapabilities, getGoal, getGoals, getLoops, getStatus, listen, Refused } from "./api.ts";

const RETRY_MS = 1_500;

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
  | { readonly kind: "known"; readonly known: Known; readonly stale: boolean; readonly round: number };

/** Everything but single goals. `again` loads at once. */
export function useLive(lang: string): { readonly live: Live; readonly again: () => void } {
  const [live, setLive] = useState<Live>({ kind: "loading" });
  const [asked, setAsked] = useState(0);
  useEffect(() => {
    const stop = new AbortController();
    let round = 0;
    let retry: ReturnType<typeof setTimeout> | undefined;
    const load = async (): Promise<void> => {
      const mine = ++round;
      clearTimeout(retry);
      try {
        const api = await getCapabilities();
        const [status, goals, loops] = await Promise.all([
          getStatus(api.status_url, lang),
          getGoals(api.goals_url, lang),
          getLoops(api.loops_url),
        ]);
        if (stop.signal.aborted || mine !== round) return;
        const known = { api, status, goals: goals.goals, loops: loops.loops, at: Date.now() };
        setLive((before) => ({ kind: "known", known, stale: false, round: before.kind === "known" ? before.round + 1 : 1 }));
      } catch (error) {
        if (stop.signal.aborted || mine !== round) return;
        const fault = error instanceof Refused ? error : new Refused(0, "unreachable", "", "");
        setLive((before) => (before.kind === "known" ? { ...before, stale: true } : { kind: "failed", fault }));
        // Who has no token does not get one by asking again.
        if (fault.status !== 401) retry = setTimeout(() => void load(), RETRY_MS);
      }
    };
    const follow = async (): Promise<void> => {
      while (!stop.signal.aborted) {
        await load();
        await listen("/events", () => void load(), stop.signal).catch(() => undefined);
        if (stop.signal.aborted) return;
        setLive((before) => (before.kind === "known" ? { ...before, stale: true } : before));
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
        const fault = error instanceof Refused ? error : new Refused(0, "unreachable", "", "");
        setFound((before) =>
          before.goal_id === goal_id && before.live.kind === "known" ? before : { goal_id, live: { kind: "failed", fault } },
        );
      },
    );
    return () => stop.abort();
  }, [goal_id, lang, round]);
  return found.goal_id === goal_id ? found.live : { kind: "loading" };
}
