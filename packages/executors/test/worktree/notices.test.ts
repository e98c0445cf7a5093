/** A loop tells people where its configuration says, in the source document's words, and never waits for them (LRK-81, LRK-116, WTL-87). */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { connect, openHost, operatorGate } from "@loopx/core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { CycleWish } from "../../src/worktree/run-cycle.ts";
import { openNotices, type Notices } from "../../src/worktree/notices.ts";
import { statusOf } from "../../src/worktree/status.ts";
import { larkDouble, type LarkDouble } from "../rig/lark-double.ts";
import { CHECK, loopRig, type LoopRig } from "../rig/loop.ts";
import { realGround, type RealGround } from "../rig/keeper.ts";

const SECRET = ["app", "value", "77aa"].join("-");

let real: RealGround;
let rig: LoopRig;
let lark: LarkDouble;
let notices: Notices;
const written: string[] = [];
const never = new AbortController().signal;

beforeAll(async () => {
  real = await realGround();
});
afterAll(() => real.remove());
beforeEach(async () => {
  lark = await larkDouble();
  rig = loopRig(real, `worktree:\n  fast_gate: [${CHECK}]\n  notify: {driver: lark_app, chat_id: oc_loop}\n`);
  Object.assign(rig.env, { LARK_APP_ID: "cli_a", LARK_APP_SECRET: SECRET, LARK_BASE_DOMAIN: lark.url });
  written.length = 0;
  notices = openNotices({ home: rig.env["HOME"] ?? "", write: async (_, text) => void written.push(text) }, false);
});
afterEach(async () => {
  await lark.close();
  await notices.close();
  rig.remove();
});

const cycle = () => rig.cycle({}, new AbortController().signal, { notify: notices.of });
const texts = (): string[] => lark.delivered.map((content) => (JSON.parse(content) as { text: string }).text);

