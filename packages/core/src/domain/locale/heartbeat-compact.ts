/** The compact heartbeat form: the points of the full one in the same order, condensed (HBT-21). */
import type { Sentence } from "./locale.ts";

export const COMPACT_OPENING: Sentence = {
  en: () =>
    `The timer only wakes you; the LoopX verdict decides. Read verdict, goal state and repository again each time, never an older chat. Local policy is not in this text.`,
  zh: () => `定时器只负责唤醒，由 LoopX 的裁决决定。每次都重新读取裁决、目标状态和仓库，不依赖旧对话。本地策略不写在这里。`,
};

export const COMPACT_ASK: Sentence<[block: string]> = {
  en: (block) => `${block}

No verdict: no work, no file edit, no spend; report only the exact failure.`,
  zh: (block) => `${block}

没有裁决：不工作，不改文件，不记账，只报告这次失败本身。`,
};

export const COMPACT_STOPPED: Sentence = {
  en: () => `If \`should_run\` is false: do no work, spend nothing, take the first branch that fits.
- \`ok\` false or \`state\` \`blocked_health\`: report the finding with file and line.
- \`requires_user_action\`: \`NOTIFY\`. Name each gate from \`user_todos\` and \`operator_question\`, your advice, and the reply form (agree, disagree, done, still open, one reason), on every wake-up until resolved; never only "owner gate". Meanwhile never run the gated path or \`agent_command\`.
- Else (\`monitor_quiet_skip\`, paused, throttled, another agent's turn, unchanged map): quiet \`DONT_NOTIFY\` with the reason; never delete the automation.`,
  zh: () => `如果 \`should_run\` 为 false：不工作，不记账，取第一个符合的分支。
- \`ok\` 为 false 或 \`state\` 是 \`blocked_health\`：报告该问题及文件和行号。
- \`requires_user_action\`：返回 \`NOTIFY\`。依据 \`user_todos\` 和 \`operator_question\` 说出每个关口、你的建议和回复格式（同意、不同意、已完成、仍未决，外加一个理由），解决之前每次唤醒都说，绝不能只写“等负责人”。其间不走被拦住的路径，也不运行 \`agent_command\`。
- 其余（\`monitor_quiet_skip\`、已暂停、已限流、轮到别的智能体、地图没有变化）：安静返回 \`DONT_NOTIFY\` 并附理由，绝不因此删除自动化。`,
};

export const COMPACT_RUN: Sentence = {
  en: () => `If \`should_run\` is true:
1. Read \`reason\`, \`selected_todo\`, \`goal_boundary\`; then state, runs, repository. Registry and verdict outrank older text.
2. Obey \`execution_obligation\`: \`must_attempt_work=true\` means one bounded attempt, also with \`DONT_NOTIFY\` (notify is no execution gate); \`delivery_allowed=false\`: only what its \`kind\` names.
3. Follow \`execution_obligation.kind\` (\`recommended_mode\` agrees). \`run_first_read_only_map\`, \`run_agent_command\`: exactly that command. \`external_evidence_observe\`: one read-only look; record what is new, else end quietly. \`attempt_due_monitor\`: one look, then the poll command. \`outcome_floor_recovery\`: only what advances \`must_advance\`, or a concrete blocker todo. \`scoped_user_gate_fallback\`: tell the user the gate, then only \`selected_todo\`. \`state_projection_gap_repair\`: make \`Next Action\` todos or clear it. \`boundary_projection_repair\`: narrow the todo or add a gate, never widen the scope. \`side_agent_workspace_repair\`: go to your own worktree, stop.
4. Meet \`handoff_delivery_contract\` (\`minimum_scale\`, all of \`must_include\`), or report a blocker, no spend.
5. Compare three candidates across priorities and ask for the bottleneck; write a new route as todos. After two turns without artifact, decision or validation, re-plan in a todo.
6. Claim if required. Do one bounded, verifiable segment inside \`write_scope\`.
7. Public commit, push and pull request are autonomous after validation and a clean boundary scan, if the host allows; under an executor it does them. Stop for private or company material, credentials, destructive git, production, anything in \`requires_parent_approval\`, and rules that ask for review.
8. Validate; write back state and todos (user actions too; a successor, or why none). Record by the progress command, a blocker as \`outcome_gap\`.
9. Spend exactly once, after the record, if \`spend_policy\` allows. Never for a skip, failure, question, dry run, blocker, map or duplicate. Report a refusal.
10. Report briefly: \`NOTIFY\` for a committed artifact, gate, real blocker, if the verdict says so, or on stopping yourself; else \`DONT_NOTIFY\`.`,
  zh: () => `如果 \`should_run\` 为 true：
1. 先读 \`reason\`、\`selected_todo\`、\`goal_boundary\`，再读目标状态、最近的运行和仓库。注册表和裁决优先于旧文字。
2. 服从 \`execution_obligation\`：\`must_attempt_work=true\` 表示要做一次有界的尝试，即使是 \`DONT_NOTIFY\`（通知与否不是执行关口）；\`delivery_allowed=false\` 表示只做其中 \`kind\` 指明的工作。
3. 按 \`execution_obligation.kind\` 行事（\`recommended_mode\` 与之一致）。\`run_first_read_only_map\`、\`run_agent_command\`：只运行给出的命令。\`external_evidence_observe\`：只读查看一次，有新证据就记录，否则安静结束。\`attempt_due_monitor\`：查看一次，再运行轮询命令。\`outcome_floor_recovery\`：只做能推进 \`must_advance\` 的事，或写一条具体的阻塞待办。\`scoped_user_gate_fallback\`：把关口告诉用户，然后只做 \`selected_todo\`。\`state_projection_gap_repair\`：把 \`Next Action\` 变成待办或清空。\`boundary_projection_repair\`：缩小待办或新增用户关口，绝不扩大范围。\`side_agent_workspace_repair\`：转到自己的 worktree 后停止。
4. 如有 \`handoff_delivery_contract\`，达到其要求（\`minimum_scale\` 和全部 \`must_include\`），否则报告阻塞，不记账。
5. 在不同优先级间比较三个候选，问瓶颈在哪里；路线改变写回为待办。连续两轮没有成果、决定或验证，就重新规划并记为待办。
6. 需要时先认领。在 \`write_scope\` 内做一段有界、可验证的工作。
7. 验证通过且边界扫描干净之后，公开的提交、推送和拉取请求在宿主允许时自主完成；在执行器之下由执行器完成。遇到私有或公司材料、凭据、破坏性的 git 操作、生产操作、\`requires_parent_approval\` 中的任何一项，或要求评审的规则，就停下。
8. 验证；写回状态和待办（用户要做的事写成待办；写明后续或为何没有）。用进展命令记录；阻塞记为 \`outcome_gap\`。
9. 记录之后恰好记账一次，且仅在 \`spend_policy\` 允许时。跳过、失败、提问、演练、阻塞、只读地图或重复绝不记账。被拒就报告。
10. 简短汇报：已提交的成果、关口、真实的阻塞、裁决要求通知或自行停止时用 \`NOTIFY\`，其余用 \`DONT_NOTIFY\`。`,
};

/** The commands, the two rules, and the command of the full form. */
export const COMPACT_CLOSING: Sentence<[material: string, permission: string, fuller: string]> = {
  en: (material, permission, fuller) => `${material}
${permission}
Full form: ${fuller}`,
  zh: (material, permission, fuller) => `${material}
${permission}
完整形式：${fuller}`,
};
