/** Sentences that several heartbeat forms share: the goal line, the agent block, the two rules, the Markdown frame (HBT-15, HBT-40). */
import type { Sentence } from "./locale.ts";

/** The path is null when the registry's own state file is meant (HBT-3). */
export const GOAL_LINE: Sentence<[goal: string, path: string | null]> = {
  en: (goal, path) =>
    path === null
      ? `Advance goal ${goal} from the registry-declared active state.`
      : `Advance goal ${goal} from the active state in ${path} (named by hand; only read it).`,
  zh: (goal, path) =>
    path === null ? `依据注册表登记的目标状态，推进目标 ${goal}。` : `依据目标状态文件 ${path}（人工指定，只读），推进目标 ${goal}。`,
};

/** Defaults of the two rules (HBT-7); no colon and one line, as a flag would have to be. */
export const MATERIAL_RULE: Sentence = {
  en: () => "Take no new material into the work unless the user asked for it.",
  zh: () => "除非用户要求，不引入新的材料。",
};
export const PERMISSION_RULE: Sentence = {
  en: () => "Do not ask for a permission the host has already granted.",
  zh: () => "宿主已经授予的权限，不再重复询问。",
};

export const DEFAULT_SCOPE: Sentence = {
  en: () => "only what is clearly in your scope",
  zh: () => "只做明确属于你职责范围的事",
};
export const SCOPE_LABEL: Sentence = { en: () => "Scope: ", zh: () => "职责范围：" };
export const SCOPE_SEPARATOR: Sentence = { en: () => "; ", zh: () => "；" };
export const MORE_SCOPES: Sentence<[count: number]> = { en: (count) => ` (+${count} more)`, zh: (count) => `（另有 ${count} 项）` };

export const AGENT_PRIMARY: Sentence<[agent: string]> = {
  en: (agent) =>
    `You are agent ${agent}, the primary agent of this goal. You own review, verification, merge, reassignment and publication. Claim the selected todo before you work on it when \`selected_todo.claim_required_before_work\` is true.`,
  zh: (agent) =>
    `你是智能体 ${agent}，本目标的主智能体，负责评审、验证、合并、改派和发布。\`selected_todo.claim_required_before_work\` 为 true 时，先认领所选待办再动手。`,
};
export const AGENT_PRIMARY_SHORT: Sentence<[agent: string]> = {
  en: (agent) =>
    `You are ${agent}, the primary agent: review, verification, merge, reassignment and publication are yours. Claim if \`selected_todo.claim_required_before_work\`.`,
  zh: (agent) =>
    `你是 ${agent}，主智能体：评审、验证、合并、改派和发布归你。\`selected_todo.claim_required_before_work\` 为 true 时先认领。`,
};
export const AGENT_PRIMARY_THIN: Sentence<[agent: string]> = {
  en: (agent) => `You are ${agent}, the primary agent: review, verify, merge, reassign, publish.`,
  zh: (agent) => `你是 ${agent}，主智能体：负责评审、验证、合并、改派、发布。`,
};

