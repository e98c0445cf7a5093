// What a worker does, one operation at a time, through the library. Each answers the facts that it was told are stored:
// the audit looks for every one of them afterwards.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import {
  acquireLease,
  addTodo,
  archiveRuntime,
  archiveTodos,
  claimTodo,
  completeTodo,
  configureGoal,
  disconnect,
  history,
  listTodos,
  operatorGate,
  refreshState,
  registerAgent,
  releaseLease,
  renewLease,
  restoreDisconnected,
  rewardRun,
  shouldRun,
  spendSlot,
  status,
  syncGlobal,
  updateTodo,
} from "@loopx/core";
import { pick } from "./random.mjs";
import { connectIn, ENOUGH_SLOTS, hostIn, newHostIn, SHARED, WORKED } from "./world.mjs";

/**
 * @typedef {{ kind: string, goal_id: string, [key: string]: unknown }} Fact
 * @typedef {{ project: string, goal_id: string }} Goal
 * @typedef {{ todo_id: string } & Goal} OwnTodo
 * @typedef {{ token: number, holder: string } & OwnTodo} OwnLease
 * @typedef {{
 *   folder: string, name: string, random: () => number, count: number, since: number,
 *   todos: OwnTodo[], leases: OwnLease[], home: string, project: string,
 * }} Worker
 * @typedef {(worker: Worker, goal: Goal) => Promise<Fact[]>} Operation
 */

/** @type {Record<string, { weight: number, run: Operation }>} */
export const OPERATIONS = {
  "todo add": { weight: 18, run: add },
  "todo claim": { weight: 3, run: claim },
  "todo update": { weight: 3, run: update },
  "todo complete": { weight: 15, run: complete },
  "todo archive-completed": { weight: 2, run: archive },
  "refresh-state": { weight: 14, run: refresh },
  "refresh-state, three at once": { weight: 2, run: refreshTogether },
  "quota spend-slot": { weight: 7, run: spend },
  reward: { weight: 7, run: reward },
  "operator-gate": { weight: 3, run: gate },
  "lease acquire": { weight: 6, run: acquire },
  "lease renew": { weight: 3, run: renew },
  "lease release": { weight: 4, run: release },
  "sync-global": { weight: 2, run: sync },
  "configure-goal": { weight: 1, run: configure },
  "register-agent": { weight: 0.6, run: register },
  connect: { weight: 0.3, run: connectNew },
  "disconnect and restore": { weight: 0.6, run: leaveAndReturn },
  "archive-runtime": { weight: 0.4, run: putAway },
  "should-run": { weight: 4, run: ask },
  "status, history": { weight: 1, run: look },
};

/** One operation by weight. @param {Worker} worker @returns {{ name: string, run: () => Promise<Fact[]> }} */
export function nextOperation(worker) {
  const goal = pick(WORKED, worker.random) ?? { project: "p0", goal_id: "p0-a" };
  const all = Object.entries(OPERATIONS);
  let left = worker.random() * all.reduce((sum, [, { weight }]) => sum + weight, 0);
  const [name, { run }] = all.find(([, { weight }]) => (left -= weight) < 0) ?? ["todo add", { run: add }];
  worker.count += 1;
  return { name, run: () => run(worker, goal) };
}

/** @param {Worker} worker @param {Goal} goal */
const place = ({ folder }, { project }) => ({ host: hostIn(folder, project), cwd: join(folder, project) });

/** What an earlier life of this worker left open is its own again: nobody else would ever close it. @param {Worker} worker */
export async function takeUp(worker) {
  for (const goal of WORKED) {
    const { host, cwd } = place(worker, goal);
    const { todos } = await listTodos(host, { goal_id: goal.goal_id, role: "agent", status: "open", cwd });
    worker.todos.push(...todos.filter(({ text }) => text.includes(` ${worker.name} step `)).map(({ todo_id }) => ({ ...goal, todo_id })));
  }
}

/** @type {Operation} */
async function add(worker, goal) {
  const { host, cwd } = place(worker, goal);
  const text = `[P${worker.count % 5}] ${worker.name} step ${worker.count}`;
  const { todo_id } = await addTodo(host, { goal_id: goal.goal_id, role: "agent", text, cwd });
  worker.todos.push({ ...goal, todo_id });
  return [{ kind: "todo", goal_id: goal.goal_id, todo_id, text }];
}

