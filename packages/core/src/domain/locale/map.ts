/** Sentences of a read-only map. */
import type { Sentence } from "./locale.ts";

/** What to do after a map, when the caller names nothing better. */
export const MAP_ACTION: Sentence<[risks: number]> = {
  en: (risks) =>
    risks === 0
      ? "The project is mapped and nothing is missing. Write the first bounded todo when there is work."
      : `The project is mapped; ${risks === 1 ? "1 gap is" : `${risks} gaps are`} open. Read the map, then settle the first one or write it down as a todo.`,
  zh: (risks) =>
    risks === 0
      ? "项目映射完成，没有缺口。有工作时请写下第一个有边界的待办。"
      : `项目映射完成，尚有 ${risks} 个缺口。请阅读映射，先处理第一个，或将其记录为待办。`,
};
