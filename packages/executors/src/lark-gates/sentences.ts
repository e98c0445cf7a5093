/** What people read about a gate in Lark, in both languages. */
import type { Sentence } from "@loopx/core/domain";
import type { GateAnswer, GateRefusal } from "@loopx/lark-card";

/** The reason that a record of a press gives (LRK-92). */
export const DECIDED_IN_LARK: Sentence = {
  en: () => "Decided in Lark by an allowed operator",
  zh: () => "由允许的操作者在飞书中决定",
};

/** The text of a gate, for drivers without cards. */
export const GATE_TEXT: Sentence<[goal: string, gate: string, question: string]> = {
  en: (goal, gate, question) =>
    `${question}\nloopx operator-gate --goal-id ${goal} --gate ${gate} --decision approve|reject|defer --reason-summary "…"`,
  zh: (goal, gate, question) =>
    `${question}\n请运行:loopx operator-gate --goal-id ${goal} --gate ${gate} --decision approve|reject|defer --reason-summary "…"`,
};

export const RECORDED = {
  approve: { en: () => "Approved and recorded.", zh: () => "已同意并记录。" },
  reject: { en: () => "Rejected and recorded.", zh: () => "已拒绝并记录。" },
  defer: { en: () => "Put off and recorded.", zh: () => "已暂缓并记录。" },
} as const satisfies Record<GateAnswer, Sentence>;

export const BEING_RECORDED: Sentence = {
  en: () => "Your answer is being recorded.",
  zh: () => "正在记录你的决定。",
};

/** Why a press does not count, in plain words; `not_a_card_action` and `bad_value` are presses of no gate. */
export const REFUSED = {
  unknown_nonce: { en: () => "This question is not known here.", zh: () => "这里没有这个问题。" },
  replayed: { en: () => "This answer was taken already.", zh: () => "这个决定已经收到。" },
  already_decided: { en: () => "This question was answered already.", zh: () => "这个问题已经有人回答。" },
  expired: { en: () => "This question has expired.", zh: () => "这个问题已过期。" },
  mismatch: { en: () => "This answer is about something else.", zh: () => "这个决定与问题不符。" },
  wrong_message: { en: () => "This button is not on the message that was sent.", zh: () => "这个按钮不在原来的消息上。" },
  decision_not_allowed: { en: () => "This answer is not offered.", zh: () => "不允许这个选项。" },
  operator_not_allowed: { en: () => "You are not among those who may decide this.", zh: () => "你不在允许决定的人员之中。" },
  not_a_card_action: { en: () => "This button does nothing here.", zh: () => "这个按钮在这里无效。" },
  bad_value: { en: () => "This button does nothing here.", zh: () => "这个按钮在这里无效。" },
} as const satisfies Record<GateRefusal | "not_a_card_action" | "bad_value", Sentence>;
