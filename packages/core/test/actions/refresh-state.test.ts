/** A state-only run as an action: what it may call itself, and whose record moves the goal. */
import { describe, expect, it } from "vitest";
import { readOnlyMap } from "../../src/actions/read-only-map.ts";
import { refreshState } from "../../src/actions/refresh-state.ts";
import { shouldRun } from "../../src/actions/should-run.ts";
import { project, type MemoryHost } from "../../src/testing/memory-host.ts";

const STATE_PATH = ".codex/goals/g1/ACTIVE_GOAL_STATE.md";

function host(more: object = {}): MemoryHost {
  const goal = {
    id: "g1",
    domain: "software",
    status: "active",
    repo: "/srv/project",
    state_file: STATE_PATH,
    adapter: { kind: "read_only_project_map_v0", status: "connected" },
    ...more,
  };
  return project(
    {
      ".loopx/registry.json": `${JSON.stringify({ schema_version: "0.1", goals: [goal] }, null, 2)}\n`,
      [STATE_PATH]: "## Agent Todo\n\n- [ ] [P1] Write the parser\n",
    },
    { workspace: "independent_worktree" },
  );
}

describe("refreshState (CMD-110)", () => {
  it.each([
    ["quota_slot_spent", "loopx quota spend-slot --help"],
    ["quota_slot_voided", "loopx quota void-slot --help"],
    ["quota_monitor_poll", "loopx quota monitor-poll --help"],
    ["operator_gate_approved", "loopx operator-gate --help"],
  ])("is never called %s: neither a slot nor an answer comes from a name (DEC-54, FIL-68)", async (classification, hint) => {
    const at = host();
    const before = at.files();
    for (const record of [refreshState, readOnlyMap])
      await expect(record(at, { goal_id: "g1", classification })).rejects.toMatchObject({ code: "invalid_value", hint });
    expect(at.files()).toEqual(before);
  });

  it("of a side agent stays in its lane, whatever it asks for: neither status nor streaks move (DEC-5, DEC-86)", async () => {
    const at = host({ coordination: { registered_agents: ["main", "side"], primary_agent: "main" } });
    const status = async () => (await shouldRun(at, { goal_id: "g1", agent_id: "side", cwd: "/srv/side" })).verdict;
    await refreshState(at, { goal_id: "g1", agent_id: "main", classification: "queue_a" });
    for (let turn = 0; turn < 4; turn += 1) {
      at.clock.tick(1_000);
      const run = await refreshState(at, { goal_id: "g1", agent_id: "side", classification: "forecast_b", progress_scope: "goal" });
      expect(run.progress_scope).toBe("agent_lane");
    }
    expect(await status()).toMatchObject({ rule: "advance_todo", status: "queue_a" });
    expect((await status()).warnings.map((warning) => warning.code)).toContain("outcome_followthrough_required");
  });
});
