import { expect, test } from "vitest";
import { agentTodo, goalFacts, hoursFromNow, TEST_NOW } from "../../testing/facts.ts";
import { HOLDERS_SHOWN, holdersOf } from "./holders.ts";
import { decide } from "./decide.ts";
import { verdictOf } from "./verdict.ts";
import { explain } from "./why.ts";
import { attentionItem } from "../status/attention.ts";

const goal = { coordination: { registered_agents: ["main", "side"], primary_agent: "main", claim_ttl_minutes: 30 } };
const claimed = (todo_id: string, claimed_by: string, hours: number | null, more: object = {}) =>
  agentTodo({ todo_id, metadata: { claimed_by, ...(hours === null ? {} : { claimed_at: hoursFromNow(hours) }) }, ...more });
const leased = (todo_id: string, holder: string, minutes = 30) => ({
  todo_id,
  holder,
  expires_at_ms: TEST_NOW.ms + minutes * 60_000,
});

test.each([
  ["a live claim", claimed("todo_a", "side", -0.25), [], { holder: "side", by: "claim", until: hoursFromNow(0.25), live: true }],
  ["a stale claim", claimed("todo_a", "side", -1), [], { holder: "side", by: "claim", until: hoursFromNow(-0.5), live: false }],
  ["a claim without a time", claimed("todo_a", "side", null), [], { holder: "side", by: "claim", until: null, live: true }],
  ["a claim of an unknown name", claimed("todo_a", "ghost", -0.25), [], { holder: "ghost", by: "claim", live: false }],
  ["a lease, which outranks the claim", claimed("todo_a", "side", -0.25), [leased("todo_a", "main")], { holder: "main", by: "lease" }],
  ["an expired lease, which leaves the claim", claimed("todo_a", "side", -0.25), [leased("todo_a", "main", -1)], { holder: "side" }],
])("%s is shown with its holder and end (DEC-85)", (_, todo, leases, expected) => {
  const facts = goalFacts({ goal, agent_id: "main", agent: [todo], leases });
  expect(holdersOf(facts, TEST_NOW)).toEqual([expect.objectContaining({ todo_id: "todo_a", ...expected })]);
});

test("closed and free todos have no holder, and the list ends at its limit, by rank", () => {
  const many = Array.from({ length: 40 }, (_, n) => claimed(`todo_${n}xx`, "side", -0.1, { rank: 40 - n }));
  const facts = goalFacts({ goal, agent: [...many, agentTodo(), claimed("todo_z", "side", -0.1, { status: "done", rank: 0 })] });
  const shown = holdersOf(facts, TEST_NOW);
  expect([shown.length, shown[0]?.todo_id]).toEqual([HOLDERS_SHOWN, "todo_39xx"]);
});

test("the verdict, why and status say who holds what", () => {
  const agent = [claimed("todo_a", "side", -0.25), agentTodo({ todo_id: "todo_b" })];
  const facts = goalFacts({ goal, agent_id: "main", agent, leases: [leased("todo_b", "main")] });
  const decision = decide(facts, TEST_NOW);
  const { agent_todos } = verdictOf(decision, facts, TEST_NOW, { locale: "en" });
  expect(agent_todos.next.map((todo) => [todo.held_by, todo.held_until])).toEqual([
    ["side", hoursFromNow(0.25)],
    ["main", hoursFromNow(0.5)],
  ]);
  const holders = [
    { todo_id: "todo_a", holder: "side", by: "claim" },
    { todo_id: "todo_b", holder: "main", by: "lease" },
  ];
  expect(explain(decision, facts, TEST_NOW, "en").holders).toMatchObject(holders);
  expect(verdictOf(decision, facts, TEST_NOW, { locale: "en", detail: true }).holders).toMatchObject(holders);
  expect(attentionItem(facts, TEST_NOW, { locale: "en" })?.holders).toMatchObject(holders);
});

test("why names the todo that comes after the one that is done, when there is one", () => {
  const next = (...agent: ReturnType<typeof agentTodo>[]) => {
    const facts = goalFacts({ agent });
    return explain(decide(facts, TEST_NOW), facts, TEST_NOW, "en").to_change[0]?.next_todo;
  };
  const [first, second] = [agentTodo({ todo_id: "todo_a" }), agentTodo({ todo_id: "todo_b", text: "[P2] Then this", rank: 2 })];
  expect(next(first, second)).toEqual({ todo_id: "todo_b", text: "[P2] Then this" });
  expect(next(first)).toBeNull();
  expect(next()).toBeNull();
});
