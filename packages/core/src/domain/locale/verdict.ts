/**
 * Every sentence a verdict says in its own words, in both languages (design D15). Texts from files pass through
 * untranslated. Field names, commands and enum values stay as they are in every language.
 */
import type { RecommendedMode, RuleName } from "../quota/answers.ts";
import type { Sentence } from "./locale.ts";

/** What a reason may speak of. */
export interface ReasonInputs {
  readonly goal_id: string;
  readonly agent_id: string;
  readonly agents: string;
  /** A finding with its place, or a text from a file. */
  readonly what: string;
  /** What a person gave as reason; empty when none is known. */
  readonly why: string;
  readonly count: number;
  readonly spent: number;
  readonly allowed: number;
  readonly window_hours: number;
  readonly streak: number;
  readonly threshold: number;
  /** When the next slot frees; empty when unknown. */
  readonly at: string;
}

const plural = (count: number, one: string, many: string): string => (count === 1 ? `1 ${one}` : `${String(count)} ${many}`);
const more = (count: number): string => (count > 1 ? ` (and ${String(count - 1)} more)` : "");
const moreZh = (count: number): string => (count > 1 ? `（另有 ${String(count - 1)} 项）` : "");
const spentEn = (i: ReasonInputs): string => `${String(i.spent)} of ${String(i.allowed)} slots spent in ${String(i.window_hours)} h`;
const spentZh = (i: ReasonInputs): string => `${String(i.window_hours)} 小时内已用 ${String(i.spent)}/${String(i.allowed)} 个时隙`;