/** @type {Operation} */
async function claim(worker) {
  const todo = pick(worker.todos, worker.random);
  if (todo === undefined) return [];
  const { host, cwd } = place(worker, todo);
  await claimTodo(host, { goal_id: todo.goal_id, todo_id: todo.todo_id, claimed_by: worker.name, cwd });
  return [{ kind: "todo_has", goal_id: todo.goal_id, todo_id: todo.todo_id, token: `claimed_by=${worker.name}` }];
}

/** @type {Operation} */
async function update(worker) {
  const todo = pick(worker.todos, worker.random);
  if (todo === undefined) return [];
  const { host, cwd } = place(worker, todo);
  const action_kind = `kind_${worker.count}`;
  await updateTodo(host, { goal_id: todo.goal_id, todo_id: todo.todo_id, action_kind, cwd });
  return [{ kind: "todo_has", goal_id: todo.goal_id, todo_id: todo.todo_id, token: `action_kind=${action_kind}` }];
}

/** @type {Operation} */
async function complete(worker) {
  const [todo] = worker.todos.splice(Math.floor(worker.random() * worker.todos.length), 1);
  if (todo === undefined) return [];
  const { host, cwd } = place(worker, todo);
  const input = { goal_id: todo.goal_id, todo_id: todo.todo_id, claimed_by: worker.name, evidence: `step ${worker.count}`, cwd };
  await completeTodo(host, input);
  return [{ kind: "todo_has", goal_id: todo.goal_id, todo_id: todo.todo_id, token: "status=done" }];
}

/** @type {Operation} */
async function archive(worker, goal) {
  const { host, cwd } = place(worker, goal);
  await archiveTodos(host, { goal_id: goal.goal_id, max_active_done: 5, cwd });
  return [{ kind: "done", goal_id: goal.goal_id }];
}

/** @param {Worker} worker @param {Goal} goal @param {string} classification @returns {Promise<Fact>} */
async function recorded(worker, goal, classification) {
  const run = await refreshState(place(worker, goal).host, {
    goal_id: goal.goal_id,
    classification,
    delivery_batch_scale: "implementation",
    delivery_outcome: "outcome_progress",
    artifact: ["src/lists.ts"],
    validation: "tests pass",
  });
  return { kind: "run", goal_id: goal.goal_id, run_id: run.run_id, json_path: run.json_path, markdown_path: run.markdown_path };
}

/** @type {Operation} */
async function refresh(worker, goal) {
  return [await recorded(worker, goal, `${worker.name}_${worker.count}`)];
}

/** @type {Operation} */
async function refreshTogether(worker, goal) {
  return Promise.all(["a", "b", "c"].map((part) => recorded(worker, goal, `${worker.name}_${worker.count}${part}`)));
}

/** @type {Operation} */
async function spend(worker, goal) {
  const { host, cwd } = place(worker, goal);
  const spent = await spendSlot(host, { goal_id: goal.goal_id, cwd });
  if (!spent.appended) return [];
  return [{ kind: "run", goal_id: goal.goal_id, run_id: spent.run_id, json_path: spent.json_path, markdown_path: spent.markdown_path }];
}

/** @type {Operation} */
async function reward(worker, goal) {
  const { host, cwd } = place(worker, goal);
  const reason_summary = `judged by ${worker.name} at ${worker.count}`;
  const judged = await rewardRun(host, {
    goal_id: goal.goal_id,
    decision: "go_on",
    reward: "positive",
    reason_summary,
    write_active_state_summary: worker.random() < 0.5,
    cwd,
  });
  const fact = { kind: "reward", goal_id: goal.goal_id, overlay_id: judged.human_reward.overlay_id, reason_summary };
  return [{ ...fact, bullet: judged.active_state_update.written }];
}

/** @type {Operation} */
async function gate(worker, goal) {
  const answer = await operatorGate(place(worker, goal).host, {
    goal_id: goal.goal_id,
    gate: "publish",
    decision: "approve",
    reason_summary: `go on, says ${worker.name}`,
    agent_command: "npm test",
  });
  return [{ kind: "run", goal_id: goal.goal_id, run_id: answer.run_id, json_path: answer.json_path, markdown_path: answer.markdown_path }];
}

