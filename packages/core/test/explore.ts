/** Breadth-first search through every interleaving of a small model, with the shortest way to a violation. */

export interface Protocol<S> {
  readonly initial: S;
  /** Every single step that some process, or the world, may take now. A step that breaks a promise says which. */
  next(state: S): Iterable<{ readonly step: string; readonly state: S; readonly broken?: string }>;
}

export type Explored = { kind: "held"; states: number } | { kind: "broken"; promise: string; steps: readonly string[]; states: number };

/** Visits every reachable state. A model that grows past `limit` states throws: half a search proves nothing. */
export function explore<S>(protocol: Protocol<S>, limit: number): Explored {
  const start = JSON.stringify(protocol.initial);
  const cameFrom = new Map<string, { before: string; step: string } | null>([[start, null]]);
  let frontier: readonly string[] = [start];
  while (frontier.length > 0) {
    const reached: string[] = [];
    for (const before of frontier) {
      for (const { step, state, broken } of protocol.next(JSON.parse(before) as S)) {
        if (broken !== undefined)
          return { kind: "broken", promise: broken, steps: [...stepsTo(before, cameFrom), step], states: cameFrom.size };
        const key = JSON.stringify(state);
        if (cameFrom.has(key)) continue;
        cameFrom.set(key, { before, step });
        reached.push(key);
      }
    }
    if (cameFrom.size > limit) throw new RangeError(`more than ${limit} states`);
    frontier = reached;
  }
  return { kind: "held", states: cameFrom.size };
}

function stepsTo(state: string, cameFrom: ReadonlyMap<string, { before: string; step: string } | null>): string[] {
  const steps: string[] = [];
  for (let at = cameFrom.get(state); at !== null && at !== undefined; at = cameFrom.get(at.before)) steps.unshift(at.step);
  return steps;
}
