/** `loopx mcp` by the protocol's own client: in this process for what tools answer, over standard streams for the program. */
import { Client, InMemoryTransport } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";
import { afterAll, beforeAll, beforeEach, afterEach, describe, expect, test } from "vitest";
import type { Io } from "../src/io.ts";
import { mcpServer } from "../src/mcp/server.ts";
import { toolsFor } from "../src/mcp/tools.ts";
import { bundleProgram, type Program } from "./rig/program.ts";
import { openSandbox, type Sandbox } from "./rig/sandbox.ts";
import { readTree } from "./rig/tree.ts";

const NAMES = ["should_run", "status", "why", "heartbeat", "refresh_state", "todo", "reward", "history"];
const READS = ["should_run", "status", "why", "heartbeat", "todo", "history"];

let sandbox: Sandbox;
let connected: Client[];

beforeEach(async () => {
  sandbox = openSandbox();
  connected = [];
  await sandbox.run(["connect", "-g", "parser", "--runtime-root", sandbox.runtime]);
});

afterEach(async () => {
  for (const client of connected) await client.close();
  sandbox.remove();
});

/** A client of a server that stands where the sandbox's command lines stand. */
async function clientOf(options: { allowWrites?: boolean; locale?: "zh" } = {}): Promise<Client> {
  const io: Io = {
    version: "0.0.0",
    node: process.versions.node,
    platform: "test-machine",
    cwd: sandbox.project,
    env: { HOME: sandbox.home, PATH: process.env["PATH"], TZ: "UTC" },
    home: sandbox.home,
    entry: null,
    write: async (stream) => expect(stream).toBe("stderr"),
    isTerminal: () => false,
    elapsedMs: () => 0,
    takeSignals: () => () => {},
    atExit: () => {},
    clock: sandbox.clock,
  };
  const globals = { format_source: "default" as const, quiet: false, verbose: false, cwd: sandbox.project, locale: options.locale };
  const [here, there] = InMemoryTransport.createLinkedPair();
  await mcpServer(toolsFor(options.allowWrites === true), { globals, io }).connect(there);
  const client = new Client({ name: "test", version: "1" });
  await client.connect(here);
  connected.push(client);
  return client;
}

async function call(client: Client, name: string, given: Record<string, unknown> = {}) {
  const { structuredContent, isError, content } = await client.callTool({ name, arguments: given });
  return { answer: structuredContent as Record<string, unknown>, isError: isError === true, content };
}

