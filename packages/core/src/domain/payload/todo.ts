/** The answers of the todo verbs (CMD-99). */
import * as z from "zod/mini";
import { PRIORITIES, TASK_CLASSES, TODO_ROLES, TODO_STATUSES, TodoMetadataSchema } from "../goal-state/todo.ts";
import { LISTED_ARCHIVED } from "../goal-state/todo-archive.ts";
import { count, effect, flag, text, textOrNull } from "./fields.ts";
import type { PayloadOf } from "./frozen.ts";

export const SuccessorSchema = z.strictObject({
  todo_id: z.string(),
  role: z.enum(TODO_ROLES),
  text: z.string(),
  claimed_by: z.nullable(z.string()),
});
/** A todo that follows another. */
export type SuccessorTodo = PayloadOf<typeof SuccessorSchema>;

export const TodoChangeSchema = z.strictObject({
  ...effect,
  changed: flag("False when nothing was written, or only a claim's age restarted."),
  added: flag("True for a new todo."),
  already_exists: flag("True when an open todo says the same, or the wanted state stood already."),
  metadata_updated: z.boolean(),
  goal_id: z.string(),
  role: z.enum(TODO_ROLES),
  section: text("The heading it stands under."),
  todo: text("Its text, priority prefix included."),
  todo_id: z.string(),
  status: z.enum(TODO_STATUSES),
  task_class: z.nullable(z.enum(TASK_CLASSES)).check(z.describe("Null on a user todo without a class: such a todo gates.")),
  action_kind: z.nullable(z.string()),
  claimed_by: z.nullable(z.string()),
  successor: z.nullable(SuccessorSchema).check(z.describe("The todo that follows this one; the first of `successors`.")),
  successors: z.array(SuccessorSchema).check(z.describe("Every todo that follows, from --next-agent-todo and --next-user-todo.")),
  state_file: z.string(),
  project: z.string(),
  updated_at: z.nullable(z.string()),
  warnings: z.array(z.string()),
});
/** A todo after a verb, and what the verb did. */
export type TodoChangeResult = PayloadOf<typeof TodoChangeSchema>;

export const TodoArchiveSchema = z.strictObject({
  ...effect,
  changed: flag("False when nothing had to move."),
  archived_count: count("Todos that moved."),
  kept_count: count("Closed todos that stay where they are."),
  archived: z
    .array(z.strictObject({ todo_id: z.string(), status: z.enum(TODO_STATUSES), text: z.string() }))
    .check(z.describe(`Oldest first, at most ${LISTED_ARCHIVED}.`)),
  goal_id: z.string(),
  role: z.enum(TODO_ROLES),
  section: text("The heading they moved under."),
  max_active_done: z.int(),
  state_file: z.string(),
  project: z.string(),
  updated_at: z.nullable(z.string()),
  warnings: z.array(z.string()),
});
/** The closed todos that moved, or would move. */
export type TodoArchiveResult = PayloadOf<typeof TodoArchiveSchema>;

export const TodoCaptureSchema = z.strictObject({
  ...effect,
  changed: flag("False when open todos say all of it already."),
  goal_id: z.string(),
  role: z.literal("agent"),
  section: text("The heading they stand under."),
  captured_count: count("Todos that were added."),
  already_exists_count: count("Follow-ups that an open todo said before."),
  todos: z
    .array(z.strictObject({ todo_id: z.string(), text: z.string(), status: z.enum(TODO_STATUSES), added: z.boolean() }))
    .check(z.describe("In the order given, each text once.")),
  state_file: z.string(),
  project: z.string(),
  updated_at: z.nullable(z.string()),
  warnings: z.array(z.string()),
});
/** The follow-ups that were written down, or would be. */
export type TodoCaptureResult = PayloadOf<typeof TodoCaptureSchema>;

const { claimed_by: _claimed_by, ...metadata } = TodoMetadataSchema.shape;

export const ListedTodoSchema = z.strictObject({
  todo_id: z.string(),
  role: z.enum(TODO_ROLES),
  index: count("1-based place within the role."),
  section: z.string(),
  line: count("1-based line of the checkbox."),
  status: z.enum(TODO_STATUSES),
  done: z.boolean(),
  text: text("Priority prefix included."),
  title: text("Without the priority prefix."),
  priority: z.nullable(z.enum(PRIORITIES)),
  task_class: z.nullable(z.enum(TASK_CLASSES)).check(z.describe("Null on a user todo without a class: such a todo gates.")),
  claimed_by: z.nullable(z.string()),
  claim_age_minutes: z.nullable(z.int()).check(z.describe("Null without a claim, or when nobody wrote its time down.")),
  claim_stale: flag("Older than the goal's `claim_ttl_minutes`; it may be taken over."),
  leased_by: textOrNull("Who holds its live lease, which outranks the claim."),
  lease_expires_at: z.nullable(z.string()),
  ...metadata,
});
/** A todo with its metadata and the age of its claim. */
export type ListedTodo = PayloadOf<typeof ListedTodoSchema>;

export const TodoCountsSchema = z.strictObject({ total: z.int(), open: z.int(), blocked: z.int(), done: z.int(), deferred: z.int() });
export type TodoCounts = PayloadOf<typeof TodoCountsSchema>;

export const TodoListResultSchema = z.strictObject({
  read_only: z.literal(true),
  goal_id: z.string(),
  todos: z.array(ListedTodoSchema).check(z.describe("In file order.")),
  todo_count: count("How many fit the filters, before the limit."),
  user_todos: TodoCountsSchema,
  agent_todos: TodoCountsSchema,
  state_file: z.string(),
  project: z.string(),
  updated_at: textOrNull("As the state says it."),
});
/** The todos that fit, and counts of all. */
export type TodoListResult = PayloadOf<typeof TodoListResultSchema>;
