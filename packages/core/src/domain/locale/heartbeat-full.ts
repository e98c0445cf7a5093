/** The full heartbeat form, sentence by sentence, in the order of HBT-20. */
import type { Sentence } from "./locale.ts";

export const FULL_OPENING: Sentence = {
  en: () =>
    `The timer only wakes you; the verdict of LoopX decides. On every wake-up read the verdict, the goal state and the repository again; take nothing from an older chat. Local policy is not in this text: it lives in the registry, the goal state, adapter output and the boundary.`,
  zh: () =>
    `定时器只负责唤醒，是否工作由 LoopX 的裁决决定。每次唤醒都重新读取裁决、目标状态和仓库，不依赖任何旧对话。本地策略不写在这里，它在注册表、目标状态、适配器输出和边界之中。`,
};

export const FULL_ASK: Sentence<[block: string]> = {
  en: (block) => `## 1. Ask

${block}

If the binary is missing or no verdict is printed: do no work, edit no file, spend nothing, and report nothing beyond the exact failure.`,
  zh: (block) => `## 1. 询问

${block}

如果找不到程序或没有打印裁决：不做任何工作，不改任何文件，不记账，只报告这次失败本身。`,
};

export const FULL_STOPPED: Sentence = {
  en: () => `## 2. If \`should_run\` is false

Do no work and spend nothing. Take the first branch that fits:

- \`ok\` is false, or \`state\` is \`blocked_health\`: report the finding with its file and line.
- \`requires_user_action\` is true: return \`NOTIFY\`. Name each gate by its text, from \`user_todos\` and \`operator_question\`; give your advice and the reply form: agree, disagree, done, still open, and one reason. Do this on every wake-up until it is resolved, and never write only "owner gate". Do not run the gated path or \`agent_command\` while you ask.
- Anything else, such as \`monitor_quiet_skip\`, paused, throttled, another agent's turn or an unchanged map: stay quiet and return \`DONT_NOTIFY\` with the \`reason\`.

A quiet answer is no fault. Never delete the automation because of it.`,
  zh: () => `## 2. 如果 \`should_run\` 为 false

不做工作，不记账。取第一个符合的分支：

- \`ok\` 为 false，或 \`state\` 是 \`blocked_health\`：报告该问题，写明文件和行号。
- \`requires_user_action\` 为 true：返回 \`NOTIFY\`。依据 \`user_todos\` 和 \`operator_question\`，逐条说出每个关口的原文，给出你的建议和回复格式：同意、不同意、已完成、仍未决，外加一个理由。在它解决之前每次唤醒都要这样做，绝不能只写“等负责人”。询问期间不走被关口拦住的路径，也不运行 \`agent_command\`。
- 其余情况，例如 \`monitor_quiet_skip\`、已暂停、已限流、轮到别的智能体、地图没有变化：保持安静，返回 \`DONT_NOTIFY\` 并附上 \`reason\`。

安静的回答不是故障，绝不能因此删除自动化。`,
};