describe("the tools", () => {
  test.each([
    ["flags", { flags: ["goal-id", "limits"] }],
    ["form", { flags: [], form: ["limits"] }],
  ])("are refused when one is written down with %s that no command of it has", (_where, plan) => {
    const history = { name: "history", says: "The newest runs.", commands: { "": "history" }, ...plan };
    for (const writes of [true, false]) expect(() => toolsFor(writes, [history])).toThrow("no command of the tool history has --limits");
    expect(() => toolsFor(true, [{ ...history, flags: [], form: [], commands: { "": "hystory" } }])).toThrow(
      "no command is called hystory",
    );
  });

  test("are at most eight and cost at most 3,000 tokens of schemas, at three characters each", () => {
    const client = clientOf({ allowWrites: true });
    return client.then(async (each) => {
      const { tools } = await each.listTools();
      expect(tools.map(({ name }) => name)).toEqual(NAMES);
      expect(JSON.stringify(tools).length).toBeLessThan(3_000 * 3);
    });
  });

  test("are only those that read, unless writes are allowed", async () => {
    const client = await clientOf();
    const { tools } = await client.listTools();
    expect(tools.map(({ name }) => name)).toEqual(READS);
    expect(tools.every(({ annotations }) => annotations?.readOnlyHint === true)).toBe(true);
    const before = readTree(sandbox.root, (path) => path.endsWith("/cache"));
    for (const given of [
      { name: "refresh_state", arguments: { goal_id: "parser" } },
      { name: "todo", arguments: { action: "add", goal_id: "parser", role: "agent", text: "[P1] one more" } },
      { name: "reward", arguments: { goal_id: "parser", decision: "go_on", reward: "positive", reason_summary: "agreed" } },
    ])
      expect(await client.callTool(given)).toMatchObject({ isError: true, content: [{ text: expect.stringContaining("--allow-writes") }] });
    expect(readTree(sandbox.root, (path) => path.endsWith("/cache"))).toEqual(before);
  });

  test("answer what the command of the same line prints", async () => {
    const client = await clientOf({ allowWrites: true });
    const lines: readonly (readonly [string, Record<string, unknown>, readonly string[]])[] = [
      ["should_run", { goal_id: "parser", detail: true }, ["quota", "should-run", "-g", "parser", "--detail"]],
      ["status", { limit: 3 }, ["status", "--limit", "3"]],
      ["why", { goal_id: "parser" }, ["why", "-g", "parser"]],
      ["heartbeat", { goal_id: "parser", form: "thin" }, ["heartbeat-prompt", "-g", "parser", "--thin"]],
      ["todo", { action: "list", goal_id: "parser" }, ["todo", "list", "-g", "parser"]],
      ["history", {}, ["history"]],
    ];
    for (const [name, given, line] of lines) {
      const { stdout } = await sandbox.run([...line, "--json"]);
      const { answer, isError, content } = await call(client, name, given);
      expect([name, answer, isError]).toEqual([name, JSON.parse(stdout), false]);
      expect(content).toEqual([{ type: "text", text: JSON.stringify(answer) }]);
    }
  });

  test("write what the command writes: a todo's life, a run, a reward", async () => {
    const client = await clientOf({ allowWrites: true });
    const added = await call(client, "todo", { action: "add", goal_id: "parser", role: "agent", text: "- [P1] --begins with a dash" });
    expect(added).toMatchObject({ isError: false });
    const listed = await call(client, "todo", { action: "list", goal_id: "parser", role: "agent" });
    const id = (listed.answer["todos"] as { todo_id: string; text: string }[]).find(({ text }) => text.includes("--begins"))?.todo_id;
    for (const given of [
      { action: "claim", todo_id: id, claimed_by: "codex-1" },
      { action: "complete", todo_id: id, claimed_by: "codex-1", evidence: "read back", no_follow_up: true },
    ])
      expect(await call(client, "todo", { goal_id: "parser", ...given })).toMatchObject({ isError: false });
    const run = await call(client, "refresh_state", {
      goal_id: "parser",
      classification: "parser_result",
      artifact: ["src/a.ts", "src/b.ts"],
      validation: "2 tests pass",
    });
    expect(run).toMatchObject({ isError: false, answer: { ok: true } });
    expect(
      await call(client, "reward", { goal_id: "parser", decision: "go_on", reward: "positive", reason_summary: "agreed" }),
    ).toMatchObject({ isError: false });
    const { answer } = await call(client, "history", { goal_id: "parser" });
    expect(JSON.stringify(answer)).toContain("parser_result");
    expect(JSON.stringify(answer)).toContain('"go_on"');
  });

  test("a dry run writes nothing", async () => {
    const client = await clientOf({ allowWrites: true });
    const before = readTree(sandbox.root, (path) => path.endsWith("/cache"));
    expect(await call(client, "refresh_state", { goal_id: "parser", dry_run: true })).toMatchObject({ isError: false });
    expect(readTree(sandbox.root, (path) => path.endsWith("/cache"))).toEqual(before);
  });

  test.each([
    ["an argument no action knows", "todo", { action: "list", goal: "parser" }, "usage"],
    ["an argument of another action", "todo", { action: "list", goal_id: "parser", evidence: "none" }, "usage"],
    ["an unknown action", "todo", { action: "archive" }, "invalid_value"],
    ["no action", "todo", {}, "invalid_value"],
    ["an unknown form", "heartbeat", { goal_id: "parser", form: "tiny" }, "invalid_value"],
    ["a flag smuggled through a form", "heartbeat", { goal_id: "parser", form: "cli-bin=rm" }, "invalid_value"],
    ["a number for a text", "why", { goal_id: 7 }, "invalid_value"],
    ["a text for a switch", "should_run", { goal_id: "parser", detail: "yes" }, "invalid_value"],
    ["a text for a list", "refresh_state", { goal_id: "parser", artifact: "a.ts" }, "invalid_value"],
    ["a limit out of range", "history", { limit: 1001 }, "invalid_value"],
    ["a goal that is a path", "why", { goal_id: "../parser" }, "goal_id_invalid"],
    ["a goal that begins like a flag", "why", { goal_id: "--registry=/etc/passwd" }, "goal_id_invalid"],
    ["an unknown goal", "why", { goal_id: "nobody" }, "goal_not_found"],
    ["a global flag as an argument", "status", { registry: "/etc/passwd" }, "usage"],
    ["a key of every object", "status", { constructor: "x" }, "usage"],
  ])("%s is refused with a code and the next step, and the connection stays", async (_, name, given, code) => {
    const client = await clientOf({ allowWrites: true });
    const { answer, isError } = await call(client, name, given);
    expect([isError, answer]).toMatchObject([true, { ok: false, error: { code, hint: expect.stringMatching(/./) } }]);
    expect(await call(client, "status")).toMatchObject({ isError: false });
  });

  test("an unknown tool names the tools there are", async () => {
    const client = await clientOf();
    const { content } = await client.callTool({ name: "quota_spend", arguments: {} });
    expect(content).toEqual([{ type: "text", text: expect.stringContaining("should_run, status, why") }]);
  });

  test("hold to the server's own global flags", async () => {
    const client = await clientOf({ locale: "zh" });
    const { answer } = await call(client, "heartbeat", { goal_id: "parser" });
    expect(JSON.stringify(answer)).toMatch(/\p{Script=Han}/u);
  });

  test("answer calls that come at once, each its own", async () => {
    const client = await clientOf({ allowWrites: true });
    const added = await Promise.all(
      Array.from({ length: 8 }, (_, at) =>
        call(client, "todo", { action: "add", goal_id: "parser", role: "agent", text: `[P2] Piece number ${at}` }),
      ),
    );
    expect(added.map(({ isError }) => isError)).toEqual(added.map(() => false));
    const { answer } = await call(client, "todo", { action: "list", goal_id: "parser" });
    for (let at = 0; at < 8; at++) expect(JSON.stringify(answer)).toContain(`Piece number ${at}`);
  });
});

