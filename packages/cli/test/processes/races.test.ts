/**
 * Two agents in two processes that want one todo at the same moment, 200 times for each way of having it: one gets it, and
 * the other hears with exit 3 who has it and until when.
 */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { bundleProgram, type Program } from "../rig/program.ts";
import { startRacer, type Racer } from "../rig/racer.ts";

const ROUNDS = 200;
/** Taking over differs from claiming in what the loser is told only. */
const TAKE_OVERS = 20;
/** So many todos stand in the file at a time: a short file is read quickly. */
const PLANTED = 20;
const TIMEOUT_MS = 120_000;
const AGENTS = ["codex-1", "codex-2"] as const;
const STALE = "claimed_by=gone claimed_at=2020-01-01T00:00:00Z";

interface Told {
  readonly code: number;
  readonly answer: Answer;
}
interface Answer {
  readonly token?: number;
  readonly claimed_by?: string;
  readonly holder?: string;
  readonly error?: { readonly code: string; readonly details: { readonly holder?: string; readonly expires_at?: string } };
}

let program: Program;
let racers: readonly [Racer, Racer];
let project: string;

beforeAll(async () => {
  program = await bundleProgram();
  project = join(program.folder, "project");
  mkdirSync(project);
  expect(program.run(["connect", "--project", project, "-g", "parser"])).toMatchObject({ code: 0, stderr: "" });
  const words = [...AGENTS, "gone"].flatMap((agent) => ["--registered-agent", agent]);
  expect(program.run(["-C", project, "configure-goal", "-g", "parser", ...words, "--execute"]).code).toBe(0);
  racers = [await startRacer(program), await startRacer(program)];
}, TIMEOUT_MS);

afterAll(() => {
  for (const racer of racers) racer.stop();
  program.remove();
});

const stateFile = () => join(project, ".codex", "goals", "parser", "ACTIVE_GOAL_STATE.md");

/** A todo for each round, none of them held by anybody who is there; the file is written anew every few rounds. */
function* freshTodos(rounds: number, metadata = ""): Generator<string> {
  for (let first = 0; first < rounds; first += PLANTED) {
    const ids = Array.from({ length: PLANTED }, (_, place) => `todo_round${first + place}`);
    const lines = ids.map((id) => `- [ ] Part ${id}\n  <!-- loopx:todo todo_id=${id} status=open ${metadata} -->`);
    writeFileSync(stateFile(), `## Agent Todo\n\n${lines.join("\n")}\n`);
    yield* ids;
  }
}

let first: 0 | 1 = 0;

async function race(...lines: readonly [readonly string[], readonly string[]]): Promise<readonly [Told, Told]> {
  const told = async (racer: Racer, words: readonly string[]): Promise<Told> => {
    const { code, stdout } = await racer.run(["-C", project, "--json", ...words]);
    return { code, answer: JSON.parse(stdout) as Answer };
  };
  // The one who is told first has a head start; each round it is the other one.
  first = first === 0 ? 1 : 0;
  const second = first === 0 ? 1 : 0;
  const [early, late] = [told(racers[first], lines[first]), told(racers[second], lines[second])];
  return Promise.all(first === 0 ? [early, late] : [late, early]);
}

const claim = (agent: string, todo: string, ...more: string[]) => [
  "todo",
  "claim",
  "-g",
  "parser",
  "--todo-id",
  todo,
  "--claimed-by",
  agent,
  ...more,
];
const acquire = (agent: string, todo: string) => ["lease", "acquire", "-g", "parser", "--todo-id", todo, "--holder", agent];

/** The winner's place; fails unless the other one lost to it, and knows until when. */
function winnerOf(told: readonly [Told, Told], code: (loser: 0 | 1) => string): 0 | 1 {
  expect(told.map((each) => each.code).toSorted((a, b) => a - b)).toEqual([0, 3]);
  const winner = told[0].code === 0 ? 0 : 1;
  const loser = winner === 0 ? 1 : 0;
  const error = told[loser].answer.error;
  expect(error).toMatchObject({ code: code(loser), details: { holder: AGENTS[winner] } });
  expect(Date.parse(error?.details.expires_at ?? "")).toBeGreaterThan(Date.now());
  return winner;
}

describe("two agents that want one todo at the same moment, 200 times", () => {
  test(
    "todo claim: one owns it, and the file says who (CMD-93)",
    async () => {
      for (const todo of freshTodos(ROUNDS)) {
        const told = await race(claim(AGENTS[0], todo), claim(AGENTS[1], todo));
        const winner = AGENTS[winnerOf(told, () => "claim_conflict")];
        expect(readFileSync(stateFile(), "utf8")).toMatch(new RegExp(`todo_id=${todo} status=open claimed_by=${winner} `));
      }
    },
    TIMEOUT_MS,
  );

  test(
    "todo claim --take-over of a stale claim: one takes it, and it is written down from whom (CMD-98)",
    async () => {
      for (const todo of freshTodos(TAKE_OVERS, STALE)) {
        const words = ["--take-over", "--reason", "gone is gone"];
        winnerOf(await race(claim(AGENTS[0], todo, ...words), claim(AGENTS[1], todo, ...words)), () => "claim_conflict");
      }
      expect(readFileSync(stateFile(), "utf8").match(/claim_taken_from=gone /g)).toHaveLength(TAKE_OVERS);
    },
    TIMEOUT_MS,
  );

  test(
    "lease acquire: one holds it, and its token is one more each time (REL-49, FIL-81)",
    async () => {
      const [todo = ""] = freshTodos(1);
      for (let token = 1; token <= ROUNDS; token += 1) {
        const told = await race(acquire(AGENTS[0], todo), acquire(AGENTS[1], todo));
        const winner = winnerOf(told, () => "lease_conflict");
        expect(told[winner].answer.token).toBe(token);
        const grant = ["-g", "parser", "--todo-id", todo, "--holder", AGENTS[winner], "--token", String(token)];
        expect((await racers[winner].run(["-C", project, "lease", "release", ...grant])).code).toBe(0);
      }
    },
    TIMEOUT_MS,
  );

  test(
    "one claims and the other leases: one has it, never both (FIL-92)",
    async () => {
      for (const todo of freshTodos(ROUNDS)) {
        const told = await race(claim(AGENTS[0], todo), acquire(AGENTS[1], todo));
        winnerOf(told, (loser) => (loser === 0 ? "lease_conflict" : "claim_conflict"));
      }
    },
    TIMEOUT_MS,
  );
});