/** Why this rule answered (`reason`). */
export const REASONS: Readonly<Record<RuleName, Sentence<[ReasonInputs]>>> = {
  registry_unreadable: { en: (i) => i.what, zh: (i) => `注册表无法读取：${i.what}` },
  goal_not_found: { en: (i) => `No goal of this registry is called ${i.goal_id}.`, zh: (i) => `注册表中没有名为 ${i.goal_id} 的目标。` },
  paused: { en: () => "The goal is paused; nothing else changes that.", zh: () => "目标已暂停，其他任何情况都不会改变这一点。" },
  agent_not_registered: {
    en: (i) => `Agent ${i.agent_id} is not registered for this goal; registered: ${i.agents}.`,
    zh: (i) => `代理 ${i.agent_id} 未在此目标注册；已注册：${i.agents}。`,
  },
  contract_broken: { en: (i) => i.what + more(i.count), zh: (i) => `目标的文件有错误：${i.what}${moreZh(i.count)}` },
  boundary_scan_hit: {
    en: (i) => `The scan found text that must not be public: ${i.what}${more(i.count)}`,
    zh: (i) => `扫描发现不可公开的内容：${i.what}${moreZh(i.count)}`,
  },
  health_blocked: { en: (i) => i.what, zh: (i) => `目标健康状况异常：${i.what}` },
  identity_required: {
    en: (i) => `The goal has registered agents (${i.agents}); the call has to say which one it is.`,
    zh: (i) => `目标有已注册的代理（${i.agents}），调用时必须说明自己是哪一个。`,
  },
  user_gate: {
    en: (i) => `${plural(i.count, "open user todo stops", "open user todos stop")} this work; ${spentEn(i)}`,
    zh: (i) => `有 ${String(i.count)} 个未完成的用户待办阻止了这项工作；${spentZh(i)}`,
  },
  registry_gate: { en: (i) => `The registry says that ${i.what} is waited for.`, zh: (i) => `注册表声明正在等待 ${i.what}。` },
  map_opt_in: {
    en: (i) => `A read-only map of ${i.goal_id} is planned; a controller has to opt in first.`,
    zh: (i) => `已为 ${i.goal_id} 计划只读项目地图，需要控制者先同意。`,
  },
  run_gate: {
    en: (i) => `The newest run ended with ${i.what}${i.why === "" ? "" : ` (reason: "${i.why}")`}: a person has to answer.`,
    zh: (i) => `最近一次运行以 ${i.what} 结束${i.why === "" ? "" : `（理由：“${i.why}”）`}，需要人来答复。`,
  },
  adapter_not_connected: {
    en: (i) => `The adapter is not connected (status ${i.what}) and nothing has run yet.`,
    zh: (i) => `适配器尚未连接（状态 ${i.what}），也没有任何运行记录。`,
  },
  throttled: {
    en: (i) =>
      `${String(i.spent)}/${String(i.allowed)} slots spent; ${i.at === "" ? "no slot frees by itself" : `the next frees at ${i.at}`}`,
    zh: (i) => `已用 ${String(i.spent)}/${String(i.allowed)} 个时隙；${i.at === "" ? "没有时隙会自行释放" : `下一个将于 ${i.at} 释放`}`,
  },
  workspace_guard: {
    en: (i) => `Side agent ${i.agent_id} stands in ${i.what}; it works only in its own worktree.`,
    zh: (i) => `协作代理 ${i.agent_id} 当前位于 ${i.what}，它只能在自己的 worktree 中工作。`,
  },
  external_evidence_registered: {
    en: () => "The registry says that outside evidence is awaited.",
    zh: () => "注册表声明正在等待外部证据。",
  },
  approved_command: {
    en: () => "An operator approved one command, and nothing has run since.",
    zh: () => "操作者已批准一条命令，此后尚无任何运行。",
  },
  first_map: { en: () => "The read-only goal is newly connected and has no run yet.", zh: () => "只读目标刚刚接入，尚无任何运行。" },
  outcome_floor: {
    en: (i) =>
      `${String(i.streak)} runs in a row without an outcome (threshold ${String(i.threshold)}); only ${i.what} or a concrete blocker counts now.`,
    zh: (i) => `已连续 ${String(i.streak)} 次运行没有成果（阈值 ${String(i.threshold)}）；现在只有推进 ${i.what} 或写明具体阻塞才算数。`,
  },
  outcome_floor_unavailable: {
    en: (i) =>
      `${String(i.streak)} runs in a row without an outcome (threshold ${String(i.threshold)}), and the profile names nothing to advance.`,
    zh: (i) => `已连续 ${String(i.streak)} 次运行没有成果（阈值 ${String(i.threshold)}），而执行配置没有指明要推进什么。`,
  },
  due_monitor: { en: (i) => `A monitor is due; ${spentEn(i)}`, zh: (i) => `有一个监控待办已到期；${spentZh(i)}` },
  gates_block_all: {
    en: (i) => `Gates stop every executable agent todo; ${plural(i.count, "user todo is", "user todos are")} open.`,
    zh: (i) => `所有可执行的代理待办都被闸门阻止；有 ${String(i.count)} 个用户待办未完成。`,
  },
  agent_scope_wait: {
    en: (i) => `${plural(i.count, "open agent todo is", "open agent todos are")} held by other agents (${i.agents}).`,
    zh: (i) => `有 ${String(i.count)} 个未完成的代理待办由其他代理持有（${i.agents}）。`,
  },
  boundary_gap: {
    en: (i) => `The open todo needs write scopes that the goal does not grant: ${i.what}`,
    zh: (i) => `未完成的待办需要目标未授予的写入范围：${i.what}`,
  },
  gate_fallback: {
    en: (i) => `${plural(i.count, "user todo stops", "user todos stop")} part of the work; the rest goes on; ${spentEn(i)}`,
    zh: (i) => `有 ${String(i.count)} 个用户待办阻止了部分工作，其余继续；${spentZh(i)}`,
  },
  advance_todo: {
    en: (i) => `${plural(i.count, "executable agent todo is", "executable agent todos are")} open; ${spentEn(i)}`,
    zh: (i) => `有 ${String(i.count)} 个可执行的代理待办；${spentZh(i)}`,
  },
  external_evidence_run: {
    en: (i) => `The newest run (${i.what}) awaits outside evidence.`,
    zh: (i) => `最近一次运行（${i.what}）在等待外部证据。`,
  },
  blockers_only: {
    en: (i) => `Only blockers are left: ${plural(i.count, "open blocker", "open blockers")}.`,
    zh: (i) => `只剩下阻塞项：${String(i.count)} 个。`,
  },
  monitor_quiet: {
    en: (i) => `${plural(i.count, "monitor is", "monitors are")} open and none is due.`,
    zh: (i) => `有 ${String(i.count)} 个监控待办，均未到期。`,
  },
  agent_scope_exhausted: {
    en: (i) => `No todo is left in the scope of side agent ${i.agent_id}.`,
    zh: (i) => `协作代理 ${i.agent_id} 的范围内已没有待办。`,
  },
  projection_gap: {
    en: () => "`## Next Action` names a step, and no open todo carries it.",
    zh: () => "`## Next Action` 写明了步骤，但没有对应的未完成待办。",
  },
  mapped_noop: { en: () => "The project is mapped, and nothing has changed since.", zh: () => "项目地图已完成，此后没有变化。" },
  steering_audit: {
    en: (i) => `No agent todo is open; the agent looks for the next step; ${spentEn(i)}`,
    zh: (i) => `没有未完成的代理待办，由代理寻找下一步；${spentZh(i)}`,
  },
  nothing_to_do: {
    en: () => "No todo is open, and nothing invites the agent to act.",
    zh: () => "没有未完成的待办，也没有任何需要代理行动的情况。",
  },
};

