/** What a todo verb warns of. Commands are put in, never translated. */
import type { Sentence } from "./locale.ts";

export const LEASE_LEFT: Sentence<[holder: string, todo: string, until: string, command: string]> = {
  en: (holder, todo, until, command) =>
    `${holder} still holds the lease of ${todo} until ${until}; when nothing more is written: ${command}`,
  zh: (holder, todo, until, command) => `${holder} 仍持有 ${todo} 的租约，直到 ${until}；不再写入时请运行：${command}`,
};

export const NEVER_DUE: Sentence<[todo: string]> = {
  en: (todo) => `${todo} is a monitor without a next time and is never due; give it --cadence or --next-due-at`,
  zh: (todo) => `${todo} 是没有下次时间的监控，永远不会到期；请用 --cadence 或 --next-due-at 指定`,
};
