/** What a loop tells people, in both languages (WTL-87). */
import type { Locale, Sentence } from "@loopx/core/domain";
import type { CycleResult, NoticeName } from "./cycle.ts";

/** n of m: the attempt, and how many there may be. */
export interface NoticeInputs {
  readonly attempt: number;
  readonly max_cycles: number;
  readonly repairing: boolean;
}

type Line = Sentence<[NoticeInputs]>;

const fixing = (what: { en: string; zh: string }): Line => ({
  en: ({ attempt, repairing }) =>
    `[cycle ${attempt}] ${what.en} failed${repairing ? ", auto-fixing..." : ". Auto-fix is off. Manual fix needed."}`,
  zh: ({ attempt, repairing }) => `[第 ${attempt} 轮] ${what.zh}失败${repairing ? "，正在自动修复……" : "。自动修复已关闭，需要人工处理。"}`,
});

/** One line each; `ended` is told by its result. */
export const NOTICE_LINES: Readonly<Record<Exclude<NoticeName, "ended">, Line>> = {
  build_begins: {
    en: ({ attempt, max_cycles }) => `[cycle ${attempt}/${max_cycles}] Building...`,
    zh: ({ attempt, max_cycles }) => `[第 ${attempt}/${max_cycles} 轮] 正在构建……`,
  },
  build_failed: fixing({ en: "Build", zh: "构建" }),
  start_test: {
    en: ({ attempt }) => `[cycle ${attempt}] Starting test server...`,
    zh: ({ attempt }) => `[第 ${attempt} 轮] 正在启动测试服务……`,
  },
  start_test_failed: fixing({ en: "Server start", zh: "服务启动" }),
  fast_gate_begins: {
    en: ({ attempt }) => `[cycle ${attempt}] Running tests...`,
    zh: ({ attempt }) => `[第 ${attempt} 轮] 正在运行测试……`,
  },
  passed: {
    en: ({ attempt }) => `[cycle ${attempt}] Tests passed. Restarting primary...`,
    zh: ({ attempt }) => `[第 ${attempt} 轮] 测试通过，正在重启主服务……`,
  },
  gate_failed: fixing({ en: "Tests", zh: "测试" }),
  main_ready: { en: () => "Primary restarted. Ready.", zh: () => "主服务已重启，可以使用。" },
};

/** How a cycle ended, for people: result, commit, reason, next command. */
export interface EndInputs {
  readonly result: CycleResult;
  readonly sha: string;
  readonly reason: string;
  readonly max_cycles: number;
  readonly next: string;
}

/** One sentence for every end that no other line told. */
export const END_LINE: Sentence<[EndInputs]> = {
  en: ({ result, sha, reason, max_cycles, next }) =>
    result === "fix_exhausted"
      ? `Auto-fix exhausted (${max_cycles} cycles). Manual fix needed.`
      : `${sha}: ${result.replaceAll("_", " ")}${reason === "" ? "" : ` (${reason})`}. Next: ${next}`,
  zh: ({ result, sha, reason, max_cycles, next }) =>
    result === "fix_exhausted"
      ? `自动修复次数已用完（${max_cycles} 轮），需要人工处理。`
      : `${sha}：${RESULT_ZH[result]}${reason === "" ? "" : `（${reason}）`}。下一步：${next}`,
};

/** Two in a row may happen; the third tells that it will not end by itself (WTL-71). */
export const STARVED: Sentence = {
  en: () => "loop starved: main moves faster than the gates",
  zh: () => "循环跟不上：主分支的更新快于测试",
};

/** A server that is not started again for now. */
export const COOLED_DOWN: Sentence<[{ readonly name: string; readonly reason: string }]> = {
  en: ({ name, reason }) =>
    reason === ""
      ? `${name} was started 5 times in 10 minutes and ended each time; the next try is in 5 minutes. Look into logs/${name}.log.`
      : `${name} cannot be started: ${reason}; the next try is in 5 minutes.`,
  zh: ({ name, reason }) =>
    reason === ""
      ? `${name} 在 10 分钟内启动了 5 次，每次都退出；5 分钟后再试。请查看 logs/${name}.log。`
      : `${name} 无法启动：${reason}；5 分钟后再试。`,
};

/** A key in the environment goes to no agent; these two settings do it right (AGT-83). */
export const KEY_NOT_GIVEN: Sentence<[variable: string]> = {
  en: (variable) =>
    `${variable} is set, and no agent gets it: log the client in by itself, or set fix.credentials: relay with LOOPX_MODEL_KEY_FILE and LOOPX_MODEL_BASE_URL.`,
  zh: (variable) =>
    `已设置 ${variable}，但不会交给任何智能体：请让客户端自行登录，或设置 fix.credentials: relay，并提供 LOOPX_MODEL_KEY_FILE 和 LOOPX_MODEL_BASE_URL。`,
};

const RESULT_ZH: Readonly<Record<CycleResult, string>> = {
  validated: "已验证",
  promoted: "已合入",
  gate_failed: "测试未通过",
  fix_exhausted: "自动修复次数已用完",
  deploy_failed: "部署失败，已回滚",
  rejected: "合入被拒绝",
  awaiting_gate: "等待人工批准",
  skipped_quota: "目标当前不允许运行",
  main_dirty: "主目录有未提交的改动",
  wrong_branch: "主目录的分支不对",
  busy: "另一个循环正在运行",
  base_moved: "主分支已前进",
  infra_error: "基础设施故障",
  aborted: "已中止",
};

/** The line of a notice. */
export function noticeLine(name: Exclude<NoticeName, "ended">, inputs: NoticeInputs, locale: Locale): string {
  return NOTICE_LINES[name][locale](inputs);
}

/** The question on the card of a gate (WTL-72). */
export const PROMOTION_QUESTION: Sentence<[sha: string, branch: string]> = {
  en: (sha, branch) => `Promote the repair ${sha} to ${branch}? It passed every gate.`,
  zh: (sha, branch) => `是否将修复 ${sha} 合入 ${branch}？它已通过全部测试。`,
};

/** What an approval lets in. */
export const CHANGED_FILES: Sentence<[files: readonly string[], more: number]> = {
  en: (files, more) => `Changed: ${files.join(", ")}${more === 0 ? "" : ` and ${more} more`}`,
  zh: (files, more) => `改动：${files.join("、")}${more === 0 ? "" : ` 等，另有 ${more} 个文件`}`,
};
