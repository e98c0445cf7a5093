import { existsSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { shellLine } from "@loopx/core";
import type { Answer, Call } from "../call.ts";
import type { Io } from "../io.ts";
import { openStage } from "../demo/stage.ts";
import { playStory } from "../demo/story.ts";
import type { DEMO_FLAGS } from "../options/installation.ts";
import { renderDemo } from "../render/demo.ts";

const YOUR_TURN = ["loopx connect --goal-doc GOAL.md", "loopx should-run", "loopx heartbeat-prompt --thin"];

/** From a clone the command is not on the PATH yet: the line that puts it there, or null when it is. */
function pathCommand(io: Io): string | null {
  const folders = (io.env["PATH"] ?? "").split(delimiter).filter((folder) => folder !== "");
  if (io.entry === null || folders.some((folder) => existsSync(join(folder, "loopx")))) return null;
  for (let folder = dirname(io.entry); folder !== dirname(folder); folder = dirname(folder)) {
    const bin = join(folder, "node_modules", ".bin");
    if (existsSync(join(bin, "loopx"))) return `export PATH=${shellLine([bin])}:"$PATH"`;
  }
  return null;
}

/** One goal's life in a private folder, which goes away again unless it is to be kept (CMD-69). */
export async function run({ input, io }: Call<typeof DEMO_FLAGS>): Promise<Answer> {
  const stage = openStage(input.project, input.keep === true, io);
  io.atExit(stage.remove);
  try {
    const steps = await playStory(stage, io);
    const kept = input.keep === true || input.project !== undefined;
    const payload = { project: kept ? stage.project : null, kept, steps, next_commands: YOUR_TURN };
    return { payload, lines: () => renderDemo(payload, pathCommand(io)) };
  } finally {
    stage.remove();
  }
}