/** What the heartbeat is to do, by recommended mode. */
export const MODE_REASONS: Readonly<Record<RecommendedMode, Sentence>> = {
  repair_control_plane_health: {
    en: () => "Report the fault with file and line; do no work until it is repaired.",
    zh: () => "报告故障及其文件和行号；修复之前不做任何工作。",
  },
  quota_skip: { en: () => "Nothing to do on this wake-up.", zh: () => "本次唤醒无事可做。" },
  automation_prompt_upgrade: { en: () => "Add an agent id to the automation's commands.", zh: () => "请在自动化命令中加上代理 id。" },
  ask_operator_gate: {
    en: () => "Name the open question to the user; do no gated work.",
    zh: () => "向用户点名提出未决问题；不做被闸门阻止的工作。",
  },
  side_agent_workspace_repair: { en: () => "Move to an own worktree, then stop.", zh: () => "转到自己的 worktree，然后停止。" },
  external_evidence_observe_or_blocker: {
    en: () => "Look once, read-only; record new evidence, or write a concrete blocker.",
    zh: () => "只读地查看一次；记录新证据，或写明具体阻塞。",
  },
  run_agent_command: { en: () => "Run exactly the approved command.", zh: () => "只运行已批准的那条命令。" },
  run_first_read_only_map: { en: () => "Run the read-only map once.", zh: () => "运行一次只读项目地图。" },
  outcome_floor_recovery: {
    en: () => "Advance the named outcome, or write a concrete blocker todo; no surface work.",
    zh: () => "推进指定成果，或写下具体的阻塞待办；不做表面工作。",
  },
  report_handoff_outcome_blocker: { en: () => "Report that no outcome is named to advance.", zh: () => "报告没有指明要推进的成果。" },
  attempt_due_monitor: { en: () => "Poll the due monitor once, then record the poll.", zh: () => "查看一次到期的监控，然后记录结果。" },
  agent_scope_wait: { en: () => "Wait for the other agent.", zh: () => "等待另一位代理。" },
  repair_boundary_projection: {
    en: () => "Narrow or split the todo, or ask for the scope; never widen it yourself.",
    zh: () => "缩小或拆分待办，或申请范围；绝不自行扩大。",
  },
  scoped_user_gate_fallback: {
    en: () => "Tell the user the gate, then do only the selected todo.",
    zh: () => "把闸门告知用户，然后只做选定的待办。",
  },
  steering_audit_then_one_step: {
    en: () => "Compare the open todos, then do one bounded step.",
    zh: () => "比较未完成的待办，然后完成一个有界步骤。",
  },
  blocker_push_notify: { en: () => "Tell the user what blocks the goal.", zh: () => "告知用户是什么阻塞了目标。" },
  monitor_quiet_until_material_transition: { en: () => "Stay quiet until a monitor is due.", zh: () => "在监控到期之前保持安静。" },
  agent_scope_exhausted: { en: () => "Stay quiet until there is a todo in scope.", zh: () => "在范围内出现待办之前保持安静。" },
  repair_state_projection_gap: { en: () => "Turn Next Action into todos, or clear it.", zh: () => "把 Next Action 转成待办，或将其清空。" },
  mapped_noop_if_unchanged: { en: () => "Mapped and unchanged: stay quiet.", zh: () => "地图已完成且无变化：保持安静。" },
};

