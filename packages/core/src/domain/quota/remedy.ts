/**
 * For each decision the one command that changes it (DEC-40), with the facts as that command leaves them. `loopx why`
 * prints the command and decides over those facts what comes next; a property test decides over them too, so a
 * command that changes nothing cannot stand here.
 */
import { shellLine, shellQuote } from "../command-line.ts";
import type { Todo } from "../goal-state/todo.ts";
import { parseAgentId } from "../ids.ts";
import type { Locale } from "../locale/locale.ts";
import { PLACEHOLDERS } from "../locale/verdict.ts";
import type { Moment } from "../time.ts";
import * as after from "./aftermath.ts";
import type { Decision, DecisionOf } from "./decision.ts";
import type { Facts } from "./facts.ts";
import { agentWords, goalCommand } from "./printed-commands.ts";
import { instantText } from "./reason.ts";
import { editorAt, healthRemedy } from "./remedy-health.ts";
import { approved, recorderWords } from "./remedy-wording.ts";
import type { Remedy, Wording, Words } from "./remedy-wording.ts";

const DAY_MS = 86_400_000;

/** The command that changes this decision, whoever has to run it. */
export function remedyOf(decision: Decision, facts: Facts, now: Moment, locale: Locale): Remedy {
  const wording: Wording = {
    facts,
    now,
    hole: (name) => ({ placeholder: PLACEHOLDERS[name][locale]() }),
    command: (verb, rest) => goalCommand(facts, verb, rest),
  };
  return remedyFor(decision, wording);
}

function remedyFor(decision: Decision, wording: Wording): Remedy {
  const { facts, now, hole, command } = wording;
  const configure = (words: Words, result: Facts, actor = "controller"): Remedy => ({ actor, command: command(["configure-goal"], [...words, "--execute"]), after: result });
  switch (decision.rule) {
    case "registry_unreadable":
      if (decision.fault.code === "registry_missing") return connected(wording);
      return { actor: "user", command: editorAt(decision.fault, facts.registry_file), after: null, expects: "unknown" };
    case "goal_not_found":
      return connected(wording);
    case "paused":
      return configure(resumeWords(facts), after.resumed(facts), "user");
    case "agent_not_registered":
      return agentRegistered(decision, wording);
    case "contract_broken":
    case "boundary_scan_hit":
    case "health_blocked":
      return healthRemedy(decision, wording);
    case "identity_required":
      return { actor: "user", command: command(["should-run"], ["--agent-id", decision.suggested]), after: { ...facts, agent_id: decision.suggested } };
    case "user_gate":
    case "gates_block_all":
    case "gate_fallback":
      return completed(decision.gates[0], "user", "answer", wording);
    case "registry_gate":
    case "external_evidence_registered":
      return configure(["--clear-waiting-on"], after.withAttentionCleared(facts));
    case "map_opt_in":
      return approved("read_only_map_opt_in", wording);
    case "run_gate":
      return approved(decision.gate, wording);
    case "adapter_not_connected":
      return configure(["--adapter-status", "connected"], after.withAdapterConnected(facts));
    case "throttled":
      return configure(["--quota-allowed-slots", String(facts.quota.spent_slots + 1)], after.withOneMoreSlot(facts));
    case "workspace_guard":
      return { actor: "codex", command: worktreeCommand(decision), after: { ...facts, workspace: "independent_worktree" } };
    case "approved_command":
    case "external_evidence_run":
      return refreshed(decision, wording);
    case "first_map":
      return { actor: "codex", command: command(["read-only-map"]), after: after.withRun(facts, now, "read_only_project_map") };
    case "outcome_floor":
    case "outcome_floor_unavailable":
      return advanced(decision, wording);
    case "due_monitor":
      return polled(decision, wording);
    case "agent_scope_wait":
      return released(decision, wording);
    case "boundary_gap":
      return configure(scopeWords(facts, decision.missing), after.withWriteScopes(facts, decision.missing));
    case "advance_todo":
      return finished(decision, wording);
    case "blockers_only":
      return unblocked(decision.blockers[0], wording);
    case "monitor_quiet":
    case "agent_scope_exhausted":
    case "projection_gap":
    case "mapped_noop":
    case "steering_audit":
    case "nothing_to_do":
      return {
        actor: decision.should_run ? "codex" : "user",
        command: command(["todo", "add"], ["--role", "agent", "--text", hole("next_step")]),
        after: after.withAgentTodo(facts, {}),
      };
  }
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
  if (id === null && known !== undefined) return { actor: "controller", command: command(["should-run"], ["--agent-id", known]), after: { ...facts, agent_id: known } };
  return { actor: "controller", command: command(["register-agent"], ["--agent-id", id ?? agent_id, "--execute"]), after: after.withAgent(facts, agent_id) };
}

function completed(todo: Todo, actor: string, evidence: "answer" | "done" | "review", { facts, now, hole, command }: Wording): Remedy {
  return {
    actor,
    command: command(["todo", "complete"], ["--todo-id", todo.todo_id, ...claimWords(todo, facts, now), "--evidence", hole(evidence)]),
    after: after.withTodoStatus(facts, todo, "done"),
  };
}

