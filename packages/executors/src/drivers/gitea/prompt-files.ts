/** The pair of prompt files: the person's own, else those of the source document, else the shipped ones (DSP-48, DSP-50). */
import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { LoopxError } from "@loopx/core/domain";
import type { GiteaConfig } from "../../gitea/config.ts";
import { templateFaults, type Template } from "../../gitea/prompt.ts";
import { SHIPPED_HEADER, SHIPPED_WORKFLOW } from "../../gitea/shipped-prompts.ts";
import { invalid } from "./invalid.ts";

const PROMPT_FOLDER = ".openclaw/workspace/taskprompts";
const PROMPT_BYTES = 1024 * 1024;

export interface Prompts {
  readonly header: Template;
  readonly workflow: Template;
}

/** Both files of the source document, or what was named; the shipped pair where nobody has one (DSP-48, DSP-50). */
export function promptsOf(config: GiteaConfig, home: string): Prompts {
  const usual = join(home, PROMPT_FOLDER);
  const header = templateAt(config.dispatch_header, join(usual, "how-to-handle-gitea-notifications.md"), "DISPATCH_HEADER");
  const workflow = templateAt(config.workflow_doc, join(usual, "how-to-work-on-a-gitea-issue-or-pr.md"), "WORKFLOW_DOC");
  if ((header === null) !== (workflow === null)) {
    const missing = header === null ? "how-to-handle-gitea-notifications.md" : "how-to-work-on-a-gitea-issue-or-pr.md";
    throw invalid(
      `one prompt file is there and the other is not: ${join(usual, missing)}`,
      header === null ? "DISPATCH_HEADER" : "WORKFLOW_DOC",
    );
  }
  const pair = { header: header ?? SHIPPED_HEADER, workflow: workflow ?? SHIPPED_WORKFLOW };
  const faults = [...templateFaults(pair.header), ...templateFaults(pair.workflow)];
  if (faults.length > 0)
    throw new LoopxError("config_invalid", faults.join("\n"), { hint: "correct the prompt files", details: { faults } });
  return pair;
}

function templateAt(named: string | null, usual: string, variable: string): Template | null {
  const file = named ?? usual;
  const stat = statSync(file, { throwIfNoEntry: false });
  if (stat === undefined && named === null) return null;
  if (stat === undefined) throw invalid(`${variable} names ${file}, which does not exist`, variable);
  if (!stat.isFile() || stat.size > PROMPT_BYTES) throw invalid(`${file} is no file of at most 1 MiB`, variable);
  return { file, text: readFileSync(file, "utf8") };
}
