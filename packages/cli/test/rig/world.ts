/**
 * Goals as files, drawn or written down: a registry entry, a goal state, a history, who asks and from where. Whatever a
 * world says, `loopx why` has to name a command that changes the answer.
 */
import fc from "fast-check";
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { openSandbox, START_MS, writeFile, type Sandbox } from "./sandbox.ts";

/** The goal of every world; a second one, `other`, stands beside it. */
export const GOAL = "g";

export interface World {
  /** What differs in the registry entry. */
  readonly entry: Readonly<Record<string, unknown>>;
  /** Entries that stand beside it. */
  readonly beside: readonly Readonly<Record<string, unknown>>[];
  readonly user: readonly TodoLine[];
  readonly agent: readonly TodoLine[];
  readonly next_action: string;
  /** Minutes from now, as everything below. */
  readonly updated: number;
  /** Instead of a goal state. */
  readonly state: "sound" | "missing" | "no_text" | "too_large";
  readonly runs: readonly RunLine[];
  readonly bad_line: boolean;
  readonly leases: readonly { readonly todo_id: string; readonly holder: string }[];
  readonly asks: string | undefined;
  readonly stands: "project" | "worktree" | "outside";
}

export interface TodoLine {
  readonly text: string;
  readonly mark: " " | "x" | "-";
  readonly metadata: Readonly<Record<string, string | undefined>>;
}

export interface RunLine {
  readonly minutes: number;
  readonly fields: Readonly<Record<string, unknown>>;
  readonly artifacts: boolean;
}

export const CALM: World = {
  entry: {},
  beside: [],
  user: [],
  agent: [],
  next_action: "",
  updated: -600,
  state: "sound",
  runs: [],
  bad_line: false,
  leases: [],
  asks: undefined,
  stands: "project",
};

export const todoLine = (text: string, metadata: TodoLine["metadata"] = {}, mark: TodoLine["mark"] = " "): TodoLine => ({
  text,
  mark,
  metadata,
});
export const runLine = (classification: string, minutes = -60, fields: RunLine["fields"] = {}, artifacts = true): RunLine => ({
  minutes,
  fields: { classification, ...fields },
  artifacts,
});

/** An instant some minutes from the sandbox's now. */
export function at(minutes: number): string {
  return `${new Date(START_MS + minutes * 60_000).toISOString().slice(0, 19)}+00:00`;
}

/** The world on disk. The project is a git checkout with a worktree beside it, unless the agent is nobody's side agent. */
export async function settle(world: World): Promise<Sandbox> {
  const sandbox = openSandbox();
  const goals = [entryOf(GOAL, sandbox, world.entry), ...world.beside.map((over) => entryOf("other", sandbox, over))];
  sandbox.write({
    ".loopx/registry.json": JSON.stringify({ schema_version: "0.1", common_runtime_root: sandbox.runtime, goals }, null, 2),
    [stateFile("other")]: "# Goal\n",
  });
  const text = { sound: stateText(world), missing: null, no_text: "\u{fffd}", too_large: "x".repeat(4 * 1024 * 1024 + 1) }[world.state];
  if (text !== null) writeFile(join(sandbox.project, stateFile(GOAL)), world.state === "no_text" ? new Uint8Array([0xff, 0xfe]) : text);
  writeHistory(sandbox, world);
  if (world.stands === "worktree" || world.asks !== undefined) makeWorktree(sandbox);
  for (const { todo_id, holder } of world.leases) {
    await sandbox.run(["lease", "acquire", "-g", GOAL, "--todo-id", todo_id, "--holder", holder]);
  }
  return sandbox;
}

/** Where the asking agent stands. */
export function placeOf(world: World, sandbox: Sandbox): string {
  return world.stands === "worktree" ? join(sandbox.root, "worktree") : sandbox[world.stands];
}

const stateFile = (goal: string): string => `.codex/goals/${goal}/ACTIVE_GOAL_STATE.md`;

function entryOf(id: string, sandbox: Sandbox, over: World["entry"]): object {
  const adapter = { kind: "generic_project_goal_v0", status: "connected" };
  return { id, domain: "software", status: "active", repo: sandbox.project, state_file: stateFile(id), adapter, ...over };
}

function stateText({ user, agent, next_action, updated }: World): string {
  const lines = (todos: readonly TodoLine[], prefix: string): string =>
    todos
      .map(({ text, mark, metadata }, index) => `- [${mark}] ${text}\n${tokens({ todo_id: `${prefix}${index + 1}`, ...metadata })}`)
      .join("");
  return `---\nupdated_at: ${at(updated)}\n---\n\n# Goal\n\n## User Todo\n\n${lines(user, "todo_us")}\n## Agent Todo\n\n${lines(agent, "todo_aa")}\n## Next Action\n\n${next_action}\n`;
}

