/** The gate of a repository, run by the host on exactly the tree that was judged (DSP-55): no shell, no secret, its own limit. */
import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { LoopxError } from "@loopx/core/domain";
import type { GateEnd, RunPlace } from "../../gitea/checkouts.ts";
import { findProgram } from "../agents/binary.ts";
import { childEnvironment } from "../process/environment.ts";
import { runStep } from "../process/step.ts";
import { besideWork, workDir, type MirrorGround } from "./ground.ts";
import { layOut } from "./work.ts";

/** Runs it to its end. A process of it that cannot be ended, or a variable that may not go there, is a fault. */
export async function runGate(
  ground: MirrorGround,
  place: RunPlace,
  argv: readonly string[],
  seconds: number,
  signal: AbortSignal,
): Promise<GateEnd> {
  const dir = workDir(ground, place);
  const [program = ""] = argv;
  if (!isThere(program, dir, ground.env)) return { kind: "missing", program };
  await layOut(ground, place);
  const made = childEnvironment(ground.env, { values: { LOOPX_RUN_ID: place.run_id } }, ground.secrets);
  if (made.kind === "refused") throw new LoopxError("config_invalid", `the variable ${made.name} may not reach a gate`);
  const outcome = await runStep(
    {
      argv,
      cwd: dir,
      env: made.env,
      timeout_ms: seconds * 1_000,
      must_match: null,
      log: besideWork(ground, place, "gate.log"),
      redact: ground.secrets.values,
      mark: { name: "LOOPX_RUN_ID", value: place.run_id },
    },
    ground.launch,
    signal,
  );
  if (outcome.kind === "fault") throw new LoopxError("git_failed", `the gate: ${outcome.reason}`);
  if (outcome.kind === "stopped") return { kind: "failed", exit_code: null, output: outcome.reason };
  if (outcome.passed) return { kind: "passed" };
  if (outcome.timed_out) return { kind: "timeout", output: outcome.tail.trimEnd() };
  return { kind: "failed", exit_code: outcome.exit_code, output: outcome.tail.trimEnd() };
}

function isThere(program: string, dir: string, env: MirrorGround["env"]): boolean {
  return program.includes("/") ? existsSync(resolve(dir, program)) : findProgram(program, env) !== null;
}
