/** `loopx-loop scenario run` in this process: files, bots of every kind, reports and exit codes (WTL-100 to WTL-106). */
import { createServer } from "node:http";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { runLine } from "@loopx/cli/program";
import { LOOP } from "../../src/options/commands.ts";
import { ioAt } from "../rig/io.ts";

const EXAMPLES = join(import.meta.dirname, "../../../../examples/scenarios");

let folder: string;
beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), "loopx-scenarios-")));
});
afterEach(() => rmSync(folder, { recursive: true }));

interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

async function loop(words: readonly string[]): Promise<Ran> {
  const out = { stdout: "", stderr: "" };
  const io = ioAt({
    cwd: folder,
    env: { PATH: process.env["PATH"], HOME: folder, LEAKED: "yes" },
    home: folder,
    write: async (stream, text) => void (out[stream] += text),
  });
  const code = await runLine(["scenario", "run", ...words], io, LOOP);
  return { code, ...out };
}

interface Report {
  readonly error?: { readonly code: string; readonly message: string; readonly details: { readonly faults?: readonly object[] } };
  readonly summary: object;
  readonly scenarios: readonly { name: string; status: string; errors: string[]; turns: { calls: number; errors: string[] }[] }[];
}

async function report(words: readonly string[]): Promise<{ code: number; answer: Report }> {
  const { code, stdout } = await loop([...words, "--json"]);
  return { code, answer: JSON.parse(stdout) as Report };
}

function write(files: Readonly<Record<string, string>>): void {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
}

const SAYS_HI = `turns:
  - content: hello
    assertions:
      messenger:
        - method: ReplyMessage
          content_contains: [hi]
`;

describe("the examples, with the reference gateway", () => {
  test("all pass; the manual one is skipped, and runs when it is named or its tag is asked for", async () => {
    const all = await report(["--dir", EXAMPLES]);
    expect([all.code, all.answer.summary]).toEqual([0, { total: 8, passed: 7, failed: 0, skipped: 1 }]);
    for (const wanted of [
      ["--name", "by-hand"],
      ["--tag", "manual"],
    ]) {
      const one = await report(["--dir", EXAMPLES, ...wanted]);
      expect([one.code, one.answer.summary]).toEqual([0, { total: 8, passed: 1, failed: 0, skipped: 7 }]);
    }
    const smoke = await report(["--dir", EXAMPLES, "--tag", "smoke,nothing"]);
    expect(smoke.answer.summary).toEqual({ total: 8, passed: 2, failed: 0, skipped: 6 });
  });

  test("say that no bot of the user was tested", async () => {
    expect((await loop(["--dir", EXAMPLES])).stderr).toContain("your own bot was not tested");
  });

  test.each([
    ["direct-basic", "The build is green.]", "The build is red.]"],
    ["direct-refused", "called: false", "called: true"],
    ["group-basic", "Cut", "Cat"],
    ["group-refused", "min_count: 0\n          max_count: 0", "min_count: 1"],
    ["message-twice", "called: false", "called: true"],
    ["blank", "可展示", "可见"],
    ["asks-back", "补充信息", "别的信息"],
  ])("%s fails with one expectation changed", async (name, expected, changed) => {
    const text = readFileSync(join(EXAMPLES, `${name}.yaml`), "utf8");
    const last = text.lastIndexOf(expected);
    expect(last).toBeGreaterThan(0);
    write({ [`s/${name}.yaml`]: `${text.slice(0, last)}${changed}${text.slice(last + expected.length)}` });
    const { code, answer } = await report(["--dir", "s"]);
    expect([code, answer.error?.code, answer.summary]).toEqual([1, "check_failed", { total: 1, passed: 0, failed: 1, skipped: 0 }]);
    expect(answer.scenarios[0]?.turns.flatMap((turn) => turn.errors)).toHaveLength(1);
  });
});

