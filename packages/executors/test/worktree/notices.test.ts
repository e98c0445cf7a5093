/** A loop tells people where its configuration says, in the source document's words, and never waits for them (LRK-81, LRK-116, WTL-87). */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
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
});