/** Recommended actions that no file supplies. */
export const ACTIONS = {
  connect_goal: { en: (goal) => `Connect the goal ${goal}, or correct the goal id.`, zh: (goal) => `请接入目标 ${goal}，或更正目标 id。` },
  stay_paused: { en: () => "Leave the goal paused until its owner resumes it.", zh: () => "在负责人恢复之前保持暂停。" },
  register_agent: {
    en: (agent) => `Register agent ${agent} for the goal, or use a registered id.`,
    zh: (agent) => `请为目标注册代理 ${agent}，或使用已注册的 id。`,
  },
  name_agent: {
    en: (agent) => `Add --agent-id ${agent} (or another registered agent) to the call.`,
    zh: (agent) => `请在调用中加上 --agent-id ${agent}（或其他已注册的代理）。`,
  },
  restore_artifact: {
    en: () => "Write a fresh run record: an artifact file of the newest run is gone.",
    zh: () => "请写入新的运行记录：最近一次运行的产物文件已丢失。",
  },
  judge_safety: { en: () => "Decide the safety stop of the newest run.", zh: () => "请就最近一次运行的安全停止作出决定。" },
  answer_registry: {
    en: (party) => `The registry waits for ${party}; answer, or clear \`waiting_on\`.`,
    zh: (party) => `注册表在等待 ${party}；请答复，或清除 \`waiting_on\`。`,
  },
  approve_map: {
    en: (goal) => `May the project of ${goal} be mapped read-only? Nothing is written by the map.`,
    zh: (goal) => `是否同意对 ${goal} 的项目做只读地图？地图不会写入任何内容。`,
  },
  answer_gate: { en: (gate) => `Answer the gate ${gate}.`, zh: (gate) => `请答复闸门 ${gate}。` },
  connect_adapter: {
    en: (status) => `Connect the goal's adapter (now ${status}), or remove the goal.`,
    zh: (status) => `请连接目标的适配器（当前为 ${status}），或移除该目标。`,
  },
  wait_for_slot: { en: () => "Wait until a slot frees.", zh: () => "等待时隙释放。" },
  own_worktree: {
    en: (agent) => `Create a git worktree for ${agent} and work there.`,
    zh: (agent) => `请为 ${agent} 创建独立的 git worktree 并在其中工作。`,
  },
  observe_evidence: {
    en: () => "Look once at the evidence the goal names, read-only; record it, or write a concrete blocker.",
    zh: () => "只读地查看一次目标指定的证据；予以记录，或写明具体阻塞。",
  },
  recover_outcome: {
    en: (labels) => `Produce an artifact that advances ${labels}, or write a concrete blocker todo.`,
    zh: (labels) => `产出能推进 ${labels} 的成果，或写下具体的阻塞待办。`,
  },
  name_outcome: { en: () => "Name an outcome to advance, or judge the last runs.", zh: () => "请指明要推进的成果，或评判最近的运行。" },
  wait_for_agent: { en: (agent, todo) => `Wait for ${agent}: ${todo}`, zh: (agent, todo) => `等待 ${agent}：${todo}` },
  narrow_todo: {
    en: (todo, scopes) => `Narrow or split "${todo}", or add a user gate asking for ${scopes}.`,
    zh: (todo, scopes) => `请缩小或拆分“${todo}”，或添加用户闸门申请 ${scopes}。`,
  },
  wait_for_monitor: { en: () => "Wait until a monitor is due.", zh: () => "等待监控到期。" },
  no_work_in_scope: { en: () => "Nothing is in scope; wait for a todo.", zh: () => "范围内没有工作；等待新的待办。" },
  project_next_action: {
    en: (item) => `Turn this Next Action into a todo, or clear it: ${item}`,
    zh: (item) => `请把这条 Next Action 转成待办，或将其清空：${item}`,
  },
  stay_mapped: { en: () => "Nothing is to be done until the state changes.", zh: () => "在状态变化之前无事可做。" },
  steer: {
    en: () => "Compare the goal's objective with its state, write the next bounded todo, and do one step.",
    zh: () => "对照目标与现状，写下下一个有界待办，并完成一步。",
  },
  add_todo: { en: () => "Add a todo when there is a next step.", zh: () => "有下一步时请添加待办。" },
} as const satisfies Record<string, Sentence<string[]>>;

