/**
 * A scenario: what is said to a bot, turn by turn, and what it has to do (WTL-102). Every key is known or an error, because
 * a misspelt check would pass for ever. Reading a file into this shape is `parse.ts`.
 */
import * as z from "zod/mini";

/** The longest pause before a turn. */
const MAX_DELAY_MS = 60_000;
const MAX_AUTO_REPLIES = 10;
const MAX_TURNS = 200;

const words = z.array(z.string());
const count = z.int().check(z.minimum(0));

/** How the bot is set up; what is absent is off. */
const ConfigSchema = z.strictObject({
  session_prefix: z._default(z.string(), ""),
  allow_direct: z._default(z.boolean(), false),
  allow_groups: z._default(z.boolean(), false),
  show_tool_progress: z._default(z.boolean(), false),
  show_plan_clarify_messages: z._default(z.boolean(), false),
  plan_review_enabled: z._default(z.boolean(), false),
  memory_enabled: z._default(z.boolean(), false),
});

const SetupSchema = z.strictObject({
  config: z.prefault(ConfigSchema, {}),
  llm_mode: z._default(z.enum(["mock", "real"]), "mock"),
});

/** What the mocked model says to this turn. */
const MockResponseSchema = z.strictObject({
  answer: z.optional(z.string()),
  error: z.optional(z.string()),
  stop_reason: z.optional(z.string()),
  system_messages: z._default(words, []),
});

const MessengerCheckSchema = z
  .strictObject({
    method: z.string().check(z.minLength(1)),
    content_contains: z._default(words, []),
    content_absent: z._default(words, []),
    emoji_type: z.optional(z.string()),
    min_count: z._default(count, 1),
    max_count: z.optional(count),
  })
  .check(
    z.refine(({ min_count, max_count = 0 }) => max_count === 0 || max_count >= min_count, {
      error: "max_count is below min_count",
      path: ["max_count"],
    }),
  );

const ExecutorCheckSchema = z.strictObject({
  called: z.optional(z.boolean()),
  task_contains: z._default(words, []),
  task_absent: z._default(words, []),
});

const AssertionsSchema = z
  .strictObject({
    messenger: z._default(z.array(MessengerCheckSchema), []),
    no_call: z._default(words, []),
    executor: z.optional(ExecutorCheckSchema),
    timing: z.optional(z.strictObject({ max_ms: z.number().check(z.positive()) })),
  })
  .check(z.refine(holdsACheck, { error: "at least one check is needed" }));

const TurnSchema = z.strictObject({
  sender_id: z._default(z.string(), "user"),
  chat_id: z._default(z.string(), "chat"),
  message_id: z.optional(z.string().check(z.minLength(1))),
  content: z.string(),
  chat_type: z._default(z.enum(["p2p", "group"]), "p2p"),
  delay_ms: z._default(z.number().check(z.minimum(0), z.maximum(MAX_DELAY_MS)), 0),
  auto_reply: z.optional(z.union([z.boolean(), z.string().check(z.minLength(1))])),
  max_auto_reply_rounds: z._default(z.int().check(z.minimum(0), z.maximum(MAX_AUTO_REPLIES)), 1),
  mock_response: z.optional(MockResponseSchema),
  assertions: AssertionsSchema,
});

/** A scenario file, defaults filled in; `name` may still be absent. */
export const ScenarioSchema = z.strictObject({
  name: z.optional(z.string().check(z.minLength(1))),
  description: z.optional(z.string()),
  tags: z._default(words, []),
  setup: z.prefault(SetupSchema, {}),
  turns: z.array(TurnSchema).check(z.minLength(1), z.maxLength(MAX_TURNS)),
  // For those who judge answers elsewhere; nothing here looks at it.
  eval: z.optional(z.record(z.string(), z.unknown())),
});

export type ScenarioSetup = z.infer<typeof SetupSchema>;
export type Turn = z.infer<typeof TurnSchema>;
export type Assertions = z.infer<typeof AssertionsSchema>;
export type MessengerCheck = z.infer<typeof MessengerCheckSchema>;
export type ExecutorCheck = z.infer<typeof ExecutorCheckSchema>;

/** One scenario with the file it stands in; `name` is the file's stem where none is written. */
export interface Scenario extends Omit<z.infer<typeof ScenarioSchema>, "name"> {
  readonly name: string;
  readonly file: string;
}

interface Written {
  readonly messenger: readonly unknown[];
  readonly no_call: readonly unknown[];
  readonly executor?: z.infer<typeof ExecutorCheckSchema> | undefined;
  readonly timing?: unknown;
}

/** An empty `executor:` asks for nothing. */
function holdsACheck({ messenger, no_call, executor, timing }: Written): boolean {
  const asksExecutor =
    executor !== undefined && (executor.called !== undefined || executor.task_contains.length + executor.task_absent.length > 0);
  return messenger.length + no_call.length > 0 || asksExecutor || timing !== undefined;
}
