/** What the older Python LoopX wrote is read with the meaning it had, and by reading nothing of it changes (FIL-51, FIL-110). */
import { createHash } from "node:crypto";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { history, inspectRegistry, listTodos, quotaStatus, shouldRun, status, why } from "../../src/index.ts";
import { EVAL, oldProject, type OldProject } from "./rig.ts";

let old: OldProject;
beforeEach(() => {
  old = oldProject();
});
afterEach(() => old.remove());

const verdictOf = async (goal_id: string, agent_id?: string) =>
  (await shouldRun(old.host, { goal_id, agent_id, cwd: old.project })).verdict;

/** The id the older one shows for a todo without one (FIL-46). */
function derivedId(role: string, heading: string, index: number, text: string): string {
  return `todo_${createHash("sha1").update(`${role}|${heading}|${index}|${text}`).digest("hex").slice(0, 12)}`;
}

const SHARD = "[P1-high] Re-run the tokenizer shard with the pinned image and compare the score with that of the last green night.";

describe("a registry with a number for its version, objects for agents and no execution profile", () => {
  test("is sound; a threshold that is no number is a warning with its line", async () => {
    const { schema_version_found, unhealthy, problems, goals } = await inspectRegistry(old.host);
    expect({ schema_version_found, unhealthy }).toEqual({ schema_version_found: "0.1", unhealthy: false });
    expect(problems).toEqual([
      expect.objectContaining({ code: "execution_profile_invalid", severity: "warning", goal_ids: ["long-retired"], line: 42 }),
    ]);
    expect(goals.map((goal) => [goal.goal_id, goal.usable, goal.registered_agents])).toEqual([
      [EVAL, true, ["codex-main", "codex-side", "reviewer"]],
      ["docs-map", true, []],
      ["long-retired", true, []],
    ]);
  });

  test("has the profile that the source document prints", async () => {
    expect((await verdictOf(EVAL, "codex-main")).execution_profile).toMatch(
      /^cadence=bounded_progress_segment; minimum_scale=multi_surface_or_implementation; .* small=2; surface=3$/,
    );
  });
});

describe("the verdict", () => {
  test("of the goal with work: its first todo, wrapped over three lines, and a stale claim that is not taken", async () => {
    const verdict = await verdictOf(EVAL, "codex-main");
    expect(verdict).toMatchObject({
      ok: true,
      rule: "advance_todo",
      should_run: true,
      recommended_action: SHARD,
      selected_todo: { text: SHARD, priority: "P1", selected_by: "unclaimed_todo", todo_id: derivedId("agent", "Agent Todo", 1, SHARD) },
      user_todos: { open_count: 1 },
      agent_todos: { open_count: 4 },
    });
    // The short form drops warnings when its 4 kB are full; how full they are depends on this machine's paths.
    const detailed = await shouldRun(old.host, { goal_id: EVAL, agent_id: "codex-main", cwd: old.project, detail: true });
    expect(detailed.verdict.warnings.map((warning) => warning.code)).toEqual(
      expect.arrayContaining(["claim_stale", "index_identity_collision", "quota_event_missing"]),
    );
  });

  test("counts spends whose payload stands in the artifact, one slot where none says how many, and only those of the window", async () => {
    expect((await verdictOf(EVAL, "codex-main")).quota).toMatchObject({
      compute: 1,
      slot_minutes: 30,
      allowed_slots: 48,
      spent_slots: 3,
      remaining_slots: 45,
      state: "eligible",
    });
  });

  test("asks who the caller is; knows no stranger", async () => {
    expect((await verdictOf(EVAL)).rule).toBe("identity_required");
    expect((await verdictOf(EVAL, "codex-9")).rule).toBe("agent_not_registered");
    expect((await verdictOf(EVAL, "reviewer")).rule).toBe("advance_todo");
  });

  test("of a state without front matter, in Windows lines: the plain question gates; answered, the first map comes", async () => {
    expect(await verdictOf("docs-map")).toMatchObject({
      rule: "user_gate",
      should_run: false,
      recommended_action: "Approve the list of source folders",
      quota: { compute: 0.5, allowed_slots: 720 },
    });
    old.write("docs-map.md", old.read("docs-map.md").replace("- [ ] Approve", "- [x] Approve"));
    expect(await verdictOf("docs-map")).toMatchObject({ rule: "first_map", should_run: true });
  });

  test("of a goal whose status is `Paused` is a pause", async () => {
    expect(await verdictOf("long-retired")).toMatchObject({ rule: "paused", should_run: false });
    expect((await why(old.host, { goal_id: "long-retired", cwd: old.project })).rule).toBe("paused");
  });
});

