import { describe, expect, it } from "vitest";
import { stateRoleOf, turnOf, type Turn } from "./labels.ts";
import { repairPlan } from "./plans.ts";

const NAMES = { bot: "bot", review: "needs-review", rework: "needs-rework", ready: "merge-ready" };
const BOT = "clawbot";

/** The table of the specification, line by line and written another way round. */
function expected(labels: readonly string[], assignees: readonly string[], leased: boolean): Turn {
  if (labels.includes("merge-ready")) return "merge_ready";
  if (!labels.includes("bot")) return "not_our_turn";
  if (assignees.includes(BOT)) return leased ? "being_worked" : "broken_chain";
  if (assignees.length > 0) return "a_persons";
  return leased ? "being_worked" : "available";
}

const subsets = <Value>(values: readonly Value[]): readonly (readonly Value[])[] =>
  values.reduce<readonly (readonly Value[])[]>((sets, value) => [...sets, ...sets.map((set) => [...set, value])], [[]]);

describe("labels and assignees", () => {
  it("say whose turn it is, in all combinations (PSM-2)", () => {
    for (const labels of subsets([...Object.values(NAMES), "docs"]))
      for (const assignees of subsets([BOT, "hana", "carl"]))
        for (const leased of [true, false])
          expect(turnOf({ labels, assignees, bot_user: BOT, leased }, NAMES), JSON.stringify([labels, assignees, leased])).toBe(
            expected(labels, assignees, leased),
          );
  });

  it("become exactly one state label from any set, the new one first, and no foreign label moves (PSM-1)", () => {
    for (const labels of subsets([...Object.values(NAMES), "docs"]))
      for (const want of ["review", "rework", "ready"] as const) {
        const after = repairPlan(want).reduce<readonly string[]>((worn, { kind, label = "bot" }) => {
          const others = worn.filter((name) => name !== NAMES[label]);
          const next = kind === "add_label" ? [...others, NAMES[label]] : others;
          // At no moment is a state lost.
          if (stateRoleOf(worn, NAMES) !== "none") expect(stateRoleOf(next, NAMES)).not.toBe("none");
          return next;
        }, labels);
        expect(stateRoleOf(after, NAMES)).toBe(want);
        expect(after.includes("docs")).toBe(labels.includes("docs"));
        expect(after.includes("bot")).toBe(labels.includes("bot"));
      }
  });

  it("are named without regard to case", () => {
    expect(stateRoleOf(["BOT", "Merge-Ready", "docs"], NAMES)).toBe("ready");
    expect(turnOf({ labels: ["Bot"], assignees: ["ClawBot"], bot_user: BOT, leased: true }, NAMES)).toBe("being_worked");
  });
});
