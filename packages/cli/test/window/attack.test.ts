/** The operator's window stands the attack table of every server here (REL-171), with every write switched on. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { attack } from "../../../../test/attack.ts";
import { BODY_LIMIT } from "../../src/window/routes.ts";
import { LIMITS } from "../../src/window/serve.ts";
import { askedTodo, openYard, textsBelow, type Yard } from "./rig.ts";

const MATERIAL = "/review-material?goal_id=parser&path=ACTIVE_GOAL_STATE.md";

let yard: Yard;
beforeAll(async () => {
  yard = await openYard(["parser"], { limits: { headers_ms: 200, request_ms: 400 }, pause: async () => undefined });
});
afterAll(async () => yard.close());

test("what is refused writes nothing, and no token stands anywhere but in its file (REL-120 to REL-134, CMD-122)", async () => {
  const todo_id = await askedTodo(yard, "parser", "Confirm the grammar");
  const judgement = { goal_id: "parser", decision: "go_on", reward: "positive", reason_summary: "it reads well" };
  const { body: seen } = await yard.post("/reward/dry-run", judgement);
  const { selected_run, human_reward, preview_id } = seen as {
    selected_run: { generated_at: string };
    human_reward: { recorded_at: string };
    preview_id: string;
  };
  const reward = { ...judgement, run_generated_at: selected_run.generated_at, recorded_at: human_reward.recorded_at, preview_id };
  const answer = { goal_id: "parser", todo_id, decision: "approve", reason_summary: "agreed" };
  const { body: gate } = await yard.post("/gate/dry-run", answer);
  const change = { goal_id: "parser", quota_compute: 0.5 };
  const { body: settings } = await yard.post("/control-plane/configure-goal/dry-run", change);
  const { rows, faults } = await attack({
    port: yard.served.port,
    token: yard.served.token,
    open: "/healthz",
    reads: ["/", "/status.json", "/goals.json", "/loops.json", "/goals/parser.json", MATERIAL].map((path) => ({ path, token: false })),
    writes: [
      { path: "/reward/append", body: JSON.stringify(reward), unknown_field: "refused", empty_body: "refused" },
      {
        path: "/gate/answer",
        body: JSON.stringify({ ...answer, preview_id: gate["preview_id"] }),
        unknown_field: "refused",
        empty_body: "refused",
      },
      {
        path: "/control-plane/configure-goal/apply",
        body: JSON.stringify({ ...change, preview_id: settings["preview_id"] }),
        unknown_field: "refused",
        empty_body: "refused",
      },
    ],
    bad_reads: [
      "/review-material",
      "/review-material?goal_id=parser&path=../../../../etc/hosts.md",
      "/review-material?goal_id=parser&path=%00.md",
    ],
    body_bytes: BODY_LIMIT,
    connections: LIMITS.connections,
    effects: () => textsOfGoals().join("\n"),
    traces: () => textsOfGoals().join("\n"),
  });
  expect(faults).toEqual([]);
  expect(rows.length).toBeGreaterThan(190);
  expect(yard.faults).toEqual([]);
  expect(LIMITS).toEqual({ headers_ms: 3_000, request_ms: 5_000, connections: 64, header_bytes: 8_192 });
});

/** Everything but the token's own file and what readers derive. */
function textsOfGoals(): readonly string[] {
  return textsBelow(yard.folder).filter((text) => !/^\S*\/(?:serve-status|cache)\//.test(text));
}