test("todos are read with class, state, owner and the ids the older one shows", async () => {
  const { todos, user_todos, agent_todos } = await listTodos(old.host, { goal_id: EVAL, cwd: old.project });
  expect(
    todos.map(({ todo_id, role, line, status: state, task_class, claimed_by, title }) => [
      todo_id,
      role,
      line,
      state,
      task_class,
      claimed_by,
      title,
    ]),
  ).toEqual([
    ["todo_read_june", "user", 18, "open", "user_action", null, "Read the June regression report before Friday"],
    [derivedId("agent", "Agent Todo", 1, SHARD), "agent", 22, "open", "advancement_task", null, SHARD.slice("[P1-high] ".length)],
    ["todo_owner_summary", "agent", 25, "open", "advancement_task", "codex-side", "Draft the owner summary"],
    [derivedId("agent", "Agent Todo", 3, "Wire the shard cache"), "agent", 27, "done", "advancement_task", null, "Wire the shard cache"],
    [
      derivedId("agent", "Agent Todo", 4, "Try the second scheduler"),
      "agent",
      28,
      "deferred",
      "advancement_task",
      null,
      "Try the second scheduler",
    ],
    [
      derivedId("agent", "Agent Todo", 5, "[p3] Ask how the queue is drained"),
      "agent",
      29,
      "open",
      "advancement_task",
      null,
      "Ask how the queue is drained",
    ],
    // The fenced example is no todo, yet it has its number: the ids behind it stay those the older one shows.
    ["todo_tidy", "agent", 37, "blocked", "advancement_task", null, "Tidy the scratch folder"],
  ]);
  expect({ user_todos, agent_todos }).toMatchObject({
    user_todos: { total: 1, open: 1 },
    agent_todos: { total: 6, open: 3, blocked: 1, done: 1, deferred: 1 },
  });
});

test("history: newest first by instant, three gates with one artifact, two rewards on one run", async () => {
  const { runs, bad_lines, goals } = await history(old.host, { goal_id: EVAL });
  expect(bad_lines).toEqual([]);
  expect(goals).toMatchObject([{ goal_id: EVAL, run_count: 8, record_count: 10 }]);
  expect(runs.map((run) => [run.generated_at, run.classification])).toEqual([
    ["2026-06-15T05:00:00+00:00", "quota_slot_spent"],
    ["2026-06-15T06:30:00+08:00", "quota_slot_spent"],
    ["2026-06-14T22:00:00+00:00", "state_refreshed"],
    ["2026-06-14T18:00:00+00:00", "operator_gate_approved"],
    ["2026-06-14T18:00:00+00:00", "operator_gate_rejected"],
    ["2026-06-14T18:00:00+00:00", "operator_gate_deferred"],
    ["2026-06-14T08:00:00Z", "eval_metric_shard_run"],
    ["2026-06-12T08:00:00+00:00", "quota_slot_spent"],
  ]);
  expect(runs[6]).toMatchObject({
    active_task_count: 3,
    cache_check: "warm",
    human_reward: { decision: "route_correction" },
    human_rewards: [{ decision: "continue_route" }, { decision: "route_correction" }],
  });
  expect(runs[0]).toMatchObject({ json_exists: false, markdown_exists: false });
});

test("status and quota speak of all three without an error", async () => {
  const { contract, attention_queue, goal_count } = await status(old.host, { cwd: old.project });
  expect({ goal_count, ok: contract.ok, errors: contract.errors }).toEqual({ goal_count: 3, ok: true, errors: [] });
  expect(attention_queue.items.map((item) => [item.goal_id, item.rule]).toSorted(([a], [b]) => (String(a) < String(b) ? -1 : 1))).toEqual([
    [EVAL, "advance_todo"],
    ["docs-map", "user_gate"],
  ]);
  expect(JSON.stringify(await quotaStatus(old.host, { cwd: old.project }))).toContain("long-retired");
});

test("reading changes nothing, the lock files of the older one included (FIL-93)", async () => {
  const files = ["registry.json", "registry.global.json", "Nightly-Eval.md", "docs-map.md", "long-retired.md", "runs/index.jsonl"] as const;
  const before = files.map((file) => old.read(file));
  for (const goal of [EVAL, "docs-map", "long-retired"]) {
    await verdictOf(goal, goal === EVAL ? "codex-main" : undefined);
    await listTodos(old.host, { goal_id: goal, cwd: old.project });
    await history(old.host, { goal_id: goal });
  }
  await status(old.host, { cwd: old.project });
  expect(files.map((file) => old.read(file))).toEqual(before);
});