describe("the program", () => {
  let program: Program;

  beforeAll(async () => {
    program = await bundleProgram();
  });

  afterAll(() => program.remove());

  test("serves a real client on standard streams, tells nobody else on standard output, and ends when the client goes", async () => {
    const transport = new StdioClientTransport({
      command: process.execPath,
      args: [program.entry, "mcp", "--cwd", sandbox.project],
      env: { PATH: process.env["PATH"] ?? "", HOME: sandbox.home, TZ: "UTC" },
      stderr: "pipe",
    });
    const client = new Client({ name: "test", version: "1" });
    await client.connect(transport);
    expect(client.getServerVersion()).toMatchObject({ name: "loopx" });
    expect(client.getInstructions()).toContain("should_run");
    const { tools } = await client.listTools();
    expect(tools.map(({ name }) => name)).toEqual(READS);
    expect(await client.callTool({ name: "should_run", arguments: { goal_id: "parser" } })).toMatchObject({
      structuredContent: { ok: true, goal_id: "parser", should_run: true },
    });
    await client.close();
  });

  test("ends with 0 when its client is gone, and has printed nothing but to standard error", () => {
    const { code, stdout, stderr } = program.run(["mcp"], { LOOPX_FORMAT: "json" });
    expect([code, stdout]).toEqual([0, ""]);
    expect(stderr).toBe("- ended_by: client\n");
  });
});
