// Looks for everything that anybody was told is stored, with nothing but a JSON parser: lost, torn and doubled are counted
// by reading the files themselves.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { addTodo } from "@loopx/core";
import { goalFolder, hostIn, SHARED, statePath, STUCK_MS, WORKED } from "./world.mjs";

/** PRF-21: however the others died, the next writer is done within that time. */
const NEXT_WRITER_MS = 2_000;

/**
 * @typedef {import("./operations.mjs").Fact} Fact
 * @typedef {{ lost: string[], torn: string[], doubled: string[], stuck: string[], cut_lines: number }} Audit
 * @typedef {{ state: string, rows: Record<string, any>[] }} Goal
 */

/** @param {string} folder @param {readonly Fact[]} facts @returns {Promise<Audit>} */
export async function audit(folder, facts) {
  /** @type {Audit} */
  const found = { lost: [], torn: [], doubled: [], stuck: [], cut_lines: 0 };
  await nextWriters(folder, found);
  const registries = readRegistries(folder, found);
  const goals = new Map(SHARED.flatMap(({ project, goals: ids }) => ids.map((id) => [id, readGoal(folder, project, id, found)])));
  /** @type {Map<string, number>} */
  const tokens = new Map();
  for (const fact of facts) {
    const goal = goals.get(fact.goal_id);
    if (fact.kind === "goal") lookForGoal(registries, fact, found);
    else if (fact.kind === "agent") lookForAgent(registries, fact, found);
    else if (fact.kind === "configured") lookForSlots(registries, fact, found);
    else if (fact.kind === "archived") lookForArchive(fact, found);
    else if (fact.kind === "grant" || fact.kind === "lease") lookForLease(folder, fact, tokens, found);
    else if (goal !== undefined) lookInGoal(goal, fact, found);
  }
  for (const [id, { rows }] of goals) lookForDoubles(id, rows, found);
  return found;
}

/** @param {string} folder @param {Audit} found */
async function nextWriters(folder, found) {
  for (const { project, goal_id } of WORKED) {
    const started = performance.now();
    await addTodo(hostIn(folder, project), { goal_id, role: "agent", text: "[P4] the next writer", cwd: join(folder, project) });
    const took = performance.now() - started;
    if (took > NEXT_WRITER_MS) found.stuck.push(`the next writer of ${goal_id} took ${Math.round(took)} ms`);
  }
}

/** @param {string} folder @param {Audit} found @returns {Map<string, Record<string, any>[]>} entries by project; "" for the global registry */
function readRegistries(folder, found) {
  const files = new Map(SHARED.map(({ project }) => [project, join(folder, project, ".loopx", "registry.json")]));
  files.set("", join(folder, "home", ".codex", "loopx", "registry.global.json"));
  return new Map(
    [...files].map(([project, file]) => {
      const value = parsed(readFileSync(file, "utf8"));
      if (!Array.isArray(value?.["goals"])) found.torn.push(file);
      return [project, value?.["goals"] ?? []];
    }),
  );
}

