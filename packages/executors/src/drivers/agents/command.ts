/** A program of the user's own as an agent: an argument list with placeholders, the prompt by stdin (AGT-70). Pure. */
import { join } from "node:path";
import type { Exit } from "../process/order.ts";
import type { AgentRequest, Judgement, PlanContext, Planned, ProcessClient } from "./agent.ts";
import { resultFile } from "./result-file.ts";
import { planOf } from "./words.ts";

export const command: ProcessClient = { name: "command", plan, judge };

function plan(request: AgentRequest, context: PlanContext): Planned {
  // Whole words only: a placeholder inside a word would let a path become an option.
  const places: Readonly<Record<string, string>> = {
    "{workspace}": request.workspace,
    "{run_dir}": request.run_dir,
    "{prompt_file}": join(request.run_dir, "prompt.md"),
    "{result_file}": resultFile(request.run_dir),
  };
  const argv = context.settings.argv.map((word) => places[word] ?? word);
  return planOf(request, context, { argv: [...argv, ...context.settings.extra_args] });
}

function judge({ exit_code, signal }: Exit): Judgement {
  if (exit_code === 0) return { kind: "success", usage: null };
  return { kind: "failed", reason: `the command ended with ${exit_code ?? signal ?? "nothing"}`, http_status: null };
}
