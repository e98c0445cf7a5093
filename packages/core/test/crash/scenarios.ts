/**
 * Every command that writes, as one scenario: what stands before it, the command, and what has to be true once it was
 * run again after any interruption. The files themselves are compared by the matrix.
 */
import { archiveRuntime } from "../../src/actions/archive-runtime.ts";
import { configureGoal } from "../../src/actions/configure-goal.ts";
import { connect } from "../../src/actions/connect.ts";
import { disconnect } from "../../src/actions/disconnect.ts";
import { restoreDisconnected } from "../../src/actions/disconnect-restore.ts";
import { acquireLease } from "../../src/actions/lease-acquire.ts";
import { releaseLease } from "../../src/actions/lease-release.ts";
import { renewLease } from "../../src/actions/lease-renew.ts";
import { operatorGate } from "../../src/actions/operator-gate.ts";
import { refreshState } from "../../src/actions/refresh-state.ts";
import { rewardRun } from "../../src/actions/reward.ts";
import { spendSlot } from "../../src/actions/spend-slot.ts";
import { syncGlobal } from "../../src/actions/sync-global.ts";
import { addTodo } from "../../src/actions/todo-add.ts";
import { archiveTodos } from "../../src/actions/todo-archive.ts";
import { completeTodo } from "../../src/actions/todo-complete.ts";
import type { FileHost } from "../../src/node/host.ts";
import type { World } from "./world.ts";

export interface Scenario {
  readonly name: string;
  /** On top of a connected goal `main` with a todo and a finished run; from minute 3. */
  prepare?(world: World): Promise<unknown>;
  /** Starts from an empty project. */
  readonly from_nothing?: true;
  act(host: FileHost, world: World): Promise<unknown>;
  /** Errors with which the repeated command says that the interrupted one was done. */
  readonly done_already?: readonly string[];
  /** True of the world once the command was repeated. */
  settled(world: World): boolean;
}

/** When the command of a scenario runs. */
export const MINUTE = 4;
const GOAL = "main";
const REGISTRY = "project/.loopx/registry.json";
const STATE = `project/.codex/goals/${GOAL}/ACTIVE_GOAL_STATE.md`;
const GLOBAL = "home/.codex/loopx/registry.global.json";
const RUNTIME = `home/.codex/loopx/goals/${GOAL}`;
const TODO = "todo_00000000000b";
const STAMP = "20261121T020300Z";

/** Minutes 0 to 2: a goal with an open todo, and a run that can be paid for and judged. */
export async function prepareMain(world: World): Promise<void> {
  const { project } = world;
  await connect(world.host({}, 0), { project, cwd: project, goal_id: GOAL });
  await addTodo(world.host({}, 1), { goal_id: GOAL, role: "agent", text: "[P1] Parse lists", required_write_scope: ["src"], cwd: project });
  await refreshState(world.host({}, 2), {
    goal_id: GOAL,
    delivery_batch_scale: "implementation",
    delivery_outcome: "outcome_progress",
    artifact: ["src/lists.ts"],
    validation: "tests pass",
  });
}

