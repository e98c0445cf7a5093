/** Writes that rely on a lease: a token that counts no more stops them, whatever they write (FIL-82). */
import { beforeEach, describe, expect, it } from "vitest";
import { acquireLease } from "../../src/actions/lease-acquire.ts";
import { releaseLease } from "../../src/actions/lease-release.ts";
import { monitorPoll } from "../../src/actions/monitor-poll.ts";
import { refreshState } from "../../src/actions/refresh-state.ts";
import { spendSlot } from "../../src/actions/spend-slot.ts";
import { completeTodo } from "../../src/actions/todo-complete.ts";
import { supersedeTodo } from "../../src/actions/todo-supersede.ts";
import { updateTodo } from "../../src/actions/todo-update.ts";
import { project, type MemoryHost } from "../../src/testing/memory-host.ts";

const MINUTE_MS = 60_000;
const cwd = "/srv/project";
const goal_id = "g";
const STATE_FILE = ".codex/goals/g/ACTIVE_GOAL_STATE.md";
const WORK = "- [ ] [P2] Read tables\n  <!-- loopx:todo todo_id=todo_work -->\n";
const MONITOR =
  "- [ ] [P1] Watch\n  <!-- loopx:todo todo_id=todo_work task_class=continuous_monitor cadence=1h next_due_at=2026-11-20T00:00:00Z -->\n";

function host(todos: string): MemoryHost {
  const entry = {
    id: goal_id,
    domain: "software",
    status: "active",
    repo: cwd,
    state_file: STATE_FILE,
    adapter: { kind: "generic_project_goal_v0", status: "connected" },
    coordination: { registered_agents: ["main", "side"], primary_agent: "main" },
  };
  return project({
    ".loopx/registry.json": { json: { schema_version: "0.1", goals: [entry] } },
    [STATE_FILE]: `## Agent Todo\n\n${todos}`,
  });
}

interface Write {
  readonly name: string;
  readonly todos: string;
  readonly run: (at: MemoryHost, lease_token: number | undefined, dry_run?: boolean) => Promise<unknown>;
}

const todo = { goal_id, cwd, todo_id: "todo_work", claimed_by: "main" };
const lease = { lease_todo_id: "todo_work", agent_id: "main" };
const proof = (lease_token: number | undefined) => (lease_token === undefined ? { agent_id: "main" } : { ...lease, lease_token });

const WRITES: readonly Write[] = [
  { name: "todo complete", todos: WORK, run: (at, lease_token, dry_run) => completeTodo(at, { ...todo, lease_token, dry_run }) },
  {
    name: "todo supersede",
    todos: WORK,
    run: (at, lease_token, dry_run) => supersedeTodo(at, { ...todo, reason: "moot", lease_token, dry_run }),
  },
  {
    name: "todo update",
    todos: WORK,
    run: (at, lease_token, dry_run) => updateTodo(at, { ...todo, note: "half done", lease_token, dry_run }),
  },
  {
    name: "refresh-state",
    todos: WORK,
    run: (at, lease_token, dry_run) => refreshState(at, { goal_id, next_action: "Go on", ...proof(lease_token), dry_run }),
  },
  {
    name: "quota spend-slot",
    todos: WORK,
    run: async (at, lease_token, dry_run) => {
      const grade = { delivery_outcome: "outcome_progress", delivery_batch_scale: "implementation" } as const;
      if (at.textOf({ kind: "runs", goal_id: goal_id as never }) === null) await refreshState(at, { goal_id, agent_id: "main", ...grade });
      return spendSlot(at, { goal_id, cwd, ...proof(lease_token), dry_run });
    },
  },
  {
    name: "quota monitor-poll",
    todos: MONITOR,
    run: (at, lease_token, dry_run) => monitorPoll(at, { goal_id, cwd, todo_id: "todo_work", agent_id: "main", lease_token, dry_run }),
  },
];

describe.each(WRITES)("$name with a lease token", ({ todos, run }) => {
  let at: MemoryHost;
  beforeEach(async () => {
    at = host(todos);
    await acquireLease(at, { goal_id, todo_id: "todo_work", holder: "main" });
  });

  it("writes under the live lease, and without a token as ever", async () => {
    await expect(run(at, 1, true)).resolves.toMatchObject({ dry_run: true });
    await expect(run(at, 1)).resolves.toMatchObject({ applied: true });
    const other = host(todos);
    await expect(run(other, undefined)).resolves.toMatchObject({ applied: true });
  });

  it.each<[string, () => unknown, string]>([
    ["has expired", () => at.clock.tick(31 * MINUTE_MS), "expired"],
    ["was released", () => releaseLease(at, { goal_id, todo_id: "todo_work", holder: "main", token: 1 }), "released"],
    [
      "was granted to another since",
      async () => {
        at.clock.tick(31 * MINUTE_MS);
        await acquireLease(at, { goal_id, todo_id: "todo_work", holder: "side" });
        at.clock.tick(31 * MINUTE_MS);
      },
      "newest token is 2, of side",
    ],
  ])("writes nothing once the lease %s", async (_what, end, why) => {
    await run(at, undefined, true);
    await end();
    const before = at.files();
    for (const dry_run of [true, false])
      await expect(run(at, 1, dry_run)).rejects.toMatchObject({ code: "lease_fenced", message: expect.stringContaining(why) });
    expect(at.files()).toEqual(before);
  });
});

describe("a lease token that names no lease", () => {
  it.each<[string, () => Promise<unknown>, string]>([
    [
      "of a completion, without its holder",
      () => completeTodo(host(WORK), { ...todo, claimed_by: undefined, lease_token: 1 }),
      "--claimed-by",
    ],
    ["of a run, without its todo", () => refreshState(host(WORK), { goal_id, agent_id: "main", lease_token: 1 }), "--lease-todo-id"],
    [
      "of a spend, without its holder",
      () => spendSlot(host(WORK), { goal_id, cwd, lease_todo_id: "todo_work", lease_token: 1 }),
      "--agent-id",
    ],
    ["of a run, its todo without a token", () => refreshState(host(WORK), { goal_id, ...lease }), "--lease-token"],
  ])("is refused: %s", async (_what, write, missing) => {
    await expect(write()).rejects.toMatchObject({ code: "usage", message: expect.stringContaining(missing) });
  });
});