/** The question put to a person: what is asked, the todos by name, how to answer. */
export const OPERATOR_QUESTION: Sentence<[{ goal_id: string; asked: string; todos: readonly string[]; more: number }]> = {
  en: ({ goal_id, asked, todos, more: rest }) =>
    `${goal_id}: ${asked}${listed(todos, rest > 0 ? ` (+${String(rest)} more)` : "", " Open: ", "; ")} Reply agree, disagree, done or still open, with one reason.`,
  zh: ({ goal_id, asked, todos, more: rest }) =>
    `${goal_id}：${asked}${listed(todos, rest > 0 ? `（另有 ${String(rest)} 项）` : "", " 未决：", "；")} 请回复：同意、不同意、已完成或仍未决，并附一条理由。`,
};
export const ASKED_TODOS: Sentence<[number]> = {
  en: (count) => (count === 1 ? "One user todo waits for your answer." : `${String(count)} user todos wait for your answer.`),
  zh: (count) => `有 ${String(count)} 个用户待办等待您的答复。`,
};

function listed(todos: readonly string[], rest: string, lead: string, separator: string): string {
  return todos.length === 0 ? "" : lead + todos.join(separator) + rest + ".";
}

export const STOP_CONDITION: Sentence = {
  en: () => "Stop before private material, credentials, destructive git, production, or a write outside write_scope.",
  zh: () => "遇到私密材料、凭据、破坏性 git 操作、生产环境，或 write_scope 之外的写入时停止。",
};

/** Messages of the warnings that no finding words (DEC-52). */
export const WARNING_MESSAGES = {
  outcome_followthrough_required: {
    en: (streak, threshold) => `${streak} of ${threshold} runs without an outcome; the next one should advance it.`,
    zh: (streak, threshold) => `已有 ${streak}/${threshold} 次运行没有成果，下一次应推进成果。`,
  },
  stale_latest_run_warning: { en: () => "The goal state is newer than the newest run.", zh: () => "目标状态比最近一次运行更新。" },
  gate_link_dangling: {
    en: (todo) => `The gate ${todo} names something that does not exist; it stops the goal.`,
    zh: (todo) => `闸门 ${todo} 指向不存在的对象，因此阻止整个目标。`,
  },
  gate_scope_conflict: {
    en: (todo) => `The gate ${todo} is global and has another link; it stops the goal.`,
    zh: (todo) => `闸门 ${todo} 既是全局的又有其他链接，因此阻止整个目标。`,
  },
  claim_stale: {
    en: (todo, agent) => `The claim of ${agent} on ${todo} is stale; it may be taken over.`,
    zh: (todo, agent) => `${agent} 对 ${todo} 的认领已过期，可以接管。`,
  },
  claim_unregistered: {
    en: (todo, agent) => `The claim on ${todo} is void: ${agent} is not registered.`,
    zh: (todo, agent) => `${todo} 的认领无效：${agent} 未注册。`,
  },
  primary_agent_missing: {
    en: () => "Agents are registered and none is the primary; all are side agents.",
    zh: () => "已注册代理但没有主代理；全部视为协作代理。",
  },
  boundary_scope_missing: {
    en: (todo, scope) => `${todo} needs the write scope ${scope}, which is not granted; it is left out.`,
    zh: (todo, scope) => `${todo} 需要未授予的写入范围 ${scope}，因此被搁置。`,
  },
  monitor_expired: { en: (todo) => `The monitor ${todo} has expired and is never due.`, zh: (todo) => `监控 ${todo} 已失效，不会再到期。` },
  allowed_slots_zero: { en: () => "The quota allows 0 slots: none may be spent.", zh: () => "配额允许 0 个时隙：不能使用任何时隙。" },
  history_line_accepted: {
    en: (count) => `${count} bad history line(s) were accepted by a person.`,
    zh: (count) => `有 ${count} 行损坏的历史记录已被人确认接受。`,
  },
  completed_todo_archive_warning: {
    en: (count) => `${count} todos are closed; archive them with todo archive-completed.`,
    zh: (count) => `已有 ${count} 个待办关闭；请用 todo archive-completed 归档。`,
  },
} as const satisfies Record<string, Sentence<string[]>>;

/** What a person or agent fills into a printed command, inside double quotes. */
export const PLACEHOLDERS = {
  answer: { en: () => "<answer>", zh: () => "<答复>" },
  why: { en: () => "<why>", zh: () => "<理由>" },
  done: { en: () => "<what was done>", zh: () => "<完成了什么>" },
  review: { en: () => "<review>", zh: () => "<评审事项>" },
  next_step: { en: () => "<next bounded step>", zh: () => "<下一个有界步骤>" },
  path: { en: () => "<path>", zh: () => "<路径>" },
  check: { en: () => "<check>", zh: () => "<检查及结果>" },
} as const satisfies Record<string, Sentence>;
