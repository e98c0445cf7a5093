import { expect, test } from "vitest";
import { firstTodo, goalStateOf, momentAt, todoContext, todoLease } from "../../testing/goal-states.ts";
import { claimAge } from "./claim.ts";
import { claimTodo, type ClaimTodoRequest } from "./todo-claim.ts";
import type { TodoContext } from "./todo-outcome.ts";

const agents = { registered: ["main", "side"], primary: "main", handoff: null };
const two = todoContext({ agents });
const todo = (tokens = "", box = "[ ]"): string => `## Agent Todo\n- ${box} a\n  <!-- loopx:todo todo_id=todo_abc ${tokens} -->\n`;
const claim = (text: string, request: Partial<ClaimTodoRequest> = {}, context: TodoContext = two) =>
  claimTodo(goalStateOf(text), { todo_id: "todo_abc", claimed_by: "side", ...request }, context);
const live = "claimed_by=main claimed_at=2026-11-21T09:31:00%2B08:00";
const stale = "claimed_by=main claimed_at=2026-11-21T09:29:00%2B08:00";

test.each([
  ["claimed_by=a claimed_at=2026-11-21T09:29:59%2B08:00", 30, true],
  ["claimed_by=a claimed_at=2026-11-21T09:30:00%2B08:00", 30, false],
  ["claimed_by=a updated_at=2026-11-21T00:00:00Z", 120, true],
  ["claimed_by=a claimed_at=2026-11-21T09:59:00%2B08:00 updated_at=2026-01-01T00:00:00Z", 1, false],
  ["claimed_by=a", null, false],
  ["claimed_by=a claimed_at=garbage", null, false],
  ["claimed_by=a claimed_at=2027-01-01T00:00:00Z", 0, false],
  ["updated_at=2026-01-01T00:00:00Z", null, false],
])("the age of a claim with %j is %j, stale %j (CMD-98, DEC-85, FIL-113)", (tokens, age_minutes, isStale) => {
  expect(claimAge(firstTodo(goalStateOf(todo(tokens))), momentAt("2026-11-21T10:00:00+08:00"), 30)).toMatchObject({
    age_minutes,
    stale: isStale,
  });
});

test("a free todo is claimed, with the time (CMD-93)", () => {
  expect(claim(todo(), { claimed_by: " Side " })).toMatchObject({
    kind: "edited",
    changed: true,
    todo: { metadata: { claimed_by: "side", claimed_at: "2026-11-21T10:00:00+08:00" } },
  });
});

test("the owner's claim starts anew and counts as no change (CMD-93)", () => {
  expect(claim(todo(stale), { claimed_by: "main" })).toMatchObject({
    kind: "edited",
    changed: false,
    todo: { metadata: { claimed_at: "2026-11-21T10:00:00+08:00" } },
  });
  expect(claim(todo("claimed_by=side claimed_at=2026-11-21T10:00:00%2B08:00")).kind).toBe("unchanged");
});

test.each([
  ["another live owner", todo(live), {}, "claim_conflict"],
  ["a live owner, take-over asked", todo(live), { take_over: true, reason: "idle" }, "claim_conflict"],
  ["a stale owner, take-over not asked", todo(stale), {}, "claim_conflict"],
  ["an owner of unknown age", todo("claimed_by=main"), { take_over: true, reason: "idle" }, "claim_conflict"],
  ["take-over without a reason", todo(stale), { take_over: true }, "usage"],
  ["take-over with a blank reason", todo(stale), { take_over: true, reason: " " }, "usage"],
  ["a reason without a take-over", todo(), { reason: "mine" }, "usage"],
  ["take-over with a bad reason", todo(stale), { take_over: true, reason: "a\nb" }, "invalid_value"],
  ["a done todo", todo("", "[x]"), {}, "invalid_value"],
  ["a deferred todo", todo("", "[-]"), {}, "invalid_value"],
  ["an unknown todo", todo(), { todo_id: "todo_none" }, "todo_not_found"],
  ["an unregistered agent", todo(), { claimed_by: "ghost" }, "agent_not_registered"],
  ["a bad agent id", todo(), { claimed_by: "!" }, "invalid_value"],
])("a claim is refused: %s (CMD-93)", (_, text, request, code) => {
  expect(claim(text, request)).toMatchObject({ kind: "refused", code });
});

test("a conflict says who holds the todo, since when, and whether the claim is stale", () => {
  expect(claim(todo(stale))).toMatchObject({
    details: {
      todo_id: "todo_abc",
      holder: "main",
      claimed_by: "main",
      claim_age_minutes: 31,
      claim_stale: true,
      expires_at: "2026-11-21T09:59:00+08:00",
    },
  });
});

test("a claim without a time has no end, and the conflict says so", () => {
  expect(claim(todo("claimed_by=main"))).toMatchObject({ code: "claim_conflict", details: { holder: "main", expires_at: null } });
});

test("the holder of a live lease has the todo, whoever claims it, and takes the claim with it (DEC-85)", () => {
  expect(claim(todo(live), {}, todoContext({ agents, leases: [todoLease("side")] }))).toMatchObject({
    kind: "edited",
    changed: true,
    todo: { metadata: { claimed_by: "side", claim_taken_from: "main" } },
  });
});

test("a stale claim is taken over with a reason, and that is written down (CMD-93, CMD-98)", () => {
  expect(claim(todo(stale), { take_over: true, reason: "no answer" })).toMatchObject({
    kind: "edited",
    changed: true,
    todo: {
      metadata: {
        claimed_by: "side",
        claimed_at: "2026-11-21T10:00:00+08:00",
        claim_taken_from: "main",
        claim_taken_at: "2026-11-21T10:00:00+08:00",
        reason: "no answer",
      },
    },
  });
});

test("a claim by a name the goal does not know is void, but its name is kept (DEC-11)", () => {
  expect(claim(todo("claimed_by=ghost claimed_at=2026-11-21T09:59:00%2B08:00"))).toMatchObject({
    kind: "edited",
    todo: { metadata: { claimed_by: "side", claim_taken_from: "ghost" } },
  });
});

test("without registered agents names are labels, and still only one holds a todo", () => {
  expect(claim(todo(live), { claimed_by: "other" }, todoContext())).toMatchObject({ code: "claim_conflict" });
  expect(claim(todo(), { claimed_by: "anyone" }, todoContext()).kind).toBe("edited");
});

test.each([
  ["another's live lease", agents],
  ["another's live lease where no agents are registered", { registered: [], primary: null, handoff: null }],
])("a claim is refused by %s, which is named with its end (CMD-93)", (_, known) => {
  expect(claim(todo(), {}, todoContext({ agents: known, leases: [todoLease("main")] }))).toMatchObject({
    kind: "refused",
    code: "lease_conflict",
    details: { todo_id: "todo_abc", holder: "main", expires_at: "2026-11-21T10:30:00.000+08:00" },
  });
});

test.each([
  ["its own lease", todoLease("side")],
  ["an expired lease", todoLease("main", { live: false })],
  ["a lease on another todo", todoLease("main", { todo_id: "todo_other" })],
  ["a lease of a name the goal does not know, which is void (DEC-11)", todoLease("ghost")],
])("a claim is not refused by %s", (_, lease) => {
  expect(claim(todo(), {}, todoContext({ agents, leases: [lease] })).kind).toBe("edited");
});
