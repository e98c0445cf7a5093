/** Sentences of the review packet and of the block that another agent gets (DEC-80, DEC-81). Texts from files are put in, never translated. */
import type { Sentence } from "./locale.ts";

/** The lines of the agent block, in their order. */
export const HANDOFF = {
  guard: {
    en: (goal) => `Goal guard: this is for goal ${goal}. If your goal id differs, stop.`,
    zh: (goal) => `目标核对：本交接仅用于目标 ${goal}。如果你的目标 id 不同，请停止。`,
  },
  context: {
    en: () => "Context: use no older chat and no older packet; the goal's files and the command below say what holds now.",
    zh: () => "上下文：不要依赖旧的聊天或旧的交接包；以目标文件和下方命令的输出为准。",
  },
  source: {
    en: (file, adapter, rule) => `Source: ${file}; adapter ${adapter}; decided by rule ${rule}.`,
    zh: (file, adapter, rule) => `来源：${file}；适配器 ${adapter}；判定规则 ${rule}。`,
  },
  agent: { en: (agent, role) => `You are agent ${agent} (${role}).`, zh: (agent, role) => `你是智能体 ${agent}（${role}）。` },
  todo: { en: (id, text) => `Todo ${id}: ${text}`, zh: (id, text) => `待办 ${id}：${text}` },
  candidate: { en: (id, text) => `Then perhaps ${id}: ${text}`, zh: (id, text) => `随后可考虑 ${id}：${text}` },
  observation: {
    en: (small, gap) => `Delivery so far: ${small} small runs and ${gap} without an outcome in a row.`,
    zh: (small, gap) => `目前交付情况：连续 ${small} 次规模偏小，连续 ${gap} 次没有成果。`,
  },
  contract: { en: (text) => `Delivery contract: ${text}`, zh: (text) => `交付约定：${text}` },
  forward: { en: (condition) => `Forward condition: ${condition}`, zh: (condition) => `转交条件：${condition}` },
  boundary: {
    en: (scopes, approval) => `Boundary: write ${scopes}; ask first for ${approval}. This text grants nothing.`,
    zh: (scopes, approval) => `执行边界：可写范围：${scopes}；以下操作须先获批准：${approval}。本文不授予任何权限。`,
  },
  orchestration: {
    en: (count, domains) =>
      `Orchestration: up to ${count} sub-agents${domains === "" ? "" : ` for ${domains}`}; each declares its work scope first and only reads unless it got a write scope; the controller merges.`,
    zh: (count, domains) =>
      `编排：最多 ${count} 个子智能体${domains === "" ? "" : `（${domains}）`}；每个须先声明工作范围，未获写入范围时只读；由主控合并结果。`,
  },
  stop: { en: (condition) => `Stop condition: ${condition}`, zh: (condition) => `停止条件：${condition}` },
} as const satisfies Record<string, Sentence<string[]>>;

export const NOWHERE: Sentence = { en: () => "nowhere", zh: () => "无" };
export const NOTHING: Sentence = { en: () => "nothing more", zh: () => "无" };
export const LABEL_ONLY: Sentence = { en: () => "a label; the goal has no registered agents", zh: () => "仅为标签；目标没有登记智能体" };
export const UNKNOWN_SOURCE: Sentence = { en: () => "no readable goal state", zh: () => "没有可读的目标状态" };

/** When the agent may go on with what it got. */
export const FORWARD = {
  approved: {
    en: () => "run exactly the approved command; the approval covers nothing else and lapses with the next run.",
    zh: () => "只运行已批准的那条命令；批准不包含其他任何操作，并在下一次运行后失效。",
  },
  run: { en: () => "work only while the verdict says `should_run: true`.", zh: () => "仅当判定为 `should_run: true` 时才工作。" },
  person: {
    en: () => "do no work before the named person has answered and the verdict says `should_run: true`.",
    zh: () => "在指定的人答复且判定为 `should_run: true` 之前，不要开展工作。",
  },
  observe: {
    en: () => "look once, read-only; record new evidence or a concrete blocker.",
    zh: () => "只读地查看一次；记录新证据或具体阻塞。",
  },
  quiet: { en: () => "there is nothing to work on now.", zh: () => "目前没有可做的工作。" },
} as const satisfies Record<string, Sentence>;

/** Headings of the part for a person. */
export const PACKET_HEADINGS = {
  asked: { en: () => "What is asked", zh: () => "需要你决定什么" },
  unlocks: { en: () => "What unlocks it", zh: () => "如何解除" },
  todos: { en: () => "Open user todos", zh: () => "未完成的用户待办" },
  advice: { en: () => "Advice", zh: () => "建议" },
  reply: { en: () => "How to reply", zh: () => "如何答复" },
  commands: { en: () => "Decision commands, as a preview", zh: () => "决定命令（预览）" },
  agent: { en: () => "For the agent", zh: () => "交给智能体" },
} as const satisfies Record<string, Sentence>;

export const REPLY_FORM: Sentence = {
  en: () => "Reply agree, disagree, done or still open, with one reason.",
  zh: () => "请回复：同意、不同意、已完成或仍未决，并附一条理由。",
};
/** Who runs a command: one of the usual parties, or an agent by its id. */
const PARTIES: Readonly<Record<string, Sentence>> = {
  user: { en: () => "you", zh: () => "你本人" },
  controller: { en: () => "the controller", zh: () => "控制者" },
  codex: { en: () => "the agent", zh: () => "智能体" },
};
export const UNLOCKED_BY: Sentence<[actor: string]> = {
  en: (actor) => `To be run by ${PARTIES[actor]?.en() ?? actor}:`,
  zh: (actor) => `由${PARTIES[actor]?.zh() ?? ` ${actor} `}运行：`,
};
export const JUDGE_RUN: Sentence<[goal: string]> = {
  en: (goal) => `How good was the newest run of ${goal}?`,
  zh: (goal) => `${goal} 最近一次运行的结果如何？`,
};

/** What to decide, by kind of packet. */
export const ADVICE = {
  health: { en: () => "Repair what is named; nothing of this goal runs before.", zh: () => "先修复所指出的问题；在此之前该目标不会运行。" },
  reward: {
    en: () => "Look at the newest run, then judge it; the verdict does not depend on it.",
    zh: () => "先查看最近一次运行再评判；评判不影响判定。",
  },
  map_opt_in: {
    en: () => "Approve if the project may be looked at; the map writes nothing.",
    zh: () => "如果允许查看项目即可批准；地图不会写入任何内容。",
  },
  controller: {
    en: () => "Answer the question; if it cannot be answered yet, defer it with the reason.",
    zh: () => "请答复该问题；如暂时无法答复，请附理由推迟。",
  },
  evidence: { en: () => "Nothing is asked of you; outside evidence is awaited.", zh: () => "无需你操作；正在等待外部证据。" },
  focus_wait: {
    en: () => "Let the agent advance the named outcome, or name another one.",
    zh: () => "让智能体推进指定成果，或另行指定成果。",
  },
  codex: { en: () => "Hand the block below to the agent; it may work now.", zh: () => "把下方内容交给智能体，它现在可以工作。" },
  status: { en: () => "Nothing needs to be decided.", zh: () => "目前无需决定。" },
} as const satisfies Record<string, Sentence>;
