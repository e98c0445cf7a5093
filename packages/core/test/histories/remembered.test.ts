/**
 * What is remembered of quiet goals changes no answer: the same status and verdicts come from a host that remembers and
 * from one that never saw these files, whatever people, agents, links, clocks and crashes did in between (FIL-70, PRF-4).
 */
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import fc from "fast-check";
import { afterAll, expect, it } from "vitest";
import { shouldRun } from "../../src/actions/should-run.ts";
import { status } from "../../src/actions/status.ts";
import { openHostOn } from "../../src/node/host.ts";
import type { Clock } from "../../src/ports/clock.ts";

const FOLDER = realpathSync(mkdtempSync(join(tmpdir(), "loopx-remembered-")));
afterAll(() => rmSync(FOLDER, { recursive: true, force: true }));

/** As many as a status remembers at least, and a few that things happen to. */
const GOALS = 36;
const ACTING = 4;
const MINUTE_MS = 60_000;
const START = Date.parse("2026-11-21T10:00:00.000Z");
let yards = 0;

type World = ReturnType<typeof newWorld>;

function newWorld() {
  const root = join(FOLDER, `y${(yards += 1)}`);
  const project = join(root, "project");
  const runtime = join(root, "runtime");
  const registry = join(project, ".loopx", "registry.json");
  const clock = { ms: START };
  const ids = Array.from({ length: GOALS }, (_, at) => `goal-${String(at).padStart(2, "0")}`);
  const world = {
    root,
    project,
    runtime,
    registry,
    clock,
    ids,
    state: (goal: number) => join(project, "goals", ids[goal] ?? "", "STATE.md"),
    runs: (goal: number) => join(runtime, "goals", ids[goal] ?? "", "runs"),
    index: (goal: number) => join(runtime, "goals", ids[goal] ?? "", "runs", "index.jsonl"),
    cache: join(runtime, "cache", "_status.json"),
  };
  for (let goal = 0; goal < GOALS; goal += 1) {
    mkdirSync(dirname(world.state(goal)), { recursive: true });
    mkdirSync(world.runs(goal), { recursive: true });
    writeFileSync(world.state(goal), stateText(goal));
    writeFileSync(world.index(goal), goal % 3 === 0 ? "" : rowText(world, goal, -10));
    writeFileSync(join(world.runs(goal), "run.json"), "{}");
  }
  mkdirSync(dirname(registry), { recursive: true });
  writeRegistry(world, () => ({}));
  return world;
}

function stateText(goal: number): string {
  const at = (minute: number) => new Date(START + minute * MINUTE_MS).toISOString().replaceAll("+", "%2B");
  const agentTodos = [
    "## Agent Todo",
    "- [ ] [P1] Step",
    `  <!-- loopx:todo todo_id=todo_step status=open claimed_by=a claimed_at=${at(-20)} -->`,
    "- [ ] Watch",
    `  <!-- loopx:todo todo_id=todo_watch task_class=continuous_monitor next_due_at=${at(15)} expires_at=${at(90)} -->`,
  ];
  return [
    "---",
    "status: active",
    "---",
    "## User Todo",
    ...(goal === 1 ? ["- [ ] May I?", "  <!-- loopx:todo todo_id=todo_gate task_class=user_gate -->"] : []),
    // One goal has nothing to do but to look whether its map is still right.
    ...(goal === 3 ? [] : [...agentTodos, "## Next Action", "- Go on."]),
    "",
  ].join("\n");
}

function writeRegistry(world: Pick<World, "registry" | "runtime" | "project" | "ids">, more: (goal: number) => object): void {
  const goals = world.ids.map((id, goal) => ({
    id,
    domain: "d",
    repo: world.project,
    state_file: `goals/${id}/STATE.md`,
    adapter: { kind: "generic_project_goal_v0", status: "connected" },
    coordination: { registered_agents: ["a", "b"], primary_agent: "b", claim_ttl_minutes: 30 },
    ...more(goal),
  }));
  writeFileSync(world.registry, JSON.stringify({ schema_version: "0.1", common_runtime_root: world.runtime, goals }, null, 1));
}

function rowText(world: Pick<World, "clock" | "runs" | "ids">, goal: number, minute: number, more: object = {}): string {
  const generated_at = new Date(world.clock.ms + minute * MINUTE_MS).toISOString();
  const paths = { json_path: join(world.runs(goal), "run.json"), markdown_path: null };
  return `${JSON.stringify({ generated_at, goal_id: world.ids[goal], classification: "builder_done", recommended_action: "on", health_check: "ok", ...paths, ...more })}\n`;
}

