/**
 * `@loopx/core/domain`: the pure part. It decides, reads and edits texts, and describes every record and answer; it opens
 * nothing, knows no clock and no platform, and loads in a browser. `now` and a hash function are given by the caller.
 */

// Words that every room uses.
export { loopxCommand, shellLine, shellQuote, type Invocation, type Placeholder } from "./command-line.ts";
export type { Digest } from "./digest.ts";
export { ERRORS, LoopxError, type ErrorCode } from "./errors.ts";
export { finding, FINDINGS, type Finding, type FindingCode, type Severity } from "./finding.ts";
export { parseAgentId, parseGoalId, parseTodoId, type AbsolutePath, type GoalId, type TodoId } from "./ids.ts";
export { isJsonObject, type JsonObject, type JsonValue } from "./json.ts";
export { LOCALES, parseLocale, type Locale, type Sentence } from "./locale/locale.ts";
export { formatInstant, formatStamp, instantMs, readInstant, type Moment, type ReadInstant } from "./time.ts";

// boundary: texts that must not become public, and requests that must not come in.
export {
  detect,
  firstHit,
  isSafe,
  redact,
  SURFACE_RULES,
  type BoundaryOptions,
  type BoundaryRule,
  type BoundarySurface,
  type Hit,
} from "./boundary/detector.ts";
export { MAX_BODY_DEPTH, readJsonBody } from "./boundary/request-body.ts";
export {
  claimedLength,
  givenToken,
  guardRequest,
  headerPairs,
  isJsonType,
  isMalformed,
  MAX_QUERY_BYTES,
  targetOf,
  valuesOf,
  type RawHeaders,
  type RawRequest,
  type RequestPolicy,
  type RequestRefusal,
} from "./boundary/request-guard.ts";
export { afterFailure, delayMs, type Failures } from "./boundary/wrong-tokens.ts";

// goal: registries and their entries.
export {
  ADAPTER_STATUSES,
  GoalEntrySchema,
  isConnectedAdapter,
  isReadOnlyMapKind,
  WAITING_ON,
  type ExecutionProfile,
  type GoalEntry,
} from "./goal/entry.ts";
export { DEFAULT_EXECUTION_PROFILE, executionProfileLine, readExecutionProfile } from "./goal/execution-profile.ts";
export { configureEntry } from "./goal/configure.ts";
export type { ConfigureChange, ConflictingFlags } from "./goal/configure-change.ts";
export type { ConfiguredEntry } from "./goal/entry-writes.ts";
export { globalFindings, type GlobalFacts, type GlobalFinding, type SourceRegistryFact } from "./goal/global-findings.ts";
export type { InvalidValue } from "./goal/limits.ts";
export { newGoalEntry, type NewGoalInput } from "./goal/new-entry.ts";
export { readGoalEntry, type EntryPlace } from "./goal/read-entry.ts";
export { itemsOfGoal, readRegistry, registryFindings, type ReadRegistry } from "./goal/read-registry.ts";
export { GlobalRegistryRecordSchema, GoalEntryRecordSchema, RegistryRecordSchema } from "./goal/records.ts";
export type { Registry, RegistryItem } from "./goal/registry.ts";
export { planSync, type SyncCollision, type SyncPlan, type SyncRequest } from "./goal/sync-plan.ts";

// goal-state: ACTIVE_GOAL_STATE.md, read with findings and edited in place. A verb answers the edit or says why not.
export { claimAge, type ClaimAge } from "./goal-state/claim.ts";
export { findTodo, todosOf, type GoalState } from "./goal-state/document.ts";
export { applyEdits, type Edit } from "./goal-state/edit.ts";
export { addLedgerEntry, type LedgerEntry, type LedgerOutcome } from "./goal-state/ledger.ts";
export type { MetadataInput } from "./goal-state/metadata-input.ts";
export { setNextAction, type NextActionOutcome } from "./goal-state/next-action-edit.ts";
export { parseGoalState, type ParseOptions } from "./goal-state/parse.ts";
export { newGoalState, type NewGoalState } from "./goal-state/template.ts";
export {
  PRIORITIES,
  TASK_CLASSES,
  TODO_ROLES,
  TODO_STATUSES,
  TodoSchema,
  type Priority,
  type TaskClass,
  type Todo,
  type TodoMetadata,
  type TodoRole,
  type TodoStatus,
} from "./goal-state/todo.ts";
export { addTodo, type AddTodoRequest } from "./goal-state/todo-add.ts";
export { archiveCompleted, type ArchiveOutcome, type ArchiveRequest } from "./goal-state/todo-archive.ts";
export { claimTodo, type ClaimTodoRequest } from "./goal-state/todo-claim.ts";
export { completeTodo, type CompleteTodoRequest } from "./goal-state/todo-complete.ts";
export type { Refused, TodoAgents, TodoContext, TodoEdited, TodoLease, TodoOutcome, TodoUnchanged } from "./goal-state/todo-outcome.ts";
export { supersedeTodo, type SupersedeTodoRequest } from "./goal-state/todo-supersede.ts";
export { updateTodo, type UpdateTodoRequest } from "./goal-state/todo-update.ts";

