/** Sentences of a fresh goal state (FIL-33). */
import type { Sentence } from "./locale.ts";

/** The first todo, and the first next action. `goal_doc` is the document's path, or null. */
export const FIRST_STEP: Sentence<[goal_doc: string | null]> = {
  en: (goal_doc) =>
    goal_doc === null
      ? "Inspect the goal and the project, then write the first bounded plan."
      : `Inspect the goal document ${goal_doc}, then write the first bounded plan.`,
  zh: (goal_doc) =>
    goal_doc === null ? "了解目标与项目现状，写出第一份有边界的计划。" : `阅读目标文档 ${goal_doc}，写出第一份有边界的计划。`,
};

export const PRIMARY_DOCUMENT: Sentence<[goal_doc: string]> = {
  en: (goal_doc) => `${goal_doc} (primary goal document)`,
  zh: (goal_doc) => `${goal_doc}（主要目标文档）`,
};

export const NO_DOCUMENT: Sentence = {
  en: () => "None declared yet; the objective above is the only authority.",
  zh: () => "尚未声明；目前以上面的目标为唯一依据。",
};

export const OPERATING_CONTRACT: readonly Sentence[] = [
  {
    en: () => "Ask `loopx should-run` before each step; do only what it allows.",
    zh: () => "每一步之前先问 `loopx should-run`，只做它允许的事。",
  },
  {
    en: () => "Work in bounded steps: an artifact, its validation, then the writeback here.",
    zh: () => "小步推进：先有成果，再做验证，然后写回本文件。",
  },
  { en: () => "Put questions for people under a user todo, not into chat.", zh: () => "需要人来决定的事写成用户待办，不要只留在对话里。" },
];

export const NON_GOALS: readonly Sentence[] = [
  {
    en: () => "No production change, publication or purchase without the user's approval.",
    zh: () => "未经用户批准，不改动生产环境、不发布、不花钱。",
  },
  { en: () => "No work outside this goal's write scope.", zh: () => "不做本目标写入范围之外的工作。" },
];

export const GOAL_CONNECTED: Sentence = {
  en: () => "Goal connected to LoopX.",
  zh: () => "目标已接入 LoopX。",
};
