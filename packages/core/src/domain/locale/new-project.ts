/** The hand-off prompt that connects a new project, in its order (HBT-50, HBT-51). */
import type { Sentence } from "./locale.ts";

export const NEW_PROJECT_OPENING: Sentence<[project: string, goal: string]> = {
  en: (project, goal) =>
    `Connect the project in ${project} to LoopX as goal ${goal}. Create the connection and nothing else: implement nothing, change no file of the project, publish nothing. Work in that folder.`,
  zh: (project, goal) =>
    `把 ${project} 中的项目以目标 ${goal} 接入 LoopX。只建立连接，不做别的：不实现任何内容，不改项目文件，不发布任何东西。请在该目录中工作。`,
};

export const NEW_PROJECT_PREFLIGHT: Sentence<[block: string]> = {
  en: (block) => `## 1. Find LoopX

${block}

If it is not found, stop and report that. Install nothing.`,
  zh: (block) => `## 1. 找到 LoopX

${block}

如果找不到，就停下并报告。不要安装任何东西。`,
};

export const NEW_PROJECT_READ: Sentence<[document: string]> = {
  en: (document) => `## 2. Read the goal document first

Read ${document} before anything else; it outranks what the repository suggests. Extract from it:`,
  zh: (document) => `## 2. 先读目标文档

先读 ${document}，再做别的事；它优先于仓库给人的印象。从中提取：`,
};
export const NEW_PROJECT_MISSING: Sentence<[document: string]> = {
  en: (document) => `## 2. The goal document does not exist yet

There is no file ${document}. Do not write it, and create nothing but the connection; the path is recorded for later. From the repository and the user, say what is known of:`,
  zh: (document) => `## 2. 目标文档还不存在

文件 ${document} 不存在。不要去写它，除连接之外什么都不要创建；路径会先记录下来，供以后使用。依据仓库和用户的说法，说明已知的：`,
};
export const NEW_PROJECT_NO_DOCUMENT: Sentence = {
  en: () => `## 2. Look at the project

No goal document was named. Do not write one, and create nothing but the connection. From the repository and the user, say what is known of:`,
  zh: () => `## 2. 看一看项目

没有指定目标文档。不要去写它，除连接之外什么都不要创建。依据仓库和用户的说法，说明已知的：`,
};
export const NEW_PROJECT_EXTRACT: Sentence = {
  en: () => `- the objective, in one sentence;
- the authority sources, in their order;
- what is not a goal;
- the validation surfaces: tests, checks, metrics, reviews;
- the boundary between private and public;
- a first bounded plan, as one to three verifiable steps.`,
  zh: () => `- 目标，用一句话；
- 权威来源及其先后；
- 哪些不是目标；
- 验证手段：测试、检查、指标、评审；
- 私有与公开的边界；
- 第一份有界的计划，一到三个可验证的步骤。`,
};

export const NEW_PROJECT_CONNECT: Sentence<[block: string]> = {
  en: (block) => `## 3. Connect

${block}

The command is safe to run again. If it refuses, report its message; do not add \`--force\`. Keep \`.loopx/\` and \`.codex/goals/\` out of git: they hold private state. Where they are not ignored yet, say so and propose the two lines for \`.gitignore\`.`,
  zh: (block) => `## 3. 连接

${block}

这条命令可以安全地重复运行。如果它拒绝，就报告它的信息，不要加 \`--force\`。\`.loopx/\` 和 \`.codex/goals/\` 存放私有状态，不要纳入 git。如果尚未被忽略，请说明，并建议在 \`.gitignore\` 中加入这两行。`,
};

export const NEW_PROJECT_CHECK: Sentence<[block: string]> = {
  en: (block) => `## 4. Check the connection

${block}`,
  zh: (block) => `## 4. 检查连接

${block}`,
};

export const NEW_PROJECT_MAP: Sentence<[preview: string, map: string]> = {
  en: (preview, map) => `This goal is mapped read-only first. Preview the map:

${preview}

If the preview does not ask for an opt-in, make it once; otherwise leave it to the controller:

${map}`,
  zh: (preview, map) => `这个目标先做只读地图。先预览：

${preview}

如果预览没有要求授权，就正式生成一次；否则留给控制者：

${map}`,
};

export const NEW_PROJECT_HEARTBEAT: Sentence<[block: string]> = {
  en: (block) => `## 5. Heartbeat

A recurring automation gets its text from this command. Print it; install no automation.

${block}`,
  zh: (block) => `## 5. 心跳

周期性自动化的正文由这条命令给出。只打印它，不要安装自动化。

${block}`,
};

export const NEW_PROJECT_REPORT: Sentence = {
  en: () => `## 6. Report

In a few lines: the goal id, the registry and the state file; what you extracted; the verdict of \`quota should-run\` with its \`rule\`; every warning; what a person has to decide. Then stop.

## Stop

Stop and ask before private or company material, credentials, destructive git, production actions, any write outside the connection, and anything the repository's rules keep for a review.`,
  zh: () => `## 6. 汇报

用几行字说明：目标编号、注册表和状态文件；你提取的内容；\`quota should-run\` 的裁决及其 \`rule\`；所有警告；需要人决定的事。然后停止。

## 停止条件

遇到私有或公司材料、凭据、破坏性的 git 操作、生产操作、连接之外的任何写入，以及仓库规则要求评审的事，先停下来询问。`,
};
