/**
 * REL-3: another process writes between any two steps of a command, at each of its calls of the store. Whatever either was
 * told is stored is there afterwards: in the files, or in a copy that the command names.
 */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { configureGoal } from "../../src/actions/configure-goal.ts";
import { disconnect } from "../../src/actions/disconnect.ts";
import { refreshState } from "../../src/actions/refresh-state.ts";
import { syncGlobal } from "../../src/actions/sync-global.ts";
import { addTodo } from "../../src/actions/todo-add.ts";
import { LoopxError } from "../../src/domain/errors.ts";
import type { FileHost } from "../../src/node/host.ts";
import { courseOf } from "./matrix.ts";
import { MINUTE, SCENARIOS } from "./scenarios.ts";
import { openWorld, quickFs, type World } from "./world.ts";

const GOAL = "main";
const REGISTRY = "project/.loopx/registry.json";
const GLOBAL = "home/.codex/loopx/registry.global.json";

interface Competitor {
  readonly name: string;
  readonly act: (host: FileHost, world: World) => Promise<unknown>;
  /** Where what it stored stands now. */
  readonly missing: (world: World) => string | null;
}

const COMPETITORS: readonly Competitor[] = [
  {
    name: "todo add",
    act: (host, { project }) => addTodo(host, { goal_id: GOAL, role: "agent", text: "[P3] From beside", cwd: project }),
    missing: (world) => (holds(world, /\.md$/, "From beside") ? null : "the todo"),
  },
  {
    name: "refresh-state",
    act: (host) => refreshState(host, { goal_id: GOAL, classification: "from_beside" }),
    missing: (world) => (holds(world, /index\.jsonl$/, "from_beside") ? null : "the run"),
  },
  {
    name: "configure-goal",
    act: (host) => configureGoal(host, { goal_id: GOAL, quota_window_hours: 7 }),
    // A goal that is gone, or was put back as it had been, has its settings in the copy of what was removed.
    missing: (world) => {
      if (!holds(world, /registry[^/]*\.json$|disconnected\//, '"window_hours": 7')) return "the setting";
      const [own, global] = [REGISTRY, GLOBAL].map((path) => windowIn(world, path));
      return own === undefined || global === undefined || own === global
        ? null
        : `${String(own)} here and ${String(global)} in the global registry`;
    },
  },
];

/** A goal that has left has no route, whoever copied it meanwhile (FIL-25). */
const SYNCS: Competitor = { name: "sync-global", act: (host) => syncGlobal(host, {}), missing: () => null };

let world: World;
let points = 0;
beforeAll(() => {
  world = openWorld();
});
afterAll(() => {
  world.remove();
  process.stdout.write(`another process between two steps: ${points} points\n`);
});

describe.each([...COMPETITORS, SYNCS])("$name beside", { timeout: 120_000 }, (competitor) => {
  it.each(SCENARIOS.filter(({ from_nothing }) => from_nothing !== true))("$name", async (scenario) => {
    const { old } = await courseOf(world, scenario);
    for (let at = 1; ; at += 1) {
      world.reset(old);
      let count = 0;
      let told = false;
      const host = stepping(world.host({ calls: quickFs }, MINUTE), async () => {
        count += 1;
        if (count === at) told = await stored(() => competitor.act(world.host({ calls: quickFs }, MINUTE + 40), world));
      });
      const done = await stored(() => scenario.act(host, world));
      if (count < at) break;
      points += 1;
      const where = `${competitor.name} before step ${at} of ${scenario.name}`;
      if (told) expect(competitor.missing(world), where).toBe(null);
      if (done) expect(scenario.settled(world), `${where}: ${scenario.name} was told`).toBe(true);
    }
  });
});

it.each([{}, { archive_state: true, remove_empty_registry: true }])(
  "disconnect %j beside: what sync-global copied too late is taken back",
  async (wish) => {
    const scenario = SCENARIOS.find(({ name }) => name === "sync-global");
    if (scenario === undefined) throw new RangeError("no such scenario");
    const { old } = await courseOf(world, scenario);
    for (let at = 1; ; at += 1) {
      world.reset(old);
      let count = 0;
      const host = stepping(world.host({ calls: quickFs }, MINUTE), async () => {
        count += 1;
        if (count === at) await disconnect(world.host({ calls: quickFs }, MINUTE + 40), { goal_id: [GOAL], ...wish });
      });
      await stored(() => scenario.act(host, world));
      if (count < at) break;
      expect(JSON.stringify(JSON.parse(world.read(GLOBAL))), `before step ${at}`).not.toContain(`"id":"${GOAL}"`);
    }
  },
);

it("connect --force beside a writer that never rests is a conflict in the end, and replaces nothing", { timeout: 120_000 }, async () => {
  const scenario = SCENARIOS.find(({ name }) => name === "connect --force");
  if (scenario === undefined) throw new RangeError("no such scenario");
  const { old } = await courseOf(world, scenario);
  world.reset(old);
  const texts: string[] = [];
  const host = stepping(world.host({ calls: quickFs }, MINUTE), async () => {
    const text = `[P3] Restless ${texts.length}.`;
    await addTodo(world.host({ calls: quickFs }, MINUTE + 40 + texts.length), { goal_id: GOAL, role: "agent", text, cwd: world.project });
    texts.push(text);
  });
  await expect(scenario.act(host, world)).rejects.toMatchObject({ code: "conflict" });
  expect(texts.length).toBeGreaterThan(12);
  for (const text of texts) expect(holds(world, /^project\/.*ACTIVE_GOAL_STATE\.md$/, text), text).toBe(true);
});

/** Whether it was told that it is stored; a typed refusal is no. */
async function stored(act: () => Promise<unknown>): Promise<boolean> {
  try {
    await act();
    return true;
  } catch (error) {
    if (!(error instanceof LoopxError) && !(error instanceof Error && "code" in error)) throw error;
    return false;
  }
}

/** The host with something done before each call of its store. */
function stepping(host: FileHost, before: () => Promise<void>): FileHost {
  const stepped = <T extends object>(part: T): T =>
    new Proxy(part, {
      get: (target, name) => {
        const member: unknown = Reflect.get(target, name);
        if (typeof member !== "function" || name === "scan") return member;
        return async (...args: unknown[]) => {
          await before();
          return Reflect.apply(member, target, args) as unknown;
        };
      },
    });
  const { documents, logs, leases, archive } = host;
  return { ...host, documents: stepped(documents), logs: stepped(logs), leases: stepped(leases), archive: stepped(archive) };
}

function holds(from: World, path: RegExp, text: string): boolean {
  return [...from.snapshot()].some(([name, { content }]) => path.test(name) && content?.includes(text) === true);
}

function windowIn(from: World, path: string): unknown {
  if (!from.has(path)) return undefined;
  const { goals } = JSON.parse(from.read(path)) as { goals: { id: string; quota?: { window_hours?: number } }[] };
  const entry = goals.find(({ id }) => id === GOAL);
  return entry === undefined ? undefined : (entry.quota?.window_hours ?? null);
}
