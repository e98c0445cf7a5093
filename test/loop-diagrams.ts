/**
 * State diagrams of the loops, drawn from their machines: every state that events can lead to is stepped through, so a picture
 * cannot say what the code does not do. A loop is one entry of `LOOPS` and one marked place in a document.
 */
import type { Machine } from "../packages/executors/src/machine.ts";
import { drawnLaunch } from "../packages/executors/src/dual-agent/drawing.ts";
import { drawnItem } from "../packages/executors/src/gitea/drawing.ts";
import { drawnCycle } from "../packages/executors/src/worktree/drawing.ts";

/** What a drawing needs of a loop: where it can start, what can happen to it, and how to name its places. */
export interface Drawn<State, Event> {
  readonly machine: Pick<Machine<State, Event, unknown>, "step">;
  readonly starts: readonly State[];
  /** Each kind of event at least once; the name stands at the arrow. */
  readonly events: readonly { readonly name: string; readonly event: Event }[];
  /** What comes from outside of its effects. */
  readonly outside: readonly { readonly name: string; readonly eventIn: (state: State) => Event | null }[];
  readonly phaseOf: (state: State) => string;
  /** The part of a state that decides what happens; two states with one of these are drawn once. */
  readonly deciding: (state: State) => string;
  /** What an end is called; null while it goes on. */
  readonly resultOf: (state: State) => string | null;
  /** The phase in which an end is written down; results stand at the arrows to it. */
  readonly ending: string;
  readonly done: string;
}

/** A loop and the name of its place: `<!-- diagram:NAME -->` … `<!-- /diagram:NAME -->`. */
const LOOPS: Readonly<Record<string, () => string>> = {
  worktree: () => mermaid(drawnCycle()),
  launch: () => mermaid(drawnLaunch()),
  gitea: () => mermaid(drawnItem()),
};

/** A document with its diagrams as the machines are now. */
export function withDiagrams(text: string): string {
  return text.replace(/<!-- diagram:([\w-]+) -->\n[^]*?<!-- \/diagram:\1 -->/g, (_all, name: string) => {
    const draw = LOOPS[name];
    if (draw === undefined) throw new Error(`there is no diagram ${name}`);
    return `<!-- diagram:${name} -->\n\`\`\`mermaid\n${draw()}\n\`\`\`\n<!-- /diagram:${name} -->`;
  });
}

const NOW = { ms: 0, offset_minutes: 0 };
/** More states than this are a counter without a bound. */
const MOST_STATES = 5_000;

/** The arrows of the machine: from phase to phase, by which events, ending how. */
export function mermaid<State, Event>(drawn: Drawn<State, Event>): string {
  const arrows = arrowsOf(drawn);
  // What may happen in most phases and leads to one place is a note there, not an arrow from each.
  const half = new Set([...arrows.values()].map(({ from }) => from)).size / 2;
  const counts = new Map<string, number>();
  for (const { to, labels } of arrows.values())
    for (const name of labels.keys()) counts.set(`${name} -> ${to}`, (counts.get(`${name} -> ${to}`) ?? 0) + 1);
  const isCommon = (name: string, to: string): boolean => (counts.get(`${name} -> ${to}`) ?? 0) > half;
  const lines = [...arrows.values()].flatMap(({ from, to, labels }) => {
    const shown = [...labels].filter(([name]) => !isCommon(name, to));
    const words = shown.map(([name, results]) => {
      const ends = [...results].filter((result) => result !== name).sort();
      return ends.length === 0 ? name : `${name} = ${ends.join(" or ")}`;
    });
    return words.length === 0 ? [] : [`  ${from} --> ${to}: ${words.join("<br>")}`];
  });
  const note = [...counts].flatMap(([way]) => {
    const [name = "", to = ""] = way.split(" -> ");
    if (!isCommon(name, to)) return [];
    const from = [...arrows.values()].filter((arrow) => arrow.to === to && arrow.labels.has(name)).map((arrow) => arrow.from);
    return [`  note right of ${to}: ${name} leads here from ${from.filter((phase) => phase !== to).join(", ")}`];
  });
  const first = new Set(drawn.starts.map(drawn.phaseOf));
  return ["stateDiagram-v2", ...[...first].map((phase) => `  [*] --> ${phase}`), ...lines, ...note, `  ${drawn.done} --> [*]`].join("\n");
}

interface Arrow {
  readonly from: string;
  readonly to: string;
  /** Event to the results that it may bring. */
  readonly labels: Map<string, Set<string>>;
}

function arrowsOf<State, Event>(drawn: Drawn<State, Event>): ReadonlyMap<string, Arrow> {
  const { machine, starts, events, phaseOf, deciding, resultOf, ending, done, outside } = drawn;
  const arrows = new Map<string, Arrow>();
  const seen = new Set<string>(starts.map(deciding));
  const open = [...starts];
  for (let state = open.shift(); state !== undefined; state = open.shift()) {
    const from = phaseOf(state);
    if (from === done) continue;
    const happening = outside.map(({ name, eventIn }) => ({ name, event: eventIn(state) }));
    for (const { name, event } of [...events, ...happening]) {
      if (event === null) continue;
      const { state: next } = machine.step(state, event, NOW);
      if (isMisfit(next, from)) continue;
      const to = phaseOf(next);
      const key = deciding(next);
      if (!seen.has(key)) {
        if (seen.size > MOST_STATES) throw new Error("the states of this machine do not end");
        seen.add(key);
        open.push(next);
      }
      const arrow = arrows.get(`${from} ${to}`) ?? { from, to, labels: new Map<string, Set<string>>() };
      arrows.set(`${from} ${to}`, arrow);
      const results = arrow.labels.get(name) ?? new Set<string>();
      arrow.labels.set(name, results);
      const result = resultOf(next);
      if ((to === ending || to === done) && from !== ending && result !== null) results.add(result);
    }
  }
  return arrows;
}

/** An event that does not belong to a phase ends a loop as a fault of ours, with the words "EVENT in PHASE"; it is no arrow. */
function isMisfit(next: unknown, from: string): boolean {
  return String((next as { reason?: unknown }).reason).endsWith(` in ${from}`);
}
