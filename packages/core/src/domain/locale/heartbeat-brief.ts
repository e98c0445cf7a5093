/** The brief heartbeat form: guard, invariants and spend (HBT-22). */
import type { Sentence } from "./locale.ts";

export const BRIEF_ASK: Sentence<[block: string]> = {
  en: (block) => `The verdict decides, not an older chat:

${block}

No verdict: no work, no edit, no spend; report only the exact failure.`,
  zh: (block) => `由裁决决定，而不是旧对话：

${block}

没有裁决：不工作，不改文件，不记账，只报告这次失败本身。`,
};

export const BRIEF_STOPPED: Sentence = {
  en: () => `\`should_run\` false: no work, no spend. First branch that fits:
- \`ok\` false or \`state\` \`blocked_health\`: report the finding with file and line.
- \`requires_user_action\`: \`NOTIFY\`; name each gate from \`user_todos\`, with advice and reply form, until it is resolved; never only "owner gate".
- Else quiet \`DONT_NOTIFY\` with the reason; keep the automation.`,
  zh: () => `\`should_run\` 为 false：不工作，不记账。取第一个符合的分支：
- \`ok\` 为 false 或 \`state\` 是 \`blocked_health\`：报告该问题及文件和行号。
- \`requires_user_action\`：返回 \`NOTIFY\`；依据 \`user_todos\` 说出每个关口，附建议和回复格式，直到解决；绝不能只写“等负责人”。
- 其余：安静返回 \`DONT_NOTIFY\` 并附理由；保留自动化。`,
};

export const BRIEF_RUN: Sentence = {
  en: () =>
    `\`should_run\` true: obey \`execution_obligation\`. \`must_attempt_work=true\` means one bounded attempt, notified or not; \`delivery_allowed=false\` means only what \`kind\` names. By \`recommended_mode\`: \`run_first_read_only_map\`, \`run_agent_command\`: exactly that command; \`attempt_due_monitor\`: one poll; \`outcome_floor_recovery\`: only what advances \`must_advance\`, or a blocker todo; \`scoped_user_gate_fallback\`: name the gate, do the free todo; a repair: only the repair. Meet \`handoff_delivery_contract\`. Do one segment inside \`goal_boundary\`, validate, write back, record with \`next_commands.refresh\`. Stop for private material, credentials, destructive git, production, required approval or review.`,
  zh: () =>
    `\`should_run\` 为 true：服从 \`execution_obligation\`。\`must_attempt_work=true\` 表示要做一次有界的尝试，通知与否都一样；\`delivery_allowed=false\` 表示只做 \`kind\` 指明的工作。按 \`recommended_mode\`：\`run_first_read_only_map\`、\`run_agent_command\` 只运行那条命令；\`attempt_due_monitor\` 轮询一次；\`outcome_floor_recovery\` 只做能推进 \`must_advance\` 的事，或写阻塞待办；\`scoped_user_gate_fallback\` 说出关口，再做未被拦住的待办；修复类只做修复。满足 \`handoff_delivery_contract\`。在 \`goal_boundary\` 内做一段工作，验证，写回，用 \`next_commands.refresh\` 记录。遇到私有材料、凭据、破坏性的 git 操作、生产操作、需要批准或评审的事，就停下。`,
};

export const BRIEF_CLOSING: Sentence<[material: string, permission: string, fuller: string]> = {
  en: (
    material,
    permission,
    fuller,
  ) => `Spend once, after the record, if \`spend_policy\` allows; never for a skip, failure, question, dry run, blocker, map or duplicate. \`NOTIFY\` for a committed artifact, gate or blocker; else \`DONT_NOTIFY\`.
${material}
${permission}
If unclear: ${fuller}`,
  zh: (
    material,
    permission,
    fuller,
  ) => `记录之后记账一次，且仅在 \`spend_policy\` 允许时；跳过、失败、提问、演练、阻塞、地图或重复绝不记账。已提交的成果、关口或阻塞用 \`NOTIFY\`，其余用 \`DONT_NOTIFY\`。
${material}
${permission}
有疑问时：${fuller}`,
};
