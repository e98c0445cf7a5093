/** The goal, todo and agent ids that a line may mean (CMD-22). It reads, and answers nothing where it cannot read. */
import { inspectRegistry, listTodos } from "@loopx/core";
import { parseAgentId, parseGoalId, parseTodoId } from "@loopx/core/domain";
import type { LoopxHost } from "../call.ts";
import type { Candidate, IdKind } from "./wanted.ts";

/** Longest description of a todo. */
const DESCRIBE_LIMIT = 72;

export interface Asked {
  readonly host: LoopxHost;
  readonly cwd: string;
  /** The goal that the line or the environment names. */
  readonly goal_id: string | undefined;
}

/**
 * The ids of that kind. Registries and goal states come with a repository, and a shell puts a candidate on its command
 * line as it stands: what is no id by the rules is no candidate.
 */
export async function idsOf(kind: IdKind, asked: Asked): Promise<readonly Candidate[]> {
  switch (kind) {
    case "goals":
      return (await inspectRegistry(asked.host)).goals.flatMap(({ goal_id, status, domain }) =>
        goal_id === null || parseGoalId(goal_id) === null
          ? []
          : [{ value: goal_id, describe: `${status ?? "unusable"}, ${domain ?? "?"}` }],
      );
    case "todos":
      return (await todosOf(asked)).flatMap(({ todo_id, role, status, title }) =>
        parseTodoId(todo_id) === null ? [] : [{ value: todo_id, describe: shortened(`${role}, ${status}: ${title}`) }],
      );
    case "agents":
      return agentsOf(asked);
  }
}

/** A closed todo is rarely meant: closed ones come only where nothing is open. */
async function todosOf({ host, cwd, goal_id }: Asked): Promise<Awaited<ReturnType<typeof listTodos>>["todos"]> {
  const { todos } = await listTodos(host, { cwd, goal_id });
  const live = todos.filter(({ status }) => status === "open" || status === "blocked");
  return live.length > 0 ? live : todos;
}

/** The goal's registered agents, without a goal those of all; where none are registered, whoever holds a todo. */
async function agentsOf(asked: Asked): Promise<readonly Candidate[]> {
  const { goals } = await inspectRegistry(asked.host);
  const meant = goals.filter(({ goal_id }) => asked.goal_id === undefined || goal_id === asked.goal_id);
  const registered = meant.flatMap(({ registered_agents }) => registered_agents);
  const named =
    registered.length > 0 ? registered : (await listTodos(asked.host, asked)).todos.flatMap(({ claimed_by }) => claimed_by ?? []);
  const describe = registered.length > 0 ? "registered" : "holds a todo";
  return [...new Set(named)].filter((agent) => parseAgentId(agent) === agent).map((value) => ({ value, describe }));
}

function shortened(text: string): string {
  const characters = Array.from(text.replace(/\s+/g, " "));
  return characters.length <= DESCRIBE_LIMIT ? characters.join("") : `${characters.slice(0, DESCRIBE_LIMIT - 1).join("")}…`;
}
