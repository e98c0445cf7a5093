/** Sentences of a fresh goal: its guards, its objective when nobody gave one, and the warning about kept flags. */
import type { Sentence } from "./locale.ts";

/** The three guards of a new entry, in this order (FIL-11). */
export const GUARDS: readonly Sentence[] = [
  { en: () => "Read-only by default.", zh: () => "默认只读。" },
  { en: () => "No production change without the user's approval.", zh: () => "未经用户批准，不改动生产环境。" },
  { en: () => "No private evidence in public commits.", zh: () => "公开提交中不得包含私有材料。" },
];

/** The objective of `connect` without `--objective` (CMD-30). */
export const DEFAULT_OBJECTIVE: Sentence = {
  en: () => "Move this project forward in bounded, verified steps.",
  zh: () => "以有边界、可验证的小步推进本项目。",
};

/** The warning of a rerun that keeps the existing entry (CMD-33). */
export const FLAGS_IGNORED: Sentence<[flags: readonly string[]]> = {
  en: (flags) =>
    `The existing goal is kept, so ${flags.join(", ")} had no effect. Use loopx configure-goal to change it, or --force to replace it.`,
  zh: (flags) => `已保留现有目标，${flags.join("、")} 未生效。请用 loopx configure-goal 修改，或用 --force 替换。`,
};
