/**
 * The list of what each command refuses, and of the dry runs, against the golden transcripts: whatever its specification says a
 * command may answer has been seen once as a person sees it.
 */
import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { LOOPX } from "../src/options/commands.ts";
import { commandName } from "../src/options/program.ts";

const folder = new URL("transcripts/", import.meta.url);
/** Every command of every transcript with its answer. */
const answered = readdirSync(folder, { recursive: true })
  .map(String)
  .filter((name) => name.endsWith(".md"))
  .flatMap((name) =>
    readFileSync(new URL(name, folder), "utf8")
      .split(/^\$ (?=loopx )/m)
      .slice(1),
  )
  .map((text) => ({ line: text.slice(0, text.indexOf("\n")), answer: text.slice(text.indexOf("\n") + 1) }));

/** Of each command its refusals: the code, and words of the message by which Markdown, which names no code, is known. */
const REFUSALS: Readonly<Record<string, readonly (readonly [code: string, words: string])[]>> = {
  connect: [
    ["goal_id_invalid", "is no goal id"],
    ["project_missing", "does not exist"],
    ["project_missing", "is no directory"],
    ["path_outside_root", "lies outside the directory"],
    ["registry_invalid", "LoopX does not rewrite it"],
    ["state_file_shared", "already has the state file"],
    ["goal_id_collision", "differs only in case"],
    ["route_collision", "routes parser elsewhere"],
    ["unsafe_text", "--objective holds a text of the kind credential"],
    ["invalid_value", "--claim-ttl-minutes is a whole number"],
    ["conflicting_flags", "--role is given twice"],
  ],
  "new-project-prompt": [
    ["goal_id_invalid", "is no goal id"],
    ["project_missing", "does not exist"],
    ["invalid_value", "--adapter-status has to be"],
    ["unsafe_text", "holds a text of the kind"],
  ],
  disconnect: [
    ["goal_not_found", "no goal"],
    ["goal_id_invalid", "is no goal id"],
    ["invalid_value", "is the global registry"],
    ["invalid_value", "nothing was disconnected under"],
    ["restore_refused", "changed after the disconnect"],
    ["conflicting_flags", "exclude each other"],
  ],
  "sync-global": [
    ["route_collision", "routes parser elsewhere"],
    ["goal_not_found", "no goal"],
    ["goal_id_invalid", "is no goal id"],
    ["registry_not_found", "does not exist"],
  ],
  "configure-goal": [
    ["invalid_value", "--primary-agent has to be a registered agent"],
    ["invalid_value", "--quota-compute is a number from 0 to 1"],
    ["invalid_value", "--orchestration-mode multi_subagent needs"],
    ["invalid_value", "--write-scope has to be a relative path"],
    ["invalid_value", "--waiting-on is one of"],
    ["conflicting_flags", "--dry-run and --execute exclude each other"],
    ["conflicting_flags", "--clear-waiting-on and --waiting-on"],
    ["goal_not_found", "no goal"],
    ["goal_id_invalid", "is no goal id"],
    ["usage", "nothing to change was given"],
  ],
  "register-agent": [
    ["invalid_value", "--agent-id has to start with a letter"],
    ["invalid_value", "--primary-agent has to be a registered agent"],
    ["goal_not_found", "no goal"],
    ["usage", "--agent-id is missing"],
  ],
  "heartbeat-prompt": [
    ["conflicting_flags", "--thin and --brief exclude each other"],
    ["state_file_missing", "the active state MISSING.md does not exist"],
    ["state_file_missing", "the goal state <project>/LOST.md"],
    ["agent_id_required", "say which one the prompt is for"],
    ["agent_not_registered", "That agent is not registered"],
    ["invalid_value", "--agent-scope holds no angle brackets"],
    ["goal_not_found", "no goal"],
  ],
  registry: [
    ["registry_not_found", "there is no registry"],
    ["registry_invalid", "a comma stands before"],
    ["registry_unhealthy", "goal ids differ only in case"],
  ],
  history: [
    ["goal_not_found", "no goal"],
    ["invalid_value", "--limit is a whole number from 1 to 1000"],
  ],
  check: [
    ["check_failed", "credential"],
    ["invalid_value", "the scan path"],
    ["goal_not_found", "no goal"],
  ],
  status: [
    ["registry_not_found", "does not exist"],
    ["registry_invalid", "a comma stands before"],
    ["goal_not_found", "no goal"],
    ["invalid_value", "the scan path"],
    ["conflicting_flags", "--goal-id is given twice"],
    ["conflicting_flags", "JSON is one document"],
    ["usage", "there is no flag"],
  ],
  "review-packet": [
    ["goal_not_found", "no goal"],
    ["invalid_value", "is no http or https address"],
  ],
  doctor: [["doctor_failed", "a required check fails"]],
  demo: [["invalid_value", "is not empty"]],
  "should-run": [
    ["registry_invalid", "a comma stands before"],
    ["goal_not_found", "No goal of this registry"],
    ["agent_not_registered", "is not registered for this goal"],
    ["goal_unhealthy", "the line is no JSON"],
  ],
  "quota should-run": [
    ["goal_unhealthy", "the goal state <project>/LOST.md does not exist"],
    ["goal_not_found", "No goal of this registry"],
  ],
  why: [
    ["registry_invalid", "a comma is expected"],
    ["goal_not_found", "No goal of this registry"],
    ["goal_id_invalid", "is no goal id"],
  ],
  "quota spend-slot": [
    ["spend_refused", "the goal is not well"],
    ["spend_refused", "the goal is paused"],
    ["spend_refused", "the goal has registered agents; name one"],
    ["spend_refused", "a side agent spends from its own worktree only"],
    ["spend_refused", "nothing is left in this window"],
    ["spend_refused", "2 slots were asked for and 1 remain"],
    ["spend_refused", "no unspent record newer than the last one paid for"],
    ["spend_refused", "was paid for at"],
    ["spend_refused", "shows too little"],
    ["spend_refused", "belongs to codex-1"],
    ["spend_refused", "brought no outcome"],
    ["spend_refused", "the delivery contract wants"],
    ["spend_refused", "the outcome floor was tripped"],
    ["spend_refused", "the goal state is the same as when"],
    ["spend_refused", "can be paid for"],
    ["spend_refused", "several records have the time"],
    ["lease_fenced", "counts no more"],
    ["invalid_value", '--slots is a whole number of at least 1, not "0"'],
    ["invalid_value", '--slots is a whole number of at least 1, not "-1"'],
    ["invalid_value", '--slots is a whole number of at least 1, not "1.5"'],
    ["usage", "--override-reason goes with --source controller only"],
    ["conflicting_flags", "--run-id and --run-generated-at exclude each other"],
    ["goal_not_found", "no goal"],
  ],
  "quota void-slot": [
    ["void_refused", "is already voided"],
    ["ambiguous_target", "several spends have the time"],
    ["run_not_found", "no spend"],
    ["usage", "--reason-summary is missing"],
    ["usage", "by exactly one of --run-id and --void-generated-at"],
    ["goal_not_found", "no goal"],
  ],
  "quota monitor-poll": [
    ["poll_refused", "asks for no poll now"],
    ["todo_not_found", "No todo of"],
    ["usage", "name what was looked at"],
    ["usage", "goes with `material_change` only"],
    ["usage", "is due and has no cadence"],
    ["invalid_value", "`cadence` is not right"],
    ["conflicting_flags", "exclude each other"],
    ["goal_not_found", "no goal"],
  ],
  "todo add": [
    ["usage", "--role is missing"],
    ["usage", "--text is missing"],
    ["usage", "--goal-id (-g) is missing"],
    ["invalid_value", "A continuous_monitor is an agent todo"],
    ["invalid_value", "A user_action is a user todo"],
    ["invalid_value", "With several agents a user_gate needs"],
    ["conflicting_flags", "not both"],
    ["invalid_value", "is not the registered repository"],
    ["invalid_value", "is not the registered .codex/goals/parser/ACTIVE_GOAL_STATE.md"],
    ["agent_not_registered", "ghost is not registered"],
    ["unsafe_text", "--text holds a text of the kind credential"],
    ["state_file_missing", "does not exist"],
    ["goal_not_found", "no goal"],
  ],
  "todo list": [
    ["invalid_value", "--limit is a whole number"],
    ["state_file_missing", "does not exist"],
  ],
  "todo claim": [
    ["claim_conflict", "by a claim until"],
    ["claim_conflict", "by a claim that is stale since"],
    ["lease_conflict", "holds a live lease"],
    ["agent_not_registered", "ghost is not registered"],
    ["invalid_value", "is done; only an open todo"],
    ["invalid_value", "is for a person"],
    ["usage", "Taking over a claim needs a reason"],
    ["todo_not_found", "No todo of"],
  ],
  "todo update": [
    ["claim_conflict", "by a claim until"],
    ["lease_conflict", "holds a live lease"],
    ["lease_fenced", "counts no more"],
    ["completion_refused", "is a side agent"],
    ["invalid_value", "--status is one of"],
    ["usage", "Nothing to update was given"],
    ["todo_not_found", "No todo of"],
  ],
  "todo complete": [
    ["claim_conflict", "by a claim until"],
    ["lease_conflict", "holds a live lease"],
    ["lease_fenced", "counts no more"],
    ["completion_refused", "is a side agent"],
    ["completion_refused", "A self-merge needs evidence"],
    ["completion_refused", "has to be claimed by"],
    ["conflicting_flags", "exclude each other"],
    ["usage", "describes a next todo"],
    ["todo_not_found", "No todo of"],
  ],
  "todo supersede": [
    ["claim_conflict", "by a claim until"],
    ["lease_conflict", "holds a live lease"],
    ["lease_fenced", "counts no more"],
    ["usage", "--reason is missing"],
    ["conflicting_flags", "exclude each other"],
    ["todo_not_found", "No todo of"],
  ],
  "todo capture-followups": [
    ["usage", "--follow-up is missing"],
    ["invalid_value", "has to be words behind its priority"],
    ["unsafe_text", "--follow-up holds a text of the kind credential"],
  ],
  "todo archive-completed": [["invalid_value", "--max-active-done is a whole number"]],
  "lease acquire": [
    ["agent_not_registered", "ghost is not registered"],
    ["todo_not_found", "No todo of"],
    ["invalid_value", "is done; only an open todo"],
    ["invalid_value", "is for a person"],
    ["claim_conflict", "by a claim until"],
    ["lease_conflict", "holds a live lease"],
    ["lease_conflict", "Only the primary agent"],
    ["write_scope_conflict", "may cover one path"],
    ["idempotency_key_reuse", "with other arguments"],
    ["lease_unreadable", "it counts as held"],
    ["invalid_value", "--ttl-minutes is a whole number"],
    ["usage", "Taking over a live lease needs a reason"],
    ["goal_not_found", "no goal"],
  ],
  "lease renew": [
    ["lease_fenced", "holds no lease"],
    ["lease_not_active", "it expired at"],
    ["lease_version_mismatch", "has version 1 now"],
  ],
  "lease release": [
    ["lease_fenced", "holds no lease"],
    ["lease_not_active", "it expired at"],
    ["lease_version_mismatch", "has version 1 now"],
  ],
  "lease verify": [
    ["lease_fenced", "holds no lease"],
    ["lease_not_active", "it expired at"],
    ["lease_version_mismatch", "has version 1 now"],
    ["lease_unreadable", "it counts as held"],
  ],
  "lease list": [["goal_not_found", "no goal"]],
  "refresh-state": [
    ["agent_id_required", "say which one records this run"],
    ["agent_not_registered", "is not registered"],
    ["invalid_value", "--delivery-batch-scale is one of"],
    ["unsafe_text", "--classification holds a text of the kind credential"],
    ["unsafe_text", "--recommended-action holds a text of the kind local_private_path"],
    ["state_file_missing", "does not exist"],
    ["lease_fenced", "counts no more"],
    ["usage", "--goal-id (-g) is missing"],
    ["goal_not_found", "no goal"],
    ["goal_id_invalid", "is no goal id"],
  ],
  "read-only-map": [
    ["opt_in_required", "no operator has opted in"],
    ["opt_in_required", "the adapter is still planned"],
    ["invalid_value", "which maps nothing"],
    ["invalid_value", "has the status connected-delivery"],
    ["unsafe_text", "holds a text of the kind"],
    ["goal_not_found", "no goal"],
  ],
  "operator-gate": [
    ["goal_not_found", "no goal"],
    ["invalid_value", "--decision is one of"],
    ["invalid_value", "more than 5 minutes ahead"],
    ["unsafe_text", "holds a text of the kind"],
    ["usage", "--reason-summary is missing"],
    ["usage", "goes with --decision approve only"],
  ],
  reward: [
    ["ambiguous_target", "name one by --run-id"],
    ["run_not_found", "has no run to judge"],
    ["run_not_found", "has no run run_nowhere"],
    ["usage", "--lesson-kind is missing"],
    ["usage", "--lesson-summary is missing"],
    ["invalid_value", "may be given at most 5 times"],
    ["invalid_value", "is no instant"],
    ["invalid_value", "more than 5 minutes ahead"],
    ["unsafe_text", "holds a text of the kind credential"],
    ["conflicting_flags", "exclude each other"],
    ["goal_not_found", "no goal"],
  ],
  "archive-runtime": [
    ["goal_registered", "a registry still names"],
    ["lease_conflict", "holds a lease"],
    ["goal_id_invalid", "is no goal id"],
    ["goal_not_found", "has no runtime directory"],
    ["invalid_value", "which is to be moved"],
    ["conflicting_flags", "exclude each other"],
  ],
  completion: [
    ["invalid_value", "SHELL is one of"],
    ["usage", "needs SHELL"],
  ],
  "config get": [["invalid_value", "KEY is one of"]],
  "config list": [["config_invalid", "has a wrong value"]],
  "skills remove": [["invalid_value", "--target is one of"]],
  man: [["usage", "takes no word"]],
  mcp: [["conflicting_flags", "and has no other form"]],
  "serve-status": [
    ["usage", "is not of this machine alone"],
    ["invalid_value", "is no path of its own"],
    ["invalid_value", "--port is a whole number"],
  ],
};

