import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
  appendFileSync,
  existsSync,
  renameSync,
  truncateSync,
  chmodSync,
  utimesSync,
  readFileSync,
} from "node:fs";
import { execFileSync } from "node:child_process";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import type { History } from "../../src/domain/run/history.ts";
import type { GoalId } from "../../src/domain/ids.ts";
import type { JsonObject } from "../../src/domain/json.ts";
import { bytesRead, fileHistories } from "../../src/node/histories.ts";

const FOLDER = mkdtempSync(join(tmpdir(), "loopx-histories-"));
afterAll(() => rmSync(FOLDER, { recursive: true, force: true }));

const G1 = "g1" as GoalId;
const START = Date.parse("2026-01-01T00:00:00Z");
const VIEW = { keep: 5, spends_since_ms: START };
let roots = 0;

function sandbox() {
  const runtimeRoot = join(FOLDER, `r${(roots += 1)}`);
  const runs = join(runtimeRoot, "goals", "g1", "runs");
  mkdirSync(runs, { recursive: true });
  const index = join(runs, "index.jsonl");
  const cache = join(runtimeRoot, "cache", "g1.json");
  const histories = fileHistories({ runtimeRoot });
  const read = async (view = VIEW): Promise<History> => {
    const answer = await histories.read(G1, view);
    if (answer.kind === "unreadable") throw new Error(`${answer.reason}: ${answer.where}`);
    return answer.history;
  };
  /** The answer of a host that has never seen this file. */
  const readAnew = async (view = VIEW): Promise<History> => {
    const kept = existsSync(cache) ? readFileSync(cache) : null;
    rmSync(cache, { force: true });
    const history = await read(view);
    if (kept !== null) writeFileSync(cache, kept);
    return history;
  };
  return { runtimeRoot, runs, index, cache, histories, read, readAnew };
}

function row(minute: number, fields: JsonObject = {}): JsonObject {
  const generated_at = new Date(START + minute * 60_000).toISOString();
  const stem = `/old/root/goals/g1/runs/run-${minute}`;
  return {
    generated_at,
    goal_id: "g1",
    classification: "parser_result",
    recommended_action: "go on",
    health_check: "ok",
    json_path: `${stem}.json`,
    markdown_path: `${stem}.md`,
    ...fields,
  };
}
const line = (record: JsonObject): string => `${JSON.stringify(record)}\n`;
const many = (count: number, from = 0): string => Array.from({ length: count }, (_, at) => line(row(from + at))).join("");