/** Who completes what an agent holds says that he is that agent; a live lease outranks a claim. */
function claimWords(todo: Todo, facts: Facts, now: Moment): string[] {
  const lease = facts.leases.find((one) => one.todo_id === todo.todo_id && one.expires_at_ms > now.ms);
  const claimant = todo.metadata.claimed_by;
  const known = claimant !== undefined && (facts.goal?.coordination.registered_agents ?? []).includes(claimant) ? claimant : undefined;
  const holder = lease?.holder ?? known;
  return holder === undefined ? [] : ["--claimed-by", holder];
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
  return { actor: "codex", command: wording.command(["refresh-state"], recorder), after: after.withRun(wording.facts, wording.now, "state_refreshed") };
}

function advanced(decision: DecisionOf<"outcome_floor"> | DecisionOf<"outcome_floor_unavailable">, wording: Wording): Remedy {
  const recorder = recorderWords(wording.facts);
  if (recorder === null) return approved(decision.rule, wording);
  const grade = ["--delivery-outcome", "primary_goal_outcome", "--delivery-batch-scale", "implementation"];
  const words = [...recorder, ...grade, "--artifact", wording.hole("path"), "--validation", wording.hole("check")];
  return { actor: "codex", command: wording.command(["refresh-state"], words), after: after.withProgress(wording.facts, wording.now) };
}

const CADENCE_MS: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: DAY_MS };

function polled({ selected: { todo } }: DecisionOf<"due_monitor">, { facts, now, command }: Wording): Remedy {
  const step = cadenceMs(todo.metadata.cadence);
  const own = step === null ? null : instantText(now.ms + step, now);
  const due = own ?? instantText(now.ms + DAY_MS, now) ?? "";
  const words = ["--todo-id", todo.todo_id, ...agentWords(facts), ...(own === null ? ["--next-due-at", due] : []), "--execute"];
  return { actor: "codex", command: command(["quota", "monitor-poll"], words), after: after.withMetadata(facts, todo, { next_due_at: due }) };
}

/** Null for none, for an unreadable one and for one that moves nothing. */
function cadenceMs(cadence: string | undefined): number | null {
  const match = /^(\d{1,9})([mhd])$/.exec(cadence ?? "");
  const ms = Number(match?.[1]) * (CADENCE_MS[match?.[2] ?? ""] ?? 0);
  return ms > 0 ? ms : null;
}

/** The claimant acts: it finishes the caller's review, or gives up its claim; a lease ends with the work. */
function released({ held: [first] }: DecisionOf<"agent_scope_wait">, wording: Wording): Remedy {
  const { facts, hole, command } = wording;
  const { todo, holder } = first;
  if (first.reviews_caller || first.by === "lease") {
    const words = ["--todo-id", todo.todo_id, "--claimed-by", holder, "--evidence", hole("review")];
    return { actor: holder, command: command(["todo", "complete"], words), after: after.withTodoStatus(facts, todo, "done") };
  }
  return { actor: holder, command: command(["todo", "update"], ["--todo-id", todo.todo_id, "--clear-claim"]), after: after.withMetadata(facts, todo, { claimed_by: undefined }) };
}

function scopeWords({ goal }: Facts, missing: readonly string[]): string[] {
  const scopes = new Set([...(goal?.coordination.write_scope ?? []), ...missing]);
  return [...scopes].flatMap((scope) => ["--write-scope", scope]);
}

/** The work is done; a side agent hands its review on, or merges itself when there is nobody to review. */
function finished({ selected: { todo }, context: { caller } }: DecisionOf<"advance_todo">, wording: Wording): Remedy {
  const { facts, hole, command } = wording;
  const done = after.withTodoStatus(facts, todo, "done");
  const claim = caller.role === null || caller.agent_id === null ? claimWords(todo, facts, wording.now) : ["--claimed-by", caller.agent_id];
  const words: Words = ["--todo-id", todo.todo_id, ...claim, "--evidence", hole("done")];
  if (caller.role !== "side-agent") return { actor: "codex", command: command(["todo", "complete"], words), after: done };
  const reviewer = after.reviewerOf(facts, caller);
  if (reviewer === null) return { actor: "codex", command: command(["todo", "complete"], [...words, "--side-agent-self-merged"]), after: done };
  const review = after.withAgentTodo(done, { claimed_by: reviewer, claimed_at: instantText(wording.now.ms, wording.now) ?? "", blocks_agent: caller.agent_id ?? "" });
  return { actor: "codex", command: command(["todo", "complete"], [...words, "--next-agent-todo", hole("review")]), after: review };
}

function unblocked(todo: Todo, wording: Wording): Remedy {
  if (todo.task_class === "blocker" || todo.task_class === "user_gate") return completed(todo, "user", "answer", wording);
  return {
    actor: "user",
    command: wording.command(["todo", "update"], ["--todo-id", todo.todo_id, "--status", "open"]),
    after: after.withTodoStatus(wording.facts, todo, "open"),
  };
}