/** These have nothing to refuse but flags that do not exist, which `status` and `usage/` show for all. */
const NEVER_REFUSE = ["version", "exit-codes", "quota status", "quota plan", "skills list", "skills install"];

const rows = LOOPX.commands.map((row) => ({ row, name: commandName(row) }));

describe("every command has golden transcripts", () => {
  test.each(rows.map(({ name }) => name))("%s: one that ends with 0", (name) => {
    expect(answersOf(name).filter(({ answer }) => !answer.includes("[exit "))).not.toEqual([]);
  });

  test.each(rows.filter(({ row }) => "dry-run" in row.flags).map(({ name }) => name))("%s: a dry run", (name) => {
    expect(answersOf(name).filter(({ answer }) => /dry_run"?: true/.test(answer))).not.toEqual([]);
  });

  test("each command refuses something, or is listed as one that does not", () => {
    expect(Object.keys(REFUSALS).concat(NEVER_REFUSE).sort()).toEqual(
      [...new Set([...rows.map(({ name }) => name), ...NEVER_REFUSE])].sort(),
    );
  });

  const refusals = Object.entries(REFUSALS).flatMap(([name, list]) => list.map(([code, words]) => [name, code, words] as const));
  test.each(refusals)("%s: %s, %s", (name, code, words) => {
    const seen = answersOf(name).some(({ answer }) => {
      const error = /^2> error: .*(?:\n(?!2> hint).*)*/m.exec(answer)?.[0] ?? (answer.includes(`"code": "${code}"`) ? answer : "");
      return error.replaceAll('\\"', '"').includes(words);
    });
    expect(seen).toBe(true);
  });
});

/** What transcripts show of a command, under any of its names, flags before the name included. */
function answersOf(name: string): typeof answered {
  const aliases = LOOPX.commands.find((row) => commandName(row) === name)?.aliases ?? [];
  const names = [name, ...aliases.map((path) => path.join(" "))];
  // A short name is also the beginning of longer ones: `quota` alone is `quota status`, `quota plan` is not.
  const patterns = names.map((each) => new RegExp(`^loopx (?:--?\\S+(?: [^-\\s]\\S*)? )*${each}(?:${each === name ? " " : " -"}|$)`));
  return answered.filter(({ line }) => patterns.some((pattern) => pattern.test(line)));
}
