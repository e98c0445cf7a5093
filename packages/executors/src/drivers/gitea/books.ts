/** The goals of repositories that have one: asked before a claim, told after a step, and asked again by a person at the end (DSP-7, PSM-6, AGT-38). */
import { addTodo, refreshState, shouldRun, spendSlot, type Host } from "@loopx/core";
import { LoopxError } from "@loopx/core/domain";
import type { GoalBooks } from "../../gitea/ground.ts";
import { itemKey } from "../../gitea/item.ts";

/** The books over one registry. */
export function goalBooks(host: Host, cwd: string): GoalBooks {
  return {
    obstacle: async (goal_id) => {
      try {
        const { verdict } = await shouldRun(host, { goal_id, cwd });
        return verdict.should_run ? null : verdict.reason;
      } catch (error) {
        // A goal that cannot be judged may not run (design D5).
        if (error instanceof LoopxError) return error.message;
        throw error;
      }
    },
    record: async (goal_id, item, result) => {
      const declared = result?.declared ?? null;
      const validation = (declared?.validation ?? []).map(({ command, exit_code }) => `${command}: exit ${exit_code}`).join("; ");
      const artifact = item.step === "review" || item.gated_sha === null ? [] : [`commit ${item.gated_sha}`];
      const refreshed = await refreshState(host, {
        goal_id,
        classification: `gitea_${item.step}_${item.outcome ?? "done"}`,
        ...(declared?.delivery === undefined
          ? {}
          : { delivery_batch_scale: declared.delivery.batch_scale, delivery_outcome: declared.delivery.outcome }),
        ...(artifact.length === 0 ? {} : { artifact }),
        ...(validation === "" ? {} : { validation }),
      });
      // What a spend needs is declared work, its validation and its writeback (design D10).
      const paid = declared?.delivery !== undefined && artifact.length > 0 && validation !== "";
      if (paid && refreshed.run_id !== null) await spendSlot(host, { goal_id, source: "adapter", run_id: refreshed.run_id, cwd });
    },
    ask: async (goal_id, item) => {
      // Linked to this one merge: it asks a person, and stops nothing else of the goal. A scope's key is short.
      const sha = (item.reviewed_sha ?? "").slice(0, 12);
      const repo = item.repo.replaceAll(/[^A-Za-z0-9]+/g, "_").slice(0, 50);
      const gate = `other:action:merge_${repo}_${item.number}_${sha}`;
      const text = `Merge ${itemKey(item)} at ${sha}: reviewed in ${item.round} round(s), gate passed; loopx review-packet -g ${goal_id} shows the goal`;
      await addTodo(host, { goal_id, role: "user", text, task_class: "user_gate", decision_scope: gate, cwd });
    },
  };
}