describe("nothing is run when anything is wrong with a file", () => {
  test("every fault of every file is listed with its line", async () => {
    write({
      "s/a.yaml": "turns:\n  - content: x\n    assertions:\n      messenger:\n        - method: R\n          react_emoji: OK\n",
      "s/b.yaml": "turns:\n  - content: x\n    assertions: {}\n  - content: x\n    delay_ms: 60001\n    assertions: {no_call: [R]}\n",
      "s/c.yaml": "turns: [\n",
      "s/d.yaml": "name: x\nname: y\nturns: []\n",
      "s/e.yml": `name: f\n${SAYS_HI}`,
      "s/f.yml": SAYS_HI,
      "s/g.yaml": "&a [*a]",
      "s/h.yaml": "turns:\n  - content: x\n    assertions: {messenger: [{method: R, min_count: 3, max_count: 2}]}\n",
    });
    mkdirSync(join(folder, "s/folder.yaml"));
    const { code, answer } = await report(["--dir", "s", "--gateway", "module:./missing.mjs"]);
    expect([code, answer.error?.code]).toEqual([2, "config_invalid"]);
    expect(answer.error?.message.split("\n").slice(1)).toEqual([
      "s/a.yaml:6: unknown key turns[0].assertions.messenger[0].react_emoji",
      "s/b.yaml:3: turns[0].assertions: at least one check is needed",
      "s/b.yaml:5: turns[1].delay_ms: at most 60000 is expected",
      expect.stringMatching(/^s\/c\.yaml:[12]: /),
      expect.stringMatching(/^s\/d\.yaml:2: Map keys must be unique/),
      "s/folder.yaml:1: it is no regular file",
      expect.stringMatching(/^s\/g\.yaml:1: /),
      "s/h.yaml:3: turns[0].assertions.messenger[0].max_count: max_count is below min_count",
      's/f.yml:1: the name "f" stands in s/e.yml too',
    ]);
  });

  test.each([
    [["--dir", "nowhere"], "invalid_value"],
    [["--dir", "empty"], "invalid_value"],
    [["--dir", "s", "--name", "other"], "invalid_value"],
    [["--dir", "s", "--gateway", "module:./missing.mjs"], "invalid_value"],
    [["--dir", "s", "--gateway", "module:./wrong.mjs"], "invalid_value"],
    [["--dir", "s", "--gateway", "command:nope"], "invalid_value"],
    [["--dir", "s", "--gateway", 'command:["./no-such-program"]'], "invalid_value"],
    [["--dir", "s", "--gateway", "http://example.com/"], "invalid_value"],
    [["--dir", "s", "--gateway", "telepathy"], "invalid_value"],
    [["--dir", "s", "--json-out", "s/a.yaml/report.json"], "write_failed"],
    [["--dir", "s", "--unknown"], "usage"],
  ] as const)("%j", async (words, code) => {
    mkdirSync(join(folder, "empty"));
    write({ "s/a.yaml": SAYS_HI, "wrong.mjs": "export const other = 1;\n" });
    const { code: exit, answer } = await report(words);
    expect([exit, answer.error?.code]).toEqual([2, code]);
  });

  test("an alias bomb is answered at once", async () => {
    const levels = Array.from({ length: 9 }, (_, at) => `a${at + 1}: &a${at + 1} [${Array(9).fill(`*a${at}`).join(",")}]`);
    write({ "s/a.yaml": `a0: &a0 [x]\n${levels.join("\n")}\n` });
    expect((await report(["--dir", "s"])).answer.error?.code).toBe("config_invalid");
  });
});

