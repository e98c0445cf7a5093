/**
 * Every schema that stands in `schemas/`: one per command's JSON answer, and the records on disk. The name is the file's.
 * A command without a row here fails the tests of the command package.
 */
import type * as z from "zod/mini";
import { GoalEntryRecordSchema, GlobalRegistryRecordSchema, RegistryRecordSchema } from "../goal/records.ts";
import { LeaseSchema } from "../lease/lease.ts";
import { FactsSchema } from "../quota/facts.ts";
import { VerdictSchema } from "../quota/verdict-schema.ts";
import { RunRecordSchema } from "../run/record-schema.ts";
import { answerSchema, FailureSchema, type AnswerOptions } from "./answer.ts";
import { ArchiveRuntimeSchema } from "./archive-runtime.ts";
import { CheckReportSchema } from "./check.ts";
import { ConfigureGoalSchema, RegisterAgentSchema } from "./configure-goal.ts";
import { ConnectSchema } from "./connect.ts";
import { DisconnectListSchema, DisconnectSchema } from "./disconnect.ts";
import { HeartbeatPromptSchema } from "./heartbeat-prompt.ts";
import { HistoryResultSchema } from "./history.ts";
import { LeaseChangeSchema, LeaseListSchema, LeaseVerifySchema } from "./lease.ts";
import { MonitorPollSchema } from "./monitor-poll.ts";
import { NewProjectPromptSchema } from "./new-project-prompt.ts";
import {
  CandidatesSchema,
  CompletionSchema,
  ConfigGetSchema,
  ConfigListSchema,
  DemoSchema,
  DoctorSchema,
  ExitCodesSchema,
  HelpSchema,
  ManSchema,
  McpSchema,
  ServeStatusSchema,
  SkillChangesSchema,
  SkillsSchema,
  VersionSchema,
} from "./program.ts";
import { OperatorGateAnswerSchema } from "./operator-gate.ts";
import { QuotaStatusSchema } from "./quota-status.ts";
import { ReadOnlyMapSchema } from "./read-only-map.ts";
import { RefreshStateSchema } from "./refresh-state.ts";
import { RegistryResultSchema } from "./registry.ts";
import { HandoffOnlySchema, ReviewPacketSchema } from "./review-packet.ts";
import { RewardSchema } from "./reward.ts";
import { SpendSlotSchema, VoidSlotSchema } from "./spend-slot.ts";
import { StatusSchema } from "./status.ts";
import { GlobalSyncSchema } from "./sync-global.ts";
import { TodoArchiveSchema, TodoCaptureSchema, TodoChangeSchema, TodoListResultSchema } from "./todo.ts";
import { WhySchema } from "./why.ts";

// The head of every answer stands in `answerSchema`; a verdict that is used as a library value has its own.
const { ok: _ok, schema_version: _version, ...verdict } = VerdictSchema.shape;

const PROGRAM = { registry: "none" } as const;

