/** The words on cards in both languages (LRK-45). Given texts are never translated. */
import type { GOAL_STATES, Locale, WaitingParty } from "@loopx/core/domain";

const EN = {
  waits_for: "waits for",
  next: "next",
  gate_title: "Approval needed",
  approve: "Approve",
  reject: "Reject",
  defer: "Later",
  confirm_title: "Record this decision?",
  no_buttons: "Or run one of these commands:",
  expires: "expires",
  you: "you",
  agent: "agent",
  evidence: "external evidence",
  none: "nobody",
  eligible: "can run",
  operator_gate: "waits for you",
  blocked_health: "unhealthy",
  throttled: "quota used up",
  waiting: "waiting",
  focus_wait: "focus wait",
  paused: "paused",
  unknown: "unknown",
  approved: "Approved",
  rejected: "Rejected",
  deferred: "Deferred",
  expired: "Expired",
  superseded: "Superseded",
  no_text: "(no text)",
  reply_title: "LoopX result",
  more: "more",
  open: "Open",
  running: "running",
  result: "result",
  artifacts: "artifacts",
  checked: "checked",
};

/** A word on a card. */
export type Label = keyof typeof EN;

const ZH: Readonly<Record<Label, string>> = {
  waits_for: "等待",
  next: "下一步",
  gate_title: "需要确认",
  approve: "同意",
  reject: "拒绝",
  defer: "暂缓",
  confirm_title: "确认记录这个决定?",
  no_buttons: "或运行以下命令之一:",
  expires: "截止",
  you: "你",
  agent: "智能体",
  evidence: "外部证据",
  none: "无",
  eligible: "可以运行",
  operator_gate: "等你决定",
  blocked_health: "异常",
  throttled: "配额用完",
  waiting: "等待中",
  focus_wait: "聚焦等待",
  paused: "已暂停",
  unknown: "未知",
  approved: "已同意",
  rejected: "已拒绝",
  deferred: "已暂缓",
  expired: "已过期",
  superseded: "已被替代",
  no_text: "(无内容)",
  reply_title: "LoopX 结果",
  more: "项",
  open: "打开",
  running: "运行中",
  result: "结果",
  artifacts: "产物",
  checked: "验证",
};

export const LABELS: Readonly<Record<Locale, Readonly<Record<Label, string>>>> = { en: EN, zh: ZH };

const PARTIES: Readonly<Record<WaitingParty, Label>> = {
  codex: "agent",
  user_or_controller: "you",
  controller: "you",
  external_evidence: "evidence",
  monitor_signal: "evidence",
  none: "none",
};
const STATES: Readonly<Record<(typeof GOAL_STATES)[number], Label>> = {
  blocked_health: "blocked_health",
  operator_gate: "operator_gate",
  focus_wait: "focus_wait",
  eligible: "eligible",
  waiting: "waiting",
  throttled: "throttled",
  paused: "paused",
  unknown: "unknown",
};

/** Who has to act, in a word; a party that is none of ours shows as it is called. */
export function partyLabel(party: string, locale: Locale): string {
  return isKey(PARTIES, party) ? LABELS[locale][PARTIES[party]] : party;
}

/** A goal's state in a word; a state that is none of ours shows as it is called. */
export function stateLabel(state: string, locale: Locale): string {
  return isKey(STATES, state) ? LABELS[locale][STATES[state]] : state;
}

function isKey<Key extends string>(table: Readonly<Record<Key, Label>>, key: string): key is Key {
  return Object.hasOwn(table, key);
}