export const FULL_RUN: Sentence = {
  en: () => `## 3. If \`should_run\` is true

1. Read \`reason\`, \`selected_todo\` and \`goal_boundary\`; then the active state, the latest runs (as evidence only) and the repository. The registry, the verdict and the project asset shown by the status outrank any older text.
2. Obey \`execution_obligation\`. \`must_attempt_work=true\` means one bounded attempt, also with \`DONT_NOTIFY\`: notify is no execution gate. \`delivery_allowed=false\` means only the work that its \`kind\` names.
3. Follow \`execution_obligation.kind\`; \`effective_action\` and \`recommended_mode\` speak of the same step:
   - \`normal_run\`: go on with point 4.
   - \`run_first_read_only_map\`, \`run_agent_command\`: run exactly the given command.
   - \`external_evidence_observe\`: take one read-only look at the surfaces the goal names. Record new evidence; if nothing changed, end quietly.
   - \`attempt_due_monitor\`: look once at what the monitor watches, then run the poll command.
   - \`outcome_floor_recovery\`: only an artifact that advances \`must_advance\`, or a concrete blocker todo; no surface work.
   - \`scoped_user_gate_fallback\`: tell the user the gate, then do only \`selected_todo\`.
   - \`state_projection_gap_repair\`: turn the items of \`Next Action\` into todos, or clear them.
   - \`boundary_projection_repair\`: narrow or split the todo, or add a user gate; never widen the scope yourself.
   - \`side_agent_workspace_repair\`: move to a worktree of your own, and stop.

   If \`requires_user_action\` is true as well, name the gate as in section 2; this does not replace the work.
4. If \`handoff_delivery_contract\` is present, reach its \`minimum_scale\` with everything in \`must_include\`, or report a blocker and spend nothing.
5. Steering audit, before you choose: compare at least three candidates across priorities. If one topic took several turns, check that it should continue. Compute quota and focus are separate questions. Ask what the bottleneck is. Write a change of route back as todos.
6. No-progress check: after two turns without an artifact, a decision or a validation, repair or re-plan before another quiet answer, and record that as a todo.
7. If \`selected_todo.claim_required_before_work\` is true, claim it. Choose one bounded, verifiable segment; a coherent batch over related files is fine. Do only that, inside \`goal_boundary.write_scope\`.
8. Public commit, push and pull request are autonomous after validation and a clean boundary scan, where the host lets you; under an executor, the executor does them. Stop for private or company material, credentials, destructive git, production actions, anything in \`goal_boundary.requires_parent_approval\`, and repository rules that ask for review.
9. Run the smallest useful validation.
10. Write back the active state and the todos. What a user has to do becomes a todo by the todo command; never hide it in prose. A finished todo gets a successor, or the words why none is needed.
11. Record with the progress command: scale, outcome, artifact and check. A blocker is recorded as \`outcome_gap\`.
12. Spend exactly once, after the record, with the spend command, and only if \`spend_policy\` allows it. Never for a skip, a failure, a question, a dry run, a blocker, a read-only map or a duplicate. Report a refused spend; do not work around it.
13. Report in a few lines. \`NOTIFY\` only for a committed artifact, a gate, a real blocker, a verdict that says so, or stopping yourself; else \`DONT_NOTIFY\`.`,
  zh: () => `## 3. 如果 \`should_run\` 为 true

1. 先读 \`reason\`、\`selected_todo\` 和 \`goal_boundary\`，再读目标状态、最近的运行（仅作证据）和仓库。注册表、裁决以及状态里展示的项目资产，优先于任何更早的文字。
2. 服从 \`execution_obligation\`。\`must_attempt_work=true\` 表示要做一次有界的尝试，即使是 \`DONT_NOTIFY\`：通知与否不是执行关口。\`delivery_allowed=false\` 表示只做其中 \`kind\` 指明的工作。
3. 按 \`execution_obligation.kind\` 行事；\`effective_action\` 和 \`recommended_mode\` 说的是同一步：
   - \`normal_run\`：从第 4 点继续。
   - \`run_first_read_only_map\`、\`run_agent_command\`：只运行给出的那条命令。
   - \`external_evidence_observe\`：对目标指明的位置做一次只读查看。有新证据就记录；没有变化就安静结束。
   - \`attempt_due_monitor\`：查看一次监视对象，然后运行轮询命令。
   - \`outcome_floor_recovery\`：只产出能推进 \`must_advance\` 的成果，或写一条具体的阻塞待办；不做表面工作。
   - \`scoped_user_gate_fallback\`：把关口告诉用户，然后只做 \`selected_todo\`。
   - \`state_projection_gap_repair\`：把 \`Next Action\` 的条目变成待办，或清空它。
   - \`boundary_projection_repair\`：缩小或拆分待办，或新增一个用户关口；绝不自行扩大范围。
   - \`side_agent_workspace_repair\`：转到自己的 worktree，然后停止。

   如果 \`requires_user_action\` 也为 true，按第 2 节说出关口；这不能代替工作。
4. 如果有 \`handoff_delivery_contract\`：达到其中的 \`minimum_scale\`，并包含 \`must_include\` 的全部内容；否则报告阻塞，不记账。
5. 选择之前先做方向审视：在不同优先级之间至少比较三个候选；同一主题已占用多轮时，检查是否该继续；算力配额与专注是两回事；问一问瓶颈在哪里。路线的改变要写回为待办。
6. 停滞检查：连续两轮没有成果、决定或验证时，先修复或重新规划，再给出下一次安静的回答，并记为待办。
7. \`selected_todo.claim_required_before_work\` 为 true 时先认领。选择一段有界、可验证的工作；跨相关文件的连贯批次也可以。只做这一段，不超出 \`goal_boundary.write_scope\`。
8. 验证通过且边界扫描干净之后，在宿主允许的情况下，公开的提交、推送和拉取请求由你自主完成；在执行器之下由执行器完成。遇到以下情形停下：私有或公司材料、凭据、破坏性的 git 操作、生产操作、\`goal_boundary.requires_parent_approval\` 中的任何一项，以及要求评审的仓库规则。
9. 运行最小而有用的验证。
10. 写回目标状态和待办。需要用户做的事，用待办命令写成待办，绝不藏在叙述里。完成的待办要有后续，或写明为何不需要。
11. 用进展命令记录：规模、结果、成果和检查。阻塞记为 \`outcome_gap\`。
12. 记录之后，用记账命令恰好记账一次，且仅在 \`spend_policy\` 允许时。跳过、失败、提问、演练、阻塞、只读地图或重复，都绝不记账。记账被拒时如实报告，不要绕过。
13. 用几行字汇报。只有已提交的成果、关口、真实的阻塞、裁决要求通知或自行停止时才用 \`NOTIFY\`；其余用 \`DONT_NOTIFY\`。`,
};

export const FULL_COMMANDS: Sentence<[block: string]> = {
  en: (block) => `## 4. Commands

${block}

\`<SCALE>\` is one of \`test_only\`, \`single_surface\`, \`multi_surface\`, \`implementation\`; \`<OUTCOME>\` one of \`surface_only\`, \`outcome_gap\`, \`outcome_progress\`, \`primary_goal_outcome\`. The role of a todo is \`user\` or \`agent\`.`,
  zh: (block) => `## 4. 命令

${block}

\`<SCALE>\` 取 \`test_only\`、\`single_surface\`、\`multi_surface\`、\`implementation\` 之一；\`<OUTCOME>\` 取 \`surface_only\`、\`outcome_gap\`、\`outcome_progress\`、\`primary_goal_outcome\` 之一。待办的角色是 \`user\` 或 \`agent\`。`,
};

export const FULL_RULES: Sentence<[material: string, permission: string]> = {
  en: (material, permission) => `## 5. Rules

- ${material}
- ${permission}`,
  zh: (material, permission) => `## 5. 规则

- ${material}
- ${permission}`,
};
