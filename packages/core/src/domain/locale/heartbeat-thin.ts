/** The thin heartbeat form, for agents that read LoopX themselves (HBT-23). */
import type { Sentence } from "./locale.ts";

export const THIN_ASK: Sentence<[block: string]> = {
  en: (block) => `Skills: \`loopx-project\`; \`loopx-self-repair\` if an answer surprises. LoopX is the source of truth:

${block}`,
  zh: (block) => `技能：\`loopx-project\`；回答出人意料或自相矛盾时用 \`loopx-self-repair\`。以 LoopX 为准：

${block}`,
};

export const THIN_RUN: Sentence<[material: string, permission: string]> = {
  en: (
    material,
    permission,
  ) => `No verdict: report the failure and stop. Obey \`should_run\` and \`execution_obligation\`; \`must_attempt_work\` needs no \`NOTIFY\`. Name gates from \`user_todos\`, never only "owner gate". Do one bounded segment inside \`goal_boundary\`; validate, write back, then \`next_commands.refresh\` and \`next_commands.spend\` once. Otherwise stay quiet.
Stop for private material, credentials, destructive git, production, required review.
${material}
${permission}`,
  zh: (
    material,
    permission,
  ) => `没有裁决：报告失败并停止。服从 \`should_run\` 和 \`execution_obligation\`；\`must_attempt_work\` 不以 \`NOTIFY\` 为前提。依据 \`user_todos\` 说出每个关口，绝不能只写“等负责人”。在 \`goal_boundary\` 内做一段有界的工作；验证，写回，然后依次运行 \`next_commands.refresh\` 和 \`next_commands.spend\` 各一次。其余情况保持安静。
遇到私有材料、凭据、破坏性的 git 操作、生产操作或必需的评审，就停下。
${material}
${permission}`,
};
