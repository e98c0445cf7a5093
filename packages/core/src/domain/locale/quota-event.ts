/** Sentences of quota rows and of the spend they record. */
import type { Sentence } from "./locale.ts";

/** `recommended_action` of a ledger row; such rows are never the status run, so this only informs a reader of the file. */
export const QUOTA_ROW_ACTION = {
  quota_slot_spent: { en: () => "Ask for the next verdict.", zh: () => "请求下一次判定。" },
  quota_slot_voided: { en: () => "The named spend no longer counts.", zh: () => "所指的额度消耗不再计入。" },
  quota_monitor_poll: { en: () => "Keep watching.", zh: () => "继续观察。" },
} as const satisfies Record<string, Sentence>;

/** Reason of a spend when the caller gives none. */
export const SPEND_REASON: Sentence<[classification: string]> = {
  en: (classification) => `Paid for the recorded result ${classification}.`,
  zh: (classification) => `为已记录的成果 ${classification} 计入额度。`,
};

/** Reason of a poll when the caller gives none. */
export const POLL_REASON: Sentence<[changed: boolean]> = {
  en: (changed) => (changed ? "The watched target changed." : "The watched target did not change."),
  zh: (changed) => (changed ? "观察对象发生了变化。" : "观察对象没有变化。"),
};
