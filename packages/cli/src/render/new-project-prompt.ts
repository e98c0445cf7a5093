import type { NewProjectPayload } from "@loopx/core";
import { code, fields, section, title } from "./markdown.ts";

/** Four backticks, because the prompt holds fences of three. */
const FENCE = "````";

/** The prompt in a fence, and the commands that stand in it. */
export function renderNewProject(payload: NewProjectPayload): string[] {
  return [
    title("New Project Prompt"),
    ...fields(payload, ["project", "goal_doc", "goal_doc_exists", "goal_id"]),
    "",
    `${FENCE}text`,
    ...payload.prompt.trimEnd().split("\n"),
    FENCE,
    ...section("Connect", [`- ${code(payload.connect_command)}`]),
    ...section(
      "Afterwards",
      payload.verification_commands.map((command) => `- ${code(command)}`),
    ),
  ];
}
