/** Run indexes with lines that cannot be read: the others count, none is lost, and none makes a goal more permissive (FIL-64, DEC-42). */
import { appendFileSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Sandbox } from "../rig/sandbox.ts";
import { ask, connected, indexOf, refused, told, worksOn } from "./rig.ts";

const PROGRESS = [
  "refresh-state",
  "-g",
  "g",
  "--classification",
  "second",
  "--delivery-batch-scale",
  "implementation",
  "--delivery-outcome",
  "outcome_progress",
];

let sandbox: Sandbox;
let index: string;
beforeEach(async () => {
  sandbox = await connected();
  index = join(sandbox.home, indexOf("g"));
  sandbox.clock.advance(1_000);
});
afterEach(async () => {
  await worksOn(sandbox);
  sandbox.remove();
});

/** Classifications, newest first. */
async function runs(): Promise<readonly string[]> {
  const history = await told(sandbox, ["history", "-g", "g"]);
  return (history["runs"] as { classification: string }[]).map((run) => run.classification);
}

describe("a line that cannot be read blocks its goal until a person accepts it", () => {
  test.each<[string, string | Uint8Array, string, RegExp]>([
    ["is no JSON", '{"generated_at":"2026-11-21T09:00:00Z",,}\n', "not_json", /index\.jsonl:2: the line is no JSON$/],
    ["is no object", "[1]\n", "not_an_object", /index\.jsonl:2: the line is no JSON object$/],
    ["is no UTF-8", Uint8Array.of(0x7b, 0xff, 0x7d, 0x0a), "not_utf8", /index\.jsonl:2: the line is no valid UTF-8$/],
    [
      "belongs to another goal",
      '{"goal_id":"x","generated_at":"2026-11-21T00:00:00Z"}\n',
      "wrong_goal",
      /index\.jsonl:2: the line belongs to another goal$/,
    ],
    ["is over 1 MiB", `{"x":"${"y".repeat(1_100_000)}"}\n`, "too_large", /index\.jsonl:2: the line is over its limit/],
  ])("%s", async (_name, line, reason, message) => {
    appendFileSync(index, line);
    const before = readFileSync(index);

    const error = await refused(sandbox, ["should-run", "-g", "g"], "goal_unhealthy");
    expect(error.message).toMatch(message);
    expect(error.message).toContain(index);
    expect(error.hint).toContain("loopx operator-gate --goal-id g --gate history_line_bad --decision approve");
    const history = await told(sandbox, ["history", "-g", "g"]);
    expect(history["bad_lines"]).toEqual([expect.objectContaining({ goal_id: "g", line: 2, reason })]);
    expect(await runs()).toEqual(["state_refreshed"]);

    // What is appended later is read, what stood there stays byte for byte, and nothing is paid meanwhile.
    await told(sandbox, PROGRESS);
    expect(await runs()).toEqual(["second", "state_refreshed"]);
    await refused(sandbox, ["quota", "spend-slot", "-g", "g", "--execute"], "spend_refused");
    expect(readFileSync(index).subarray(0, before.length).equals(before)).toBe(true);
  });
});

describe("a line that a crash cut never reported success: it blocks nothing", () => {
  test("at the end, and isolated by a later append (FIL-60, FIL-123)", async () => {
    appendFileSync(index, '{"generated_at":"2026-11-21T09:00:00');
    const before = readFileSync(index);
    await worksOn(sandbox, "g");
    await told(sandbox, PROGRESS);
    expect(
      readFileSync(index)
        .subarray(0, before.length + 1)
        .toString(),
    ).toBe(`${before.toString()}\n`);
    expect(await runs()).toEqual(["second", "state_refreshed"]);
    await worksOn(sandbox, "g");
    await told(sandbox, ["quota", "spend-slot", "-g", "g", "--execute"]);
    expect(await runs()).toEqual(["quota_slot_spent", "second", "state_refreshed"]);
  });
});

test.each([
  ["carriage returns", (text: string) => text.replaceAll("\n", "\r\n")],
  ["blank lines", (text: string) => `\n\n${text}\n \n`],
  ["a byte order mark", (text: string) => `\uFEFF${text}`],
  ["a value nested 200 deep", (text: string) => text.replace('{"', `{"x":${"[".repeat(200)}${"]".repeat(200)},"`)],
  ["`__proto__` as a key", (text: string) => text.replace('{"', '{"__proto__":{"human_reward":{"decision":"stop"}},"')],
])("%s disturb no reader", async (_name, change) => {
  writeFileSync(index, change(readFileSync(index, "utf8")));
  expect(await runs()).toEqual(["state_refreshed"]);
  await worksOn(sandbox, "g");
  await told(sandbox, PROGRESS);
  await told(sandbox, ["quota", "spend-slot", "-g", "g", "--execute"]);
  expect(await runs()).toEqual(["quota_slot_spent", "second", "state_refreshed"]);
});

test("an index that is a directory blocks its goal, and no artifact is left by what was refused", async () => {
  rmSync(index);
  mkdirSync(index);
  const error = await refused(sandbox, ["should-run", "-g", "g"], "goal_unhealthy");
  expect(error).toMatchObject({
    message: expect.stringContaining(index),
    hint: "loopx archive-runtime --goal-id g --allow-registered --execute",
  });
  await refused(sandbox, ["refresh-state", "-g", "g"], "not_a_regular_file");
  await refused(sandbox, ["quota", "spend-slot", "-g", "g", "--execute"], "not_a_regular_file");
  expect((await ask(sandbox, ["history"])).code).toBe(0);
  // The named repair works and loses nothing.
  await told(sandbox, error.hint.split(" ").slice(1));
  await worksOn(sandbox, "g");
});

test("a missing artifact of the newest run blocks its goal; deleting all of them gives no slot back (FIL-127)", async () => {
  await told(sandbox, PROGRESS);
  await told(sandbox, ["quota", "spend-slot", "-g", "g", "--execute"]);
  const spent = async (): Promise<unknown> =>
    ((await ask(sandbox, ["quota", "should-run", "-g", "g"])).answer["quota"] as { spent_slots: number }).spent_slots;
  expect(await spent()).toBe(1);
  const folder = join(index, "..");
  for (const name of readdirSync(folder)) if (name !== "index.jsonl") rmSync(join(folder, name));
  expect(await spent()).toBe(1);
  expect((await ask(sandbox, ["should-run", "-g", "g"])).code).toBe(13);
});
