/** Sentences of `refresh-state`. */
import type { Sentence } from "./locale.ts";

/** The action of a run when the state names none that may be public (DEC-77). */
export const REFRESH_ACTION: Sentence = {
  en: () => "Read the goal state, choose the next bounded step and write it down as a todo.",
  zh: () => "阅读目标状态，选定下一个有边界的步骤，并将其记录为待办。",
};
