import { LoopxError, shellQuote } from "@loopx/core/domain";
import { field, title, type Answer, type Call } from "@loopx/cli/program";
import { readInstructions, writeInstructions, type InstructionFile } from "../drivers/instruction-files.ts";
import { exists } from "../drivers/loop-files.ts";
import { placeOf } from "../drivers/git/checkout.ts";
import { install, isInstalled, remove, type Edited, type Workflow } from "../dual-agent/instructions.ts";
import type { LARK_INSTRUCTIONS_FLAGS } from "../options/dual-agent.ts";
import type { Site } from "../worktree/site.ts";
import { siteOf } from "./loop-site.ts";

const FILES = ["CLAUDE.md", "AGENTS.md"];

/** `lark instructions install|remove|status`: the block for coding agents, put in and taken out without a trace (000: "Agent Instructions"). */
export async function run(call: Call<typeof LARK_INSTRUCTIONS_FLAGS>): Promise<Answer> {
  const [verb = "status"] = call.words;
  const site = await siteOf(call);
  const names = call.input.file ?? FILES;
  const files = distinct(names.map((name) => ({ name, ...readInstructions(site.root.dir, name) })));
  const workflow = await workflowOf(site);
  const edits = files.map((file) => ({ ...file, edited: editOf(verb, file.text, workflow) }));
  const broken = edits.find(({ edited }) => edited.kind === "damaged");
  if (broken !== undefined)
    throw new LoopxError("invalid_value", `${broken.name}: the marks of the block do not belong together`, {
      hint: `look at ${broken.path}`,
      details: { file: broken.name },
    });
  const dry = call.input.dry_run === true;
  if (!dry) for (const { edited, ...file } of edits) if (edited.kind === "changed") writeInstructions(file, edited.text);
  const shown = edits.map(({ name, text, edited }) => ({
    file: name,
    changed: edited.kind === "changed",
    installed: isInstalled(edited.kind === "changed" ? edited.text : text),
  }));
  return {
    payload: { applied: verb !== "status" && !dry, files: shown },
    lines: () => [
      title("Instructions"),
      ...shown.flatMap(({ file, changed, installed }) => field(file, `${installed ? "installed" : "none"}${changed ? ", changed" : ""}`)),
    ],
  };
}

function editOf(verb: string, text: string | null, workflow: Workflow): Edited {
  if (verb === "install") return install(text, workflow);
  return verb === "remove" ? remove(text) : { kind: "unchanged" };
}

/** One of two names of a file is enough. */
function distinct<File extends InstructionFile>(files: readonly File[]): readonly File[] {
  return files.filter(({ path }, index) => files.findIndex((each) => each.path === path) === index);
}

/** The fast gate as one line, and the script that hands over, if the project has it. */
async function workflowOf(site: Site): Promise<Workflow> {
  const checks = site.config.profile.fast_gate.map(({ argv }) => argv.map((word) => shellQuote(word)).join(" ")).join(" && ");
  const remotes = await site.git.run(placeOf(site.root), ["remote"]);
  const script = exists(`${site.root.dir}/lark2.sh`);
  return { checks, push: remotes.trim() !== "", hand_over: script ? "./lark2.sh restart" : "loopx-loop lark secondary restart" };
}
