/** What only `check` looks for: gates whose links do not hold, lost artifacts, and private files that git would publish (CMD-65). */
import { finding, type Finding } from "../finding.ts";
import { gateEffects } from "../gate/effects.ts";
import type { Facts } from "../quota/facts.ts";

/** Gates that stop more than their writer meant (DEC-9). */
export function gateFindings(facts: Facts): readonly Finding[] {
  const { todos, goal, state } = facts;
  if (goal === null || state === null) return [];
  const effects = gateEffects({ ...todos, registered_agents: goal.coordination.registered_agents });
  return effects.flatMap(({ gate, warnings }) =>
    warnings.map((code) => {
      const why = code === "gate_link_dangling" ? "has a link that leads nowhere" : "is global and linked at once";
      const place = { goal_id: facts.goal_id, file: state.file, line: gate.line };
      return finding(code, `${state.file}:${gate.line}: the gate ${gate.todo_id} ${why}; it stops all of ${facts.goal_id}`, place);
    }),
  );
}

/** The status run's files, when one is gone. */
export function artifactFindings({ goal_id, runs }: Facts): readonly Finding[] {
  if (!runs.status_run_artifact_missing || runs.status_run === null) return [];
  const { run_id } = runs.status_run;
  return [finding("run_artifact_missing", `an artifact file of ${run_id}, the newest run of ${goal_id}, is gone`, { goal_id })];
}

/** One private file as git sees it. */
export interface PrivateFile {
  readonly repo: string;
  readonly path: string;
  readonly goal_id: string | null;
  readonly tracked: boolean;
  readonly ignored: boolean;
}

/** A tracked private file is an error: a push would publish it. One that is not ignored is a warning. */
export function privateFileFindings(files: readonly PrivateFile[]): readonly Finding[] {
  return files.flatMap(({ repo, path, goal_id, tracked, ignored }) => {
    const file = `${repo}/${path}`;
    const place = { ...(goal_id === null ? {} : { goal_id }), file };
    if (tracked) return [finding("private_state_tracked", `git tracks ${file}; a push would publish it`, place)];
    return ignored ? [] : [finding("private_state_not_ignored", `git does not ignore ${file}`, place)];
  });
}