function hostOf(world: World, build: string | undefined) {
  const clock: Clock = { now: () => new Date(world.clock.ms), monotonicMs: () => 0, utcOffsetMinutes: () => 0 };
  // By this clock every file has been quiet for a while; `tick` keeps what files really did apart.
  const file_clock: Clock = { ...clock, now: () => new Date(Date.now() + 10_000) };
  return openHostOn({ file_clock }, { cwd: world.project, home: world.root, env: {}, locale: "en", clock, build });
}

/** Waits until a change from now on has another time than one before. */
function tick(world: World): void {
  const probe = join(world.root, "probe");
  writeFileSync(probe, "");
  const before = statSync(probe).ctimeMs;
  do writeFileSync(probe, "");
  while (statSync(probe).ctimeMs === before);
}

async function answers(world: World, build: string | undefined): Promise<string> {
  const ask = { cwd: world.project };
  const seen = [await status(hostOf(world, build), { ...ask, limit: 5 })];
  const verdicts = [];
  for (let goal = 0; goal < ACTING; goal += 1) verdicts.push(await shouldRun(hostOf(world, build), { ...ask, goal_id: world.ids[goal] }));
  return JSON.stringify([seen, verdicts], null, 1);
}

/** One thing that happens to one of the acting goals. */
const HAPPENINGS: Readonly<Record<string, (world: World, goal: number) => void>> = {
  "a run": (world, goal) => appendFileSync(world.index(goal), rowText(world, goal, 0)),
  "a spend": (world, goal) =>
    appendFileSync(world.index(goal), rowText(world, goal, -1, { classification: "quota_slot_spent", quota_event: { slots: 2 } })),
  "a spend in an artifact": (world, goal) =>
    appendFileSync(world.index(goal), rowText(world, goal, -2, { classification: "quota_slot_spent" })),
  "a spend of the future": (world, goal) =>
    appendFileSync(world.index(goal), rowText(world, goal, 20, { classification: "quota_slot_spent", quota_event: { slots: 1 } })),
  "a late judgement": (world, goal) =>
    appendFileSync(
      world.index(goal),
      rowText(world, goal, -10, { human_reward: { recorded_at: "", decision: "d", reward: "good", reason_summary: "r" } }),
    ),
  "a bad line": (world, goal) => appendFileSync(world.index(goal), "{bad}\n"),
  "a torn line": (world, goal) => appendFileSync(world.index(goal), '{"generated_at":"20'),
  "a map": (world, goal) => appendFileSync(world.index(goal), rowText(world, goal, 0, { classification: "read_only_project_map" })),
  "a cut index": (world, goal) => truncateSync(world.index(goal), Math.floor(statSync(world.index(goal)).size / 2)),
  "a replaced index": (world, goal) => {
    writeFileSync(`${world.index(goal)}.new`, rowText(world, goal, -3));
    renameSync(`${world.index(goal)}.new`, world.index(goal));
  },
  "a deleted index": (world, goal) => rmSync(world.index(goal), { force: true }),
  "an edit in place, of the same size and time": (world, goal) => {
    const { atime, mtime } = statSync(world.state(goal));
    const text = readFileSync(world.state(goal), "utf8");
    writeFileSync(
      world.state(goal),
      text.includes("[ ] [P1]") ? text.replace("[ ] [P1]", "[x] [P1]") : text.replace("[x] [P1]", "[ ] [P1]"),
    );
    utimesSync(world.state(goal), atime, mtime);
  },
  "a replaced state": (world, goal) => {
    writeFileSync(`${world.state(goal)}.new`, stateText(goal === 1 ? 2 : 1));
    renameSync(`${world.state(goal)}.new`, world.state(goal));
  },
  "a deleted state": (world, goal) => rmSync(world.state(goal), { force: true }),
  "a state that returns": (world, goal) => writeFileSync(world.state(goal), stateText(goal)),
  "a state directory that becomes a link out": (world, goal) => {
    const directory = dirname(world.state(goal));
    const away = join(world.root, `away-${goal}`);
    if (existsSync(away)) return;
    renameSync(directory, away);
    symlinkSync(away, directory);
  },
  "a state that is another goal's": (world, goal) => {
    rmSync(world.state(goal), { force: true });
    symlinkSync(world.state((goal + 1) % GOALS), world.state(goal));
  },
  "a deleted artifact": (world, goal) => rmSync(join(world.runs(goal), "run.json"), { force: true }),
  "an artifact with a spend": (world, goal) =>
    writeFileSync(join(world.runs(goal), "run.json"), JSON.stringify({ quota_event: { slots: 5 }, state: { sha256_16: "x" } })),
  "an artifact that is a link": (world, goal) => {
    const [artifact, target] = [join(world.runs(goal), "run.json"), join(dirname(world.runs(goal)), "old", "target.json")];
    rmSync(artifact, { force: true });
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, "{}");
    symlinkSync("../old/target.json", artifact);
  },
  "a link whose target goes": (world, goal) => rmSync(join(dirname(world.runs(goal)), "old", "target.json"), { force: true }),
  "a lease": (world, goal) => {
    const directory = join(dirname(world.runs(goal)), "leases");
    mkdirSync(directory, { recursive: true });
    const at = (minute: number) => new Date(world.clock.ms + minute * MINUTE_MS).toISOString();
    const lease = {
      schema_version: "loopx_lease_v1",
      goal_id: world.ids[goal],
      todo_id: "todo_step",
      state: "held",
      holder: "a",
      token: 1,
      version: 1,
    };
    const times = { ttl_minutes: 30, acquired_at: at(0), renewed_at: at(0), expires_at: at(30), released_at: null };
    const rest = { write_scopes: [], idempotency_key: null, taken_over_from: null };
    writeFileSync(join(directory, "todo_step.json"), JSON.stringify({ ...lease, ...times, ...rest }));
  },
  "a pause": (world, goal) => writeRegistry(world, (each) => (each === goal ? { status: "paused" } : {})),
  "an entry that is no more sound": (world, goal) => writeRegistry(world, (each) => (each === goal ? { waiting_on: "nobody" } : {})),
  "an entry twice": (world, goal) => writeRegistry(world, (each) => (each === goal ? { id: world.ids[goal + 1] } : {})),
  "an entry on another's state": (world, goal) =>
    writeRegistry(world, (each) => (each === goal ? { state_file: `goals/${world.ids[goal + 1]}/STATE.md` } : {})),
  "a minute": (world) => (world.clock.ms += MINUTE_MS),
  "half an hour": (world) => (world.clock.ms += 30 * MINUTE_MS),
  "a day": (world) => (world.clock.ms += 24 * 60 * MINUTE_MS + 1),
  "a clock set back": (world) => (world.clock.ms -= 45 * MINUTE_MS),
  "a forgotten cache": (world) => rmSync(dirname(world.cache), { recursive: true, force: true }),
  "a torn cache": (world) => existsSync(world.cache) && truncateSync(world.cache, 100),
  "a map of every goal": (world) => {
    for (let goal = 0; goal < GOALS; goal += 1)
      appendFileSync(world.index(goal), rowText(world, goal, 0, { classification: "read_only_project_map" }));
  },
  "a run of every goal": (world) => {
    for (let goal = 0; goal < GOALS; goal += 1) appendFileSync(world.index(goal), rowText(world, goal, 0));
  },
};

