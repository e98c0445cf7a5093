/**
 * REL-170: whatever stands in the files, every command answers with a known code and one JSON document, within its time,
 * writes nothing when it refuses and nothing outside its own places when it does not, and runs nothing that it read.
 * LOOPX_SEED replays a seed that a failure printed; LOOPX_FUZZ_RUNS makes it longer.
 */
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { isUtf8 } from "node:buffer";
import { dirname, join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { cpuMs } from "../../../../test/cpu-time.ts";
import { differences, restore, snapshotOf, type Snapshot } from "../../../../test/snapshot.ts";
import type { Sandbox } from "../rig/sandbox.ts";
import { corpusOf, PLACES, type Place } from "./corpus.ts";
import { connected, told, worksOn } from "./rig.ts";

const RUNS = Number(process.env["LOOPX_FUZZ_RUNS"] ?? 40);
const SEED = process.env["LOOPX_SEED"];
const REPLAY = SEED === undefined ? {} : { seed: Number(SEED) };
/** REL-11: a second of work; waiting for others is not counted. */
const TIME_MS = 1_000;
const CODES = [0, 1, 2, 3, 10, 11, 12, 13];
/** What a command that ends with 0 may write. */
const OWN = /^(?:project\/\.loopx|project\/\.codex\/goals\/g|home\/\.codex\/loopx)(?:\/|$)/;
const CACHE = /(?:^|\/)cache(?:\/|$)/;

let sandbox: Sandbox;
let sound: Snapshot;
const ran = globalThis as { ran?: unknown; polluted?: unknown };

beforeAll(async () => {
  // What is written here need not reach a disk.
  if (existsSync("/dev/shm")) vi.stubEnv("TMPDIR", "/dev/shm");
  sandbox = await connected();
  await told(sandbox, ["todo", "add", "-g", "g", "--role", "agent", "--text", "[P1] go on"]);
  writeFileSync(join(sandbox.outside, ".profile"), "kept\n");
  sound = snapshotOf(sandbox.root);
});
afterAll(() => sandbox.remove());

/** Plants the bytes, runs the commands of the place, and puts the world back. */
async function withstands(place: Place, bytes: Buffer, commands = place.commands): Promise<void> {
  const file = join(sandbox.root, place.path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, bytes);
  try {
    let before = snapshotOf(sandbox.root);
    for (const argv of commands) before = await answers(place, argv, before);
    if (["state", "index", "lease", "cache"].includes(place.name)) await worksOn(sandbox);
  } finally {
    rmSync(file, { recursive: true, force: true });
    restore(sandbox.root, sound);
  }
}

/** What is there afterwards. */
async function answers(place: Place, argv: readonly string[], before: Snapshot): Promise<Snapshot> {
  const line = `loopx ${argv.join(" ")}`;
  const hostile = existsSync(join(sandbox.root, place.path)) ? readFileSync(join(sandbox.root, place.path)) : null;
  const started = cpuMs();
  const { code, stdout, stderr } = await sandbox.run([...argv, "--json"], {
    env: { LOOPX_RUNTIME_ROOT: join(sandbox.home, ".codex/loopx") },
  });
  expect(cpuMs() - started, `${line}: time`).toBeLessThan(TIME_MS);
  expect(CODES, `${line} ended with ${code}: ${stdout.slice(0, 600)}${stderr.slice(0, 600)}`).toContain(code);
  const answer = JSON.parse(stdout) as { ok: boolean; error?: { code: string } };
  expect([answer.ok, stderr], line).toEqual([code === 0 || answer.error === undefined, ""]);
  const after = snapshotOf(sandbox.root);
  const changed = differences(before, after).filter((path) => !CACHE.test(path));
  expect(
    changed.filter((path) => code !== 0 || !OWN.test(path)),
    `${line} wrote`,
  ).toEqual([]);
  if (hostile !== null && !isUtf8(hostile) && place.name !== "index") expect(changed, line).not.toContain(place.path);
  if (hostile !== null && place.name === "index" && changed.includes(place.path))
    expect(
      readFileSync(join(sandbox.root, place.path)).subarray(0, hostile.length).equals(hostile),
      `${line}: history is append-only`,
    ).toBe(true);
  expect([ran.ran, ran.polluted, ({} as { polluted?: unknown }).polluted], line).toEqual([undefined, undefined, undefined]);
  return after;
}

// Seconds on a machine of its own; others may be busy.
describe.each(PLACES)("hostile files as $name", (place) => {
  test("of the corpus: each is answered", async () => {
    const corpus = corpusOf(place, sandbox);
    expect(corpus.length).toBeGreaterThan(10);
    for (const { name, bytes } of corpus) {
      await withstands(place, bytes).catch((error: unknown) => {
        throw new Error(`${place.name}/${name}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
      });
    }
  });

  test("with any bytes changed, doubled, cut out or put in: each is answered", async () => {
    const bases = [...corpusOf(place, sandbox).map(({ bytes }) => bytes), soundBytes(place)].filter((bytes) => bytes.length < 20_000);
    // A repository that a mutation names may be any directory of this machine, and a connect would make its state there.
    const commands = place.commands.filter(([name]) => name !== "connect");
    const mutated = fc.tuple(fc.constantFrom(...bases), fc.array(MUTATION, { minLength: 1, maxLength: 4 }));
    await fc.assert(
      fc.asyncProperty(mutated, async ([base, mutations]) => withstands(place, mutations.reduce(mutate, base), commands)),
      { ...REPLAY, numRuns: RUNS },
    );
  });
});

function soundBytes({ path }: Place): Buffer {
  return Buffer.from(sound.get(path)?.content ?? "", "latin1");
}

type Mutation = readonly [kind: "flip" | "cut" | "double" | "insert" | "end", at: number, length: number, bytes: Uint8Array];

const TOKENS = [
  "\n",
  "\0",
  '"',
  "{",
  "}",
  "[",
  "-->",
  "<!-- loopx:todo ",
  "---\n",
  "```\n",
  "- [ ] ",
  "## Agent Todo\n",
  "\\u0000",
  "1e999",
  "-0",
  "__proto__",
  "../",
  "\ufeff",
  "\u2028",
];
const MUTATION: fc.Arbitrary<Mutation> = fc.tuple(
  fc.constantFrom("flip", "cut", "double", "insert", "end"),
  fc.nat(19_999),
  fc.integer({ min: 1, max: 200 }),
  fc.oneof(
    fc.uint8Array({ minLength: 1, maxLength: 8 }),
    fc.constantFrom(...TOKENS).map((token) => Buffer.from(token)),
  ),
);

function mutate(bytes: Buffer, [kind, place, length, piece]: Mutation): Buffer {
  const at = bytes.length === 0 ? 0 : place % bytes.length;
  const [head, tail] = [bytes.subarray(0, at), bytes.subarray(at)];
  switch (kind) {
    case "flip":
      return Buffer.concat([head, Buffer.from(piece), tail.subarray(piece.length)]);
    case "cut":
      return Buffer.concat([head, tail.subarray(length)]);
    case "double":
      return Buffer.concat([head, tail.subarray(0, length), tail]);
    case "insert":
      return Buffer.concat([head, piece, tail]);
    case "end":
      return Buffer.from(head);
  }
}
