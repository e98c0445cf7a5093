/**
 * For each decision the one command that changes it (DEC-40), with the facts as that command leaves them. `loopx why`
 * prints the command and decides over those facts what comes next; a property test decides over them too, so a
 * command that changes nothing cannot stand here.
 */
import { shellLine, shellQuote } from "../command-line.ts";
import { cadenceMs } from "../goal-state/cadence.ts";
import type { Todo } from "../goal-state/todo.ts";
import { parseAgentId } from "../ids.ts";
import type { Locale } from "../locale/locale.ts";
import { PLACEHOLDERS } from "../locale/verdict.ts";
import type { Moment } from "../time.ts";
import * as after from "./aftermath.ts";
import { byRule } from "./decision.ts";
import type { ByRule, Decision, DecisionOf } from "./decision.ts";
import type { Facts } from "./facts.ts";
import { agentWords, goalCommand } from "./printed-commands.ts";
import { instantText } from "./reason.ts";
import { contractRemedy, editorAt, healthRemedy } from "./remedy-health.ts";
import { approved, recorderWords } from "./remedy-wording.ts";
import type { Remedy, Wording, Words } from "./remedy-wording.ts";
import { defaultReviewer, reviewerFor, roleOf } from "./selection.ts";

const DAY_MS = 86_400_000;

/** The command that changes this decision, whoever has to run it. */
export function remedyOf(decision: Decision, facts: Facts, now: Moment, locale: Locale): Remedy {
  const wording: Wording = {
    facts,
    now,
    hole: (name) => ({ placeholder: PLACEHOLDERS[name][locale]() }),
    command: (verb, rest) => goalCommand(facts, verb, rest),
  };
  return byRule(REMEDIES, decision, wording);
}

/** DEC-40, row by row. */
const REMEDIES: ByRule<[Wording], Remedy> = {
  registry_unreadable: ({ fault }, wording) =>
    fault.code === "registry_missing"
      ? connected(wording)
      : { actor: "user", command: editorAt(fault, wording.facts.registry_file), after: null, expects: "unknown" },
  goal_not_found: (_decision, wording) => connected(wording),
  paused: (_decision, wording) => configured(resumeWords(wording.facts), after.resumed(wording.facts), wording, "user"),
  agent_not_registered: agentRegistered,
  contract_broken: ({ faults }, wording) => contractRemedy(faults[0], wording),
  boundary_scan_hit: ({ hits }, { facts }) => ({
    actor: "user",
    command: editorAt(hits[0], facts.registry_file),
    after: { ...facts, scan: facts.scan.slice(1) },
  }),
  health_blocked: healthRemedy,
  identity_required: ({ suggested }, { facts, command }) => ({
    actor: "user",
    command: command(["should-run"], ["--agent-id", suggested]),
    after: { ...facts, agent_id: suggested },
  }),
  user_gate: ({ gates }, wording) => completed(gates[0], "user", "answer", wording),
  registry_gate: (_decision, wording) => configured(["--clear-waiting-on"], after.withAttentionCleared(wording.facts), wording),
  map_opt_in: (_decision, wording) => approved("read_only_map_opt_in", wording),
  run_gate: ({ gate }, wording) => approved(gate, wording),
  adapter_not_connected: (_decision, wording) =>
    configured(["--adapter-status", "connected"], after.withAdapterConnected(wording.facts), wording),
  throttled: (_decision, wording) =>
    configured(["--quota-allowed-slots", String(wording.facts.quota.spent_slots + 1)], after.withOneMoreSlot(wording.facts), wording),
  workspace_guard: (decision, { facts }) => ({
    actor: "codex",
    command: worktreeCommand(decision),
    after: { ...facts, workspace: "independent_worktree" },
  }),
  external_evidence_registered: (_decision, wording) =>
    configured(["--clear-waiting-on"], after.withAttentionCleared(wording.facts), wording),
  approved_command: refreshed,
  first_map: (_decision, { facts, now, command }) => ({
    actor: "codex",
    command: command(["read-only-map"]),
    after: after.withRun(facts, now, "read_only_project_map"),
  }),
  outcome_floor: advanced,
  outcome_floor_unavailable: advanced,
  due_monitor: polled,
  gates_block_all: ({ gates }, wording) => completed(gates[0], "user", "answer", wording),
  agent_scope_wait: released,
  boundary_gap: ({ missing }, wording) =>
    configured(scopeWords(wording.facts, missing), after.withWriteScopes(wording.facts, missing), wording),
  gate_fallback: ({ gates }, wording) => completed(gates[0], "user", "answer", wording),
  advance_todo: finished,
  external_evidence_run: refreshed,
  blockers_only: ({ blockers }, wording) => unblocked(blockers[0], wording),
  monitor_quiet: todoAdded,
  agent_scope_exhausted: todoAdded,
  projection_gap: todoAdded,
  mapped_noop: todoAdded,
  steering_audit: todoAdded,
  nothing_to_do: todoAdded,
};

