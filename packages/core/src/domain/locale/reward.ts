/** The one line about a judgement that a goal state may carry; the overlay in the run index is the truth (CMD-114). */
import type { Sentence } from "./locale.ts";

/** What a summary is made of; every text is cut and on one line. */
export interface JudgedWords {
  readonly goal_id: string;
  readonly generated_at: string;
  readonly classification: string;
  readonly decision: string;
  readonly reward: string;
  readonly reason: string;
  readonly follow_up: string | null;
  readonly lesson: string | null;
}

const JUDGED_ZH: Readonly<Record<string, string>> = { positive: "正面", negative: "负面", mixed: "有褒有贬", neutral: "中性" };

export const REWARD_SUMMARY: Sentence<[JudgedWords]> = {
  en: (words) =>
    `${words.goal_id}: the run of ${words.generated_at} (${words.classification}) was judged ${words.reward}, decision ${words.decision}. Reason: ${ended(words.reason, ".")}` +
    (words.follow_up === null ? "" : ` Follow-up: ${ended(words.follow_up, ".")}`) +
    (words.lesson === null ? "" : ` Lesson: ${ended(words.lesson, ".")}`),
  zh: (words) =>
    `${words.goal_id}：${words.generated_at} 的运行（${words.classification}）评价为${JUDGED_ZH[words.reward] ?? words.reward}（${words.reward}），决定：${words.decision}。理由：${ended(words.reason, "。")}` +
    (words.follow_up === null ? "" : `后续：${ended(words.follow_up, "。")}`) +
    (words.lesson === null ? "" : `经验：${ended(words.lesson, "。")}`),
};

/** A text that ends a sentence by itself needs no second full stop. */
function ended(text: string, stop: string): string {
  return /[.!?。！？…]$/u.test(text) ? text : `${text}${stop}`;
}
