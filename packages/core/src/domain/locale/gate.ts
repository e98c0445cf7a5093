/** Sentences of operator gates. */
import type { Sentence } from "./locale.ts";

/** The question of a gate that nobody worded. */
export const GATE_QUESTION: Sentence<[goal: string, gate: string]> = {
  en: (goal, gate) => `May ${goal} pass the gate ${gate}?`,
  zh: (goal, gate) => `是否允许 ${goal} 通过 ${gate} 关卡？`,
};

/** What follows from an answer that hands on no command. */
export const GATE_ACTION = {
  approve: { en: (gate) => `Go on: the gate ${gate} is open.`, zh: (gate) => `继续：${gate} 关卡已开放。` },
  reject: { en: (gate) => `Stop: the gate ${gate} was rejected.`, zh: (gate) => `停止：${gate} 关卡已被拒绝。` },
  defer: { en: (gate) => `Wait: the gate ${gate} was put off.`, zh: (gate) => `等待：${gate} 关卡已推迟。` },
} as const satisfies Record<string, Sentence<[gate: string]>>;
