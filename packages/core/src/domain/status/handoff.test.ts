import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { agentTodo, goalFacts, graded, runFact, TEST_NOW, userTodo, type FactsOverrides } from "../../testing/facts.ts";
import { factsArbitrary } from "../../testing/facts-arbitrary.ts";
import { firstHit } from "../boundary/detector.ts";
import { LOCALES } from "../locale/locale.ts";
import { deliveryContract } from "../quota/contract.ts";
import { decide } from "../quota/decide.ts";
import type { Facts } from "../quota/facts.ts";
import { handoffOf, HANDOFF_CHARACTERS, HANDOFF_LINES, type Handoff } from "./handoff.ts";
import { CREDENTIAL, PRIVATE_PATH } from "../../testing/private-texts.ts";

const COMMAND = "loopx quota should-run --goal-id project-goal";

function handoff(
  facts: Facts,
  { command = COMMAND, named = false, locale = "en" }: { command?: string; named?: boolean; locale?: "en" | "zh" } = {},
): Handoff {
  const decision = decide(facts, TEST_NOW);
  const contract = facts.goal === null ? null : deliveryContract(facts.runs.graded, facts.goal.execution_profile, locale);
  return handoffOf(decision, { command, contract, locale, agent_named: named });
}

const block = (over: FactsOverrides, more: Parameters<typeof handoff>[1] = {}) => handoff(goalFacts(over), more).text.split("\n");
const surface = (hours_ago: number) =>
  runFact({ hours_ago, record: { delivery_outcome: "surface_only", delivery_batch_scale: "test_only" } });
const prose = ({ text }: Handoff) => text.slice(0, text.lastIndexOf("```sh"));