/** A thing may have happened before in a way that leaves nothing for it to happen to. */
function happen(name: string, world: World, goal: number): void {
  try {
    HAPPENINGS[name]?.(world, goal);
  } catch (error) {
    expect((error as NodeJS.ErrnoException).code).toMatch(/^(ENOENT|ELOOP|EEXIST)$/);
  }
}

/** Some things show only in what was remembered after them. */
const REMEMBERED_TWICE: [[string, number][]][] = [
  ["a lease", "a run of every goal", "half an hour", "a lease"],
  ["an artifact that is a link", "a run of every goal", "a link whose target goes"],
  ["a spend in an artifact", "a run of every goal", "an artifact with a spend"],
  ["a map", "a map of every goal", "an artifact with a spend"],
].map((names) => [names.map((name): [string, number] => [name, name.includes("map") || names.includes("a map") ? 3 : 0])]);

it("gives the same status and verdicts remembering and not, whatever happens to the files (FIL-70, PRF-4)", async () => {
  const happening = fc.tuple(fc.constantFrom(...Object.keys(HAPPENINGS)), fc.nat({ max: ACTING - 1 }));
  await fc.assert(
    fc.asyncProperty(fc.array(happening, { minLength: 4, maxLength: 8 }), async (happenings) => {
      const world = newWorld();
      expect(await answers(world, "b1")).toBe(await answers(world, undefined));
      expect(existsSync(world.cache)).toBe(true);
      for (const [name, goal] of happenings) {
        tick(world);
        happen(name, world, goal);
        expect(await answers(world, "b1"), name).toBe(await answers(world, undefined));
      }
      rmSync(world.root, { recursive: true });
    }),
    { numRuns: 12, examples: REMEMBERED_TWICE },
  );
});

it("reads neither state nor index of a goal that nobody touched, and nothing that another build remembered (PRF-15)", async () => {
  const world = newWorld();
  const made = await answers(world, "b1");
  // What can only be a rememberer's answer: the remembered text with one word changed.
  writeFileSync(
    world.cache,
    readFileSync(world.cache, "utf8").replaceAll('"rule":"monitor_due"', '"rule":"remembered"').replaceAll("builder_done", "recalled"),
  );
  const recalled = await answers(world, "b1");
  expect(recalled).not.toBe(made);
  expect(recalled).toContain("recalled");
  expect(await answers(world, "b2")).toBe(made);
});
