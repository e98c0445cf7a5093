/**
 * `todo capture-followups`: what came up along the way, as open agent todos that nobody holds yet, in one write. It closes
 * nothing and claims nothing.
 */
import type { GoalState } from "./document.ts";
import type { Edit } from "./edit.ts";
import { metadataTokens, unfitting, type MetadataInput } from "./metadata-input.ts";
import { newTokens, outlookOfTokens } from "./todo-add.ts";
import { insertTodos, sameOpenTodo, type NewTodo } from "./todo-edit.ts";
import { findTodo } from "./document.ts";
import { freshTodoId, isRefused, refuse, refuseValue, rewrite, type Refused, type Rewritten, type TodoContext } from "./todo-outcome.ts";
import { newTodoText } from "./todo-text.ts";
import type { Todo } from "./todo.ts";

/** So many at once; more is a plan, not a follow-up. */
export const FOLLOW_UPS = 20;

/** What came up. The metadata is that of each new todo. */
export interface CaptureRequest {
  readonly follow_ups: readonly string[];
  readonly metadata?: MetadataInput;
}

/** One follow-up and its todo; `added` is false where an open todo said it before. */
export interface CapturedTodo {
  readonly todo: Todo;
  readonly added: boolean;
}

/** The state with the follow-ups, or why none of them was written. */
export type CaptureOutcome =
  | (Rewritten & { readonly captured: readonly CapturedTodo[] })
  | { readonly kind: "unchanged"; readonly state: GoalState; readonly captured: readonly CapturedTodo[] }
  | Refused;

/** All of them or none. A follow-up that an open agent todo says already, or that was given twice, adds nothing. */
export function captureFollowUps(state: GoalState, request: CaptureRequest, context: TodoContext): CaptureOutcome {
  const texts = followUpTexts(request.follow_ups);
  if (isRefused(texts)) return texts;
  const given = metadataTokens(request.metadata ?? {}, context.agents);
  if (isRefused(given)) return given;
  const tokens = newTokens("agent", given, context);
  const misfit = unfitting(tokens, outlookOfTokens("agent", tokens), context.agents);
  if (misfit !== null) return misfit;
  const fresh: NewTodo[] = [];
  const ids: { readonly todo_id: string; readonly added: boolean }[] = [];
  for (const text of texts) {
    const twin = sameOpenTodo(state, "agent", text);
    const todo_id =
      twin?.todo_id ??
      freshTodoId(
        state,
        context,
        fresh.map((todo) => todo.todo_id),
      );
    if (isRefused(todo_id)) return todo_id;
    if (twin === null) fresh.push({ todo_id, text, tokens });
    ids.push({ todo_id, added: twin === null });
  }
  const edits: Edit[] = fresh.length === 0 ? [] : [insertTodos(state, "agent", fresh, context.now)];
  if (edits.length === 0) return { kind: "unchanged", state, captured: capturedIn(state, ids) };
  const result = rewrite(state, edits, context.now);
  return result.kind === "refused" ? result : { ...result, captured: capturedIn(result.state, ids) };
}

/** The checked texts, each once, in the order given. */
function followUpTexts(given: readonly string[]): readonly string[] | Refused {
  if (given.length === 0) return refuse("usage", "No follow-up was given.", { key: "follow_up" });
  if (given.length > FOLLOW_UPS) return refuseValue("follow_up", `at most ${FOLLOW_UPS} at once`);
  const texts = new Set<string>();
  for (const text of given) {
    const line = newTodoText(text);
    if ("fault" in line) return refuseValue("follow_up", line.fault);
    texts.add(line.text);
  }
  return [...texts];
}

function capturedIn(state: GoalState, ids: readonly { readonly todo_id: string; readonly added: boolean }[]): CapturedTodo[] {
  return ids.flatMap(({ todo_id, added }) => {
    const todo = findTodo(state, todo_id);
    return todo === null ? [] : [{ todo, added }];
  });
}
