/** The hand-off prompt as an action: what it looks at, which roots it names, what it refuses. */
import { describe, expect, it } from "vitest";
import { promptForNewProject, type NewProjectPromptInput } from "../../src/actions/new-project-prompt.ts";
import { memoryHost } from "../../src/testing/memory-host.ts";
import { CREDENTIAL } from "../../src/testing/private-texts.ts";

const at = memoryHost({ files: { "GOAL.md": "# Goal\n" } });
const prompt = (input: Partial<NewProjectPromptInput> = {}, host = at) =>
  promptForNewProject(host, { project: "/srv/project", cwd: "/srv/project", ...input });

describe("promptForNewProject (CMD-38)", () => {
  it("names folder and document as absolute paths, and the goal after the folder", async () => {
    const made = await prompt({ goal_doc: "GOAL.md", project: "." });
    expect(made).toMatchObject({
      project: "/srv/project",
      goal_doc: "/srv/project/GOAL.md",
      goal_doc_exists: true,
      goal_id: "project-goal",
    });
    expect(made.connect_command).toContain("connect --project /srv/project --goal-doc /srv/project/GOAL.md --goal-id project-goal");
  });

  it("finds the document from where the caller stands, and does without it (HBT-51)", async () => {
    const host = memoryHost({ files: { "/srv/notes/GOAL.md": "# Goal\n" } });
    expect(await prompt({ goal_doc: "GOAL.md", cwd: "/srv/notes" }, host)).toMatchObject({
      goal_doc: "/srv/notes/GOAL.md",
      goal_doc_exists: true,
    });
    expect(await prompt({ goal_doc: "LATER.md" }, host)).toMatchObject({ goal_doc: "/srv/project/LATER.md", goal_doc_exists: false });
    expect(await prompt({}, host)).toMatchObject({ goal_doc: null, goal_doc_exists: false });
  });

  it("leaves out roots that are the project's own, and names others (HBT-51)", async () => {
    expect((await prompt()).connect_command).not.toContain("--registry");
    const elsewhere = memoryHost({
      registry: "/srv/shared/registry.json",
      runtime_root: "/srv/runtime of ours",
      default_runtime_root: "/srv/runtime",
    });
    const { connect_command, verification_commands } = await prompt({}, elsewhere);
    for (const command of [connect_command, ...verification_commands])
      expect(command).toContain("--registry /srv/shared/registry.json --runtime-root '/srv/runtime of ours'");
  });

  it("gives the same bytes again and writes nothing (HBT-52)", async () => {
    const before = at.files();
    const flags = { goal_doc: "GOAL.md", objective: "Make it whole", write_scope: ["src/**"], adapter_kind: "big_read_only_map_v0" };
    expect(await prompt(flags)).toEqual(await prompt(flags));
    expect(at.files()).toEqual(before);
  });

  it.each<[string, Partial<NewProjectPromptInput>, string]>([
    ["a project that is not there", { project: "/srv/nowhere" }, "project_missing"],
    ["an id that is none", { goal_id: "../x" }, "goal_id_invalid"],
    ["an unknown adapter status", { adapter_status: "dreaming" }, "invalid_value"],
    ["an objective that may not be recorded", { objective: `use ${CREDENTIAL}` }, "unsafe_text"],
    ["more scopes than a prompt can hold", { write_scope: Array.from({ length: 400 }, (_, at_) => `src/part-${at_}/**`) }, "too_large"],
  ])("refuses %s, as connect would", async (_what, input, code) => {
    await expect(prompt(input)).rejects.toMatchObject({ code });
  });
});
