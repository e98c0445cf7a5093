import { describe, expect, it } from "vitest";
import { goalStateOf, momentAt, todoContext } from "../../testing/goal-states.ts";
import type { TodoContext } from "../goal-state/todo-outcome.ts";
import type { GoalId } from "../ids.ts";
import type { Lease } from "./lease.ts";
import { acquireLease } from "./rules.ts";
import { admitWish, type LeaseWish } from "./wish.ts";

const NOW = momentAt("2026-11-21T10:00:00+08:00");
const state = goalStateOf(`## Agent Todo

- [ ] Free
  <!-- loopx:todo todo_id=todo_free01 status=open required_write_scopes=src/**,docs -->
- [ ] Claimed
  <!-- loopx:todo todo_id=todo_claim1 status=open claimed_by=codex-1 claimed_at=2026-11-21T09:59:00+08:00 -->
- [ ] Claimed long ago
  <!-- loopx:todo todo_id=todo_stale1 status=open claimed_by=codex-1 claimed_at=2026-11-20T09:00:00+08:00 -->
- [x] Done
  <!-- loopx:todo todo_id=todo_done01 status=done -->
- [-] Deferred
  <!-- loopx:todo todo_id=todo_later1 status=deferred -->
`);
const agents = { registered: ["codex-1", "codex-2", "main"], primary: "main", handoff: null };

const wish = (more: Partial<LeaseWish> = {}): LeaseWish => ({
  todo_id: "todo_free01",
  holder: "codex-2",
  ttl_minutes: null,
  write_scopes: null,
  take_over: false,
  reason: null,
  idempotency_key: null,
  ...more,
});

function heldBy(holder: string, from: string | null = null): Lease {
  const key = { goal_id: "g" as GoalId, todo_id: "todo_claim1" };
  const answer = acquireLease(key, { holder, ttl_minutes: 30, write_scopes: [] }, { current: null, others: [], archived_token: 0 }, NOW);
  if (answer.kind !== "granted") throw new Error(answer.kind);
  return { ...answer.lease, taken_over_from: from };
}

function answer(more: Partial<LeaseWish>, current: Lease | null = null, context: Partial<TodoContext> = { agents }) {
  const said = admitWish(state, wish(more), current, todoContext({ now: NOW, ...context }));
  return said.kind === "refused" ? said.code : said.request;
}

describe("who may ask for a lease (CMD-101)", () => {
  it("gets the goal's claim time and the todo's write scopes when it names none (CMD-100)", () => {
    expect(answer({})).toEqual({ holder: "codex-2", ttl_minutes: 30, write_scopes: ["src/**", "docs"] });
    expect(answer({ ttl_minutes: 5, write_scopes: ["a"], idempotency_key: "k" })).toEqual({
      holder: "codex-2",
      ttl_minutes: 5,
      write_scopes: ["a"],
      idempotency_key: "k",
    });
  });

  it.each([
    ["an agent that is not registered", { holder: "nobody", todo_id: "todo_gone01" }, "agent_not_registered"],
    ["a name that is no agent id", { holder: "9" }, "invalid_value"],
    ["a todo that is missing", { todo_id: "todo_gone01" }, "todo_not_found"],
    ["a todo that is done", { todo_id: "todo_done01" }, "invalid_value"],
    ["a todo that is put off", { todo_id: "todo_later1" }, "invalid_value"],
    ["a todo that another agent claims", { todo_id: "todo_claim1", ttl_minutes: 0 }, "claim_conflict"],
    ["a todo with a stale claim, which is taken over as a claim first", { todo_id: "todo_stale1" }, "claim_conflict"],
    ["a take-over by a side agent", { take_over: true, reason: "stuck" }, "lease_conflict"],
    ["a take-over without a reason", { holder: "main", take_over: true, reason: " " }, "usage"],
    ["a reason without a take-over", { reason: "stuck" }, "usage"],
    ["an empty idempotency key", { idempotency_key: " " }, "invalid_value"],
    ["a time over the limit (REL-105)", { ttl_minutes: 1441 }, "invalid_value"],
    ["a scope over the limit (REL-105)", { write_scopes: ["x".repeat(161)] }, "invalid_value"],
  ])("%s is refused", (_what, more, code) => {
    expect(answer(more)).toBe(code);
  });

  it("an agent may lease what it claims itself", () => {
    expect(answer({ holder: "Codex-1", todo_id: "todo_claim1" })).toMatchObject({ holder: "codex-1" });
  });

  it("a take-over by the primary agent covers the claim of the one it takes from, also when it is asked again", () => {
    const takeOver = { holder: "main", todo_id: "todo_claim1", take_over: true, reason: "stuck" };
    expect(answer(takeOver, heldBy("codex-1"))).toMatchObject({ take_over: { reason: "stuck" } });
    expect(answer(takeOver, heldBy("main", "codex-1"))).toMatchObject({ holder: "main" });
    expect(answer(takeOver, heldBy("codex-2"))).toBe("claim_conflict");
    expect(answer(takeOver, null)).toBe("claim_conflict");
  });

  it("in a goal without agents names are labels, and its operator may take over", () => {
    expect(answer({ holder: "anyone", take_over: true, reason: "stuck" }, null, {})).toMatchObject({ holder: "anyone" });
  });
});
