import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { agentTodo, goalFacts, graded, runFact, TEST_NOW, userTodo, type FactsOverrides } from "../../testing/facts.ts";
import { factsArbitrary } from "../../testing/facts-arbitrary.ts";
import { LOCALES } from "../locale/locale.ts";
import { schemaFaults } from "../payload/json-schema.ts";
import { ReviewPacketSchema } from "../payload/review-packet.ts";
import { decide } from "../quota/decide.ts";
import { finding } from "../finding.ts";
import { verdictOf } from "../quota/verdict.ts";
import { attentionItem } from "./attention.ts";
import { reviewPacket, type PacketRequest } from "./review-packet.ts";

const REQUEST: PacketRequest = { locale: "en", kind: null, review_url: null, agent_named: false, limit: 5 };
const packet = (over: FactsOverrides, more: Partial<PacketRequest> = {}) =>
  reviewPacket(decide(goalFacts(over), TEST_NOW), TEST_NOW, { ...REQUEST, ...more });
const run = (classification: string, record = {}) => graded(runFact({ classification, record }));
const MAP = { adapter: { kind: "read_only_project_map_v0", status: "planned" } };
const APPROVED = { gate: "read_only_map_opt_in", agent_command: "loopx read-only-map --goal-id project-goal --dry-run" };

describe("what a packet is about, and its command (DEC-80)", () => {
  it.each<[string, FactsOverrides, string, string]>([
    ["a broken goal", { health: [finding("repo_missing", "gone")] }, "health", "loopx status --goal-id project-goal"],
    ["a run to be judged", { runs: run("needs_human_reward") }, "reward", "loopx history --goal-id project-goal"],
    [
      "a run whose adapter misses a judgement",
      { runs: run("adapter_run", { controller_readiness: { missing_gates: ["human_reward_capture"] } }) },
      "reward",
      "loopx history --goal-id project-goal",
    ],
    ["a question", { user: [userTodo()] }, "controller", "loopx quota should-run --goal-id project-goal"],
    ["a planned map", { goal: MAP }, "controller", "loopx read-only-map --goal-id project-goal --dry-run"],
    ["awaited evidence", { goal: { attention: { waiting_on: "external_evidence" } } }, "evidence", "loopx history --goal-id project-goal"],
    [
      "an approved command",
      { goal: MAP, runs: run("operator_gate_approved", { operator_gate: APPROVED }) },
      "codex",
      APPROVED.agent_command,
    ],
    [
      "a first map",
      { goal: { adapter: { kind: "read_only_project_map_v0", status: "connected" } } },
      "codex",
      "loopx read-only-map --goal-id project-goal",
    ],
    ["open work", { agent: [agentTodo()] }, "codex", "loopx quota should-run --goal-id project-goal"],
    ["a paused goal", { quota: { state: "paused" } }, "status", "loopx status --goal-id project-goal"],
  ])("%s", (_what, over, kind, command) => {
    const made = packet(over);
    expect([made.kind, made.project_agent_command]).toEqual([kind, command]);
    expect(made.project_agent_handoff.split("\n").at(-2)).toBe(command);
  });

  it("a tripped outcome floor is a focus wait", () => {
    const surface = (hours_ago: number) =>
      runFact({ hours_ago, record: { delivery_outcome: "surface_only", delivery_batch_scale: "multi_surface" } });
    expect(packet({ runs: graded(surface(1), surface(2), surface(3)), agent: [agentTodo()] }).kind).toBe("focus_wait");
  });

  it("--action-kind changes what it speaks of, never what may be done", () => {
    const made = packet({ user: [userTodo()], agent: [agentTodo()] }, { kind: "codex" });
    expect(made).toMatchObject({ kind: "codex", waiting_on: "controller", connected_delivery_handoff: false });
    expect(made.project_agent_handoff).toContain("do no work before the named person has answered");
  });
});

describe("the part for a person", () => {
  it("says what is asked, what unlocks it, the todos by name, advice and the reply form", () => {
    const made = packet({ user: [userTodo(), userTodo({ todo_id: "todo_us0002", text: "Say hello", task_class: "user_action" })] });
    expect(made.question).toContain("[P1] Confirm the owner name");
    expect(made.user_todo_text).toBe("[P1] Confirm the owner name");
    for (const part of [
      "## What is asked",
      "## What unlocks it",
      'loopx todo complete --goal-id project-goal --todo-id todo_us0001 --evidence "<answer>"',
      "- todo_us0002 Say hello",
      "## Advice",
      "Reply agree, disagree, done or still open",
      "## For the agent",
    ])
      expect(made.packet).toContain(part);
  });

  it("previews every answer to an operator gate, and runs none", () => {
    expect(packet({ goal: MAP }).operator_gate_decision_commands).toEqual(
      ["approve", "reject", "defer"].map(
        (answer) =>
          `loopx operator-gate --goal-id project-goal --gate read_only_map_opt_in --decision ${answer} --reason-summary "<why>" --dry-run`,
      ),
    );
    expect(packet({ user: [userTodo()] }).operator_gate_decision_commands).toEqual([]);
  });

  it("asks for a judgement, and nothing where nothing is wanted", () => {
    const registered = { goal: { attention: { waiting_on: "codex" as const } } };
    expect(packet({ ...registered, runs: run("needs_human_reward") }).question).toBe("How good was the newest run of project-goal?");
    expect(packet({ agent: [agentTodo()] })).toMatchObject({
      question: null,
      connected_delivery_handoff: true,
      operator_gate_approved_handoff: false,
    });
    expect(packet({ agent: [agentTodo()] }).packet).not.toContain("## What unlocks it");
    expect(packet({ ...registered, runs: run("needs_human_reward") }).packet).toContain("## How to reply");
  });
});

it("fits its schema for any facts, in both languages (CMD-64)", () => {
  fc.assert(
    fc.property(
      factsArbitrary.map((build) => build(TEST_NOW)),
      fc.constantFrom(...LOCALES),
      (facts, locale) => {
        const made = reviewPacket(decide(facts, TEST_NOW), TEST_NOW, { ...REQUEST, locale });
        expect(schemaFaults(ReviewPacketSchema, made)).toEqual([]);
      },
    ),
  );
});

it("verdict, attention item and packet carry one contract, one profile and one quota, for any facts (DEC-56, DEC-73)", () => {
  let held = 0;
  fc.assert(
    fc.property(
      factsArbitrary.map((build) => build(TEST_NOW)),
      fc.constantFrom(...LOCALES),
      (facts, locale) => {
        const decision = decide(facts, TEST_NOW);
        const verdict = verdictOf(decision, facts, TEST_NOW, { locale, detail: true });
        const contract = verdict.handoff_delivery_contract;
        if (contract !== undefined) held += 1;
        const made = reviewPacket(decision, TEST_NOW, { ...REQUEST, locale });
        expect(made.handoff_delivery_contract).toEqual(contract ?? null);
        if (contract !== undefined) expect(made.project_agent_handoff).toContain(contract.summary);
        const item = attentionItem(facts, TEST_NOW, { locale, agent_id: facts.agent_id });
        if (item === null) return;
        expect(item.handoff_delivery_contract).toEqual(contract);
        expect(item.project_asset?.execution_profile).toEqual(verdict.execution_profile);
        expect(item.project_asset?.quota).toEqual(verdict.quota);
        expect(item.project_asset?.orchestration).toEqual(verdict.goal_boundary.orchestration);
      },
    ),
    { numRuns: 1_000 },
  );
  expect(held).toBeGreaterThan(10);
});
