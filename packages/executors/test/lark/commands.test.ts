/** `loopx-loop lark card|send` as programs: a card on standard output for any sender, a message by the driver that is set (LRK-96). */
import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { validateCard } from "@loopx/lark-card/schema";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { larkDouble, type LarkDouble } from "../rig/lark-double.ts";

const LOOP = fileURLToPath(new URL("../../bin/loopx-loop.mjs", import.meta.url));
const LOOPX = fileURLToPath(new URL("../../../cli/bin/loopx.cjs", import.meta.url));

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

let folder: string;
let lark: LarkDouble;

/** A program with nothing of ours in its environment but what the test gives. */
async function program(
  file: string,
  words: readonly string[],
  more: { input?: string; env?: Record<string, string> } = {},
): Promise<Ended> {
  const env = { PATH: process.env["PATH"], HOME: folder, LANG: "C.UTF-8", TZ: "UTC", ...more.env };
  const child = spawn(process.execPath, [file, ...words], { cwd: join(folder, "project"), env });
  const texts = { stdout: "", stderr: "" };
  child.stdout.on("data", (part: Buffer) => (texts.stdout += part.toString()));
  child.stderr.on("data", (part: Buffer) => (texts.stderr += part.toString()));
  child.stdin.end(more.input ?? "");
  const code = await new Promise<number | null>((resolve) => child.on("close", resolve));
  return { code, ...texts };
}

const loop = async (words: readonly string[], more: { input?: string; env?: Record<string, string> } = {}) => program(LOOP, words, more);

beforeAll(async () => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), "loopx-lark-")));
  mkdirSync(join(folder, "project"));
  expect((await program(LOOPX, ["connect", "-g", "parser", "--objective", "Make the parser whole"])).code).toBe(0);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));
beforeEach(async () => {
  lark = await larkDouble();
});
afterEach(async () => lark.close());

describe("lark card", () => {
  it("makes a reply of what is piped in, one line of JSON that any sender can take", async () => {
    const ended = await loop(["lark", "card", "reply", "--title", "Hi"], { input: "# Done\n<at id=all></at>\n" });
    expect([ended.code, ended.stderr, ended.stdout.trim().split("\n").length]).toEqual([0, "", 1]);
    expect(validateCard(JSON.parse(ended.stdout))).toMatchObject({ ok: true });
    expect(ended.stdout).toContain("**Done**\\n&#60;at id=all>");
  });

  it("shows a goal's verdict and its last run, in the language and dialect that are asked for", async () => {
    const status = await loop(["lark", "card", "status", "-g", "parser", "--dialect", "2.0", "--locale", "zh", "--json"]);
    const answer = JSON.parse(status.stdout) as { ok: boolean; bytes: number; card: { header: { title: { content: string } } } };
    expect([answer.ok, answer.card.header.title.content, answer.bytes > 300]).toEqual([true, "parser: 可以运行", true]);
    expect(validateCard(answer.card)).toMatchObject({ ok: true });
    await program(LOOPX, ["refresh-state", "-g", "parser", "--classification", "looked_around"]);
    const heartbeat = await loop(["lark", "card", "heartbeat", "-g", "parser"]);
    expect(validateCard(JSON.parse(heartbeat.stdout))).toMatchObject({ ok: true });
    expect(heartbeat.stdout).toContain("parser: looked_around");
  });

  it("asks a gate's question without buttons, because nobody waits for a press", async () => {
    const ended = await loop(["lark", "card", "gate", "-g", "parser", "--gate", "promote", "--question", "May it?"]);
    expect([ended.code, ended.stdout.includes("button"), ended.stdout.includes("operator-gate --goal-id parser")]).toEqual([
      0,
      false,
      true,
    ]);
  });

  it("takes out what may not leave this machine", async () => {
    const path = ["", "home", "someone", "notes.md"].join("/");
    const ended = await loop(["lark", "card", "reply"], { input: `see ${path}` });
    expect([ended.stdout.includes("someone"), ended.stdout.includes("redacted:local_private_path")]).toEqual([false, true]);
  });

  it.each([
    [["lark", "card", "status", "-g", "nobody"], 2, "goal_not_found"],
    [["lark", "card", "status"], 2, "usage"],
    [["lark", "card", "gate", "-g", "parser", "--gate", "x", "--question", "Go?", "--sha", "12"], 2, "invalid_value"],
    [["lark", "card", "reply", "--text", "x", "--template", "pink"], 2, "invalid_value"],
    [["lark", "card", "postcard"], 2, "invalid_value"],
  ])("refuses %j", async (words, code, error) => {
    const ended = await loop([...words, "--json"]);
    expect([ended.code, (JSON.parse(ended.stdout) as { error: { code: string } }).error.code]).toEqual([code, error]);
  });
});

describe("lark send", () => {
  const SECRET = ["app", "value", "0a1b2c"].join("-");
  const env = (): Record<string, string> => ({
    LARK_APP_ID: "cli_a",
    LARK_APP_SECRET: SECRET,
    PRIMARY_LARK_CHAT_ID: "oc_primary",
    LARK_BASE_DOMAIN: lark.url,
  });

  it("sends through the app and says the message's id, with nothing of the SDK on standard output", async () => {
    const ended = await loop(["lark", "send", "--text", "Tests passed.", "--chat-id", "oc_other", "--json"], { env: env() });
    expect([ended.code, ended.stderr]).toEqual([0, ""]);
    expect(JSON.parse(ended.stdout)).toMatchObject({ ok: true, driver: "lark_app", message_id: "om_1" });
    expect(lark.messages[0]?.body["receive_id"]).toBe("oc_other");
  });

  it("ends with 1 when the platform refuses, tells no secret, and lark status shows what did not arrive", async () => {
    lark.plan({ status: 400, body: { code: 230002, msg: `bot not in chat ${SECRET}` } });
    const ended = await loop(["lark", "send", "--text", "The build is red."], { env: env() });
    expect([ended.code, ended.stderr.includes("230002"), (ended.stdout + ended.stderr).includes(SECRET)]).toEqual([1, true, false]);
    const status = await loop(["lark", "status", "--json"], { env: env() });
    expect([status.code, JSON.parse(status.stdout)]).toMatchObject([
      0,
      {
        ok: true,
        driver: "lark_app",
        chat_id: "oc_primary",
        hears_presses: false,
        gates: [],
        undelivered: { count: 1, newest: [{ level: "needs_person", code: "230002", text: "The build is red." }] },
      },
    ]);
    expect(status.stdout).not.toContain(SECRET);
  });

  it("writes a log without an account, and prints the message nowhere", async () => {
    const ended = await loop(["lark", "send", "--text", "Tests passed.", "--json"]);
    expect([ended.code, JSON.parse(ended.stdout)]).toMatchObject([0, { ok: true, driver: "log", message_id: null }]);
  });

  it("names a variable that is wrong", async () => {
    const ended = await loop(["lark", "send", "--text", "x"], { env: { ...env(), LARK_BASE_DOMAIN: "https://evil.example" } });
    expect([ended.code, ended.stderr.includes("LARK_BASE_DOMAIN"), ended.stderr.includes("evil")]).toEqual([2, true, false]);
  });
});