describe("a run index on disk", () => {
  it("that is missing is an empty history, and nothing is created (FIL-64, FIL-128)", async () => {
    const { runtimeRoot, histories } = sandbox();
    const answer = await histories.read("nobody" as GoalId, VIEW);
    expect(answer).toMatchObject({ kind: "history", history: { record_count: 0, head: "0", newest: [], status_run: null } });
    expect(readdirSync(runtimeRoot)).toEqual(["goals"]);
    expect(readdirSync(join(runtimeRoot, "goals"))).toEqual(["g1"]);
    expect(histories.goalDirectories()).toEqual(["g1"]);
  });

  it("has bad and torn lines named by line and offset, and all others counted (FIL-64, FIL-126)", async () => {
    const { index, read } = sandbox();
    const [a, b, c] = [line(row(1)), line(row(2)), line(row(3))];
    const torn = '{"generated_at":"2026-01-01T00:0';
    writeFileSync(
      index,
      Buffer.concat([
        Buffer.from(`\uFEFF${a}\n{bad}\r\n[1]\n`),
        Buffer.from([0xff, 0x0a]),
        Buffer.from(`${torn}\n${b}${line({ ...row(9), goal_id: "g2" })}${c}${torn}`),
      ]),
    );
    const history = await read();
    expect(history.bad_lines.map(({ line: number, reason }) => [number, reason])).toEqual([
      [3, "not_json"],
      [4, "not_an_object"],
      [5, "not_utf8"],
      [8, "wrong_goal"],
    ]);
    expect(history.bad_lines[0]?.offset).toBe(3 + a.length + 1);
    expect(history.torn_lines.map((each) => each.line)).toEqual([6, 10]);
    expect(history).toMatchObject({ run_count: 3, record_count: 9, head: String(statSync(index).size + 1) });
  });

  it("counts a last line without line feed, and does not remember it (FIL-64)", async () => {
    const { index, read, cache } = sandbox();
    writeFileSync(index, many(300) + JSON.stringify(row(300)));
    expect(await read()).toMatchObject({ run_count: 301, head: String(statSync(index).size + 1) });
    expect(existsSync(cache)).toBe(true);
    appendFileSync(index, " oops\n");
    expect(await read()).toMatchObject({ run_count: 300, bad_line_count: 1, bad_lines: [{ line: 301 }] });
  });

  it("has a line over 1 MiB as one bad line, and the lines around it counted (FIL-102)", async () => {
    const { index, read } = sandbox();
    const long = JSON.stringify({ ...row(2), note: "x".repeat(2_500_000) });
    writeFileSync(index, `${line(row(1))}${long}\n${line(row(3))}`);
    expect(await read()).toMatchObject({
      run_count: 2,
      bad_lines: [{ line: 2, offset: line(row(1)).length, reason: "too_large" }],
      newest: [{ ordinal: 3 }, { ordinal: 1 }],
    });
    writeFileSync(index, `${line(row(1))}${long}`);
    expect(await read()).toMatchObject({ run_count: 1, bad_lines: [{ line: 2, reason: "too_large" }] });
  });

  it.each([["directory"], ["fifo"], ["link out of the goal"], ["link to nothing outside"]])(
    "that is a %s is never opened (FIL-5, REL-81)",
    async (kind) => {
      const { index, histories, runtimeRoot } = sandbox();
      if (kind === "directory") mkdirSync(index);
      else if (kind === "fifo") execFileSync("mkfifo", [index]);
      else {
        const outside = join(runtimeRoot, "outside.jsonl");
        if (kind === "link out of the goal") writeFileSync(outside, line(row(1)));
        symlinkSync(outside, index);
      }
      const reason = kind.startsWith("link") ? "path_outside_root" : "not_a_regular_file";
      expect(await histories.read(G1, VIEW)).toMatchObject({ kind: "unreadable", reason });
    },
  );

  it("is followed through a link that stays inside its goal (REL-82)", async () => {
    const { index, runs, read } = sandbox();
    writeFileSync(join(dirname(runs), "real.jsonl"), line(row(1)));
    symlinkSync(join(dirname(runs), "real.jsonl"), index);
    expect(await read()).toMatchObject({ run_count: 1 });
  });

  it("with runs/ a link out of the goal is refused (REL-82)", async () => {
    const { runs, runtimeRoot, histories } = sandbox();
    rmSync(runs, { recursive: true });
    mkdirSync(join(runtimeRoot, "elsewhere"));
    writeFileSync(join(runtimeRoot, "elsewhere", "index.jsonl"), line(row(1)));
    symlinkSync(join(runtimeRoot, "elsewhere"), runs);
    expect(await histories.read(G1, VIEW)).toMatchObject({ kind: "unreadable", reason: "path_outside_root" });
  });
});

describe("spends whose line lacks the event (FIL-68)", () => {
  const spend = (minute: number, name: string): JsonObject =>
    row(minute, { classification: "quota_slot_spent", json_path: `/old/root/goals/g1/runs/${name}` });

  it("find it in their artifact, also after the root moved; a gone one stays a spend (FIL-63, FIL-127)", async () => {
    const { index, runs, read } = sandbox();
    writeFileSync(join(runs, "s1.json"), JSON.stringify({ quota_event: { slots: 3, delivery_run_id: "run_d" } }));
    writeFileSync(join(runs, "s2.json"), "{broken");
    writeFileSync(index, line(spend(1, "s1.json")) + line(spend(2, "s2.json")) + line(spend(3, "s3.json")));
    expect((await read()).spends).toMatchObject([
      { slots: 3, json_path: null, delivery_run_id: "run_d" },
      { slots: null },
      { slots: null },
    ]);
    rmSync(join(runs, "s1.json"));
    expect((await read()).spends).toMatchObject([{ slots: null }, { slots: null }, { slots: null }]);
  });

  it("open 2,000 artifacts at most; every spend beyond them is there and says no slots", async () => {
    const { index, runs, read } = sandbox();
    writeFileSync(join(runs, "all.json"), JSON.stringify({ quota_event: { slots: 3 } }));
    const rows = Array.from({ length: 2_003 }, (_, minute) => line(spend(minute, "all.json")));
    writeFileSync(index, rows.join(""));
    const slots = (await read()).spends.map((each) => each.slots);
    expect([slots.length, slots.filter((each) => each === 3).length, slots.filter((each) => each === null).length]).toEqual([
      2_003, 2_000, 3,
    ]);
  });

  it("never open a path elsewhere, a link or a huge file", async () => {
    const { index, runs, runtimeRoot, read } = sandbox();
    writeFileSync(join(runtimeRoot, "secret.json"), JSON.stringify({ quota_event: { slots: 9 } }));
    symlinkSync(join(runtimeRoot, "secret.json"), join(runs, "link.json"));
    const outside = row(1, { classification: "quota_slot_spent", json_path: join(runtimeRoot, "secret.json") });
    writeFileSync(index, line(outside) + line(spend(2, "link.json")) + line(spend(3, "..")));
    expect((await read()).spends.map((each) => each.slots)).toEqual([null, null, null]);
  });
});