function configured(words: Words, result: Facts, { command }: Wording, actor = "controller"): Remedy {
  return { actor, command: command(["configure-goal"], [...words, "--execute"]), after: result };
}

/** Quiet goals are woken by a person; one that runs writes its own next step. */
function todoAdded({ should_run }: Decision, { facts, now, hole, command }: Wording): Remedy {
  return {
    actor: should_run ? "codex" : "user",
    command: command(["todo", "add"], ["--role", "agent", "--text", hole("next_step")]),
    after: after.withAgentTodo(facts, now, {}),
  };
}

/** A fresh connection has one advancement todo (design D12). */
function connected({ facts }: Wording): Remedy {
  return { actor: "user", command: goalCommand(facts, ["connect", "--project", "."]), after: null, expects: "advance_todo" };
}

function resumeWords({ goal, quota }: Facts): string[] {
  const byStatus = goal !== null && goal.status.toLowerCase() === "paused";
  const byCompute = quota.compute === 0 || !byStatus;
  return [...(byStatus ? ["--status", "active"] : []), ...(byCompute ? ["--quota-compute", "1"] : [])];
}

/** An id that can never be registered is replaced by one that is. */
function agentRegistered({ agent_id, registered }: DecisionOf<"agent_not_registered">, { facts, command }: Wording): Remedy {
  const id = parseAgentId(agent_id);
  const [known] = registered;
  if (id === null && known !== undefined)
    return { actor: "controller", command: command(["should-run"], ["--agent-id", known]), after: { ...facts, agent_id: known } };
  return {
    actor: "controller",
    command: command(["register-agent"], ["--agent-id", id ?? agent_id, "--execute"]),
    after: after.withAgent(facts, agent_id),
  };
}

function completed(todo: Todo, actor: string, evidence: "answer" | "done" | "review", { facts, now, hole, command }: Wording): Remedy {
  return {
    actor,
    command: command(["todo", "complete"], ["--todo-id", todo.todo_id, ...claimWords(todo, facts, now), "--evidence", hole(evidence)]),
    after: after.withTodoStatus(facts, now, todo, "done"),
  };
}

/** Who completes what an agent holds says that he is that agent; a live lease outranks a claim. */
function claimWords(todo: Todo, facts: Facts, now: Moment): string[] {
  const lease = facts.leases.find((one) => one.todo_id === todo.todo_id && one.expires_at_ms > now.ms);
  const claimant = todo.metadata.claimed_by;
  const known = claimant !== undefined && (facts.goal?.coordination.registered_agents ?? []).includes(claimant) ? claimant : undefined;
  const holder = lease?.holder ?? known;
  return holder === undefined ? [] : asAgent(holder, facts);
}

/** A side agent may only end its own work with a successor or by merging itself (CMD-95). */
function asAgent(agent: string, { goal }: Facts): string[] {
  return ["--claimed-by", agent, ...(roleOf(agent, goal) === "side-agent" ? ["--side-agent-self-merged"] : [])];
}

function worktreeCommand({ agent_id, context }: DecisionOf<"workspace_guard">): string {
  const repo = context.goal?.repo ?? ".";
  // An agent id may hold characters that no branch may.
  const branch = agent_id.replace(/[^A-Za-z0-9_-]+/g, "-");
  const place = `${repo}-${branch}`;
  return `${shellLine(["git", "-C", repo, "worktree", "add", place, "-b", branch])} && cd ${shellQuote(place)}`;
}