describe("the files that are played", () => {
  test("are those of the folder itself by name, up to 1 MiB, in valid UTF-8; a tag is any of those asked for, letter by letter (WTL-101)", async () => {
    const tagged = (tags: string) => `tags: ${tags}\n${SAYS_HI}`;
    write({
      "s/b.yml": tagged("[One, two]"),
      "s/a.yaml": tagged("[manual, two]"),
      "s/c.yaml": SAYS_HI,
      "s/below/d.yaml": "no scenario",
      "s/notes.txt": "x",
    });
    const names = async (...words: string[]) =>
      (await report(["--dir", "s", ...words])).answer.scenarios.map(({ name, status }) => `${name} ${status === "skip" ? "skip" : "play"}`);
    expect(await names()).toEqual(["a skip", "b play", "c play"]);
    expect(await names("--tag", "two")).toEqual(["a skip", "b play", "c skip"]);
    expect(await names("--tag", "one,manual")).toEqual(["a play", "b skip", "c skip"]);
    write({ "s/e.yaml": `${SAYS_HI}# ${"x".repeat(1_048_576)}\n` });
    writeFileSync(join(folder, "s/f.yaml"), Buffer.from([0x61, 0xff]));
    expect((await report(["--dir", "s"])).answer.error?.message.split("\n").slice(1)).toEqual([
      expect.stringMatching(/^s\/e\.yaml:1: it has \d+ bytes/),
      "s/f.yaml:1: it is no valid UTF-8",
    ]);
  });

  test.each([
    ["a key of the top", "turnz: []\n", "turnz"],
    ["a key of the set-up", "setup: {config: {allow_direkt: true}}\n", "allow_direkt"],
    ["a key of a turn", "turns:\n  - {content: x, text: y, assertions: {no_call: [A]}}\n", "text"],
    ["a key of a mocked answer", "turns:\n  - {content: x, mock_response: {anser: y}, assertions: {no_call: [A]}}\n", "anser"],
    ["a key of a check", "turns:\n  - {content: x, assertions: {messenger: [{method: R, contains: [a]}]}}\n", "contains"],
    ["a kind of check", "turns:\n  - {content: x, assertions: {no_calls: [A]}}\n", "no_calls"],
    ["a model mode", "setup: {llm_mode: imagined}\n", "llm_mode"],
    ["rounds above ten", "turns:\n  - {content: x, max_auto_reply_rounds: 11, assertions: {no_call: [A]}}\n", "max_auto_reply_rounds"],
    ["an executor that asks for nothing", "turns:\n  - {content: x, assertions: {executor: {}}}\n", "at least one check"],
  ])("are refused with %s that nobody knows (WTL-102, WTL-141)", async (_what, text, named) => {
    write({ "s/a.yaml": text.startsWith("turns") ? text : `${text}${text.startsWith("turnz") ? "" : SAYS_HI}` });
    const { code, answer } = await report(["--dir", "s"]);
    expect([code, answer.error?.code]).toEqual([2, "config_invalid"]);
    expect(answer.error?.message).toContain(named);
  });

  test("may hold what others judge, and everything that has a default may be absent (WTL-102)", async () => {
    write({ "s/a.yaml": `eval: {rubric: [kind], weight: 2}\ndescription: d\n${SAYS_HI}` });
    expect((await report(["--dir", "s"])).answer.error?.code).not.toBe("config_invalid");
  });
});

describe("the reference bot (WTL-105)", () => {
  const direct = "setup: {config: {allow_direct: true}}\n";
  const turn = (content: string, more: string, assertions: string) =>
    `  - {content: ${JSON.stringify(content)}, ${more}assertions: ${assertions}}\n`;

  test("keeps to its set-up, works with a reaction, hears a message once, and says the phrases that files expect", async () => {
    const says = (text: string) => `{messenger: [{method: ReplyMessage, content_contains: ["${text}"]}]}`;
    const silent = "{no_call: [ReplyMessage, AddReaction], executor: {called: false}}";
    write({
      "s/a.yaml": `${direct}turns:\n${[
        turn(
          "do it",
          "message_id: m1, ",
          "{messenger: [{method: AddReaction}, {method: ReplyMessage}], executor: {called: true, task_contains: [do it]}}",
        ),
        turn("do it", "message_id: m1, ", silent),
        turn("  ", "", silent),
        turn("in a group", "chat_type: group, ", silent),
        turn("fails", "mock_response: {error: boom}, ", says("执行失败")),
        turn("blank", 'mock_response: {answer: " "}, ', says("没有生成可展示的文本结果")),
        turn("asks", "mock_response: {stop_reason: await_user_input}, ", says("补充信息")),
        turn("/reset", "", says("/new")),
      ].join("")}`,
      "s/b.yaml": `turns:\n${turn("hello", "", silent)}`,
    });
    const { code, answer } = await report(["--dir", "s", "--gateway", "reference"]);
    expect([code, answer.scenarios.flatMap(({ turns: played }) => played.flatMap(({ errors: each }) => each))]).toEqual([0, []]);
  });

  test("remembers only where memory is on, until it is told to forget", async () => {
    const turns = (config: string, task: string) =>
      `setup: {config: {allow_direct: true${config}}}\nturns:\n${turn("first", "", "{executor: {called: true}}")}${turn("second", "", task)}${turn("/new", "", "{no_call: [AddReaction]}")}${turn("third", "", "{executor: {task_absent: [first]}}")}`;
    write({
      "s/a.yaml": turns(", memory_enabled: true", "{executor: {task_contains: [first, second]}}"),
      "s/b.yaml": turns("", "{executor: {task_contains: [second], task_absent: [first]}}"),
    });
    expect((await report(["--dir", "s"])).code).toBe(0);
  });
});

