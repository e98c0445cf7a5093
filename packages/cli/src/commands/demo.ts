import type { Answer, Call } from "../call.ts";
import { openStage } from "../demo/stage.ts";
import { playStory } from "../demo/story.ts";
import type { DEMO_FLAGS } from "../options/installation.ts";
import { renderDemo } from "../render/demo.ts";

const YOUR_TURN = ["loopx connect --goal-doc GOAL.md", "loopx should-run", "loopx heartbeat-prompt --thin"];

/** One goal's life in a private folder, which goes away again unless it is to be kept (CMD-69). */
export async function run({ input, io }: Call<typeof DEMO_FLAGS>): Promise<Answer> {
  const stage = openStage(input.project, input.keep === true, io);
  io.atExit(stage.remove);
  try {
    const steps = await playStory(stage, io);
    const kept = input.keep === true || input.project !== undefined;
    const payload = { project: kept ? stage.project : null, kept, steps, next_commands: YOUR_TURN };
    return { payload, lines: () => renderDemo(payload) };
  } finally {
    stage.remove();
  }
}