describe("a loop", () => {
  test("tells the configured chat each step, in order, and standard error as well", async () => {
    expect((await cycle()).result).toBe("validated");
    await notices.close();
    expect(texts()).toEqual([
      "[cycle 1/5] Building...",
      "[cycle 1] Running tests...",
      "[cycle 1] Tests passed. Restarting primary...",
      "Primary restarted. Ready.",
    ]);
    expect(written.join("")).toBe(
      texts()
        .map((line) => `${line}\n`)
        .join(""),
    );
    expect(lark.messages.map(({ body }) => body["receive_id"])).toEqual(Array.from({ length: 4 }, () => "oc_loop"));
  });

  test("with cards keeps one that is updated, and sends as a line only what a person has to see", async () => {
    const config = `worktree:\n  fast_gate: [${CHECK}]\n  notify: {driver: lark_app, chat_id: oc_loop, style: card}\n`;
    rig.repo.commit({ "loopx-loop.yaml": config, "value.txt": "bad\n" });
    expect((await cycle()).result).toBe("gate_failed");
    await notices.close();
    const [first, ...more] = lark.messages;
    expect([first?.method, first?.body["msg_type"]]).toEqual(["POST", "interactive"]);
    expect(more.map(({ method, path, body }) => [method, path.split("?")[0], body["msg_type"]])).toEqual(
      expect.arrayContaining([
        ["PATCH", "/open-apis/im/v1/messages/om_1", undefined],
        ["POST", "/open-apis/im/v1/messages", "text"],
      ]),
    );
    expect(more.filter(({ method }) => method === "POST")).toHaveLength(1);
    const last = more.filter(({ method }) => method === "PATCH").at(-1);
    expect(String(last?.body["content"])).toMatch(/✓ build.*✗ fast gate unit.*○ promote/);
  });

  test("hands a text with quotes, line breaks and another chat's name over as text, while the server under test is down (WTL-129)", async () => {
    const hostile = 'it said "no"\n","chat_id":"oc_other","x":"\\ \u2028 é';
    const { notify } = await rig.open({ notify: notices.of });
    await notify(hostile, { level: "needs_person" });
    await lark.came(1);
    await notices.close();
    expect([texts(), lark.messages.map(({ body }) => body["receive_id"])]).toEqual([[hostile], ["oc_loop"]]);
  });

  test("ends the same with a platform that never answers; what a person has to see is shown as undelivered, and sent by the next one", async () => {
    lark.plan(...Array.from({ length: 40 }, () => "hang" as const));
    rig.repo.commit({ "value.txt": "bad\n" });
    expect((await cycle()).result).toBe("gate_failed");
    await lark.came(1);
    const line = "[cycle 1] Tests failed. Auto-fix is off. Manual fix needed.";
    const status = await statusOf(await rig.open());
    expect(status.undelivered.newest).toMatchObject([{ level: "needs_person", code: "waiting", text: line }]);
    expect(JSON.stringify(status)).not.toContain(SECRET);
    // That process is gone; the platform answers the next one.
    await lark.close();
    lark = await larkDouble();
    rig.env["LARK_BASE_DOMAIN"] = lark.url;
    const next = openNotices({ home: rig.env["HOME"] ?? "", write: async () => {} }, true);
    await rig.open({ notify: next.of });
    await lark.came(1);
    await next.close();
    expect(texts()).toEqual([line]);
    expect((await statusOf(await rig.open())).undelivered.count).toBe(0);
  });

  test("asks for an approval by one card with buttons and commands, and closes it when a command answered (WTL-72, LRK-95)", async () => {
    const { HOME: home = "", LOOPX_RUNTIME_ROOT: runtime = "" } = rig.env;
    const host = openHost({ cwd: rig.repo.dir, env: rig.env, home, project: "." });
    await connect(host, { goal_id: "parser", project: rig.repo.dir, cwd: rig.repo.dir });
    // A server of this runtime root hears presses.
    mkdirSync(join(runtime, "executors/lark"), { recursive: true });
    writeFileSync(join(runtime, "executors/lark/callbacks.json"), JSON.stringify({ until_ms: Date.now() + 600_000 }));
    const agent = join(rig.repo.outside, "agent.sh");
    writeFileSync(agent, "#!/bin/sh\necho good > value.txt\n", { mode: 0o755 });
    const config = `goal_id: parser
worktree:
  fast_gate: [${CHECK}]
  notify: {driver: lark_app, chat_id: oc_loop}
  promotion: {require_approval: true}
  fix: {enabled: true, driver: command, argv: [${agent}], paths: [value.txt]}
`;
    rig.repo.commit({ "loopx-loop.yaml": config, "value.txt": "bad\n", ".gitignore": "logs/\n.worktrees/\n.codex/\n.loopx/\n" });
    const asked = (more: Partial<CycleWish> = {}) =>
      rig.cycle(more, never, { notify: notices.of, gate_cards: notices.cardsOf, locale: "zh" });
    const { result, candidate_sha: sha } = await asked();
    expect(result).toBe("awaiting_gate");
    // Asked again while it is open: that is the same question.
    expect((await asked({ go_on: true })).result).toBe("awaiting_gate");
    const cards = () => lark.messages.filter(({ body }) => body["msg_type"] === "interactive" || body["msg_type"] === undefined);
    // It goes its own way, beside the lines of the chat.
    while (cards().length === 0) await lark.came(lark.messages.length + 1);
    expect(cards()).toHaveLength(1);
    const card = String(cards()[0]?.body["content"]);
    expect(card).toContain(`是否将修复 ${sha.slice(0, 12)} 合入 main`);
    expect(card).toContain("改动：value.txt");
    expect(card).toContain(`--gate promote_${sha} --decision approve`);
    expect(card.match(/"tag":"button"/g)).toHaveLength(3);
    expect(lark.messages.filter(({ text }) => text.includes("promote_")).length).toBe(1);
    expect(written.join("")).toContain(`--gate promote_${sha}`);
    await operatorGate(host, { goal_id: "parser", gate: `promote_${sha}`, decision: "approve", reason_summary: "looked at it" });
    expect((await asked({ go_on: true })).result).toBe("promoted");
    await notices.close();
    const [, closed] = cards();
    expect([closed?.method, closed?.path.split("?")[0]]).toEqual([
      "PATCH",
      expect.stringMatching(/^\/open-apis\/im\/v1\/messages\/om_\d+$/),
    ]);
    expect(String(closed?.body["content"])).toContain("已同意");
  });

  test("asks by a line where the question cannot be kept, and the cycle ends as it would", async () => {
    const { HOME: home = "", LOOPX_RUNTIME_ROOT: runtime = "" } = rig.env;
    await connect(openHost({ cwd: rig.repo.dir, env: rig.env, home, project: "." }), {
      goal_id: "parser",
      project: rig.repo.dir,
      cwd: rig.repo.dir,
    });
    mkdirSync(join(runtime, "executors/lark"), { recursive: true });
    writeFileSync(join(runtime, "executors/lark/gates.json"), "{ half");
    const site = await rig.open({ notify: notices.of, gate_cards: notices.cardsOf });
    const question = {
      goal_id: "parser",
      gate: "promote_x",
      sha: "a".repeat(40),
      question: "Promote?",
      summary: "",
      line: "Next: loopx operator-gate",
      key: "k",
    };
    site.gate_cards?.ask(question);
    site.gate_cards?.close("parser", null);
    await lark.came(1);
    await notices.close();
    expect(texts()).toEqual(["Next: loopx operator-gate"]);
  });
});