/** `reviewer` is the handoff agent in code marks, or null when the goal names none. */
export const AGENT_SIDE: Sentence<[agent: string, reviewer: string | null]> = {
  en: (agent, reviewer) =>
    `You are agent ${agent}, a side agent of this goal. Work in your own git worktree, never in the primary checkout. Take your own claim first, then unclaimed todos in your scope, never another agent's live claim. Claim before work when \`selected_todo.claim_required_before_work\` is true. Complete broad work with a successor review todo for ${reviewer ?? "the handoff agent"}. Merge yourself only small, validated changes, and complete them with \`--side-agent-self-merged --evidence\`.`,
  zh: (agent, reviewer) =>
    `你是智能体 ${agent}，本目标的旁路智能体。在自己独立的 git worktree 里工作，绝不在主检出目录里动手。先做自己已认领的待办，再做范围内无人认领的；绝不碰别人有效认领的待办。\`selected_todo.claim_required_before_work\` 为 true 时先认领。较大的工作完成时，要留给 ${reviewer ?? "交接智能体"} 一条后续评审待办；只有小而已验证的改动可以自己合并，完成时带上 \`--side-agent-self-merged --evidence\`。`,
};
export const AGENT_SIDE_SHORT: Sentence<[agent: string, reviewer: string | null]> = {
  en: (agent, reviewer) =>
    `You are ${agent}, a side agent: work in your own git worktree; own claim first, then unclaimed todos in scope, never another's live claim. Claim if \`selected_todo.claim_required_before_work\`. Broad work ends in a review todo for ${reviewer ?? "the handoff agent"}; merge only small validated changes yourself (\`--side-agent-self-merged --evidence\`).`,
  zh: (agent, reviewer) =>
    `你是 ${agent}，旁路智能体：在独立的 git worktree 工作；先做自己认领的，再做范围内无人认领的，不碰别人有效的认领。\`selected_todo.claim_required_before_work\` 时先认领。较大工作留评审待办给 ${reviewer ?? "交接智能体"}；只自行合并小而已验证的改动（\`--side-agent-self-merged --evidence\`）。`,
};
export const AGENT_SIDE_THIN: Sentence<[agent: string]> = {
  en: (agent) =>
    `You are ${agent}, a side agent: own git worktree; your claims first, then unclaimed, never another's; broad work ends in a review todo.`,
  zh: (agent) => `你是 ${agent}，旁路智能体：用独立的 git worktree；先做自己认领的，再做无人认领的，不碰别人的；较大工作以评审待办收尾。`,
};

/** The goal has no registered agents; the id is only a name (HBT-4). */
export const AGENT_LABEL: Sentence<[agent: string]> = {
  en: (agent) => `You work here as ${agent}; this goal has no registered agents, so the name is only a label.`,
  zh: (agent) => `你在此以 ${agent} 的名义工作；本目标没有登记智能体，这个名字只是标签。`,
};

/** Comments above the commands of a block. */
export const COMMAND_LABELS = {
  claim: { en: () => "claim", zh: () => "认领" },
  progress: { en: () => "record (progress command)", zh: () => "记录（进展命令）" },
  spend: { en: () => "spend, once, after the record", zh: () => "记账，只一次，在记录之后" },
  poll: { en: () => "monitor poll", zh: () => "监视轮询" },
  todo: { en: () => "add a todo", zh: () => "新增待办" },
} as const satisfies Record<string, Sentence>;

export const VISIBLE_GOAL_TEXT: Sentence = {
  en: () => "Advance the project from ACTIVE_GOAL_STATE.md, based on LoopX",
  zh: () => "按 ACTIVE_GOAL_STATE.md，基于 LoopX 体系，推进项目",
};

/** The line under the title: which form, and where its text goes. */
export const PLACE_LINE: Sentence<[form: string]> = {
  en: (form) => `The ${form} form. Copy the text below, unchanged, into the task body of the recurring automation.`,
  zh: (form) => `这是 ${form} 形式。把下面的正文原样复制到周期性自动化的任务正文里。`,
};
export const WITHOUT_MODEL_LINE: Sentence = {
  en: () =>
    "A host that can run a shell first needs no model for a quiet wake-up. Exit 0 runs the agent; 10 nothing to do; 11 a person is needed; 12 paused or throttled; 13 unhealthy. A quiet wake-up then costs no model call.",
  zh: () =>
    "能先运行 shell 的宿主，安静的唤醒不需要模型。退出码 0 运行智能体；10 无事可做；11 需要人处理；12 已暂停或已限流；13 不健康。这样，一次安静的唤醒不产生模型调用。",
};
export const TELL_PERSON_LINE: Sentence = {
  en: () => "To show the status when a person has to act, instead:",
  zh: () => "若要在需要人处理时显示状态，改用：",
};