describe("the agent block (DEC-81)", () => {
  it("has its lines in this order, and ends with one command that runs as printed", () => {
    const over = {
      agent_id: "codex-1",
      goal: {
        coordination: { registered_agents: ["codex-1"], primary_agent: "codex-1" },
        attention: { next_handoff_condition: "after the audit" },
      },
      agent: [
        agentTodo(),
        agentTodo({ todo_id: "todo_ag0002", text: "[P2] Read tables" }),
        agentTodo({ todo_id: "todo_ag0003", text: "[P3] Read notes" }),
        agentTodo({ todo_id: "todo_ag0004", text: "[P4] Read links" }),
      ],
      runs: graded(surface(1), surface(2)),
    };
    expect(
      block(over, { named: true }).map((line) =>
        line
          .split(/[:;( ]/, 2)
          .join(" ")
          .trim(),
      ),
    ).toEqual([
      "Goal guard",
      "Context",
      "Source",
      "You are",
      "Todo todo_ag0001",
      "Then perhaps",
      "Then perhaps",
      "Delivery so",
      "Delivery contract",
      "Forward condition",
      "Boundary",
      "Stop condition",
      "```sh",
      "loopx quota",
      "```",
    ]);
    expect(block(over, { named: true })[9]).toBe("Forward condition: work only while the verdict says `should_run: true`. after the audit");
    expect(block(over)).not.toContain("You are agent codex-1 (primary-agent).");
  });

  it("names no todo that a gate stops, and waits for the person", () => {
    const lines = block({ agent: [agentTodo()], user: [userTodo()] });
    expect(lines.some((line) => line.includes("todo_ag0001"))).toBe(false);
    expect(lines).toContain("Forward condition: do no work before the named person has answered and the verdict says `should_run: true`.");
  });

  it("has no path and no secret in its prose, and the command byte for byte", () => {
    const text = `[P1] Compare /srv/data/x.csv, ${["C:", "Users", "ann", "a"].join("\\")} and ${CREDENTIAL}`;
    const command = `loopx --registry '${PRIVATE_PATH}/my project/.loopx/registry.json' quota should-run --goal-id project-goal`;
    const made = handoff(goalFacts({ agent: [agentTodo({ text })] }), { command });
    expect(prose(made)).toContain("Todo todo_ag0001: [P1] Compare <local-path>, <local-path>");
    expect(firstHit(prose(made), "handoff")).toBeNull();
    expect(made.text.split("\n").at(-2)).toBe(command);
  });

  it("fences a command that holds a fence with a longer one", () => {
    expect(handoff(goalFacts(), { command: "echo ```x```" }).text.split("\n").slice(-3)).toEqual(["````sh", "echo ```x```", "````"]);
  });

  describe("over its budget leaves out, in this order", () => {
    const long = (length: number) => agentTodo({ text: `[P1] ${"word ".repeat(60)}`.slice(0, 400), todo_id: `todo_long${length}` });
    const agent = [
      long(1),
      agentTodo({ todo_id: "todo_ag0002", text: `[P2] ${"b".repeat(200)}` }),
      agentTodo({ todo_id: "todo_ag0003", text: `[P3] ${"c".repeat(200)}` }),
    ];
    const facts = goalFacts({
      agent,
      runs: graded(surface(1), surface(2)),
      goal: { attention: { next_handoff_condition: "d".repeat(300) } },
    });
    const left = (length: number) => {
      const made = handoff(facts, { command: "x".repeat(length) });
      const has = (start: string) => made.text.includes(`\n${start}`);
      const todo = made.text.split("\n").find((line) => line.startsWith("Todo ")) ?? "";
      return [has("Then perhaps"), has("Delivery so far"), made.text.includes("Reach "), todo.length > 200, made.budget.within_budget];
    };

    it("candidates, observation, the contract's instruction, the todo's text", () => {
      const seen = new Set<string>();
      for (let length = 1; length < 1_200; length += 5) seen.add(left(length).map(Number).join(""));
      expect([...seen]).toEqual(["01111", "00111", "00011", "00001", "00000"]);
      expect(handoff(goalFacts({ agent: [agentTodo(), ...agent.slice(1)] })).text).toContain("Then perhaps todo_ag0003");
    });

    it("and never guard, forward condition, boundary, stop condition and command", () => {
      const made = handoff(facts, { command: "x".repeat(3_000) });
      for (const start of ["Goal guard", "Forward condition", "Boundary", "Stop condition"])
        expect(made.text).toMatch(new RegExp(`^${start}: `, "m"));
      expect(made.text).toContain("x".repeat(3_000));
    });
  });

  it.each(LOCALES)("fits when every text is as long as it may be (%s)", (locale) => {
    const goal_id = `g${"o".repeat(79)}`;
    const agent_id = `a${"g".repeat(79)}`;
    const words = (length: number) => "wörd ".repeat(Math.ceil(length / 5)).slice(0, length);
    const facts = goalFacts({
      goal_id,
      agent_id,
      goal: {
        id: goal_id,
        state_file: `docs/${"s".repeat(400)}.md`,
        adapter: { kind: words(400), status: words(400) },
        spawn_policy: {
          mode: "multi_subagent",
          allowed: true,
          max_children: 64,
          allowed_domains: Array.from({ length: 20 }, () => words(60)),
        },
        coordination: {
          registered_agents: [agent_id],
          primary_agent: agent_id,
          write_scope: Array.from({ length: 20 }, (_, n) => `${"w".repeat(140)}${n}/**`),
          requires_parent_approval: Array.from({ length: 20 }, () => words(120)),
        },
        attention: { next_handoff_condition: words(2_000) },
        execution_profile: {
          minimum_scale: "m".repeat(80),
          must_include: Array.from({ length: 10 }, (_, n) => `${"i".repeat(78)}${n}`),
        },
      },
      agent: Array.from({ length: 5 }, (_, n) => agentTodo({ todo_id: `todo_${"t".repeat(63)}${n}`, text: words(4_000) })),
      runs: graded(surface(1), surface(2), surface(3)),
    });
    const command = `loopx --registry /srv/${"r".repeat(120)}/registry.json --runtime-root /srv/${"q".repeat(120)} quota should-run --goal-id ${goal_id} --agent-id ${agent_id}`;
    const made = handoff(facts, { locale, named: true, command });
    expect(made.text).toContain(command);
    expect(made.budget).toMatchObject({ within_budget: true });
  });

  it("fits for any facts, in both languages, and is clean", () => {
    fc.assert(
      fc.property(
        factsArbitrary.map((build) => build(TEST_NOW)),
        fc.constantFrom(...LOCALES),
        fc.boolean(),
        (facts, locale, named) => {
          const made = handoff(facts, { locale, named });
          expect(made.budget).toMatchObject({ within_budget: true, max_lines: HANDOFF_LINES, max_chars: HANDOFF_CHARACTERS });
          expect(made.text.split("\n").length).toBe(made.budget.line_count);
          expect(firstHit(prose(made), "handoff")).toBeNull();
        },
      ),
    );
  });
});
