/** The question whether a repair may be promoted: asked once per commit, answered by `operator-gate`, closed when it is over (WTL-72). */
import { addTodo, completeTodo, listTodos } from "@loopx/core";
import { parseGoalId } from "@loopx/core/domain";
import { isJsonObject, textAt } from "../drivers/agents/json.ts";
import type { Cycle } from "./cycle.ts";
import { placeOf } from "../drivers/git/checkout.ts";
import { CHANGED_FILES, PROMOTION_QUESTION } from "./sentences.ts";
import type { PromotionQuestion, Site } from "./site.ts";
import { shaOf } from "./tree.ts";

const RUNS = 300;
const SHOWN_FILES = 20;
const PREFIX = "promote_";
const SCOPE = "production:action:";

/** The gate that a person answers for exactly this commit. */
export function gateName(candidate_sha: string): string {
  return `${PREFIX}${candidate_sha}`;
}

/** The command that approves it. */
export function approvalCommand(goal_id: string, candidate_sha: string): string {
  return `loopx operator-gate -g ${goal_id} --gate ${gateName(candidate_sha)} --decision approve --reason-summary "looked at it"`;
}

/** The newest answer to exactly that gate; an answer for another commit is none. */
export async function answerOf(site: Site, goal: string, gate: string): Promise<"approved" | "rejected" | null> {
  const goal_id = parseGoalId(goal);
  if (goal_id === null) return null;
  const page = await site.host.logs.tail({ kind: "runs", goal_id }, { limit: RUNS });
  for (const entry of page.kind === "page" ? page.entries : []) {
    const record = entry.kind === "record" ? entry.record : null;
    const asked = record === null ? null : record["operator_gate"];
    if (record === null || !isJsonObject(asked) || textAt(asked, "gate") !== gate) continue;
    const said = /^operator_gate_(approved|rejected)$/.exec(textAt(record, "classification"))?.[1];
    return said === "approved" || said === "rejected" ? said : null;
  }
  return null;
}

/** Whether a person has answered the gate of that commit. */
export async function answeredGate(site: Site, candidate_sha: string): Promise<boolean> {
  const { goal_id } = site.config;
  return goal_id !== null && (await answerOf(site, goal_id, gateName(candidate_sha))) !== null;
}

/** Whether a gate asks for a promotion. */
export function isPromotionGate(gate: string): boolean {
  return gate.startsWith(PREFIX);
}

/** The question for a card; null when nobody can answer one. */
export async function promotionQuestion(
  site: Site,
  { base_sha, candidate_sha }: Cycle,
): Promise<Omit<PromotionQuestion, "line" | "key"> | null> {
  const { goal_id, main_branch } = site.config;
  if (goal_id === null) return null;
  const { stdout } = await site.git.ask(placeOf(site.root), ["diff", "--name-only", "-z", shaOf(base_sha), shaOf(candidate_sha)]);
  const files = stdout.split("\0").filter((file) => file !== "");
  return {
    goal_id,
    gate: gateName(candidate_sha),
    sha: candidate_sha,
    question: PROMOTION_QUESTION[site.locale](candidate_sha.slice(0, 12), main_branch),
    summary: CHANGED_FILES[site.locale](files.slice(0, SHOWN_FILES), Math.max(0, files.length - SHOWN_FILES)),
  };
}

/** A todo that stops this promotion and nothing else, and is told each time; asking again changes nothing. */
export async function askPerson(site: Site, goal_id: string, { candidate_sha }: Cycle): Promise<void> {
  await addTodo(site.host, {
    goal_id,
    role: "user",
    text: `Approve the promotion of the repair ${candidate_sha.slice(0, 12)}: ${approvalCommand(goal_id, candidate_sha)}`,
    task_class: "user_gate",
    decision_scope: `${SCOPE}${gateName(candidate_sha)}`,
    cwd: site.root.dir,
  });
}

/** Closes every question but the one that the cycle left open: answered, or about a commit that has been overtaken. */
export async function closeQuestions(site: Site, goal_id: string, { result, candidate_sha }: Cycle): Promise<void> {
  if (result === "infra_error" || result === "aborted") return;
  const gate = result === "awaiting_gate" ? gateName(candidate_sha) : null;
  site.gate_cards?.close(goal_id, gate);
  const open = gate === null ? null : `${SCOPE}${gate}`;
  const { todos } = await listTodos(site.host, { goal_id, role: "user", status: "open", cwd: site.root.dir });
  for (const { todo_id, decision_scope: scope = "" } of todos) {
    if (!scope.startsWith(`${SCOPE}${PREFIX}`) || scope === open) continue;
    await completeTodo(site.host, {
      goal_id,
      todo_id,
      evidence: `the cycle of ${candidate_sha.slice(0, 12)} ended: ${result ?? ""}`,
      cwd: site.root.dir,
    });
  }
}
