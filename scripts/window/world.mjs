// A small company's goals, as files: three projects, six goals in every kind of standing, a day of runs, judgements with
// lessons, claims and leases, and the records of loops. What the pictures of the page show, and its tests read.
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  acquireLease,
  addTodo,
  claimTodo,
  configureGoal,
  connect,
  openHost,
  refreshState,
  rewardRun,
  spendSlot,
} from "../../packages/core/dist/index.js";

const MINUTE_MS = 60_000;
/** Of the newest run; the clock walks up to it. */
const START_MINUTES = 20 * 60;

/** What each goal's runs came to, oldest first: outcome, scale, minutes before now. */
const DAYS = {
  "error-messages": [
    ["surface_only", "test_only", 1180],
    ["outcome_gap", "single_surface", 1090],
    ["outcome_progress", "single_surface", 980],
    ["outcome_progress", "multi_surface", 860],
    ["outcome_gap", "single_surface", 730],
    ["outcome_progress", "implementation", 610],
    ["outcome_progress", "multi_surface", 480],
    ["surface_only", "test_only", 350],
    ["outcome_progress", "implementation", 240],
    ["primary_goal_outcome", "implementation", 130],
    ["outcome_progress", "multi_surface", 40],
  ],
  "parser-rewrite": [
    ["outcome_progress", "implementation", 600],
    ["outcome_progress", "multi_surface", 300],
    ["outcome_gap", "single_surface", 75],
  ],
  "checkout-flow": [
    ["outcome_progress", "multi_surface", 400],
    ["outcome_progress", "implementation", 200],
    ["outcome_progress", "multi_surface", 90],
  ],
  "search-ranking": [["outcome_gap", "single_surface", 1000]],
};

/**
 * Writes everything below `folder`, which becomes somebody's home. The registry of all projects lies below `.codex/loopx`.
 * @param {string} folder
 * @param {number} now_ms
 * @returns {Promise<{ home: string, project: string }>}
 */
export async function makeWorld(folder, now_ms) {
  const time = { ms: now_ms - START_MINUTES * MINUTE_MS };
  const clock = { now: () => new Date((time.ms += 1_000)), monotonicMs: () => performance.now(), utcOffsetMinutes: () => 0 };
  /** @param {string} name */
  const projectOf = (name) => {
    const cwd = join(folder, "work", name);
    mkdirSync(cwd, { recursive: true });
    const host = openHost({ cwd, home: folder, env: { PATH: process.env["PATH"], LOOPX_LOCALE: "en" }, project: ".", clock });
    return { cwd, host };
  };
  const compiler = projectOf("compiler");
  const shop = projectOf("webshop");
  const docs = projectOf("handbook");
  for (const [{ cwd, host }, goals] of /** @type {const} */ ([
    [compiler, ["parser-rewrite", "error-messages"]],
    [shop, ["checkout-flow", "search-ranking", "payments-eu"]],
    [docs, ["handbook-refresh"]],
  ]))
    for (const goal_id of goals) await connect(host, { project: cwd, cwd, goal_id });

  await configureGoal(compiler.host, {
    goal_id: "error-messages",
    registered_agent: ["codex-main", "claude-review"],
    primary_agent: "codex-main",
    quota_slot_minutes: 60,
    write_scope: ["src/**", "docs/**"],
  });
  await configureGoal(compiler.host, { goal_id: "parser-rewrite", quota_slot_minutes: 60 });
  await configureGoal(shop.host, { goal_id: "payments-eu", adapter_kind: "read_only_project_map_v0", adapter_status: "planned" });
  await runs(compiler, "error-messages", time, now_ms, { agent_id: "codex-main", spends: true });
  await runs(compiler, "parser-rewrite", time, now_ms, { spends: true });
  await runs(shop, "checkout-flow", time, now_ms, { spends: true });
  await runs(shop, "search-ranking", time, now_ms, {});
  time.ms = now_ms - 30 * MINUTE_MS;

  await configureGoal(shop.host, { goal_id: "checkout-flow", quota_allowed_slots: 3, quota_slot_minutes: 60 });
  await configureGoal(shop.host, { goal_id: "search-ranking", quota_compute: 0 });
  await todos(compiler, time, now_ms);
  await judgements(compiler, shop);
  const broken = join(docs.cwd, ".codex/goals/handbook-refresh/ACTIVE_GOAL_STATE.md");
  writeFileSync(broken, Buffer.concat([Buffer.from("# Handbook\n"), Buffer.from([0xff, 0xfe])]));
  loops(join(folder, ".codex", "loopx", "executors"), now_ms);
  return { home: folder, project: compiler.cwd };
}

/**
 * @typedef {{ cwd: string, host: import("../../packages/core/dist/index.js").FileHost }} Project
 * @param {Project} project
 * @param {keyof typeof DAYS} goal_id
 * @param {{ ms: number }} time
 * @param {number} now_ms
 * @param {{ agent_id?: string, spends?: boolean }} options
 */
