import { describe, expect, test } from "vitest";
import type { MessengerCall, Reaction } from "./gateway.ts";
import { judgeTurn } from "./judge.ts";
import { parseScenario } from "./parse.ts";
import type { Assertions } from "./scenario.ts";

/** Assertions as a file would give them. */
function asks(yaml: string): Assertions {
  const parsed = parseScenario("a.yaml", `turns: [{content: x, assertions: ${yaml}}]`);
  const turn = parsed.kind === "scenario" ? parsed.scenario.turns[0] : undefined;
  if (turn === undefined) throw new Error(JSON.stringify(parsed));
  return turn.assertions;
}

const reply = (content: string): MessengerCall => ({ method: "R", content });
const react = (emoji_type: string): MessengerCall => ({ method: "AddReaction", content: "", emoji_type });
const did = (...calls: MessengerCall[]): Reaction => ({ calls, executor: { called: false } });
const worked = (task: string): Reaction => ({ calls: [], executor: { called: true, task } });

const POST = JSON.stringify({
  zh_cn: {
    title: "Build",
    content: [
      [
        { tag: "text", text: 'said "' },
        { tag: "a", text: "yes", href: "h" },
      ],
      [{ tag: "text", text: "two" }],
    ],
  },
});
const CARD = JSON.stringify({
  header: { title: { tag: "plain_text", content: "Gate" } },
  elements: [{ tag: "markdown", content: "**open**" }],
});

describe("what a turn has to do (WTL-103)", () => {
  test.each<[string, string, Reaction, number]>([
    ["a text is found in one of the calls", "{messenger: [{method: R, content_contains: [b]}]}", did(reply("a"), reply("abc")), 0],
    ["each text is looked for", "{messenger: [{method: R, content_contains: [a, z, y]}]}", did(reply("a")), 2],
    ["another method does not count", "{messenger: [{method: R}]}", did({ method: "S", content: "a" }), 1],
    [
      "decoded text matches over quotes and line ends",
      `{messenger: [{method: R, content_contains: ['a "b"', "b\\"\\nc"]}]}`,
      did(reply(JSON.stringify({ text: 'a "b"\nc' }))),
      0,
    ],
    ["the raw string matches too", `{messenger: [{method: R, content_contains: ['{"text":']}]}`, did(reply('{"text":"a"}')), 0],
    ["pieces of a post are one line", `{messenger: [{method: R, content_contains: ['said "yes', "two", "Build"]}]}`, did(reply(POST)), 0],
    [
      "a card is read",
      "{messenger: [{method: R, content_contains: [Gate, '**open**'], content_absent: [plain_text]}]}",
      did(reply(CARD)),
      1,
    ],
    ["an absent text may stand in no call", "{messenger: [{method: R, content_absent: [b]}]}", did(reply("a"), reply("b")), 1],
    [
      "an emoji is told from another",
      "{messenger: [{method: AddReaction, emoji_type: OK, min_count: 2}]}",
      did(react("OK"), react("DONE")),
      1,
    ],
    ["0 is no limit", "{messenger: [{method: R, max_count: 0}]}", did(reply("a"), reply("b")), 0],
    ["a limit is kept", "{messenger: [{method: R, max_count: 1}]}", did(reply("a"), reply("b")), 1],
    ["0 beside min_count 0 says none", "{messenger: [{method: R, min_count: 0, max_count: 0}]}", did(reply("a")), 1],
    ["none is enough for min_count 0", "{messenger: [{method: R, min_count: 0}]}", did(), 0],
    ["no_call", "{no_call: [R, S]}", did(reply("a")), 1],
    ["an executor that was not called", "{executor: {called: true, task_contains: [a]}}", did(), 2],
    ["an executor that was called", "{executor: {called: false}}", worked("a"), 1],
    ["a task's texts", "{executor: {task_contains: [a, c], task_absent: [b]}}", worked("ab"), 2],
    ["an absent text holds without a call", "{executor: {task_absent: [b]}}", did(), 0],
  ])("%s", (_name, yaml, reaction, faults) => {
    expect(judgeTurn(asks(yaml), reaction, 0)).toHaveLength(faults);
  });

  test("a turn may be too slow", () => {
    expect(judgeTurn(asks("{timing: {max_ms: 10}}"), did(), 10)).toEqual([]);
    expect(judgeTurn(asks("{timing: {max_ms: 10}}"), did(), 11)).toEqual(["the turn took 11 ms; at most 10 ms are allowed"]);
  });
});
