/**
 * REL-166: eight processes write one registry, one state and one index while some are killed and some are stopped.
 * Every acknowledged id is there, once. The seed is printed; LOOPX_SEED replays it.
 */
import { readFileSync } from "node:fs";
import { setTimeout as wait } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { isJsonObject } from "../../src/domain/json.ts";
import { type Child, program } from "./children.ts";
import { randomFrom, seedOf } from "./random.ts";
import { REGISTRY, RUNS, STATE, type Yard, yards } from "./rig.ts";

const fresh = yards();
const WRITERS = 8;
const OPERATIONS = 14;
const KILLS = 12;
const KILL_EVERY_MS = 150;
const STOPS = 2;
const STOP_MS = 2_600;

let bundle: Awaited<ReturnType<typeof program>>;
beforeAll(async () => {
  bundle = await program(new URL("./children/writer.ts", import.meta.url));
});
afterAll(() => bundle.remove());

describe("many processes, some killed and some stopped", () => {
  it("lose nothing that was acknowledged and write nothing twice (REL-1, REL-2, REL-3, REL-166)", async () => {
    const yard = fresh();
    const seed = seedOf();
    const random = randomFrom(seed);
    const writers = Array.from({ length: WRITERS }, (_, n) => new Writer(yard, `w${n}`));
    const reader = readWhile(yard, () => writers.some((writer) => !writer.finished));
    await Promise.all([disturb(writers, random), ...writers.map((writer) => writer.run())]);
    await reader;
    const acknowledged = writers.flatMap((writer) => writer.acknowledged);
    for (const [kind, stored] of Object.entries(await storedIn(yard))) {
      const told = acknowledged.filter((line) => line.startsWith(`${kind} `)).map((line) => line.slice(kind.length + 1));
      expect(
        told.filter((id) => !stored.includes(id)),
        `lost from ${kind}, LOOPX_SEED=${seed}`,
      ).toEqual([]);
      expect(new Set(stored).size, `doubled in ${kind}, LOOPX_SEED=${seed}`).toBe(stored.length);
    }
    expect(
      writers.reduce((sum, writer) => sum + writer.lives, 0),
      "kills that hit",
    ).toBeGreaterThan(WRITERS);
    expect(acknowledged.length).toBeGreaterThanOrEqual((WRITERS * OPERATIONS - KILLS) * 3);
  });
});

/** One writer's work over as many lives as it takes. What was cut off by a kill is not tried again. */
class Writer {
  readonly acknowledged: string[] = [];
  finished = false;
  lives = 0;
  #child: Child | null = null;
  readonly #yard: Yard;
  readonly #name: string;

  constructor(yard: Yard, name: string) {
    this.#yard = yard;
    this.#name = name;
  }

  async run(): Promise<void> {
    for (let from = 0; from < OPERATIONS;) {
      this.lives += 1;
      this.#child = bundle.start(this.#yard.directory, this.#name, String(from), String(OPERATIONS));
      const { lines, code, errors } = await this.#child.gone;
      this.acknowledged.push(...lines);
      expect(errors).toBe("");
      if (code === 0) break;
      from = Math.max(from, lastTouched(lines) ?? from) + 1;
    }
    this.finished = true;
  }

  signal(name: NodeJS.Signals): void {
    if (!this.finished) this.#child?.signal(name);
  }
}

const LINES_PER_OPERATION = 3;

/**
 * The last operation that may have left something: the one whose lines are incomplete, else the one after the last
 * complete one, which may have been written without a word. Doing it again would write twice what nobody promised.
 */
function lastTouched(lines: readonly string[]): number | null {
  const operations = lines.filter((line) => line.includes(" ")).map((line) => Number(line.split("-").at(-1)));
  const last = operations.at(-1);
  if (last === undefined) return null;
  return operations.filter((operation) => operation === last).length === LINES_PER_OPERATION ? last + 1 : last;
}

async function disturb(writers: readonly Writer[], random: () => number): Promise<void> {
  const any = () => writers[Math.floor(random() * writers.length)];
  const stops = async () => {
    for (let stop = 0; stop < STOPS; stop += 1) {
      const writer = any();
      writer?.signal("SIGSTOP");
      await wait(STOP_MS);
      writer?.signal("SIGCONT");
    }
  };
  const kills = async () => {
    for (let kill = 0; kill < KILLS; kill += 1) {
      await wait(KILL_EVERY_MS * (0.5 + random()));
      any()?.signal("SIGKILL");
    }
  };
  await Promise.all([kills(), stops()]);
}

/** Readers take no lock and see whole documents only (REL-2). */
async function readWhile(yard: Yard, running: () => boolean): Promise<void> {
  const { documents } = yard.store();
  while (running()) {
    const [registry, state] = [await documents.read(REGISTRY), await documents.read(STATE)];
    if (registry.kind === "found") expect(isJsonObject(JSON.parse(registry.text))).toBe(true);
    else expect(registry.kind).toBe("absent");
    if (state.kind === "found") expect(state.text.endsWith("\n")).toBe(true);
    else expect(state.kind).toBe("absent");
    await wait(5);
  }
}

async function storedIn(yard: Yard): Promise<Record<string, readonly string[]>> {
  const runs: string[] = [];
  for await (const entry of yard.store().logs.scan(RUNS)) if (entry.kind === "record") runs.push(String(entry.record["id"]));
  const { goals } = JSON.parse(readFileSync(`${yard.project}/.loopx/registry.json`, "utf8")) as { goals: string[] };
  return { registry: goals, goal_state: readFileSync(yard.state, "utf8").trim().split("\n"), runs };
}