async function runs({ cwd, host }, goal_id, time, now_ms, { agent_id, spends = false }) {
  const names = ["tokens_read", "grammar_tables_checked", "errors_named", "fix_its_offered", "corpus_replayed", "spans_kept"];
  for (const [at, day] of DAYS[goal_id].entries()) {
    const [delivery_outcome, delivery_batch_scale, minutes] =
      /** @type {[import("../../packages/core/dist/index.js").RefreshStateInput["delivery_outcome"], import("../../packages/core/dist/index.js").RefreshStateInput["delivery_batch_scale"], number]} */ (
        day
      );
    time.ms = now_ms - minutes * MINUTE_MS;
    const classification = names[at % names.length] ?? "step";
    const agent = agent_id === undefined ? {} : { agent_id };
    await refreshState(host, {
      goal_id,
      next_action: `Continue behind ${classification}`,
      classification,
      delivery_outcome,
      delivery_batch_scale,
      artifact: ["src/parse.ts"],
      validation: "tests pass",
      ...agent,
    });
    if (spends && delivery_outcome !== "surface_only") await spendSlot(host, { goal_id, cwd, ...agent });
  }
}

/** @param {Project} project @param {{ ms: number }} time @param {number} now_ms */
async function todos({ cwd, host }, time, now_ms) {
  const add = (/** @type {string} */ goal_id, /** @type {"user" | "agent"} */ role, /** @type {string} */ text, more = {}) =>
    addTodo(host, { goal_id, cwd, role, text, ...more });
  await add("parser-rewrite", "user", "Decide: do numbers with two dots stay an error, or become a range?");
  await add("parser-rewrite", "agent", "[P1] Move the operator table into the grammar file");
  const spans = await add("error-messages", "agent", "[P1] Keep source spans through macro expansion");
  const words = await add("error-messages", "agent", "[P2] Review the wording of the twenty most frequent errors");
  await add("error-messages", "agent", "[P2] Offer a fix for a missing closing bracket");
  await claimTodo(host, { goal_id: "error-messages", cwd, todo_id: words.todo_id, claimed_by: "claude-review" });
  time.ms = now_ms - 8 * MINUTE_MS;
  await acquireLease(host, {
    goal_id: "error-messages",
    todo_id: spans.todo_id,
    holder: "codex-main",
    ttl_minutes: 60,
    write_scope: ["src/spans/**"],
  });
}

/** @param {Project} compiler @param {Project} shop */
async function judgements(compiler, shop) {
  await rewardRun(compiler.host, {
    goal_id: "error-messages",
    cwd: compiler.cwd,
    decision: "continue_route",
    reward: "positive",
    reason_summary: "Each message now says what was expected and where.",
    follow_up: "Do the same for type errors.",
    lesson_kind: "route",
    lesson_summary: "Replay the corpus before touching the wording.",
    lesson_avoid: ["rewording without a failing example"],
    lesson_prefer: ["one error a run, with its fixture"],
  });
  await rewardRun(shop.host, {
    goal_id: "checkout-flow",
    cwd: shop.cwd,
    decision: "slow_down",
    reward: "mixed",
    reason_summary: "The flow is shorter, but the tests of the tax rules came late.",
  });
}

/** @param {string} folder @param {number} now_ms */
function loops(folder, now_ms) {
  const ago = (/** @type {number} */ minutes) => new Date(now_ms - minutes * MINUTE_MS).toISOString();
  const write = (/** @type {string} */ path, /** @type {unknown} */ value) => {
    mkdirSync(join(folder, path, ".."), { recursive: true });
    writeFileSync(join(folder, path), typeof value === "string" ? value : `${JSON.stringify(value, null, 2)}\n`);
  };
  const cycle = "loop-0a1b2c3d4e5f6071";
  const state = {
    cycle_id: "cycle_01",
    phase: "fast_gate",
    base_sha: "8c1f20b7d4e6a913",
    candidate_sha: "f3a9be20c714d58e",
    attempt: 2,
    limits: { max_cycles: 4 },
  };
  write(`${cycle}/cycle.json`, {
    schema_version: "loopx_loop_state_v1",
    seq: 7,
    state: { ...state, goal_id: "error-messages", started_at: ago(6) },
    pending: [],
  });
  const ended = [
    { sha: "19d2f7c04b8ea365", result: "promoted", reason: "both gates passed", at: ago(190), cycle_id: "cycle_00a" },
    { sha: "77b0e13a9c5d2f48", result: "gate_failed", reason: "slow gate: 2 of 310 tests failed", at: ago(95), cycle_id: "cycle_00b" },
  ];
  write(`${cycle}/watch.json`, { schema_version: "loopx_loop_memory_v1", last: null, ended });
  const run = (/** @type {object} */ fields) => JSON.stringify(fields);
  write(
    "looper/runs.jsonl",
    `${[
      run({ run_id: "run_00000000000000a1", state: "starting", trigger: "http", at: ago(70), goal_id: "parser-rewrite" }),
      run({ run_id: "run_00000000000000a1", state: "ended", end: "ok", reason: "completed", commit: "5be8d1c9", at: ago(48) }),
      run({ run_id: "run_00000000000000a2", state: "running", trigger: "auto", at: ago(12), goal_id: "parser-rewrite" }),
    ].join("\n")}\n`,
  );
  const item = (/** @type {number} */ number, /** @type {object} */ more) => ({
    schema_version: "loopx_gitea_item_v1",
    repo: "acme/webshop",
    number,
    round: 1,
    queued_at: ago(30),
    ended_at: null,
    step: "work",
    cause: "assignment",
    ...more,
  });
  write("gitea/items/acme-webshop-41.json", item(41, { title: "Round prices once, at the end", state: "running" }));
  write(
    "gitea/items/acme-webshop-38.json",
    item(38, { title: "Say why a coupon was refused", state: "done", ended_at: ago(140), queued_at: ago(260), round: 2 }),
  );
}