/** @param {string} folder @param {string} project @param {string} id @param {Audit} found @returns {Goal} */
function readGoal(folder, project, id, found) {
  const file = statePath(folder, project, id);
  const state = readFileSync(file, "utf8");
  if (!/^---\n[\s\S]*\n---\n[\s\S]*\n## Agent Todo\n[\s\S]*\n## Progress Ledger\n[\s\S]*\n$/.test(state)) found.torn.push(file);
  const index = join(goalFolder(folder, id), "runs", "index.jsonl");
  const rows = existsSync(index)
    ? readFileSync(index, "utf8")
        .split("\n")
        .slice(0, -1)
        .flatMap((line, n) => rowOf(line, `${index}:${n + 1}`, found))
    : [];
  return { state, rows };
}

/** A line that a kill cut short is a beginning of an object; anything else that is no object is torn. @param {string} line @param {string} where @param {Audit} found */
function rowOf(line, where, found) {
  const row = parsed(line);
  if (row !== null) return [row];
  if (line.startsWith("{") && !line.endsWith("}")) found.cut_lines += 1;
  else found.torn.push(where);
  return [];
}

/** @param {string} text @returns {Record<string, any> | null} */
function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** @param {Goal} goal @param {Fact} fact @param {Audit} found */
function lookInGoal({ state, rows }, fact, found) {
  const shown = JSON.stringify(fact);
  switch (fact.kind) {
    case "todo": {
      const times = state.split(`todo_id=${String(fact["todo_id"])} `).length - 1;
      if (times === 0 || !state.includes(String(fact["text"]))) found.lost.push(shown);
      if (times > 1) found.doubled.push(shown);
      return;
    }
    case "todo_has": {
      const line = state.split("\n").find((each) => each.includes(`todo_id=${String(fact["todo_id"])} `)) ?? "";
      // A later write of the same worker may have moved on from it; only the end of a todo is for good.
      const key = String(fact["token"]).split("=")[0] ?? "";
      const kept = key === "status" ? line.includes(` ${String(fact["token"])}`) : line.includes(` ${key}=`);
      if (!kept) found.lost.push(`${shown}: ${line}`);
      return;
    }
    case "run": {
      if (!rows.some((row) => row["run_id"] === fact["run_id"])) found.lost.push(shown);
      if (parsed(readIfThere(String(fact["json_path"])))?.["run_id"] !== fact["run_id"]) found.torn.push(String(fact["json_path"]));
      if (!readIfThere(String(fact["markdown_path"])).endsWith("\n")) found.torn.push(String(fact["markdown_path"]));
      return;
    }
    case "reward": {
      if (!rows.some((row) => row["human_reward"]?.["overlay_id"] === fact["overlay_id"])) found.lost.push(shown);
      const bullets = state.split(String(fact["reason_summary"])).length - 1;
      if (fact["bullet"] === true && bullets === 0) found.lost.push(`bullet of ${shown}`);
    }
  }
}

/** @param {string} file */
function readIfThere(file) {
  return existsSync(file) ? readFileSync(file, "utf8") : "";
}

/** @param {Map<string, Record<string, any>[]>} registries @param {Fact} fact @param {Audit} found */
function lookForGoal(registries, fact, found) {
  for (const project of [String(fact["project"]), ""]) {
    const times = registries.get(project)?.filter((entry) => entry["id"] === fact.goal_id).length ?? 0;
    if (times === 0) found.lost.push(`${JSON.stringify(fact)} in ${project === "" ? "the global registry" : project}`);
    if (times > 1) found.doubled.push(JSON.stringify(fact));
  }
}

/** @param {Map<string, Record<string, any>[]>} registries @param {Fact} fact @param {Audit} found */
function lookForAgent(registries, fact, found) {
  const entry = registries.get(String(fact["project"]))?.find((each) => each["id"] === fact.goal_id);
  if (entry?.["coordination"]?.["registered_agents"]?.includes(fact["agent_id"]) !== true) found.lost.push(JSON.stringify(fact));
}

/** The last one to write may have begun before others that were told sooner, but never by more than an operation may take. @param {Map<string, Record<string, any>[]>} registries @param {Fact} fact @param {Audit} found */
function lookForSlots(registries, fact, found) {
  const entry = registries.get(String(fact["project"]))?.find((each) => each["id"] === fact.goal_id);
  const slots = Number(entry?.["quota"]?.["allowed_slots"]);
  if (!(slots >= Number(fact["quota_allowed_slots"]) - STUCK_MS)) found.lost.push(`${JSON.stringify(fact)}: ${slots} slots`);
}

/** @param {Fact} fact @param {Audit} found */
function lookForArchive(fact, found) {
  const index = readIfThere(join(String(fact["destination"]), "runs", "index.jsonl"));
  if (!index.split("\n").some((line) => parsed(line)?.["run_id"] === fact["run_id"])) found.lost.push(JSON.stringify(fact));
}

/** No token is given twice, and the record is at least as new as everybody was told. @param {string} folder @param {Fact} fact @param {Map<string, number>} tokens @param {Audit} found */
function lookForLease(folder, fact, tokens, found) {
  const key = `${fact.goal_id} ${String(fact["todo_id"])} ${String(fact["token"])}`;
  if (fact.kind === "grant") {
    if (tokens.has(key)) found.doubled.push(`token ${key}`);
    tokens.set(key, 1);
  }
  const record = parsed(readIfThere(join(goalFolder(folder, fact.goal_id), "leases", `${String(fact["todo_id"])}.json`)));
  if (record === null) found.torn.push(`lease ${key}`);
  else if (record["token"] < Number(fact["token"]) || record["version"] < Number(fact["version"])) found.lost.push(JSON.stringify(fact));
}

/** @param {string} id @param {Record<string, any>[]} rows @param {Audit} found */
function lookForDoubles(id, rows, found) {
  /** @type {Set<string>} */
  const seen = new Set();
  for (const row of rows) {
    const overlay = row["human_reward"]?.["overlay_id"];
    const name = overlay ?? row["run_id"];
    if (seen.has(name)) found.doubled.push(`${id}: ${String(name)} stands twice in the index`);
    seen.add(name);
    const paid = row["classification"] === "quota_slot_spent" ? `paid ${String(row["quota_event"]?.["delivery_run_id"])}` : null;
    if (paid === null || overlay !== undefined) continue;
    if (seen.has(paid)) found.doubled.push(`${id}: ${paid} twice`);
    seen.add(paid);
  }
}

/** Everything the reader of a moment may check: a registry is whole whenever anybody looks. @param {string} folder @returns {string[]} */
export function tornNow(folder) {
  const files = SHARED.map(({ project }) => join(folder, project, ".loopx", "registry.json"));
  files.push(join(folder, "home", ".codex", "loopx", "registry.global.json"));
  const torn = files.filter((file) => !Array.isArray(parsed(readFileSync(file, "utf8"))?.["goals"]));
  const states = SHARED.flatMap(({ project, goals }) => goals.map((id) => statePath(folder, project, id)));
  return [...torn, ...states.filter((file) => !/^---\n[\s\S]*\n## Progress Ledger\n[\s\S]*\n$/.test(readFileSync(file, "utf8")))];
}