describe("what a report says (WTL-141)", () => {
  test("is in milliseconds, counts what was skipped, and cuts between characters", async () => {
    const long = "语".repeat(200);
    write({
      "s/a.yaml": `setup: {config: {allow_direct: true}}\n${SAYS_HI.replace("[hi]", `["${long}"]`)}`,
      "s/b.yaml": `tags: [manual]\n${SAYS_HI}`,
      "s/c.yaml": `setup: {config: {allow_direct: true}}\nturns:\n  - {content: x, delay_ms: 5, assertions: {timing: {max_ms: 60000}}}\n`,
    });
    const begun = performance.now();
    const { answer } = await report(["--dir", "s", "--md-out", "r.md"]);
    const took = performance.now() - begun;
    expect(answer.summary).toEqual({ total: 3, passed: 1, failed: 1, skipped: 1 });
    const durations = answer.scenarios
      .flatMap((each) => [each as unknown as { duration_ms: number }])
      .map(({ duration_ms }) => duration_ms);
    expect(durations.every((ms) => ms >= 0 && ms <= took + 1_000)).toBe(true);
    const markdown = readFileSync(join(folder, "r.md"));
    expect(() => new TextDecoder("utf-8", { fatal: true }).decode(markdown)).not.toThrow();
    expect(markdown.toString()).toContain("语");
    expect(markdown.toString()).not.toContain("\ufffd");
  });
});

describe("the reports", () => {
  test("JSON, Markdown and JUnit are written whole, folders made, texts escaped", async () => {
    write({ "s/a.yaml": SAYS_HI.replace("[hi]", '["a | b\\nc <&>"]'), "s/b.yaml": SAYS_HI, "s/c.yaml": `tags: [manual]\n${SAYS_HI}` });
    const { code, answer } = await report([
      "--dir",
      "s",
      "--json-out",
      "logs/r.json",
      "--md-out",
      "logs/r.md",
      "--junit-out",
      "logs/r.xml",
    ]);
    expect(code).toBe(1);
    expect(readdirSync(join(folder, "logs")).sort()).toEqual(["r.json", "r.md", "r.xml"]);
    const json = JSON.parse(readFileSync(join(folder, "logs/r.json"), "utf8")) as Record<string, unknown>;
    expect(Object.keys(json)).toEqual(["schema_version", "timestamp", "gateway", "duration_ms", "summary", "scenarios"]);
    expect(json["schema_version"]).toBe("loopx_scenario_report_v1");
    expect(json["summary"]).toEqual({ total: 3, passed: 0, failed: 2, skipped: 1 });
    expect(json["scenarios"]).toEqual(answer.scenarios);
    const markdown = readFileSync(join(folder, "logs/r.md"), "utf8");
    expect(markdown).toContain("| a | turn 1: ReplyMessage was called 0 times; at least 1 expected (+1 more) |");
    expect(markdown).toContain("your own bot was not tested");
    const xml = readFileSync(join(folder, "logs/r.xml"), "utf8");
    expect(xml).toContain("a | b\\nc &lt;&amp;&gt;");
    expect(xml).toContain('name="c" time="0.000"><skipped/>');
  });

  test("--fail-fast skips what follows the first failure", async () => {
    write({ "s/a.yaml": SAYS_HI, "s/b.yaml": SAYS_HI });
    const { answer } = await report(["--dir", "s", "--fail-fast"]);
    expect(answer.summary).toEqual({ total: 2, passed: 0, failed: 1, skipped: 1 });
  });
});

const BOT = `
export function createGateway(setup) {
  return {
    inject: async (turn) => {
      if (turn.content === "throw") throw new Error("the bot broke");
      if (turn.content === "silence") return new Promise(() => {});
      if (turn.content === "nonsense") return { calls: "none" };
      return { calls: [{ method: "ReplyMessage", content: JSON.stringify({ zh_cn: { content: [[{ tag: "text", text: "h" }, { tag: "text", text: "i" }]] } }) }], executor: { called: false } };
    },
    close: async () => {},
  };
}
`;

const PROGRAM = `
import { createInterface } from "node:readline";
import { createGateway } from "./bot.mjs";
const bots = new Map();
createInterface({ input: process.stdin }).on("line", async (line) => {
  const { id, session, op, setup, turn } = JSON.parse(line);
  const say = (answer) => process.stdout.write(JSON.stringify({ id, ...answer }) + "\\n");
  try {
    if (op === "open") { bots.set(session, createGateway(setup)); say({ ok: process.env.LEAKED === undefined }); }
    else if (op === "close") say({ ok: true });
    else if (turn.content === "exit") process.exit(7);
    else if (turn.content === "garbage") process.stdout.write("not json\\n");
    else say(await bots.get(session).inject(turn));
  } catch (error) { say({ error: error.message }); }
});
`;

