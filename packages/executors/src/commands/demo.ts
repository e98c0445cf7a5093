import { connect, history, openHost } from "@loopx/core";
import { LoopxError } from "@loopx/core/domain";
import { runLine, section, title, type Answer, type Call } from "@loopx/cli/program";
import { openDemoStage, type DemoStage } from "../drivers/demo/stage.ts";
import { LOOP } from "../options/commands.ts";
import type { LOOP_DEMO_FLAGS } from "../options/installation.ts";

const GOAL = "demo-sums";
const RUNS = 10;

/** One commit that is wrong, on its way through the loop: tested, repaired by a script that stands for an agent, promoted, paid for. */
export async function run({ input, io, globals }: Call<typeof LOOP_DEMO_FLAGS>): Promise<Answer> {
  const stage = await openDemoStage(GOAL, io.env);
  const kept = input.keep === true;
  if (!kept) io.atExit(stage.remove);
  const say = async (text: string): Promise<void> => (globals.quiet ? undefined : io.write("stderr", `${text}\n`));
  try {
    await connectGoal(stage);
    await say("Somebody committed a wrong sum to main. The loop tests exactly that commit, in a worktree of its own:");
    const cycle = await runCycle(stage, async (line) => say(`  ${line}`), io);
    await say("");
    const commits = (await stage.git.run({ dir: stage.project }, ["log", "--format=%h %an: %s"])).trimEnd().split("\n");
    const runs = await runsOf(stage);
    const payload = {
      project: kept ? stage.project : null,
      kept,
      cycle,
      commits,
      runs,
      repaired: stage.read("sum.mjs").includes("+ each"),
    };
    return {
      payload,
      lines: () => [
        title("The Worktree Loop: a demo"),
        `- result: ${String(cycle["result"])} after ${String(cycle["attempts"])} attempts, ${String(cycle["agent_runs"])} run of an agent`,
        ...section(
          "main",
          commits.map((each) => `- ${each}`),
        ),
        ...section(
          "The goal's history, newest first",
          runs.map((each) => `- ${each}`),
        ),
        ...section("Your turn", ["- write a loopx-loop.yaml (docs/loops.md), then: loopx-loop worktree run"]),
        ...(kept ? ["", `The project stays in ${stage.project}`] : []),
      ],
    };
  } finally {
    if (!kept) stage.remove();
  }
}

type Io = Call["io"];

function hostOf({ project, env, home }: DemoStage) {
  return openHost({ cwd: project, env, home, command: "loopx-loop", project: "." });
}

async function connectGoal(stage: DemoStage): Promise<void> {
  await connect(hostOf(stage), { goal_id: GOAL, goal_doc: "GOAL.md", project: stage.project, cwd: stage.project });
}

/** The real command, in this process; what it tells people is handed on as it comes. */
async function runCycle(stage: DemoStage, tell: (line: string) => Promise<void>, io: Io): Promise<Record<string, unknown>> {
  let printed = "";
  const write: Io["write"] = async (stream, text) => {
    if (stream === "stdout") printed += text;
    else for (const line of text.trimEnd().split("\n")) await tell(line);
  };
  const { env, home, project: cwd } = stage;
  await runLine(["worktree", "run", "--json"], { ...io, env, home, cwd, write, isTerminal: () => false }, LOOP);
  const cycle = JSON.parse(printed) as Record<string, unknown>;
  if (cycle["result"] === undefined) throw new LoopxError("internal", `the demo's cycle did not run: ${printed.slice(0, 400)}`);
  return cycle;
}

async function runsOf(stage: DemoStage): Promise<readonly string[]> {
  const { runs } = await history(hostOf(stage), { goal_id: GOAL, limit: RUNS });
  return runs.map(({ classification, recommended_action }) => `${classification}: ${String(recommended_action)}`);
}
