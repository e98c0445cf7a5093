export { answerGate, type GateAnswerInput, type GateAnswerResult } from "./answer-gate.ts";
export { archiveRuntime, type ArchiveRuntimeInput, type ArchiveRuntimeResult } from "./archive-runtime.ts";
export { check, type CheckInput, type CheckResult } from "./check.ts";
export {
  configureGoal,
  configurePreviewId,
  registerAgent,
  type ConfigureGoalInput,
  type ConfigureGoalResult,
  type RegisterAgentInput,
  type RegisterAgentResult,
} from "./configure-goal.ts";
export { connect, type ConnectInput, type ConnectResult } from "./connect.ts";
export { disconnect, type DisconnectInput, type DisconnectResult } from "./disconnect.ts";
export { listDisconnected, type DisconnectListResult } from "./disconnect-list.ts";
export { restoreDisconnected, type RestoreInput } from "./disconnect-restore.ts";
export { history, type HistoryInput, type HistoryResult, type ShownRun } from "./history.ts";
export { acquireLease, type AcquireLeaseInput, type LeaseChangeResult } from "./lease-acquire.ts";
export { goalSettings, type GoalSettingsInput } from "./goal-settings.ts";
export { listLeases, type LeaseListResult, type ListLeasesInput } from "./lease-list.ts";
export { releaseLease, type ReleaseLeaseInput } from "./lease-release.ts";
export { renewLease, type RenewLeaseInput } from "./lease-renew.ts";
export { verifyLease, type LeaseVerifyResult } from "./lease-verify.ts";
export { promptForHeartbeat, type HeartbeatPromptInput, type HeartbeatPromptResult } from "./heartbeat-prompt.ts";
export { inspectRegistry, type RegistryResult } from "./registry.ts";
export { promptForNewProject, type NewProjectPayload, type NewProjectPromptInput } from "./new-project-prompt.ts";
export { operatorGate, type OperatorGateInput, type OperatorGateResult } from "./operator-gate.ts";
export { monitorPoll, type MonitorPollInput, type MonitorPollResult } from "./monitor-poll.ts";
export { quotaStatus, type QuotaStatusInput, type QuotaStatusResult } from "./quota-status.ts";
export { readOnlyMap, type ReadOnlyMapInput, type ReadOnlyMapResult } from "./read-only-map.ts";
export { refreshState, type RefreshStateInput, type RefreshStateResult } from "./refresh-state.ts";
export { handoffOnly, reviewPacket, type HandoffOnly, type ReviewPacket, type ReviewPacketInput } from "./review-packet.ts";
export {
  listReviewMaterial,
  reviewMaterial,
  type ListReviewMaterialInput,
  type ReviewMaterial,
  type ReviewMaterialInput,
} from "./review-material.ts";
export { rewardPreviewId, rewardRun, type RewardInput, type RewardResult } from "./reward.ts";
export { shouldRun, type ShouldRunInput, type ShouldRunResult } from "./should-run.ts";
export { spendSlot, type SpendSlotInput, type SpendSlotResult } from "./spend-slot.ts";
export { status, type StatusInput, type StatusResult } from "./status.ts";
export { windowStatus, type WindowStatus } from "./window-status.ts";
export { syncGlobal, type SyncGlobalInput } from "./sync-global.ts";
export type { GlobalSync, GlobalSync as SyncGlobalResult } from "./global-sync.ts";
export { voidSlot, type VoidSlotInput, type VoidSlotResult } from "./void-slot.ts";
export { why, type WhyInput, type WhyResult } from "./why.ts";
export type { Verdict } from "../domain/quota/verdict.ts";
export { addTodo, type AddTodoInput } from "./todo-add.ts";
export { archiveTodos, type ArchiveTodosInput, type TodoArchiveResult } from "./todo-archive.ts";
export { captureFollowUps, type CaptureFollowUpsInput, type TodoCaptureResult } from "./todo-capture.ts";
export { claimTodo, type ClaimTodoInput } from "./todo-claim.ts";
export { completeTodo, type CompleteTodoInput } from "./todo-complete.ts";
export { listTodos, type ListTodosInput, type ListedTodo, type TodoListResult } from "./todo-list.ts";
export { supersedeTodo, type SupersedeTodoInput } from "./todo-supersede.ts";
export { updateTodo, type UpdateTodoInput } from "./todo-update.ts";
export type { TodoChangeResult } from "./write-todo.ts";
