import type { Step } from "../demo/story.ts";
import { title } from "./markdown.ts";

interface DemoPayload {
  readonly project: string | null;
  readonly steps: readonly Step[];
  readonly next_commands: readonly string[];
}

/** The story: what happens, the command as typed, and the beginning of its answer. */
export function renderDemo({ project, steps, next_commands }: DemoPayload, pathCommand: string | null): string[] {
  const scenes = steps.flatMap((step, index) => [
    "",
    `## ${index + 1}. ${step.says}`,
    "",
    ...(step.command === null ? [] : [`    $ ${step.command}`]),
    ...step.answer.map((line) => `    ${line}`),
    ...exitNote(step),
  ]);
  const place = project === null ? "That folder is gone again; nothing of yours was touched." : `The folder stays for a look: ${project}`;
  return [
    title("Demo"),
    ...scenes,
    "",
    "## Your turn",
    "",
    place,
    "In your own repository it takes three commands:",
    "",
    ...(pathCommand === null ? [] : [`    $ ${pathCommand}    # once, so that your shell finds loopx`]),
    ...next_commands.map((command) => `    $ ${command}`),
  ];
}

function exitNote({ command, exit_code: exit }: Step): string[] {
  return command === null || exit === 0 ? [] : [`    (exit code ${exit})`];
}