describe("the summary beside a long index (FIL-70, PRF-4)", () => {
  it("is not made for a short one", async () => {
    const { index, read, runtimeRoot } = sandbox();
    writeFileSync(index, many(20));
    await read();
    expect(existsSync(join(runtimeRoot, "cache"))).toBe(false);
  });

  it("spares an unchanged index, and after one append reads little of it (PRF-18)", async () => {
    const { index, read, readAnew, cache } = sandbox();
    writeFileSync(index, many(3000));
    await read();
    utimesSync(cache, new Date(), new Date(Date.now() + 10_000));
    const before = bytesRead.index;
    expect(await read()).toEqual(await readAnewWithoutCounting());
    appendFileSync(index, line(row(3000, { classification: "quota_slot_spent", quota_event: { slots: 1 } })));
    const start = bytesRead.index;
    const grown = await read();
    expect(bytesRead.index - start).toBeLessThan(64 * 1024);
    expect(grown).toMatchObject({ run_count: 3001 });
    expect(grown).toEqual(await readAnew());

    async function readAnewWithoutCounting(): Promise<History> {
      expect(bytesRead.index).toBe(before);
      return readAnew();
    }
  });

  it("costs a look as much at a hundred times the history: no byte of the index, and a summary of one size (PRF-12, PRF-16)", async () => {
    const looks = [];
    for (const lines of [300, 30_000]) {
      const { index, read, cache } = sandbox();
      writeFileSync(index, many(lines));
      await read();
      utimesSync(cache, new Date(), new Date(Date.now() + 10_000));
      const before = bytesRead.index;
      expect(await read()).toMatchObject({ run_count: lines });
      looks.push({ index: bytesRead.index - before, summary: statSync(cache).size });
    }
    expect(looks.map((look) => look.index)).toEqual([0, 0]);
    expect(looks[1]?.summary).toBeLessThan(1.5 * (looks[0]?.summary ?? 0));
  });

  it("is made of an index of 600 MB too, which no program can hold as one text (PRF-5, PRF-22)", async () => {
    const { index, read, cache } = sandbox();
    writeFileSync(index, many(100));
    // A hole costs no disk: to a reader it is one line of zeros, far over the limit of a line.
    truncateSync(index, 600_000_000);
    appendFileSync(index, `\n${Array.from({ length: 100 }, (_each, at) => line(row(1000 + at))).join("")}`);
    const before = process.memoryUsage().external;
    expect(await read()).toMatchObject({ run_count: 200, bad_line_count: 1, bad_lines: [{ line: 101, reason: "too_large" }] });
    expect(process.memoryUsage().external - before).toBeLessThan(50_000_000);
    expect(statSync(cache).size).toBeLessThan(100_000);
    const start = bytesRead.index;
    appendFileSync(index, line(row(2000)));
    expect(await read()).toMatchObject({ run_count: 201 });
    expect(bytesRead.index - start).toBeLessThan(64 * 1024);
  });

  it("takes away what killed readers left, once it is an hour old (FIL-6)", async () => {
    const { index, read, cache } = sandbox();
    writeFileSync(index, many(300));
    mkdirSync(dirname(cache));
    const [old, young] = ["0123456789abcdef", "fedcba9876543210"].map((nonce) => join(dirname(cache), `.g7.json.77.${nonce}.loopx-tmp`));
    for (const path of [old, young]) writeFileSync(path ?? "", "half");
    utimesSync(old ?? "", new Date(), new Date(Date.now() - 3_600_001));
    await read();
    expect(readdirSync(dirname(cache)).sort()).toEqual([basename(young ?? ""), "g1.json"]);
  });

  it("is private, and a failure to write it is nobody's business (FIL-7, FIL-70)", async () => {
    const { index, read, cache, runtimeRoot } = sandbox();
    writeFileSync(index, many(300));
    writeFileSync(join(runtimeRoot, "cache"), "in the way");
    expect(await read()).toMatchObject({ run_count: 300 });
    rmSync(join(runtimeRoot, "cache"));
    await read();
    expect(statSync(cache).mode & 0o777).toBe(0o600);
    expect(readdirSync(dirname(cache))).toEqual(["g1.json"]);
    mkdirSync(join(runtimeRoot, "other"));
    rmSync(dirname(cache), { recursive: true });
    symlinkSync(join(runtimeRoot, "other"), dirname(cache));
    await read();
    expect(readdirSync(join(runtimeRoot, "other"))).toEqual([]);
  });

  it.each([
    ["empty", ""],
    ["no JSON", "{"],
    ["strange", '{"format":"loopx_summary_v1","state":{}}\n'],
    ["zeros", "\0".repeat(5000)],
  ])("that is %s is not believed", async (_name, content) => {
    const { index, read, cache } = sandbox();
    writeFileSync(index, many(300));
    const history = await read();
    writeFileSync(cache, content);
    expect(await read()).toEqual(history);
  });

  it("of another window or for more runs gives what a fresh fold gives", async () => {
    const { index, read, readAnew } = sandbox();
    const spends = Array.from({ length: 400 }, (_, at) =>
      line(row(at, { classification: at % 3 === 0 ? "quota_slot_spent" : "parser_result", quota_event: { slots: 1 } })),
    ).join("");
    writeFileSync(index, spends);
    for (const view of [
      VIEW,
      { keep: 200, spends_since_ms: START },
      { keep: 1, spends_since_ms: START + 5 * 3_600_000 },
      { keep: 3, spends_since_ms: START - 90 * 3_600_000 },
    ]) {
      expect(await read(view)).toEqual(await readAnew(view));
    }
  });
});

