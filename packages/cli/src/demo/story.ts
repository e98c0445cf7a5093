/** The demo's story: each step is a real command, run in this process, with its real answer shortened (CMD-69). */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { shellLine } from "@loopx/core";
import type { Io } from "../io.ts";
import { LOOPX } from "../options/commands.ts";
import { runLine } from "../run-line.ts";
import type { Stage } from "./stage.ts";

export interface Step {
  /** What the step shows, in one sentence. */
  readonly says: string;
  /** The command as one would type it; null for work that an agent does. */
  readonly command: string | null;
  readonly exit_code: number;
  /** The first lines of the answer. */
  readonly answer: readonly string[];
}

interface Scene {
  readonly says: string;
  readonly argv?: readonly string[];
  /** Work outside LoopX, told in the answer. */
  readonly work?: { file: string; text: string };
  /** Which part of the answer is shown: its first lines, or these fields. */
  readonly show: number | readonly string[];
}

const GOAL = "demo-parser";

const SCENES: readonly Scene[] = [
  {
    says: "Connect a project: its goal gets an entry, a state file and a first todo.",
    argv: ["connect", "--goal-id", GOAL, "--goal-doc", "GOAL.md", "--gitignore", "--runtime-root", ".loopx/runtime"],
    show: ["registry_goal_action", "state_action", "state_file"],
  },
  { says: "See where it stands.", argv: ["status"], show: 8 },
  { says: "Ask the one question. Exit code 0 means: work now.", argv: ["should-run"], show: 1 },
  { says: "This is what a timer hands to the agent.", argv: ["heartbeat-prompt", "--thin", "--quiet"], show: 12 },
  {
    says: "The agent does one bounded piece of work.",
    work: { file: "PLAN.md", text: "# Plan\n\n1. Read indentation.\n2. Build the tree.\n3. Test the three example files.\n" },
    show: 1,
  },
  {
    says: "It records what it did, with evidence.",
    argv: [
      "refresh-state",
      "--goal-id",
      GOAL,
      "--classification",
      "first_plan",
      "--delivery-batch-scale",
      "multi_surface",
      "--delivery-outcome",
      "outcome_progress",
      "--artifact",
      "PLAN.md",
      "--validation",
      "read back: 3 steps",
    ],
    show: ["appended", "run_id", "delivery_batch_scale", "delivery_outcome"],
  },
  {
    says: "It pays for that record, once.",
    argv: ["quota", "spend-slot", "--goal-id", GOAL, "--execute"],
    show: ["cited_run", "before", "after"],
  },
  {
    says: "A second payment for the same record is refused.",
    argv: ["quota", "spend-slot", "--goal-id", GOAL, "--execute"],
    show: ["appended", "error"],
  },
  { says: "And this is where the goal stands now.", argv: ["status"], show: 12 },
];

/** The steps, each run on the stage one after the other. */
export async function playStory(stage: Stage, io: Io): Promise<readonly Step[]> {
  const steps: Step[] = [];
  for (const scene of SCENES) steps.push(scene.argv === undefined ? doWork(scene, stage) : await runScene(scene, scene.argv, stage, io));
  return steps;
}

function doWork({ says, work }: Scene, stage: Stage): Step {
  if (work !== undefined) writeFileSync(join(stage.project, work.file), work.text);
  return { says, command: null, exit_code: 0, answer: work === undefined ? [] : [`(writes ${work.file})`] };
}

async function runScene({ says, show }: Scene, argv: readonly string[], stage: Stage, io: Io): Promise<Step> {
  let printed = "";
  const write = async (_stream: "stdout" | "stderr", text: string): Promise<void> => {
    printed += text;
  };
  const exitCode = await runLine(argv, { ...io, ...stage.io, write, isTerminal: () => false }, LOOPX);
  return {
    says,
    command: `loopx ${shellLine(argv)}`,
    exit_code: exitCode,
    answer: shortened(printed.replaceAll(`${stage.project}/`, ""), show),
  };
}

/** The lines that say something, each cut to a terminal's width; paths begin at the project, or the cut would show nothing else. Titles and the registry's line say nothing new here. */
function shortened(text: string, show: Scene["show"]): string[] {
  const lines = text.split("\n").filter((line) => line.trim() !== "" && !line.startsWith("# ") && !line.startsWith("- registry: "));
  const wanted =
    typeof show === "number" ? lines.slice(0, show) : lines.filter((line) => show.includes(/^(?:- )?(\w+):/.exec(line)?.[1] ?? ""));
  const cut = wanted.map((line) => (line.length > 110 ? `${line.slice(0, 109)}…` : line));
  return typeof show === "number" && lines.length > show ? [...cut, "…"] : cut;
}
