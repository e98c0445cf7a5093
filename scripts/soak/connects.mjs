// PRF-20: many connects at once in one project, then as many in projects of their own with one home.
import { spawn } from "node:child_process";
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** @param {string} folder @param {string} loopx @param {number} many */
export async function connects(folder, loopx, many) {
  const home = join(folder, "home");
  mkdirSync(home);
  const numbers = Array.from({ length: many }, (_each, n) => n);
  const rounds = [
    numbers.map((n) => ({ project: "one", goal: `one-${n}` })),
    numbers.map((n) => ({ project: `own-${n}`, goal: `own-${n}` })),
  ];
  let ended = 0;
  for (const round of rounds) {
    for (const { project } of round) mkdirSync(join(folder, project), { recursive: true });
    const codes = await Promise.all(round.map(({ project, goal }) => connect(loopx, join(folder, project), home, goal)));
    ended += codes.filter((code) => code === 0).length;
  }
  const all = rounds.flat();
  const local = all.filter(({ project, goal }) => goalIds(join(folder, project, ".loopx", "registry.json")).includes(goal));
  const global = goalIds(join(home, ".codex", "loopx", "registry.global.json"));
  return { started: all.length, ended, in_project: local.length, in_global: all.filter(({ goal }) => global.includes(goal)).length };
}

/** @param {string} loopx @param {string} cwd @param {string} home @param {string} goal @returns {Promise<number | null>} */
function connect(loopx, cwd, home, goal) {
  const child = spawn(process.execPath, [loopx, "connect", "--goal-id", goal], {
    cwd,
    env: { PATH: process.env["PATH"], HOME: home },
    stdio: "ignore",
  });
  return new Promise((resolve) => child.once("close", resolve));
}

/** @param {string} file @returns {string[]} */
function goalIds(file) {
  return JSON.parse(readFileSync(file, "utf8")).goals.map((/** @type {{ id: string }} */ goal) => goal.id);
}