const ANSWERS: readonly (readonly [command: string, payload: z.core.$ZodShape, options: AnswerOptions])[] = [
  ["connect", ConnectSchema.shape, { says: "A connected project." }],
  ["configure-goal", ConfigureGoalSchema.shape, { says: "The changed fields of a goal's entry." }],
  ["register-agent", RegisterAgentSchema.shape, { says: "The agents of a goal." }],
  ["new-project-prompt", NewProjectPromptSchema.shape, { says: "The text by which another agent connects a project." }],
  [
    "disconnect",
    DisconnectSchema.shape,
    { says: "Goals that left, or came back.", other: { says: "With --list: what can be put back.", payload: DisconnectListSchema.shape } },
  ],
  ["heartbeat-prompt", HeartbeatPromptSchema.shape, { says: "The text an automation hands to an agent." }],
  ["sync-global", GlobalSyncSchema.shape, { says: "What became of the global registry." }],
  ["status", StatusSchema.shape, { says: "Where every goal stands and who has to act." }],
  ["history", HistoryResultSchema.shape, { says: "The newest runs." }],
  ["check", CheckReportSchema.shape, { says: "Whether the files of all goals are sound and fit to be public.", with_error: true }],
  ["registry", RegistryResultSchema.shape, { says: "The goals of the registry and what is wrong with them.", with_error: true }],
  [
    "review-packet",
    ReviewPacketSchema.shape,
    {
      says: "What a person decides about a goal, and what the agent is handed.",
      other: { says: "With --handoff-only: the agent block alone.", payload: HandoffOnlySchema.shape },
    },
  ],
  [
    "quota-should-run",
    verdict,
    { says: "May this goal work now, on what, within which bounds, and who has to act if not?", with_error: true },
  ],
  ["why", WhySchema.shape, { says: "The rule that decided, and what would change the verdict.", with_error: true }],
  ["quota-status", QuotaStatusSchema.shape, { says: "All goals by what their quota and gates allow." }],
  ["quota-plan", QuotaStatusSchema.shape, { says: "The same, for choosing the next turns." }],
  ["quota-spend-slot", SpendSlotSchema.shape, { says: "A payment for one record.", with_error: true }],
  ["quota-void-slot", VoidSlotSchema.shape, { says: "A payment undone." }],
  ["quota-monitor-poll", MonitorPollSchema.shape, { says: "A recorded look at a monitor." }],
  ["todo-add", TodoChangeSchema.shape, { says: "The new todo." }],
  ["todo-list", TodoListResultSchema.shape, { says: "The todos of a goal." }],
  ["todo-claim", TodoChangeSchema.shape, { says: "The claimed todo." }],
  ["todo-update", TodoChangeSchema.shape, { says: "The changed todo." }],
  ["todo-complete", TodoChangeSchema.shape, { says: "The closed todo and what follows it." }],
  ["todo-supersede", TodoChangeSchema.shape, { says: "The superseded todo and what takes its place." }],
  ["todo-capture-followups", TodoCaptureSchema.shape, { says: "The follow-ups as todos." }],
  ["todo-archive-completed", TodoArchiveSchema.shape, { says: "The closed todos that moved to the archive." }],
  ["refresh-state", RefreshStateSchema.shape, { says: "A recorded run." }],
  ["operator-gate", OperatorGateAnswerSchema.shape, { says: "A recorded answer to an operator gate." }],
  ["reward", RewardSchema.shape, { says: "A judgement of a run." }],
  ["read-only-map", ReadOnlyMapSchema.shape, { says: "A map of a project, and what is missing." }],
  ["archive-runtime", ArchiveRuntimeSchema.shape, { says: "A goal's runtime directory, moved out of the way." }],
  ["lease-acquire", LeaseChangeSchema.shape, { says: "The lease that was granted." }],
  ["lease-renew", LeaseChangeSchema.shape, { says: "The lease with its new expiry." }],
  ["lease-release", LeaseChangeSchema.shape, { says: "The lease, given back." }],
  ["lease-verify", LeaseVerifySchema.shape, { says: "A lease that is live with that token." }],
  ["lease-list", LeaseListSchema.shape, { says: "The leases of a goal." }],
  ["demo", DemoSchema.shape, { says: "One goal's life, step by step.", ...PROGRAM }],
  ["doctor", DoctorSchema.shape, { says: "Whether this installation is sound.", with_error: true, ...PROGRAM }],
  ["config-list", ConfigListSchema.shape, { says: "The settings in effect.", ...PROGRAM }],
  ["config-get", ConfigGetSchema.shape, { says: "One setting in effect.", ...PROGRAM }],
  [
    "completion",
    CompletionSchema.shape,
    {
      says: "The script by which a shell completes.",
      other: { says: "With --current: what may stand at the cursor.", payload: CandidatesSchema.shape },
      ...PROGRAM,
    },
  ],
  ["skills-list", SkillsSchema.shape, { says: "The skills and what of them the agents have.", ...PROGRAM }],
  ["skills-install", SkillChangesSchema.shape, { says: "The skills that were put into the agents' folders.", ...PROGRAM }],
  ["skills-remove", SkillChangesSchema.shape, { says: "The skills that were taken out of the agents' folders.", ...PROGRAM }],
  ["serve-status", ServeStatusSchema.shape, { says: "What was served, when it has ended.", ...PROGRAM }],
  ["mcp", McpSchema.shape, { says: "The tools that `mcp` offers, with `--list`.", ...PROGRAM }],
  ["man", ManSchema.shape, { says: "The manual page.", ...PROGRAM }],
  ["exit-codes", ExitCodesSchema.shape, { says: "Every exit code and error code.", ...PROGRAM }],
  ["version", VersionSchema.shape, { says: "Version, platform and where the program came from.", ...PROGRAM }],
  ["help", HelpSchema.shape, { says: "The help of the program or of a command.", ...PROGRAM }],
];

const RECORDS: Readonly<Record<string, z.core.$ZodType>> = {
  "project-registry": RegistryRecordSchema,
  "global-registry": GlobalRegistryRecordSchema,
  "goal-entry": GoalEntryRecordSchema,
  "run-record": RunRecordSchema,
  lease: LeaseSchema,
  facts: FactsSchema,
  error: FailureSchema,
};

/** File name in `schemas/`, without its ending, to schema. */
export const SCHEMAS: Readonly<Record<string, z.core.$ZodType>> = {
  ...Object.fromEntries(ANSWERS.map(([command, payload, options]) => [command, answerSchema(command, payload, options)])),
  ...RECORDS,
};