const turns = (...contents: string[]) => contents.map((content) => SAYS_HI.replace("hello", content).replace("turns:\n", "")).join("");
const scenario = (...contents: string[]) => `turns:\n${turns(...contents)}`;

const BOTS = {
  "s/a.yaml": scenario("throw", "hello"),
  "s/b.yaml": scenario("nonsense"),
  "s/c.yaml": scenario("silence"),
  "s/d.yaml": scenario("hello", "hello"),
};

function errors({ scenarios }: Report): string[][] {
  return scenarios.map((each) => [...each.errors, ...each.turns.flatMap((turn) => turn.errors)]);
}

const BROKEN = [
  ["the bot did not answer: the bot broke"],
  ["the bot did not answer: a broken answer of the bot: calls is not as it has to be"],
  ["the bot did not answer within 300 ms"],
  [],
];

describe("bots of the user", () => {
  test("a module that throws, answers nonsense or never answers fails its own scenario only (WTL-104)", async () => {
    write({ ...BOTS, "bot.mjs": BOT });
    const { code, answer } = await report(["--dir", "s", "--gateway", "module:bot.mjs", "--timeout-ms", "300"]);
    expect([code, errors(answer)]).toEqual([1, BROKEN]);
  });

  test("the loop's configuration names the bot when no flag does; a broken one is told (WTL-100, WTL-110)", async () => {
    write({
      "s/a.yaml": scenario("hello"),
      "bot.mjs": BOT,
      "loopx-loop.yaml": 'lark: {fast_gate: [{id: a, argv: [b]}], scenario: {gateway: "module:./bot.mjs"}}\n',
    });
    const { stdout, stderr } = await loop(["--dir", "s", "--json"]);
    expect([JSON.parse(stdout), stderr]).toMatchObject([{ gateway: "module:./bot.mjs", summary: { passed: 1 } }, ""]);
    write({ "loopx-loop.yaml": "lark: {fast_gates: []}\n" });
    expect(await loop(["--dir", "s"])).toMatchObject({ code: 2, stderr: expect.stringContaining("loopx-loop.yaml:1:") });
    expect(await loop(["--dir", "s", "--gateway", "reference"])).toMatchObject({ code: 1 });
  });

  test("a program answers line by line, and gets no variable of ours", async () => {
    write({ ...BOTS, "bot.mjs": BOT, "program.mjs": PROGRAM });
    const gateway = `command:${JSON.stringify([process.execPath, join(folder, "program.mjs")])}`;
    const { answer } = await report(["--dir", "s", "--gateway", gateway, "--timeout-ms", "2000"]);
    expect(errors(answer)).toEqual([...BROKEN.slice(0, 2), ["the bot did not answer within 2000 ms"], []]);
  });

  test("a program that ends or answers garbage says so", async () => {
    write({
      "s/a.yaml": scenario("garbage"),
      "s/b.yaml": scenario("exit"),
      "s/c.yaml": scenario("hello"),
      "bot.mjs": BOT,
      "program.mjs": PROGRAM,
    });
    const gateway = `command:${JSON.stringify([process.execPath, join(folder, "program.mjs")])}`;
    const { answer } = await report(["--dir", "s", "--gateway", gateway]);
    const ended = "the bot's program ended with exit code 7";
    expect(errors(answer)).toEqual([
      [`the bot did not answer: a broken answer of the bot: "not json" is no JSON object with the request's id`],
      [`the bot did not close: ${ended}`, `the bot did not answer: ${ended}`],
      [`the bot did not start: ${ended}`],
    ]);
  });

  test("a server on this machine answers the same documents", async () => {
    const server = createServer((request, response) => {
      let body = "";
      request.on("data", (part: Buffer) => (body += part.toString()));
      request.on("end", () => {
        const { op } = JSON.parse(body) as { op: string };
        response.end(JSON.stringify(op === "inject" ? { calls: [{ method: "ReplyMessage", content: "hi" }] } : {}));
      });
    });
    const port = await new Promise<number>((resolve) => {
      server.listen(0, "127.0.0.1", () => resolve((server.address() as { port: number }).port));
    });
    write({ "s/a.yaml": scenario("hello") });
    try {
      const { code, answer } = await report(["--dir", "s", "--gateway", `http://127.0.0.1:${port}/`]);
      expect([code, errors(answer)]).toEqual([0, [[]]]);
    } finally {
      server.close();
      server.closeAllConnections();
    }
  });
});