/** @type {Operation} */
async function acquire(worker) {
  const todo = pick(worker.todos, worker.random);
  if (todo === undefined) return [];
  const lease = await acquireLease(place(worker, todo).host, { goal_id: todo.goal_id, todo_id: todo.todo_id, holder: worker.name });
  worker.leases.push({ ...todo, token: lease.token, holder: worker.name });
  return [{ kind: "grant", goal_id: todo.goal_id, todo_id: todo.todo_id, token: lease.token, version: lease.version }];
}

/** @type {Operation} */
async function renew(worker) {
  const lease = pick(worker.leases, worker.random);
  if (lease === undefined) return [];
  const { goal_id, todo_id, holder, token } = lease;
  const renewed = await renewLease(place(worker, lease).host, { goal_id, todo_id, holder, token });
  return [{ kind: "lease", goal_id, todo_id, token, version: renewed.version }];
}

/** @type {Operation} */
async function release(worker) {
  const [lease] = worker.leases.splice(Math.floor(worker.random() * worker.leases.length), 1);
  if (lease === undefined) return [];
  const { goal_id, todo_id, holder, token } = lease;
  const released = await releaseLease(place(worker, lease).host, { goal_id, todo_id, holder, token });
  return [{ kind: "lease", goal_id, todo_id, token, version: released.version }];
}

/** @type {Operation} */
async function sync(worker, goal) {
  await syncGlobal(place(worker, goal).host, {});
  return [{ kind: "goal", goal_id: goal.goal_id, project: goal.project }];
}

/** @type {Operation} */
async function configure(worker, goal) {
  // The time in another dress: the audit sees by it whether an old registry came back.
  const quota_allowed_slots = ENOUGH_SLOTS + Date.now() - worker.since;
  await configureGoal(place(worker, goal).host, { goal_id: goal.goal_id, quota_allowed_slots });
  return [{ kind: "configured", goal_id: goal.goal_id, project: goal.project, quota_allowed_slots }];
}

/** @type {Operation} */
async function register(worker) {
  const goal = { project: SHARED.find(({ goals }) => goals.includes("roster"))?.project ?? "", goal_id: "roster" };
  const agent_id = `${worker.name}-${worker.count}`;
  await registerAgent(place(worker, goal).host, { goal_id: goal.goal_id, agent_id: [agent_id] });
  return [{ kind: "agent", goal_id: goal.goal_id, agent_id, project: goal.project }];
}

/** @type {Operation} */
async function connectNew(worker, { project }) {
  const goal_id = `new-${worker.name}-${worker.count}`;
  await connectIn(worker.folder, project, goal_id);
  return [{ kind: "goal", goal_id, project }];
}

/** Its own project leaves and comes back as it was, byte for byte: looked for on the spot, since it may leave again. @type {Operation} */
async function leaveAndReturn(worker) {
  const { folder, project, home } = worker;
  await connectIn(folder, project, project, home);
  const registry = join(folder, project, ".loopx", "registry.json");
  const before = readFileSync(registry, "utf8");
  const left = await disconnect(hostIn(folder, project, home), { archive_state: true, remove_empty_registry: true });
  await restoreDisconnected(newHostIn(folder, project, home), { stamp: left.stamp ?? "" });
  if (readFileSync(registry, "utf8") !== before) throw new Error(`${registry} came back as something else`);
  return [
    { kind: "done", goal_id: project },
    { kind: "done", goal_id: project },
  ];
}

/** @type {Operation} */
async function putAway(worker) {
  const { folder, project, home } = worker;
  await connectIn(folder, project, project, home);
  const { run_id } = await refreshState(hostIn(folder, project, home), { goal_id: project });
  const cwd = join(folder, project);
  const { destination } = await archiveRuntime(hostIn(folder, project, home), { goal_id: project, allow_registered: true, cwd });
  return [{ kind: "archived", goal_id: project, run_id, destination }];
}

/** @type {Operation} */
async function ask(worker, goal) {
  const { host, cwd } = place(worker, goal);
  const { verdict } = await shouldRun(host, { goal_id: goal.goal_id, cwd });
  if (!verdict.should_run) throw new Error(`${goal.goal_id} may not run: ${verdict.rule}, ${verdict.reason}`);
  return [];
}

/** @type {Operation} */
async function look(worker, goal) {
  const { host, cwd } = place(worker, goal);
  await status(host, { cwd });
  await history(host, { goal_id: goal.goal_id, limit: 20 });
  return [];
}
