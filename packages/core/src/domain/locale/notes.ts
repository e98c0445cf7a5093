/** Warnings that actions attach to what they did: each a code and one sentence. */
import type { Sentence } from "./locale.ts";

export const NOTES = {
  goal_doc_missing: {
    en: (path) => `The goal document ${path} does not exist yet; the agent will look for it there.`,
    zh: (path) => `目标文档 ${path} 尚不存在；代理将在该处查找。`,
  },
  parent_goal_unknown: {
    en: (goal) => `The parent goal ${goal} is not in this registry.`,
    zh: (goal) => `本注册表中没有父目标 ${goal}。`,
  },
  flags_ignored: {
    en: (flags) => `The existing goal is kept, so ${flags} had no effect. Use loopx configure-goal to change it, or --force to replace it.`,
    zh: (flags) => `已保留现有目标，${flags} 未生效。请用 loopx configure-goal 修改，或用 --force 替换。`,
  },
  private_state_not_ignored: {
    en: (paths) => `git does not ignore ${paths}; private state could be committed. Run connect again with --gitignore.`,
    zh: (paths) => `git 未忽略 ${paths}，私有状态可能被提交。请加上 --gitignore 再运行一次 connect。`,
  },
  global_registry_write_denied: {
    en: (path) =>
      `The global registry ${path} could not be written; the project's own files are whole. Run loopx sync-global when it can be.`,
    zh: (path) => `无法写入全局注册表 ${path}；项目自身的文件完好。可写后请运行 loopx sync-global。`,
  },
  global_sync_failed: {
    en: (reason) => `The global registry was not updated: ${reason}. Run loopx sync-global.`,
    zh: (reason) => `全局注册表未更新：${reason}。请运行 loopx sync-global。`,
  },
  state_not_found: {
    en: (goal) => `No state of ${goal} was archived: its entry leads to none.`,
    zh: (goal) => `未归档 ${goal} 的状态文件：其条目未指向任何文件。`,
  },
  state_still_used: {
    en: (goal) => `The state of ${goal} was left where it is: a goal that stays uses it too.`,
    zh: (goal) => `${goal} 的状态文件保留原处：仍有保留的目标在使用它。`,
  },
  progress_scope_of_side_agent: {
    en: (agent) => `${agent} is a side agent: its record is its lane's, and moves neither the goal's status nor its streaks.`,
    zh: (agent) => `${agent} 是侧代理：该记录只属于其自身通道，不改变目标的状态与连续计数。`,
  },
  runtime_kept: {
    en: (goals) => `The run history of ${goals} stays in the runtime root; loopx archive-runtime moves it.`,
    zh: (goals) => `${goals} 的运行历史仍保留在运行时根目录；可用 loopx archive-runtime 归档。`,
  },
} as const satisfies Record<string, Sentence<[subject: string]>>;

export type NoteCode = keyof typeof NOTES;
