/** The text by which another agent connects a project (CMD-38, HBT-50). It looks whether folder and document exist; it writes nothing. */
import { LoopxError } from "../domain/errors.ts";
import { newProjectPrompt } from "../domain/heartbeat/new-project.ts";
import type { NewProjectPayload } from "../domain/payload/new-project-prompt.ts";
import type { AbsolutePath } from "../domain/ids.ts";
import type { Host } from "../ports/host.ts";
import { defaultGoalId, requireFlags, requireProject, type ConnectInput } from "./connect-plan.ts";
import { validGoalId } from "./goals.ts";
import { observed } from "./observed.ts";

/** The flags of `new-project-prompt` (CMD-38); they mean what they mean for `connect`. */
export type NewProjectPromptInput = Pick<
  ConnectInput,
  | "project"
  | "cwd"
  | "goal_doc"
  | "goal_id"
  | "objective"
  | "domain"
  | "adapter_kind"
  | "adapter_status"
  | "next_probe"
  | "spawn_allowed"
  | "allowed_domain"
  | "write_scope"
>;

export type { NewProjectPayload } from "../domain/payload/new-project-prompt.ts";

/** The prompt, the same bytes for the same flags. What `connect` would refuse is refused here. Errors: `project_missing`, `goal_id_invalid`, `invalid_value`, `too_large`. */
export const promptForNewProject = observed(
  "prompt_for_new_project",
  async (host, input: NewProjectPromptInput): Promise<NewProjectPayload> => {
    const project = requireProject(host, input.project);
    requireFlags(input);
    const document = input.goal_doc === undefined ? null : host.project.locate(project, input.goal_doc, input.cwd);
    const made = newProjectPrompt({
      project,
      goal_doc:
        document === null ? null : host.project.canonical(document.shown.startsWith("/") ? document.shown : `${project}/${document.shown}`),
      goal_doc_exists: document?.exists ?? false,
      goal_id: validGoalId(input.goal_id ?? defaultGoalId(project)),
      objective: input.objective ?? null,
      domain: input.domain ?? null,
      adapter_kind: input.adapter_kind ?? null,
      adapter_status: input.adapter_status ?? null,
      next_probe: input.next_probe ?? null,
      spawn_allowed: input.spawn_allowed ?? false,
      allowed_domains: input.allowed_domain ?? [],
      write_scopes: input.write_scope ?? [],
      locale: host.locale,
      invocation: { cli_bin: host.cli_bin, ...rootsInUse(host, project) },
    });
    if (made.kind === "refused") throw new LoopxError(made.code, made.message, { hint: made.hint });
    return made.payload;
  },
);

/** Named only where they are not the project's own (HBT-51); whether the project is connected already changes nothing. */
function rootsInUse(host: Host, project: AbsolutePath): { registry: string | null; runtime_root: string | null } {
  const { registry, runtime_root, default_runtime_root } = host.places;
  const own = host.project.canonical(`${project}/.loopx/registry.json`);
  return {
    registry: host.project.canonical(registry) === own ? null : registry,
    runtime_root: runtime_root === default_runtime_root ? null : runtime_root,
  };
}