// run: index lines, and the bounded history they fold into.
export { createFold, type Fold, type FoldEntry } from "./run/fold.ts";
export {
  meetsMinimumScale,
  outcomeOf,
  scaleOf,
  streaksOf,
  type Gradable,
  type RunOutcome,
  type RunScale,
  type Streaks,
} from "./run/grades.ts";
export {
  BATCH_SCALES,
  DELIVERY_OUTCOMES,
  HumanRewardSchema,
  LESSON_KINDS,
  LessonSchema,
  type BatchScale,
  type DeliveryOutcome,
  type History,
  type HumanReward,
  type Lesson,
  type Run,
} from "./run/history.ts";
export { readLine, type BadLineReason, type LineContent } from "./run/line.ts";
export { RunRecordSchema, type RunRecord } from "./run/record-schema.ts";

// quota: from facts to decision to verdict, and what a spend needs.
export {
  DECISION_KINDS,
  GOAL_STATES,
  RULE_NAMES,
  WAITING_PARTIES,
  type DecisionKind,
  type RuleName,
  type WaitingParty,
} from "./quota/answers.ts";
export { deliveryContract, DeliveryContractSchema, type DeliveryContract } from "./quota/contract.ts";
export { decide } from "./quota/decide.ts";
export type { Decision } from "./quota/decision.ts";
export { exitCodeOf, type VerdictExitCode } from "./quota/exit-code.ts";
export { FactsSchema, type Facts, type QuotaFacts } from "./quota/facts.ts";
export { quotaFacts, type Ledger } from "./quota/ledger.ts";
export { decideSpend, type SpendDecision } from "./quota/spend.ts";
export { SPEND_REFUSALS, type SpendInput, type SpendRefusal } from "./quota/spend-input.ts";
export { verdictOf, type VerdictOptions } from "./quota/verdict.ts";
export { errorOf, type VerdictError } from "./quota/verdict-error.ts";
export { QuotaViewSchema, VerdictSchema, type QuotaView, type Verdict } from "./quota/verdict-schema.ts";
export { decideVoid, type VoidDecision, type VoidInput } from "./quota/void.ts";
export { explain } from "./quota/why.ts";

// lease: hard, timed, fenced ownership.
export { formatLease, LeaseSchema, parseLease, type Lease, type LeaseKey, type LeaseRef } from "./lease/lease.ts";
export {
  acquireLease,
  releaseLease,
  renewLease,
  type AcquireAnswer,
  type LeaseGround,
  type LeaseLost,
  type LeaseRequest,
} from "./lease/rules.ts";
export { overlappingScopes } from "./lease/scopes.ts";

// map: a project at one look.
export { projectMap, type MapFacts, type ProjectMap } from "./map/map.ts";
export { residualRisks, type RiskFacts } from "./map/risks.ts";

// reward: what people's judgements warn of.
export { lessonWarning, type LessonMatch, type LessonWarning } from "./reward/lessons.ts";
export { readReward } from "./reward/reward.ts";

// heartbeat: the prompt an agent gets when it wakes.
export { heartbeatMarkdown, heartbeatQuiet } from "./heartbeat/markdown.ts";
export type { Form, HeartbeatRequest } from "./heartbeat/inputs.ts";
export { newProjectPrompt, type NewProjectInputs } from "./heartbeat/new-project.ts";
export { heartbeatPrompt, type HeartbeatPrompt } from "./heartbeat/prompt.ts";

// status: decisions as the operator's list shows them.
export { attentionFacts, attentionItem, attentionQueue } from "./status/attention.ts";
export type { GoalOverview, OpenGate } from "./status/overview.ts";
export { quotaPlan } from "./status/quota-plan.ts";

// payload: what every command answers, as types and as schemas.
export { schemaVersionOf } from "./payload/answer.ts";
export type { ArchiveRuntimeResult } from "./payload/archive-runtime.ts";
export type { AttentionItem, AttentionQueue, ProjectAsset } from "./payload/attention.ts";
export type { CheckReport } from "./payload/check.ts";
export type { ConnectResult } from "./payload/connect.ts";
export type { HeartbeatPayload } from "./payload/heartbeat-prompt.ts";
export type { HistoryResult, ShownRun } from "./payload/history.ts";
export { jsonSchemaOf, schemaFaults } from "./payload/json-schema.ts";
export type {
  CandidatesPayload,
  CompletionPayload,
  ConfigGetPayload,
  ConfigListPayload,
  DemoPayload,
  DoctorPayload,
  ExitCodesPayload,
  ManPayload,
  McpPayload,
  ServeStatusPayload,
  SkillChangesPayload,
  SkillsPayload,
  VersionPayload,
} from "./payload/program.ts";
export type { NewProjectPayload } from "./payload/new-project-prompt.ts";
export type { Note } from "./payload/note.ts";
export type { QuotaPlan, QuotaPlanItem, QuotaStatusResult } from "./payload/quota-status.ts";
export type { ReadOnlyMapResult } from "./payload/read-only-map.ts";
export type { RefreshStateResult } from "./payload/refresh-state.ts";
export { SCHEMAS } from "./payload/schemas.ts";
export type { SpendSlotResult, VoidSlotResult } from "./payload/spend-slot.ts";
export type { StatusResult } from "./payload/status.ts";
export type { GlobalSync } from "./payload/sync-global.ts";
export type { ListedTodo, SuccessorTodo, TodoArchiveResult, TodoChangeResult, TodoListResult } from "./payload/todo.ts";
export type { Why } from "./payload/why.ts";
export { changeOf, type GoalSettings } from "./goal/settings.ts";
export {
  readGoalProfile,
  type GoalDetail,
  type GoalPart,
  type LoopView,
  type MaterialRef,
  type RunPoint,
  type SpendPoint,
  type WindowCapabilities,
  type WindowGoalsAnswer,
  type WindowLoopsAnswer,
  type WindowStatusAnswer,
} from "./payload/window.ts";
