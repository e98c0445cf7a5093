import fc from "fast-check";
import { expect, it } from "vitest";
import type { ExecutionProfile } from "../goal/entry.ts";
import { readExecutionProfile } from "../goal/execution-profile.ts";
import { deliveryContract, DeliveryContractSchema } from "./contract.ts";

const PROFILE: ExecutionProfile = readExecutionProfile(undefined, () => undefined);
const run = (classification: string, record: Record<string, unknown> = {}) => ({ classification, record });

it("stands after repeated small runs with its keys in the written order (DEC-56)", () => {
  const contract = deliveryContract([run("queue_a"), run("runbook_b"), run("forecast_c"), run("old")], PROFILE);
  expect(contract).toMatchObject({
    mode: "expand_after_repeated_small_delivery",
    recent_scales: ["single_surface", "single_surface", "single_surface"],
    if_blocked: "report_blocker_without_spend",
  });
  expect(Object.keys(contract ?? {})).toEqual(Object.keys(DeliveryContractSchema.shape));
  expect(DeliveryContractSchema.safeParse(contract).success).toBe(true);
});

it("names the surface loop when only the floor tripped", () => {
  const graded = Array.from({ length: 3 }, () => run("queue", { delivery_batch_scale: "implementation" }));
  expect(deliveryContract(graded, PROFILE)).toMatchObject({
    mode: "expand_after_surface_progress_loop",
    post_handoff_small_scale_streak: 0,
    post_handoff_outcome_gap_streak: 3,
  });
});

it("is absent after a large useful run and without runs", () => {
  expect(
    deliveryContract(
      [run("queue", { delivery_batch_scale: "implementation", delivery_outcome: "outcome_progress" }), run("a"), run("b")],
      PROFILE,
    ),
  ).toBeNull();
  expect(deliveryContract([], PROFILE)).toBeNull();
});

it("keeps its sentences within their limits in both languages, whatever the profile says", () => {
  fc.assert(
    fc.property(
      fc.array(fc.string({ unit: "grapheme", maxLength: 80 }), { maxLength: 8 }),
      fc.constantFrom("en" as const, "zh" as const),
      (texts, locale) => {
        const profile = { ...PROFILE, must_include: texts, outcome_floor: { ...PROFILE.outcome_floor, must_advance: texts } };
        const contract = deliveryContract([run("queue"), run("queue"), run("queue")], profile, locale);
        expect(DeliveryContractSchema.safeParse(contract).success).toBe(true);
      },
    ),
    { numRuns: 1_000 },
  );
});
