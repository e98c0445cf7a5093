/** What a launch tells people, in both languages; the English words are those of `lark.sh`. */
import type { Locale, Sentence } from "@loopx/core/domain";
import type { LaunchNotice, LaunchResult } from "./launch.ts";

interface LaunchLine {
  readonly port: number | null;
  readonly repairs: number;
  readonly max_retries: number;
  readonly repairing: boolean;
  readonly result: LaunchResult | null;
  readonly reason: string;
}

const failing = (what: { en: string; zh: string }): Sentence<[LaunchLine]> => ({
  en: ({ repairing, reason }) =>
    `${what.en} failed${repairing ? ", auto-fixing..." : `. Auto-fix is off. Manual fix needed.${reason === "" ? "" : ` (${reason})`}`}`,
  zh: ({ repairing, reason }) =>
    `${what.zh}失败${repairing ? "，正在自动修复……" : `。自动修复已关闭，需要人工处理。${reason === "" ? "" : `（${reason}）`}`}`,
});

const LINES: Readonly<Record<LaunchNotice, Sentence<[LaunchLine]>>> = {
  build_failed: failing({ en: "Build", zh: "构建" }),
  start_failed: failing({ en: "Startup", zh: "启动" }),
  attempt: {
    en: ({ repairs, max_retries }) => `Auto-fix attempt ${repairs}/${max_retries}...`,
    zh: ({ repairs, max_retries }) => `自动修复第 ${repairs}/${max_retries} 次……`,
  },
  ready: {
    en: ({ port }) => `Primary healthy${port === null ? "" : ` on :${port}`}`,
    zh: ({ port }) => `主服务已就绪${port === null ? "" : `，端口 ${port}`}`,
  },
  fixed: { en: () => "Auto-fix succeeded", zh: () => "自动修复成功" },
  exhausted: {
    en: ({ reason }) => `Auto-fix exhausted. Manual fix needed.${reason === "" ? "" : ` (${reason})`}`,
    zh: ({ reason }) => `自动修复次数已用完，需要人工处理。${reason === "" ? "" : `（${reason}）`}`,
  },
  ended: {
    en: ({ result, reason }) => `Primary not started: ${(result ?? "").replaceAll("_", " ")}${reason === "" ? "" : ` (${reason})`}`,
    zh: ({ result, reason }) => `主服务未启动：${(result ?? "").replaceAll("_", " ")}${reason === "" ? "" : `（${reason}）`}`,
  },
};

/** The line of a notice. */
export function launchLine(notice: LaunchNotice, line: LaunchLine, locale: Locale): string {
  return LINES[notice][locale](line);
}

/** Uncommitted work is not tested: only what is committed is (WTL-14). */
export const UNCOMMITTED: Sentence<[count: number]> = {
  en: (count) => `${count} uncommitted ${count === 1 ? "change is" : "changes are"} not tested: commit first, then run lark2.sh restart`,
  zh: (count) => `有 ${count} 处未提交的改动不会被测试：请先提交，再运行 lark2.sh restart`,
};
