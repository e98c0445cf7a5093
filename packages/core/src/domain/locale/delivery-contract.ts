/** The two sentences of the handoff delivery contract (DEC-56). */
import type { Sentence } from "./locale.ts";

export const CONTRACT_SUMMARY: Sentence<[small: number, gap: number]> = {
  en: (small, gap) =>
    gap > 0
      ? `The last ${small} graded runs in a row were small, and the last ${gap} brought no outcome; the next delivery has to be larger and count.`
      : `The last ${small} graded runs in a row were small; the next delivery has to be larger.`,
  zh: (small, gap) =>
    gap > 0
      ? `最近连续 ${small} 次评级运行规模偏小，连续 ${gap} 次没有成果；下一次交付必须更大并产生实际成果。`
      : `最近连续 ${small} 次评级运行规模偏小；下一次交付必须更大。`,
};

export const CONTRACT_INSTRUCTION: Sentence<[minimum: string, include: readonly string[], advance: readonly string[]]> = {
  en: (minimum, include, advance) =>
    `Reach ${minimum}${include.length === 0 ? "" : ` with ${include.join(", ")}`}${advance.length === 0 ? "" : `, and advance ${advance.join(" or ")}`}. If that is impossible, write a concrete blocker and spend nothing.`,
  zh: (minimum, include, advance) =>
    `本次交付须达到 ${minimum}${include.length === 0 ? "" : `，包含 ${include.join("、")}`}${advance.length === 0 ? "" : `，并推进 ${advance.join(" 或 ")}`}。若做不到，请写明具体阻塞，不消耗额度。`,
};