function tokens(metadata: TodoLine["metadata"]): string {
  const said = Object.entries(metadata).flatMap(([key, value]) => (value === undefined ? [] : [`${key}=${encoded(value)}`]));
  return `  <!-- loopx:todo ${said.join(" ")} -->\n`;
}

function encoded(value: string): string {
  return encodeURIComponent(value).replace(/[!'()*~]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`);
}

function writeHistory(sandbox: Sandbox, { runs, bad_line }: World): void {
  const folder = join(sandbox.runtime, "goals", GOAL, "runs");
  const lines = runs
    .toSorted((a, b) => a.minutes - b.minutes)
    .map(({ minutes, fields, artifacts }, index) => {
      const [json, markdown] = [join(folder, `run-${index}.json`), join(folder, `run-${index}.md`)];
      const record = { generated_at: at(minutes), goal_id: GOAL, recommended_action: "continue", health_check: "ok", ...fields };
      const line = JSON.stringify({ ...record, json_path: json, markdown_path: markdown });
      if (artifacts) for (const path of [json, markdown]) writeFile(path, line);
      return line;
    });
  if (bad_line) lines.push("no JSON at all");
  if (lines.length > 0) writeFile(join(folder, "index.jsonl"), `${lines.join("\n")}\n`);
}

function makeWorktree(sandbox: Sandbox): void {
  writeFile(join(sandbox.project, ".gitignore"), ".loopx/\n.codex/goals/\n");
  const identity = ["-c", "user.name=dev", "-c", "user.email=dev@example.com"];
  const calls = [
    ["init", "--quiet"],
    ["add", ".gitignore"],
    ["commit", "--quiet", "--message", "start"],
    ["worktree", "add", "--quiet", join(sandbox.root, "worktree")],
  ];
  for (const call of calls) {
    const { status, stderr } = spawnSync("git", [...identity, ...call], {
      cwd: sandbox.project,
      encoding: "utf8",
      env: { PATH: process.env["PATH"], HOME: sandbox.home },
    });
    if (status !== 0) throw new Error(`git ${call.join(" ")}: ${stderr}`);
  }
}

const AGENTS = ["main", "side", "third"];
const optional = <T>(value: fc.Arbitrary<T>, freq = 3) => fc.option(value, { nil: undefined, freq });
const instant = fc.integer({ min: -3_000, max: 3_000 }).map(at);
const text = fc.constantFrom("[P0] First", "[P1] Write the parser", "[P2] Later", "No priority");

const agentLine: fc.Arbitrary<TodoLine> = fc.record({
  text,
  mark: fc.constantFrom<TodoLine["mark"][]>(" ", " ", " ", "x", "-"),
  metadata: fc.record({
    status: fc.constantFrom(undefined, undefined, undefined, undefined, "blocked"),
    task_class: fc.constantFrom(undefined, undefined, "advancement_task", "continuous_monitor", "blocker", "user_gate", "user_action"),
    claimed_by: optional(fc.constantFrom(...AGENTS, "ghost")),
    claimed_at: optional(instant),
    next_due_at: optional(instant),
    expires_at: optional(instant, 2),
    cadence: optional(fc.constantFrom("30m", "2h", "1d")),
    required_write_scopes: optional(fc.constantFrom("src/**", "infra/**", "src/a.ts", "src/**,infra/x"), 2),
    required_decision_scopes: optional(fc.constantFrom("direction:lane:parser", "production:action:deploy"), 2),
    blocks_agent: optional(fc.constantFrom(...AGENTS, "ghost"), 2),
  }),
});

const userLine: fc.Arbitrary<TodoLine> = fc.record({
  text,
  mark: fc.constantFrom<TodoLine["mark"][]>(" ", " ", " ", "x"),
  metadata: fc.record({
    task_class: fc.constantFrom(undefined, "user_gate", "user_gate", "user_action", "continuous_monitor"),
    unblocks_todo_id: optional(fc.constantFrom("todo_aa1", "todo_aa1", "todo_aa2", "todo_nowhere"), 1),
    decision_scope: optional(fc.constantFrom("direction:lane:parser", "direction:goal:*", "production:action:deploy"), 4),
    blocks_agent: optional(fc.constantFrom(...AGENTS, "ghost"), 5),
    global_gate: optional(fc.constant("true"), 8),
  }),
});

const CLASSIFICATIONS = [
  "state_refreshed",
  "read_only_project_map",
  "operator_gate_approved",
  "operator_gate_deferred",
  "needs_human_reward",
  "await_numbers",
  "blocked_by_safety",
  "forecast_c",
  "experiment_result",
  "parser_batch",
  "quota_slot_spent",
];

const run: fc.Arbitrary<RunLine> = fc
  .record({
    classification: fc.constantFrom(...CLASSIFICATIONS),
    minutes: fc.integer({ min: -3_000, max: -1 }),
    delivery_outcome: optional(fc.constantFrom("surface_only", "outcome_progress", "nonsense"), 2),
    agent_command: optional(fc.constant("loopx read-only-map --goal-id g --dry-run")),
    artifacts: fc.nat(15).map((n) => n > 0),
  })
  .map(({ classification, minutes, delivery_outcome, agent_command, artifacts }) => {
    const gate = classification.startsWith("operator_gate") ? { operator_gate: { gate: "publish", agent_command } } : {};
    const event = classification === "quota_slot_spent" ? { quota_event: { slots: 1 } } : {};
    return runLine(classification, minutes, { delivery_outcome, ...gate, ...event }, artifacts);
  });

const entry = fc.record({
  status: fc.constantFrom("active", "active", "active", "active", "paused", "planned-high-complexity"),
  adapter: fc.record({
    kind: fc.constantFrom("generic_project_goal_v0", "read_only_project_map_v0", "big_read_only_map_v0"),
    status: fc.constantFrom("connected", "connected-delivery", "connected-read-only", "read-only-map-ready", "planned", "odd"),
  }),
  waiting_on: fc.constantFrom(
    undefined,
    undefined,
    undefined,
    undefined,
    "codex",
    "controller",
    "user_or_controller",
    "external_evidence",
    "nobody",
  ),
  quota: fc.constantFrom({}, {}, {}, {}, { compute: 0 }, { allowed_slots: 0 }, { allowed_slots: 1 }, { compute: 0.5 }),
  execution_profile: fc.constantFrom(undefined, undefined, { outcome_floor: { must_advance: [] } }),
});

const coordination = fc.record({
  registered_agents: fc.constantFrom([], [], ["main", "side"], AGENTS),
  primary_agent: fc.constantFrom(undefined, "main", "main", "ghost"),
  side_agent_handoff_agent: fc.constantFrom(undefined, undefined, "third"),
  write_scope: fc.constantFrom([], ["src/**"], ["src/**", "docs/**"]),
});

const drawn = fc.record({
  calm: fc.boolean(),
  entry,
  coordination,
  beside: fc.constantFrom([{}], [{}], [{}], [{}], [{}], [{ id: "G" }], [{ id: GOAL }], [{ state_file: stateFile(GOAL) }]),
  user: fc.array(userLine, { maxLength: 2 }),
  agent: fc.array(agentLine, { maxLength: 4 }),
  next_action: fc.constantFrom("", "", "- Write the parser"),
  updated: fc.integer({ min: -3_000, max: 0 }),
  state: fc.constantFrom<World["state"][]>(
    "sound",
    "sound",
    "sound",
    "sound",
    "sound",
    "sound",
    "sound",
    "missing",
    "no_text",
    "too_large",
  ),
  runs: fc.array(run, { maxLength: 5 }),
  bad_line: fc.nat(12).map((n) => n === 0),
  leases: fc.array(fc.record({ todo_id: fc.constantFrom("todo_aa1", "todo_aa2"), holder: fc.constantFrom(...AGENTS) }), { maxLength: 1 }),
  asks: fc.constantFrom(undefined, "main", "main", "side", "side", "third", "ghost", "Bad Id!!"),
  stands: fc.constantFrom<World["stands"][]>("project", "worktree", "worktree", "outside"),
});

/** Any goal a person could have on disk; half of them healthy, so that their todos have a say. */
export const worldArbitrary: fc.Arbitrary<World> = drawn.map(({ calm, entry: over, coordination: team, ...world }) => {
  if (!calm) return { ...world, entry: { ...over, coordination: team } };
  const [first] = team.registered_agents;
  const asks = first === undefined ? undefined : (team.registered_agents.find((id) => id === world.asks) ?? first);
  return {
    ...CALM,
    ...world,
    entry: { coordination: team },
    beside: [{}],
    state: "sound",
    bad_line: false,
    runs: world.runs.slice(3),
    asks,
    stands: "worktree",
  };
});
