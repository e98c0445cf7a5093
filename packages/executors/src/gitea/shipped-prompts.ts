/** The pair of prompt files that is used when nobody has their own (DSP-50). */
import type { Template } from "./prompt.ts";

export const SHIPPED_HEADER: Template = {
  file: "(shipped header)",
  text: `You take one step for {{repo_full}}#{{issue_number}} ({{subject_type}}), because of: {{reason}}.
The step is "{{step}}", round {{round}}. You have no memory of earlier steps: everything you need is below and in this directory.
Another program starts you, looks at what you leave, and does everything that follows. It reads one file from you:
{{result_file}}
`,
};

export const SHIPPED_WORKFLOW: Template = {
  file: "(shipped workflow)",
  text: `Work only in the directory you were started in. It is a checkout of {{repo_full}} (base branch {{base}}, working branch {{branch}}, commit {{head_sha}}).

If the step is "work" or "rework": change the files so that the task is done, and run the project's own checks where you can.
If the step is "review": change nothing. Read the difference that the data name and the issues behind it; look for mistakes,
missing cases and missing tests. Say what you found, each with its file and line.

Do not commit, push, set labels, write comments or start other agents: that is done for you afterwards.

Then write the result file as one JSON object with these keys and no others:
- "schema_version": "loopx_agent_result_v1"
- "outcome": after work "done"; after a review "pass" or "fail"; otherwise "already_done", "noop", "blocked" or "missing_tool"
- "summary": what you did or found, in a few sentences
- after work also "commit_message" (a subject line of at most 72 characters, an empty line, a body) and "pull_request" {"title", "body"}
- after a failed review also "findings": [{"severity": "blocker" | "major" | "minor", "path", "line", "message"}]
- after any review also "reviewed_sha": "{{head_sha}}"
- when you ran checks also "validation": [{"command", "exit_code", "note"}]
- when you are stuck also "blocker": what a person has to do

{{data}}
`,
};