type Step =
  | { readonly kind: "append"; readonly rows: readonly JsonObject[]; readonly end: string }
  | { readonly kind: "cut"; readonly share: number }
  | { readonly kind: "replace"; readonly rows: number; readonly in_place: boolean }
  | { readonly kind: "delete" }
  | { readonly kind: "forget" };

const someRow = fc
  .record({
    minute: fc.integer({ min: -10, max: 600 }),
    kind: fc.constantFrom("parser_result", "state_refreshed", "quota_slot_spent", "quota_slot_voided"),
    reward: fc.option(fc.constantFrom("one", "two")),
  })
  .map(({ minute, kind, reward }) =>
    row(minute, {
      classification: kind,
      note: "x".repeat(200),
      quota_event: { slots: 1 },
      ...(reward === null ? {} : { human_reward: { reward, recorded_at: "" } }),
    }),
  );
const someStep: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant("append" as const),
      rows: fc.array(someRow, { maxLength: 60 }),
      end: fc.constantFrom("", "", "", '{"torn":', "bad\n"),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("cut" as const), share: fc.double({ min: 0, max: 1, noNaN: true }) }) },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant("replace" as const), rows: fc.integer({ min: 1, max: 400 }), in_place: fc.boolean() }),
  },
  { weight: 1, arbitrary: fc.constant({ kind: "delete" as const }) },
  { weight: 1, arbitrary: fc.constant({ kind: "forget" as const }) },
);

function take(step: Step, place: { index: string; cache: string }): void {
  const there = existsSync(place.index);
  if (step.kind === "append") appendFileSync(place.index, step.rows.map(line).join("") + step.end);
  else if (step.kind === "forget") rmSync(place.cache, { force: true });
  else if (step.kind === "delete") rmSync(place.index, { force: true });
  else if (step.kind === "cut" && there) truncateSync(place.index, Math.floor(statSync(place.index).size * step.share));
  else if (step.kind === "replace") {
    const target = step.in_place ? place.index : `${place.index}.new`;
    writeFileSync(target, many(step.rows, step.rows));
    if (!step.in_place) renameSync(target, place.index);
  }
}

it("answers the same with a summary and without, whatever happens to the index (FIL-70, DEC property 12)", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(someStep, { minLength: 1, maxLength: 10 }), async (steps) => {
      const place = sandbox();
      writeFileSync(place.index, many(150));
      for (const step of steps) {
        take(step, place);
        const bytes = existsSync(place.index) ? readFileSync(place.index, "latin1") : null;
        expect(await place.read()).toEqual(await place.readAnew());
        expect((existsSync(place.index) ? readFileSync(place.index, "latin1") : null) === bytes).toBe(true);
      }
      rmSync(place.runtimeRoot, { recursive: true });
    }),
    { numRuns: 60 },
  );
});

it("is unreadable, not empty, when the system denies it", async () => {
  const { index, histories } = sandbox();
  writeFileSync(index, many(1));
  chmodSync(index, 0o000);
  const answer = await histories.read(G1, VIEW);
  // The superuser may read everything.
  expect(answer).toMatchObject(process.getuid?.() === 0 ? { kind: "history" } : { kind: "unreadable", reason: "denied" });
});
