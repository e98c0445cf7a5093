// The world of a soak: projects whose goals everybody works on, in one home; and for every worker a project and a home
// of its own, where it may disconnect and archive. Nothing outside the folder is touched.
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { configureGoal, connect, openHost, refreshState } from "@loopx/core";

/** Goals by project; `roster` collects agents, so that every one added has to be there in the end. */
export const SHARED = [
  { project: "p0", goals: ["p0-a", "p0-b", "p0-c"] },
  { project: "p1", goals: ["p1-a", "p1-b", "p1-c"] },
  { project: "p2", goals: ["p2-a", "p2-b", "p2-c"] },
  { project: "p3", goals: ["p3-a", "p3-b", "roster"] },
];
/** An operation that takes longer, not counting its own pauses, is stuck: a lock is waited for 10 s. */
export const STUCK_MS = 20_000;
/** No goal is ever out of slots. */
export const ENOUGH_SLOTS = 1_000_000;
export const WORKED = SHARED.flatMap(({ project, goals }) =>
  goals.filter((goal) => goal !== "roster").map((goal_id) => ({ project, goal_id })),
);

/** A host for one operation, as a command opens one. @param {string} folder @param {string} project @param {string} [home] */
export function hostIn(folder, project, home = "home") {
  return openHost({
    cwd: join(folder, project),
    env: { PATH: process.env["PATH"] },
    home: join(folder, home),
    command: `soak ${process.pid}`,
  });
}

/** The same for a project that need not be connected. @param {string} folder @param {string} project @param {string} [home] */
export function newHostIn(folder, project, home = "home") {
  const cwd = join(folder, project);
  return openHost({ cwd, env: { PATH: process.env["PATH"] }, home: join(folder, home), command: `soak ${process.pid}`, project: cwd });
}

/** @param {string} folder @param {string} project @param {string} goal_id @param {string} [home] */
export async function connectIn(folder, project, goal_id, home) {
  const cwd = join(folder, project);
  mkdirSync(cwd, { recursive: true });
  if (home !== undefined) mkdirSync(join(folder, home), { recursive: true });
  return connect(newHostIn(folder, project, home), { project: cwd, cwd, goal_id });
}

/** Every shared goal connected, with a first run, and none of them ever out of slots. @param {string} folder */
export async function makeWorld(folder) {
  mkdirSync(join(folder, "home"), { recursive: true });
  for (const { project, goals } of SHARED) {
    for (const goal_id of goals) {
      await connectIn(folder, project, goal_id);
      await configureGoal(hostIn(folder, project), { goal_id, quota_allowed_slots: ENOUGH_SLOTS });
      await refreshState(hostIn(folder, project), { goal_id });
    }
  }
}

/** @param {string} folder @param {string} project @param {string} goal_id */
export function statePath(folder, project, goal_id) {
  return join(folder, project, ".codex", "goals", goal_id, "ACTIVE_GOAL_STATE.md");
}

/** @param {string} folder @param {string} goal_id @param {string} [home] */
export function goalFolder(folder, goal_id, home = "home") {
  return join(folder, home, ".codex", "loopx", "goals", goal_id);
}