function refreshed(decision: DecisionOf<"approved_command"> | DecisionOf<"external_evidence_run">, wording: Wording): Remedy {
  const recorder = recorderWords(wording.facts);
  // Without a primary agent every refresh stays in its lane; only a person's record moves the goal.
  if (recorder === null) return approved(decision.rule, wording);
  return {
    actor: "codex",
    command: wording.command(["refresh-state"], recorder),
    after: after.withRun(wording.facts, wording.now, "state_refreshed"),
  };
}

function advanced(decision: DecisionOf<"outcome_floor"> | DecisionOf<"outcome_floor_unavailable">, wording: Wording): Remedy {
  const recorder = recorderWords(wording.facts);
  if (recorder === null) return approved(decision.rule, wording);
  const grade = ["--delivery-outcome", "primary_goal_outcome", "--delivery-batch-scale", "implementation"];
  const words = [...recorder, ...grade, "--artifact", wording.hole("path"), "--validation", wording.hole("check")];
  return { actor: "codex", command: wording.command(["refresh-state"], words), after: after.withProgress(wording.facts, wording.now) };
}

function polled({ selected: { todo } }: DecisionOf<"due_monitor">, { facts, now, command }: Wording): Remedy {
  const step = cadenceMs(todo.metadata.cadence);
  const own = step === null ? null : instantText(now.ms + step, now);
  const due = own ?? instantText(now.ms + DAY_MS, now) ?? "";
  const words = ["--todo-id", todo.todo_id, ...agentWords(facts), ...(own === null ? ["--next-due-at", due] : []), "--execute"];
  return {
    actor: "codex",
    command: command(["quota", "monitor-poll"], words),
    after: after.withMetadata(facts, now, todo, { next_due_at: due }),
  };
}

/** The claimant acts: it finishes the caller's review, or gives up its claim; a lease ends with the work. */
function released({ held: [first] }: DecisionOf<"agent_scope_wait">, wording: Wording): Remedy {
  const { facts, now, hole, command } = wording;
  const { todo, holder } = first;
  if (first.reviews_caller || first.by === "lease") {
    const words = ["--todo-id", todo.todo_id, ...asAgent(holder, facts), "--evidence", hole("review")];
    return { actor: holder, command: command(["todo", "complete"], words), after: after.withTodoStatus(facts, now, todo, "done") };
  }
  return {
    actor: holder,
    command: command(["todo", "update"], ["--todo-id", todo.todo_id, "--clear-claim"]),
    after: after.withMetadata(facts, now, todo, { claimed_by: undefined }),
  };
}

function scopeWords({ goal }: Facts, missing: readonly string[]): string[] {
  const scopes = new Set([...(goal?.coordination.write_scope ?? []), ...missing]);
  return [...scopes].flatMap((scope) => ["--write-scope", scope]);
}

/** The work is done; a side agent hands its review on, or merges itself when there is nobody to review. */
function finished({ selected: { todo }, context: { caller } }: DecisionOf<"advance_todo">, wording: Wording): Remedy {
  const { facts, now, hole, command } = wording;
  const done = after.withTodoStatus(facts, now, todo, "done");
  const claim = caller.role === null || caller.agent_id === null ? claimWords(todo, facts, now) : ["--claimed-by", caller.agent_id];
  const words: Words = ["--todo-id", todo.todo_id, ...claim, "--evidence", hole("done")];
  if (caller.role !== "side-agent") return { actor: "codex", command: command(["todo", "complete"], words), after: done };
  const reviewer = reviewerFor(facts, caller);
  if (reviewer === null)
    return { actor: "codex", command: command(["todo", "complete"], [...words, "--side-agent-self-merged"]), after: done };
  const review = after.withAgentTodo(done, now, {
    claimed_by: reviewer,
    claimed_at: instantText(now.ms, now) ?? "",
    blocks_agent: caller.agent_id ?? "",
  });
  const named = reviewer === defaultReviewer(facts, caller) ? [] : ["--next-claimed-by", reviewer];
  return {
    actor: "codex",
    command: command(["todo", "complete"], [...words, "--next-agent-todo", hole("review"), ...named]),
    after: review,
  };
}

function unblocked(todo: Todo, wording: Wording): Remedy {
  if (todo.task_class === "blocker" || todo.task_class === "user_gate") return completed(todo, "user", "answer", wording);
  return {
    actor: "user",
    command: wording.command(["todo", "update"], ["--todo-id", todo.todo_id, "--status", "open"]),
    after: after.withTodoStatus(wording.facts, wording.now, todo, "open"),
  };
}
