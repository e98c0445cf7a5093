// Makes a workspace of known size: goals, runs, overlays, spends, todos. The manifest says the true counts, so that
// a fast wrong answer is seen. Everything follows from the seed and `now`.
import { closeSync, mkdirSync, openSync, readFileSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";

const HOUR_MS = 3_600_000;
const YEAR_MS = 365 * 24 * HOUR_MS;

/**
 * @typedef {{ goals: number, runs: number, todos: number, overlays: number, spends: number, seed: number, now: number }} Size
 * @typedef {{ project: string, runtime: string, registry: string, goals: { id: string, runs: number, spent: number, open_todos: number }[] }} Manifest
 */

/**
 * Writes the workspace below `folder` and returns its manifest.
 * @param {string} folder
 * @param {Size} size
 * @returns {Manifest}
 */
export function makeWorkspace(folder, size) {
  const project = join(folder, "project");
  const runtime = join(folder, "runtime");
  const random = generator(size.seed);
  const goals = [];
  const entries = [];
  for (let index = 0; index < size.goals; index++) {
    const id = `goal-${String(index).padStart(4, "0")}`;
    entries.push(entryOf(id, project));
    writeState(project, id, size);
    writeIndex(runtime, id, size, random);
    goals.push({ id, runs: size.runs + size.spends, spent: size.spends, open_todos: size.todos });
  }
  const registry = join(project, ".loopx", "registry.json");
  mkdirSync(join(project, ".loopx"), { recursive: true });
  writeFileSync(
    registry,
    `${JSON.stringify({ schema_version: "0.1", updated_at: "2026-01-01", common_runtime_root: runtime, goals: entries }, null, 2)}\n`,
  );
  return { project, runtime, registry, goals };
}

/**
 * Makes a goal's index longer, up to that many bytes, with runs older than those it has; answers how many were added.
 * @param {Manifest} manifest
 * @param {string} id
 * @param {number} bytes
 * @param {number} now
 */
export function lengthen(manifest, id, bytes, now) {
  const runs = join(manifest.runtime, "goals", id, "runs");
  const index = join(runs, "index.jsonl");
  const newest = readFileSync(index);
  const fd = openSync(index, "w");
  let added = 0;
  try {
    for (let size = newest.length; size < bytes;) {
      let block = "";
      for (let line = 0; line < 2000; line++, added++) {
        const record = runRecord(runs, id, `old-${added}`, now - YEAR_MS + added, { delivery_outcome: "outcome_progress" });
        block += `${JSON.stringify(record)}\n`;
      }
      size += writeSync(fd, block);
    }
    writeSync(fd, newest);
  } finally {
    closeSync(fd);
  }
  return added;
}

/** One more record for a goal, as another process would append it. @param {Manifest} manifest @param {string} id @param {number} now */
export function appendedLine(manifest, id, now) {
  return `${JSON.stringify(runRecord(join(manifest.runtime, "goals", id, "runs"), id, "later", now, {}))}\n`;
}

/** @param {string} id @param {string} project */
function entryOf(id, project) {
  return {
    id,
    domain: "bench",
    status: "active",
    role: "controller",
    parent_goal_id: null,
    repo: project,
    state_file: `.codex/goals/${id}/ACTIVE_GOAL_STATE.md`,
    authority_sources: [],
    adapter: { kind: "generic_project_goal_v0", status: "connected" },
    coordination: { write_scope: [], claim_ttl_minutes: 30, requires_parent_approval: ["write"] },
    guards: ["Read-only by default."],
  };
}

/** @param {string} project @param {string} id @param {Size} size */
function writeState(project, id, size) {
  const folder = join(project, ".codex", "goals", id);
  const todos = [];
  for (let index = 0; index < size.todos; index++) {
    todos.push(
      `- [ ] [P${index % 5}] Step ${index} of ${id}\n  <!-- loopx:todo todo_id=todo_${String(index).padStart(6, "0")} status=open -->\n`,
    );
  }
  mkdirSync(folder, { recursive: true });
  writeFileSync(
    join(folder, "ACTIVE_GOAL_STATE.md"),
    `---\nstatus: active\nowner_mode: goal\nobjective: "bench"\nupdated_at: 2026-01-01T00:00:00+00:00\nadapter_id: ${id}\n---\n\n# Active Goal State\n\n## Agent Todo\n\n${todos.join("")}\n## Next Action\n\n- Go on.\n`,
  );
}

/** @param {string} runtime @param {string} id @param {Size} size @param {() => number} random */
function writeIndex(runtime, id, size, random) {
  const runs = join(runtime, "goals", id, "runs");
  mkdirSync(runs, { recursive: true });
  const lines = [];
  for (let index = 0; index < size.runs; index++) {
    const at = size.now - (size.runs - index) * 60_000 - HOUR_MS;
    const record = runRecord(runs, id, String(index), at, {
      delivery_outcome: "outcome_progress",
      delivery_batch_scale: "implementation",
      noise: Math.floor(random() * 1e9),
    });
    lines.push(JSON.stringify(record));
    if (
      index % Math.max(1, Math.floor(size.runs / Math.max(1, size.overlays))) === 0 &&
      index / Math.max(1, Math.floor(size.runs / Math.max(1, size.overlays))) < size.overlays
    ) {
      lines.push(
        JSON.stringify({
          ...record,
          human_reward: { recorded_at: stamp(at + 1000), decision: "continue_route", reward: "positive", reason_summary: "bench" },
        }),
      );
    }
  }
  for (let index = 0; index < size.spends; index++) {
    const at = size.now - (index + 1) * 1000;
    lines.push(
      JSON.stringify({
        ...runRecord(runs, id, `spend-${index}`, at, {}),
        classification: "quota_slot_spent",
        quota_event: {
          event_type: "quota_slot_spent",
          source: "heartbeat",
          slots: 1,
          reason_summary: "bench",
          run_generated_at: stamp(at),
        },
      }),
    );
  }
  writeFileSync(join(runs, "index.jsonl"), lines.length === 0 ? "" : `${lines.join("\n")}\n`);
  writeFileSync(join(runs, "run.json"), "{}\n");
  writeFileSync(join(runs, "run.md"), "# run\n");
}

/** @param {string} runs @param {string} id @param {string} name @param {number} at @param {object} more */
function runRecord(runs, id, name, at, more) {
  return {
    generated_at: stamp(at),
    goal_id: id,
    classification: "bench_implementation",
    recommended_action: "Do the next bounded step.",
    health_check: "ok",
    json_path: join(runs, "run.json"),
    markdown_path: join(runs, "run.md"),
    ...more,
    schema_version: "loopx_run_v1",
    run_id: `run_${id}_${name}`,
    artifact_stem: "run",
  };
}

/** @param {number} ms */
function stamp(ms) {
  return `${new Date(ms).toISOString().slice(0, 23)}+00:00`;
}

/** A small seeded generator (mulberry32). @param {number} seed */
function generator(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