export const SCENARIOS: readonly Scenario[] = [
  {
    name: "connect",
    from_nothing: true,
    act: (host, { project }) => connect(host, { project, cwd: project, goal_id: GOAL }),
    settled: (world) => goalsOf(world, REGISTRY) === GOAL && goalsOf(world, GLOBAL) === GOAL && world.has(STATE),
  },
  {
    name: "connect --force",
    act: (host, { project }) => connect(host, { project, cwd: project, goal_id: GOAL, objective: "Start again", force: true }),
    settled: (world) => goalsOf(world, REGISTRY) === GOAL && world.read(STATE).includes("Start again"),
  },
  {
    name: "todo add",
    act: (host, { project }) => addTodo(host, { goal_id: GOAL, role: "agent", text: "[P2] Print lists", cwd: project }),
    settled: (world) => count(world.read(STATE), "Print lists") === 1,
  },
  {
    name: "todo archive-completed",
    prepare: async (world) => completeTodo(world.host({}, 3), { goal_id: GOAL, todo_id: TODO, evidence: "tests pass", cwd: world.project }),
    act: (host, { project }) => archiveTodos(host, { goal_id: GOAL, max_active_done: 0, cwd: project }),
    settled: (world) => count(world.read(STATE).split("## Completed Work Archive")[1] ?? "", "Parse lists") === 1,
  },
  {
    name: "todo complete under a lease",
    prepare: async (world) => acquireLease(world.host({}, 3), { goal_id: GOAL, todo_id: TODO, holder: "codex" }),
    act: (host, { project }) =>
      completeTodo(host, { goal_id: GOAL, todo_id: TODO, claimed_by: "codex", lease_token: 1, evidence: "tests pass", cwd: project }),
    settled: (world) => count(world.read(STATE), "- [x] [P1] Parse lists") === 1 && lease(world)["state"] === "held",
  },
  {
    name: "refresh-state",
    act: (host) => refreshState(host, { goal_id: GOAL, classification: "second_run", next_action: "Print lists" }),
    // Nobody was told about the first one, so the second is another run.
    settled: (world) => within(classified(world, "second_run"), 1, 2) && world.read(STATE).includes("- Print lists"),
  },
  {
    name: "reward --write-active-state-summary",
    act: (host, { project }) =>
      rewardRun(host, {
        goal_id: GOAL,
        decision: "keep_going",
        reward: "positive",
        reason_summary: "It reads well",
        write_active_state_summary: true,
        cwd: project,
      }),
    settled: (world) => rows(world).filter((row) => "human_reward" in row).length === 1 && count(world.read(STATE), "It reads well") === 1,
  },
  {
    name: "operator-gate",
    act: (host) =>
      operatorGate(host, { goal_id: GOAL, gate: "publish", decision: "approve", reason_summary: "Go on", agent_command: "npm test" }),
    settled: (world) => within(classified(world, "operator_gate_approved"), 1, 2),
  },
  {
    name: "quota spend-slot",
    act: async (host, { project }) => refusalThrown(await spendSlot(host, { goal_id: GOAL, cwd: project })),
    done_already: ["spend_refused"],
    settled: (world) => classified(world, "quota_slot_spent") === 1,
  },
  {
    name: "lease acquire",
    act: (host) => acquireLease(host, { goal_id: GOAL, todo_id: TODO, holder: "codex", idempotency_key: "one" }),
    settled: (world) => lease(world)["state"] === "held" && lease(world)["token"] === 1,
  },
  {
    name: "lease renew",
    prepare: async (world) => acquireLease(world.host({}, 3), { goal_id: GOAL, todo_id: TODO, holder: "codex" }),
    act: (host) => renewLease(host, { goal_id: GOAL, todo_id: TODO, holder: "codex", token: 1 }),
    settled: (world) => lease(world)["state"] === "held" && Number(lease(world)["version"]) >= 2,
  },
  {
    name: "lease release",
    prepare: async (world) => acquireLease(world.host({}, 3), { goal_id: GOAL, todo_id: TODO, holder: "codex" }),
    act: (host) => releaseLease(host, { goal_id: GOAL, todo_id: TODO, holder: "codex", token: 1 }),
    settled: (world) => lease(world)["state"] === "released" && lease(world)["token"] === 1,
  },
  {
    name: "configure-goal",
    act: (host) => configureGoal(host, { goal_id: GOAL, quota_compute: 0 }),
    settled: (world) => [REGISTRY, GLOBAL].every((path) => /"compute": 0/.test(world.read(path))),
  },
  {
    name: "sync-global",
    prepare: async ({ project, host }) => connect(host({}, 3), { project, cwd: project, goal_id: "second", no_global_sync: true }),
    act: (host) => syncGlobal(host, {}),
    settled: (world) => goalsOf(world, GLOBAL) === `${GOAL} second`,
  },
  {
    name: "disconnect",
    act: (host) => disconnect(host, { goal_id: [GOAL], archive_state: true, remove_empty_registry: true }),
    done_already: ["registry_not_found", "goal_not_found"],
    settled: (world) => !world.has(REGISTRY) && goalsOf(world, GLOBAL) === "",
  },
  {
    name: "disconnect --restore",
    prepare: async ({ host }) => disconnect(host({}, 3), { archive_state: true, remove_empty_registry: true }),
    act: (host) => restoreDisconnected(host, { stamp: STAMP }),
    settled: (world) => goalsOf(world, REGISTRY) === GOAL && goalsOf(world, GLOBAL) === GOAL && world.has(STATE),
  },
  {
    name: "archive-runtime",
    prepare: async ({ host }) => disconnect(host({}, 3), {}),
    act: (host, { project }) => archiveRuntime(host, { goal_id: GOAL, cwd: project }),
    done_already: ["goal_not_found"],
    settled: (world) =>
      !world.has(`${RUNTIME}/runs`) && [...world.snapshot().keys()].some((path) => /archived-goals\/.*index\.jsonl$/.test(path)),
  },
];

function goalsOf(world: World, path: string): string {
  return (JSON.parse(world.read(path)) as { goals: { id: string }[] }).goals.map(({ id }) => id).join(" ");
}

/** The records of the index; what a crash cut short is none. */
function rows(world: World): Record<string, unknown>[] {
  return world
    .read(`${RUNTIME}/runs/index.jsonl`)
    .split("\n")
    .flatMap((line) => {
      try {
        return [JSON.parse(line) as Record<string, unknown>];
      } catch {
        return [];
      }
    });
}

function classified(world: World, classification: string): number {
  return rows(world).filter((row) => row["classification"] === classification && !("human_reward" in row)).length;
}

function lease(world: World): Record<string, unknown> {
  return JSON.parse(world.read(`${RUNTIME}/leases/${TODO}.json`)) as Record<string, unknown>;
}

function refusalThrown<R extends { readonly error: { readonly code: string } | null }>(result: R): R {
  if (result.error !== null) throw Object.assign(new Error(result.error.code), { code: result.error.code });
  return result;
}

function count(text: string, part: string): number {
  return text.split(part).length - 1;
}

function within(value: number, from: number, to: number): boolean {
  return value >= from && value <= to;
}
