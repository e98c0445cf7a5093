import { describe, expect, it } from "vitest";
import { nodeDigest } from "../../node/digest.ts";
import { parseGoalState } from "./parse.ts";
import { pollMonitor, type PollRequest } from "./todo-poll.ts";
import type { TodoContext } from "./todo-outcome.ts";

const NOW = { ms: Date.UTC(2026, 10, 21, 2), offset_minutes: 480 };
const PAST = "2026-11-21T09:00:00+08:00";
const NEARLY = "2026-11-21T09:45:00%2B08:00";
const FUTURE = "2026-11-21T11:00:00+08:00";
const CONTEXT: TodoContext = {
  now: NOW,
  newTodoId: () => "todo_new001",
  agents: { registered: ["main", "side"], primary: "main", handoff: null },
  claim_ttl_minutes: 30,
  leases: [],
};

function poll(metadata: string, request: Partial<PollRequest> = {}, marker = " ") {
  const text = `## Agent Todo\r\n\r\n- [${marker}] [P1] Watch\r\n  <!-- loopx:todo todo_id=todo_mon001 ${metadata} mine=1 -->\r\n\r\nnotes stay\r\n`;
  const state = parseGoalState(text, { digest: nodeDigest, file: "STATE.md" });
  return pollMonitor(state, { todo_id: "todo_mon001", agent_id: null, material_change: false, ...request }, CONTEXT);
}

function after(metadata: string, request: Partial<PollRequest> = {}) {
  const outcome = poll(metadata, request);
  if (outcome.kind !== "edited") throw new Error(JSON.stringify(outcome));
  return outcome;
}

const MONITOR = "task_class=continuous_monitor";

describe("a look at a monitor (CMD-85)", () => {
  it.each<[string, string, Partial<PollRequest>, string | undefined]>([
    ["stays unset", MONITOR, {}, undefined],
    ["stays where it is ahead", `${MONITOR} next_due_at=${FUTURE}`, {}, FUTURE],
    ["is now and the cadence", `${MONITOR} next_due_at=${PAST} cadence=30m`, {}, "2026-11-21T10:30:00+08:00"],
    ["is now and the new cadence", `${MONITOR} next_due_at=${FUTURE} cadence=30m`, { cadence: "1d" }, "2026-11-22T10:00:00+08:00"],
    ["is what was given, cadence or not", `${MONITOR} next_due_at=${PAST} cadence=30m`, { next_due_at: FUTURE }, FUTURE],
  ])("the next one %s", (_what, metadata, request, due) => {
    expect(after(metadata, request).todo.metadata.next_due_at).toBe(due);
  });

  it("counts, and keeps every byte it does not own", () => {
    const { text, todo } = after(`${MONITOR} consecutive_no_change=4`, { result_hash: "abc" });
    expect(todo.metadata).toMatchObject({
      consecutive_no_change: 5,
      material_change: false,
      result_hash: "abc",
      last_checked_at: "2026-11-21T10:00:00+08:00",
    });
    expect(text).toContain("mine=1");
    expect(text.endsWith("-->\r\n\r\nnotes stay\r\n")).toBe(true);
    expect(after(`${MONITOR} consecutive_no_change=4`, { material_change: true }).todo.metadata.consecutive_no_change).toBe(0);
  });

  it("hands what follows to whoever looked, unless somebody else is named", () => {
    const follow = { material_change: true, next_agent_todo: "Repair", agent_id: "side" };
    expect(after(MONITOR, follow).successors).toMatchObject([
      { todo_id: "todo_new001", text: "[P1] Repair", metadata: { claimed_by: "side" } },
    ]);
    expect(after(MONITOR, { ...follow, next_claimed_by: "main" }).successors).toMatchObject([{ metadata: { claimed_by: "main" } }]);
  });

  it.each<[string, string, Partial<PollRequest>, string, string]>([
    ["what is no monitor", "task_class=advancement_task", {}, " ", "invalid_value"],
    ["a monitor that is done", MONITOR, {}, "x", "invalid_value"],
    ["a todo nobody knows", MONITOR, { todo_id: "todo_nowhere" }, " ", "todo_not_found"],
    ["an agent nobody knows", MONITOR, { agent_id: "ghost" }, " ", "agent_not_registered"],
    ["a follower without a change", MONITOR, { next_user_todo: "x" }, " ", "usage"],
    ["a due monitor that nothing moves", `${MONITOR} next_due_at=${PAST}`, {}, " ", "usage"],
    ["a due time that has passed", MONITOR, { next_due_at: PAST }, " ", "invalid_value"],
    ["a monitor that another agent holds", `${MONITOR} claimed_by=main claimed_at=${NEARLY}`, { agent_id: "side" }, " ", "claim_conflict"],
    ["a cadence that moves nothing", MONITOR, { cadence: "0m" }, " ", "invalid_value"],
  ])("is refused for %s", (_what, metadata, request, marker, code) => {
    expect(poll(metadata, request, marker)).toMatchObject({ kind: "refused", code });
  });
});
