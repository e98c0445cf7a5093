/** The packet over memory files: which goal, for whom, and that making one changes nothing. */
import { describe, expect, it } from "vitest";
import { handoffOnly, reviewPacket } from "../../src/actions/review-packet.ts";
import { project, type MemoryHost } from "../../src/testing/memory-host.ts";
import { CREDENTIAL } from "../../src/testing/private-texts.ts";

const stateFile = (id: string) => `.codex/goals/${id}/ACTIVE_GOAL_STATE.md`;
const STATE = "---\nupdated_at: 2026-11-20T00:00:00+00:00\n---\n\n## Agent Todo\n\n- [ ] [P1] Implement the parser\n";

function host(ids: readonly string[], more: object = {}): MemoryHost {
  const goals = ids.map((id) => ({
    id,
    domain: "software",
    status: "active",
    repo: "/srv/project",
    state_file: stateFile(id),
    adapter: { kind: "generic_project_goal_v0", status: "connected-delivery" },
    coordination: { write_scope: ["src/**"] },
    ...more,
  }));
  const states = Object.fromEntries(ids.map((id) => [stateFile(id), STATE]));
  return project({ ".loopx/registry.json": { json: { schema_version: "0.1", goals: goals as never } }, ...states });
}

const cwd = "/srv/project";
const refusal = async (asked: Promise<unknown>) =>
  asked.then(
    () => "made",
    (error: { code: string }) => error.code,
  );

describe("review-packet (CMD-64, CMD-67)", () => {
  it("speaks of the only goal, and changes no byte", async () => {
    const at = host(["g"]);
    const before = at.files();
    const packet = await reviewPacket(at, { cwd });
    expect(packet).toMatchObject({
      goal_id: "g",
      kind: "codex",
      connected_delivery_handoff: true,
      agent_todo_items: [{ text: "[P1] Implement the parser" }],
    });
    expect(at.files()).toEqual(before);
  });

  it("hands on the block alone, with what it used of its budget", async () => {
    const block = handoffOnly(await reviewPacket(host(["g"]), { cwd }));
    expect(block).toMatchObject({
      handoff_only: true,
      line_count: block.handoff_text.split("\n").length,
      char_count: block.handoff_text.length,
      within_budget: true,
    });
    expect(block.project_agent_handoff).toBe(block.handoff_text);
    expect(block.handoff_text).not.toContain("What unlocks it");
  });

  it("answers for an unwell goal too (CMD-20)", async () => {
    const at = host(["g"]);
    at.disk.remove(`/srv/project/${stateFile("g")}`);
    expect(await reviewPacket(at, { cwd })).toMatchObject({ kind: "health", waiting_on: "controller" });
  });

  it("names the agent only when it was named, and gives it its own command", async () => {
    const agents = { coordination: { write_scope: ["src/**"], registered_agents: ["main", "side"], primary_agent: "main" } };
    const usual = await reviewPacket(host(["g"], agents), { cwd });
    expect(usual.project_agent_command).toBe("loopx quota should-run --goal-id g --agent-id main");
    expect(usual.project_agent_handoff).not.toContain("You are agent");
    const side = await reviewPacket(host(["g"], agents), { cwd, agent_id: "side" });
    expect(side.project_agent_handoff).toContain("You are agent side (side-agent).");
    expect(await reviewPacket(host(["g"], agents), { cwd, agent_id: "nobody" })).toMatchObject({ kind: "health" });
  });

  it.each([
    ["an unknown goal", { goal_id: "nowhere" }, "goal_not_found"],
    ["an id that is none", { goal_id: "../g" }, "goal_id_invalid"],
    ["no goal where there are two", {}, "usage"],
    ["a link that is no address", { goal_id: "a", review_url: "javascript:alert(1)" }, "invalid_value"],
    ["a link with a password", { goal_id: "a", review_url: `https://ann:${CREDENTIAL}@example.org/` }, "unsafe_text"],
  ])("%s is refused", async (_what, input, code) => {
    expect(await refusal(reviewPacket(host(["a", "b"]), { cwd, ...input }))).toBe(code);
  });
});
